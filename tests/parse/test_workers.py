"""Documents read in processes of their own, those that would hold up or bring down the program among them."""

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import MonitorError, ParseError, Severity
from monitor.parse.document import Kind, ParseRequest, ReadRequest, read_document
from monitor.parse.page import Selectors
from monitor.parse.workers import LEAST_MEMORY, DocumentKilled, ParserPool
from tests.conftest import NOW

pytestmark = pytest.mark.slow

ITEM = "<item><guid>{0}</guid><title>Bericht {0}</title><link>https://haven.example/{0}</link></item>"
URL = "https://haven.example/feed"


def asked(body: bytes, kind: Kind = Kind.FEED, selectors: Selectors | None = None) -> ReadRequest:
    return ReadRequest(ParseRequest(body, URL, kind, max_entries=100_000, selectors=selectors), "nl", NOW)


def feed(items: int) -> ReadRequest:
    body = "".join(ITEM.format(number) for number in range(items))
    return asked(f'<rss version="2.0"><channel><title>Haven</title>{body}</channel></rss>'.encode())


ENDLESS = feed(100_000)
"""Takes feedparser seconds, where these tests give it a fraction of one."""


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool() as opened:
        yield opened


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize(
    "given",
    [
        feed(20),
        asked(
            b'<urlset xmlns:n="urn:n"><url><loc>https://haven.example/1</loc><n:news><n:title>Een</n:title></n:news></url></urlset>',
            Kind.SITEMAP,
        ),
        asked(b"<ul><li><a href='/1'>Een</a></ul>", Kind.PAGE, Selectors("li")),
    ],
    ids=lambda given: given.parse.kind.value,
)
def test_a_worker_reads_each_kind_as_this_process_would(pool: ParserPool, given: ReadRequest) -> None:
    found = pool.read(given)
    assert found == read_document(given)
    assert found.entries


def test_what_a_document_is_refused_for_comes_back_as_it_was(pool: ParserPool) -> None:
    with pytest.raises(ParseError) as caught:
        pool.read(asked(b""))
    assert (caught.value.kind, caught.value.severity) == ("empty", Severity.TEMPORARY)
    assert not isinstance(caught.value, DocumentKilled)


def test_one_worker_serves_many_threads_and_an_event_loop(pool: ParserPool) -> None:
    requests = [feed(number) for number in range(1, 9)]

    async def all_at_once() -> list[int]:
        loop = asyncio.get_running_loop()
        found = await asyncio.gather(*(loop.run_in_executor(None, pool.read, request) for request in requests))
        return [len(document.entries) for document in found]

    assert asyncio.run(all_at_once()) == list(range(1, 9))
    with ThreadPoolExecutor(4) as threads:
        assert [len(d.entries) for d in threads.map(pool.read, requests)] == list(range(1, 9))
    assert len(pool.processes) == 1


def test_a_document_over_its_deadline_is_killed_with_its_hash_and_the_worker_replaced() -> None:
    with ParserPool(deadline=timedelta(milliseconds=200)) as pool:
        pool.read(feed(1))
        before = pool.processes
        with pytest.raises(DocumentKilled, match=r"killed: not read within 0\.2 s") as caught:
            pool.read(ENDLESS)
        assert (caught.value.kind, caught.value.severity) == ("killed", Severity.HARD)
        assert caught.value.sha256 == hashlib.sha256(ENDLESS.body).hexdigest()
        assert len(pool.read(feed(2)).entries) == 2
        assert gone(before[0])
        assert pool.processes != before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux heeds a limit of the address space")
@pytest.mark.parametrize("kind", [Kind.SITEMAP, Kind.PAGE])  # a feed is refused by its size before that
def test_a_document_that_needs_too_much_memory_is_killed_and_the_next_is_read(kind: Kind) -> None:
    body = {
        Kind.SITEMAP: b"<urlset>" + b"<url/>" * 1_500_000 + b"</urlset>",
        Kind.PAGE: b"<p>" * 3_000_000,
    }[kind]
    selectors = Selectors("p") if kind is Kind.PAGE else None
    with ParserPool(max_memory=LEAST_MEMORY) as pool:
        pool.read(feed(1))
        with pytest.raises(DocumentKilled, match=r"memory|crashed") as caught:
            pool.read(asked(body, kind, selectors))
        assert caught.value.sha256 == hashlib.sha256(body).hexdigest()
        assert len(pool.read(feed(3)).entries) == 3


def test_billion_laughs_and_deep_nesting_do_no_harm(pool: ParserPool) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]><rss version="2.0"><channel><title>&l9;</title></channel></rss>'
    found = pool.read(asked(bomb.encode()))
    assert len(found.title) < 1000
    with pytest.raises(ParseError, match="entities"):
        pool.read(asked(bomb.encode(), Kind.SITEMAP))
    deep = b"<ul><li><a href='/1'>Een</a>" + b"<b>" * 100_000 + b"</ul>"
    with pytest.raises(ParseError, match="too-deep"):
        pool.read(asked(deep, Kind.PAGE, Selectors("li")))


def test_a_crash_counts_against_a_document_only_in_a_worker_that_read_nothing_before() -> None:
    with ParserPool() as pool, ThreadPoolExecutor(1) as threads:
        pool.read(feed(1))
        worn = pool.processes[0]
        os.kill(worn, signal.SIGSTOP)  # so that it is surely lost with the document and not before
        answer = threads.submit(pool.read, feed(4))
        os.kill(worn, signal.SIGKILL)
        assert len(answer.result(30).entries) == 4
        assert pool.processes != (worn,)


def test_a_document_that_crashes_a_new_worker_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A module before the system's own, so that the worker crashes as soon as it has a document.
    crash = "import os, signal\nsignal.setitimer = lambda *_: os.kill(os.getpid(), signal.SIGSEGV)\n"
    limits = "RLIMIT_AS = RLIM_INFINITY = 0\ngetrlimit = lambda _: (0, 0)\nsetrlimit = lambda *_: None\n"
    (tmp_path / "resource.py").write_text(crash + limits)
    monkeypatch.syspath_prepend(tmp_path)
    with ParserPool() as pool:
        with pytest.raises(DocumentKilled, match=r"crashed its parser \(signal 11\)") as caught:
            pool.read(feed(1))
        assert caught.value.sha256 == hashlib.sha256(feed(1).body).hexdigest()


def test_a_worker_that_cannot_start_is_no_documents_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "resource.py").write_text("import sys; sys.exit(3)")
    monkeypatch.syspath_prepend(tmp_path)
    with ParserPool() as pool, pytest.raises(MonitorError, match=r"did not start \(exit code 3\)") as caught:
        pool.read(feed(1))
    assert not isinstance(caught.value, ParseError)


def test_closing_ends_idle_and_busy_workers_and_tells_who_waits() -> None:
    with ParserPool(workers=2) as pool, ThreadPoolExecutor(3) as threads:
        list(threads.map(pool.read, [feed(1)] * 4))
        waiting = [threads.submit(pool.read, ENDLESS) for _ in range(3)]
        processes = pool.processes
        pool.close()
        assert all(gone(pid) for pid in processes)
        for answer in waiting:
            with pytest.raises(MonitorError, match="pool is closed"):
                answer.result(30)
    with pytest.raises(MonitorError, match="open another one"):
        pool.read(feed(1))
    pool.close()


@pytest.mark.parametrize("busy", [False, True])
def test_no_worker_outlives_a_program_that_was_killed(busy: bool) -> None:
    program = f"""
import os, signal, threading
from datetime import timedelta
from monitor.parse.workers import ParserPool
from datetime import UTC, datetime
from monitor.parse.document import ParseRequest, ReadRequest
pool = ParserPool(deadline=timedelta(seconds=1))
asked = lambda body: ReadRequest(ParseRequest(body, 'https://haven.example/'), "", datetime.now(UTC))
pool.read(asked(b'<rss version="2.0"><channel><title>x</title></channel></rss>'))
if {busy}:
    items = b"<item><title>x</title></item>" * 300_000
    send = lambda: pool.read(asked(b'<rss version="2.0"><channel>' + items))
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGKILL)).start()
    send()
os.kill(os.getpid(), signal.SIGKILL)
"""
    # The worker has standard error open too, so that this returns when both are gone.
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30, check=False)
    assert ran.returncode == -signal.SIGKILL, ran.stderr


def test_workers_import_no_other_room_and_are_given_no_secret(
    pool: ParserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = "import sys, monitor.parse.serve; print(sorted(m for m in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.replace("'", "").strip("[]\n").split(", "))
    assert not loaded & {"sqlmodel", "sqlalchemy", "sklearn", "numpy", "aiohttp", "apprise", "pydantic", "typer"}
    assert {m for m in loaded if m.startswith("monitor.") and m.count(".") == 1} == {
        "monitor.domain", "monitor.errors", "monitor.normalise", "monitor.parse",
    }  # fmt: skip
    monkeypatch.setenv("MAIL_PASSWORD", "geheim")
    with ParserPool() as fresh:
        fresh.read(feed(1))
        if sys.platform.startswith("linux"):
            with open(f"/proc/{fresh.processes[0]}/environ", "rb") as environment:  # noqa: PTH123
                assert b"geheim" not in environment.read()


@pytest.mark.parametrize(
    "options", [{"workers": 0}, {"deadline": timedelta(0)}, {"max_memory": LEAST_MEMORY - 1}], ids=str
)
def test_a_pool_that_could_not_read_anything_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a pool needs"):
        ParserPool(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "selectors"), [(Kind.PAGE, None), (Kind.FEED, Selectors("li")), (Kind.PAGE, Selectors("li["))]
)
def test_a_request_with_selectors_that_do_not_fit_is_refused_before_it_is_sent(
    kind: Kind, selectors: Selectors | None
) -> None:
    with pytest.raises(ValueError, match="selector"):
        ParseRequest(b"x", URL, kind, selectors=selectors)
