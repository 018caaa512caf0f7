"""`monitor reclassify`, as its user types it."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import text

from monitor.cli import reclassify as cli
from monitor.domain.backfill import ALL_TIME
from monitor.domain.reclassify import Span
from monitor.jobs.reclassify import judging
from monitor.store.single import reclassifying
from tests.reclassify.desk import ORDINARY, OURS, Desk, many, scorers, tables, versions

Call = Callable[..., Any]
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return versions(tmp_path_factory.mktemp("models"))


@pytest.fixture
def desk(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Eight entries of two sources, that an older model scored an hour ago."""
    made = Desk(tmp_path, models, now=datetime.now(UTC) - timedelta(hours=1))
    monkeypatch.setenv("MONITOR_CONFIG", str(made.write()))
    with made.app() as app:
        made.bring(app, [*OURS[:2], *ORDINARY[:2]])
        made.bring(app, [*OURS[2:], *ORDINARY[2:]], feed="wire", returns=0.9)
    return made


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--model", "2019.01"), 'no version "2019.01" in'),
        (("--model", "2019.01"), "there are: "),
        (("--source", "papper"), 'no source or feed "papper" in feeds.toml; did you mean paper?'),
        (("--since", TOMORROW), "that is still to come"),
        (("--until", TOMORROW), "that is still to come"),
        (("--since", "2024-06-01", "--until", "2024-05-01"), "the range is reversed"),
        (("--since", "1d", "--until", "2d"), "the range is reversed"),
        (("--since", "last week"), "--since last week: give a day"),
        (("--until", "last week"), "--until last week: give a day"),
        (("--workers", "0"), "--workers"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_written(
    call: Call, desk: Desk, arguments: tuple[str, ...], said: str
) -> None:
    with desk.app() as app:
        before = tables(app)
        result = call("reclassify", *arguments)
        assert (result.code, result.out) == (2, "")
        assert said in result.err.replace("\n", " ")
        assert "Traceback" not in result.err
        assert tables(app) == before


def test_wrong_arguments_make_no_database(call: Call, tmp_path: Path, models: Path) -> None:
    fresh = Desk(tmp_path / "fresh", models)
    fresh.write()
    assert call("reclassify", "--model", "2019.01", "--config", fresh.folder).code == 2
    assert call("reclassify", "--dry-run", "--config", fresh.folder).code == 2
    assert not (fresh.base / "var").exists()


def test_a_model_that_cannot_be_read_is_named_with_what_is_wrong(call: Call, desk: Desk, tmp_path: Path) -> None:
    folder = versions(tmp_path / "damaged")
    (folder / "bold" / "weights.npz").write_bytes(b"cut off")
    desk.models = folder
    desk.write()
    result = call("reclassify", "--model", "bold")
    assert (result.code, result.out) == (2, "")
    assert "weights.npz" in result.err
    (folder / "steady" / "weights.npz").write_bytes(b"cut off")
    result = call("reclassify")
    assert (result.code, result.out) == (2, "")
    assert "the model in use cannot be loaded: " in result.err
    with desk.app() as app:
        assert set(scorers(app)) == {"2025.01"}
    done = call("reclassify", "--model", "shy")
    assert done.code == 0, "another that is whole may be run beside"


def test_people_are_told_what_changes_by_label_with_examples_and_by_whose_scores_decisions_go(
    call: Call, desk: Desk
) -> None:
    done = call("reclassify")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].startswith("scored 8 of 8 entries anew by steady+")
    assert "returns: 1 in, 2 out; 2 stay in, 3 stay out" in lines
    example = lines[lines.index("returns: 1 in, 2 out; 2 stay in, 3 stay out") + 1].strip()
    assert example.startswith("in: 0.20 -> ")
    assert re.search(rf"\(line 0\.5\)  1  The paper, \d{{4}}-\d\d-\d\d: {re.escape(OURS[0])}$", example)
    assert lines[-1] == (
        "steady is in use: lists, facts and what is yet to be judged go by its scores; nothing is announced by it"
    )
    assert "8 of 8 entries" in done.err
    assert call("reclassify").out.startswith("steady+")
    assert "has scored all 8 entries of that time: nothing to do" in call("reclassify").out


def test_of_a_version_that_is_not_in_use_the_last_line_says_what_goes_on_to_count(call: Call, desk: Desk) -> None:
    def listed() -> str:
        return str(call("items", "list", "--json").out)

    before = listed()
    done = call("reclassify", "--model", "bold")
    assert done.code == 0
    assert done.out.splitlines()[-1].startswith(
        "bold is not in use: digests and views go on by steady; once `monitor models activate bold`"
    )
    assert listed() == before


def test_scripts_get_json_alone(call: Call, desk: Desk) -> None:
    done = call("reclassify", "--dry-run", "--json", "--source", "wire", "--since", "2d")
    report = json.loads(done.out)
    assert done.code == 0
    assert (report["model"], report["in_use"], report["dry_run"], report["ended"]) == ("steady", True, True, True)
    assert (report["entries"], report["to_score"], report["scored"], report["waiting"]) == (4, 4, 4, 0)
    assert report["labels"]["returns"]["lost"] == 2
    assert set(report["labels"]["returns"]["examples"][0]) == {
        "entry_id", "title", "source", "at", "before", "after", "line",
    }  # fmt: skip
    with desk.app() as app:
        assert set(scorers(app)) == {"2025.01"}


def test_a_day_is_meant_with_its_whole_length(call: Call, desk: Desk) -> None:
    day = desk.now.date().isoformat()
    report = json.loads(call("reclassify", "--dry-run", "--json", "--since", "2d", "--until", day).out)
    assert report["entries"] == 8
    long_ago = json.loads(call("reclassify", "--dry-run", "--json", "--until", "2024-05-01").out)
    assert long_ago["until"] == "2024-05-01T23:59:59Z"


def test_an_empty_selection_says_so_and_is_no_failure(call: Call, desk: Desk) -> None:
    done = call("reclassify", "--until", "2024-05-01")
    assert (done.code, done.out) == (0, "no stored entry with scores was first seen then; nothing to do\n")
    assert json.loads(call("reclassify", "--until", "2024-05-01", "--json").out)["entries"] == 0


def test_seven_days_asked_for_again_tomorrow_go_on_from_where_they_began_and_say_so(
    call: Call, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "PAGE", 5)
    with desk.app() as app:
        yesterday = Span(desk.now - timedelta(days=8), desk.now)
        desk.run(app, span=yesterday, asked="since 7d until None of all", stop=lambda: True)
        begin = yesterday.since.strftime("%Y-%m-%d %H:%M")
    done = call("reclassify", "--since", "7d", "--workers", "1")
    assert f"which was interrupted: entries first seen from {begin} until " in done.out
    assert "scored 8 of 8 entries anew" in done.out


def test_the_same_words_of_another_range_are_another_run_which_says_so(
    call: Call, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "PAGE", 3)
    with desk.app() as app:
        asked = "since None until None of paper"
        before = Span(ALL_TIME.since, desk.now, frozenset({"paper", "a-feed-that-left"}))
        desk.run(app, span=before, asked=asked, stop=lambda: True)
    done = call("reclassify", "--source", "paper", "--workers", "1")
    assert done.code == 0
    assert done.out.startswith("begun anew: reclassification 1 was asked for in the same words, and was not ended, ")
    assert " of a-feed-that-left, paper" in done.out.splitlines()[0]
    told = json.loads(call("status", "--json").out)
    assert told["reclassification"] is None
    with desk.app() as app, app.store.read() as connection:
        (still_open,) = connection.execute(text("SELECT count(*) FROM reclassify WHERE ended_at IS NULL")).one()
        assert still_open == 0, "nobody goes on with the older one any more"


def test_a_dry_run_that_is_stopped_says_that_its_numbers_are_of_a_part(
    call: Call, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "PAGE", 3)
    monkeypatch.setattr(cli, "stopping", stopped)
    done = call("reclassify", "--dry-run", "--workers", "1")
    assert done.code == 1
    assert done.out.startswith("dry run of a part, nothing is written:\nscored 3 of 8 entries")
    assert re.search(r"stopped after 3 of 8 entries.*; the numbers are of this part only\n$", done.err)
    assert "in use" not in done.out.splitlines()[-1]
    assert json.loads(call("reclassify", "--dry-run", "--workers", "1", "--json").out)["ended"] is False


@contextmanager
def stopped() -> Iterator[Event]:
    """As if Ctrl-C came before the first page."""
    asked = Event()
    asked.set()
    yield asked


def test_status_and_the_next_call_know_of_one_that_was_interrupted(
    call: Call, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "PAGE", 5)
    with desk.app() as app:
        desk.bring(app, many(16))
        span = Span(ALL_TIME.since, desk.now + timedelta(minutes=1))
        desk.run(app, span=span, asked="since None until None of all", stop=lambda: True)
        (line,) = [line for line in call("status").out.splitlines() if line.startswith("reclassify")]
        assert "1, by steady: interrupted; the same command goes on with it, last page " in line
        assert "5 of 24 entries, " in line
        assert " left" in line
        with reclassifying(app.store, app.settings.database_url):
            refused = call("reclassify")
            assert (refused.code, refused.out) == (2, "")
            assert "another process is reclassifying" in refused.err
        told = json.loads(call("status", "--json").out)["reclassification"]
        assert (told["tally"]["done"], told["total"]) == (5, 24)
    done = call("reclassify", "--workers", "1")
    assert done.code == 0
    went_on = (
        r"went on with reclassification 1, which was interrupted: (entries first seen until \S+ \S+); its numbers .*\n"
    )
    said = re.match(went_on, done.out)
    assert said, done.out
    assert done.err.startswith(f"going on with reclassification 1: {said[1]}\n"), "before the first page"
    assert "scored 24 of 24 entries anew by steady+" in done.out
    assert not [line for line in call("status").out.splitlines() if line.startswith("reclassify")]
    assert json.loads(call("status", "--json").out)["reclassification"] is None
