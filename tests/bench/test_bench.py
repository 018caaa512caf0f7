"""The benchmark measures what it says: the same feeds for all, everything stored, and a void run is called one."""

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest

from monitor.normalise.text import plain
from monitor.parse.feed import parse

from .digests import measure as measure_digests
from .documents import WORDS, feed_document, language_of, languages
from .measure import FailedError, Spent, run
from .reclassify import fill as fill_for_reclassifying
from .reclassify import measured as measure_reclassifying
from .report import Measured, goals, table, values
from .rounds import Pair, Server, VoidError, middle, poll_twice, serving, turns
from .server import Site
from .systems import System, monitor

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FEEDS, ENTRIES = 3, 2


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(FEEDS, ENTRIES) as running:
        yield running


def idle(name: str = "idle", *, stored: int = 0) -> System:
    """A system that asks nothing, and says of itself that it has stored so many."""
    return System(
        name, "1", lambda folder, urls: None, lambda folder: (sys.executable, "-c", ""), lambda folder: stored
    )


def spent(wall: float) -> Spent:
    return Spent(wall, wall * 2, wall * 100)


def test_documents_are_the_same_each_time_and_each_is_another() -> None:
    made = [feed_document(feed, entries=4, now=NOW) for feed in range(20)]
    assert made == [feed_document(feed, entries=4, now=NOW) for feed in range(20)]
    assert len(set(made)) == 20


def test_documents_are_whole_feeds_of_both_forms_in_every_language() -> None:
    seen = Counter[tuple[str, str]]()
    for feed in range(28):
        read = parse(feed_document(feed, entries=5, now=NOW), content_type="", url="http://a.example/", max_entries=50)
        assert len({entry.guid for entry in read.entries}) == 5
        assert all(len(plain(entry.summary).split()) >= WORDS for entry in read.entries)
        assert read.language == language_of(feed)
        seen[read.version[:4], language_of(feed)] += 1
    assert set(seen) == {(form, code) for form in ("rss2", "atom") for code in languages()}


def test_the_server_answers_unchanged_only_to_its_own_tag() -> None:
    site = Site(1, 1, NOW)
    whole = site.answer(b"GET /0.xml HTTP/1.1\r\nHost: x\r\n")
    tag = whole.split(b"ETag: ")[1].split(b"\r\n")[0]
    for asked, status in ((tag, b"304"), (b'"other"', b"200")):
        answer = site.answer(b"GET /0.xml HTTP/1.1\r\nIf-None-Match: %s\r\n" % asked)
        assert answer.startswith(b"HTTP/1.1 " + status)
    assert site.answer(b"GET /1.xml HTTP/1.1\r\n").startswith(b"HTTP/1.1 404")
    assert site.counts == {200: 2, 304: 1, 404: 1}


@pytest.mark.slow
def test_the_server_keeps_connections_and_counts_anew_when_it_has_told(server: Server) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    bodies = []
    for url in server.urls * 2:
        connection.request("GET", "/" + url.rpartition("/")[2])
        bodies.append(connection.getresponse().read())
    connection.close()
    assert len(set(bodies)) == FEEDS
    assert server.counts() == {"200": 2 * FEEDS}
    assert server.counts() == {}


@pytest.mark.slow
def test_the_monitor_is_measured_with_everything_stored(server: Server) -> None:
    pair = poll_twice(monitor(), server)
    assert 0 < pair.second.cpu < pair.first.cpu
    assert pair.first.peak > 20


@pytest.mark.slow
def test_a_run_is_void_where_entries_are_missing_or_nobody_asked(server: Server) -> None:
    with pytest.raises(VoidError, match="idle has stored 5 of 6 entries"):
        poll_twice(idle(stored=5), server)
    with pytest.raises(VoidError, match="idle was given "):
        poll_twice(idle(stored=6), server)


@pytest.mark.slow
def test_a_command_is_timed_with_its_children_and_all_their_memory(tmp_path: Path) -> None:
    child = (
        "import time; kept = bytearray(64_000_000); end = time.process_time() + 0.3\n"
        "while time.process_time() < end: pass"
    )
    command = (sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])")
    found = run(command, {}, output=tmp_path / "said", watch=True)
    assert found.wall > 0.3
    assert found.cpu > 0.3
    assert found.peak > 64 + 5  # beside the child's 64 MB, the parent's own interpreter
    if Path("/proc/self/smaps_rollup").exists():
        assert 64 < found.shared < found.peak  # two interpreters share their code
        assert f"{found.shared:.0f} with shared pages counted once" in found.memory


@pytest.mark.slow
def test_a_command_that_fails_is_told_of_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="ended with 3: it broke"):
        run((sys.executable, "-c", "print('it broke'); raise SystemExit(3)"), {}, output=tmp_path / "said")


def test_each_round_is_begun_by_another() -> None:
    order = [system.name for system in turns([idle("a"), idle("b"), idle("c")], 4)]
    assert "".join(order) == "abc" + "bca" + "cab" + "abc"


def test_the_middle_is_the_median_of_each_figure() -> None:
    pairs = [Pair(Spent(3, 1, 5), spent(1)), Pair(Spent(1, 2, 6), spent(2)), Pair(Spent(2, 9, 1), spent(9))]
    assert middle(pairs) == Pair(Spent(2, 2, 5), spent(2))


def test_goals_are_judged_for_what_was_measured() -> None:
    measured = Measured(
        500, 20, 3, 5000.0, {"monitor": Pair(spent(2), spent(1)), "newsboat": Pair(spent(4), spent(1))},
        {"monitor": "1", "newsboat": "2"}, {"5000 unchanged": Spent(1, 1, 390)},
    )  # fmt: skip
    assert [(goal.value, goal.met) for goal in goals(measured)] == [(0.5, True), (0.5, False), (390, True)]
    assert "not met: below 0.25" in table(measured)
    assert values(measured)["rounds"] == 3


@pytest.mark.slow
def test_every_subscription_gets_its_digest_of_the_day_however_large_the_archive(tmp_path: Path) -> None:
    found = []
    for entries in (50, 500):
        folder = tmp_path / str(entries)
        folder.mkdir()
        found.append(measure_digests(folder, entries, subscriptions=6, selections=3))
    assert [spent.digests for spent in found] == [6, 6]
    assert found[0].stories == found[1].stories > 6


@pytest.mark.slow
def test_every_entry_is_reclassified_by_one_process_and_by_two(tmp_path: Path) -> None:
    filled = fill_for_reclassifying(tmp_path / "filled", 600, share=10)
    reports = [measure_reclassifying(filled, workers)[1] for workers in (1, 2)]
    assert [report["scored"] for report in reports] == [600, 600]
    assert reports[0]["labels"] == reports[1]["labels"]
