"""Archives on this machine: folders, tars, lines of JSON, WARC, GDELT; and what is broken of them."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.app import App
from monitor.domain.backfill import ALL_TIME, JobState, Span
from monitor.errors import UsageError
from monitor.exchange.files import Form
from monitor.jobs import export
from monitor.jobs.backfill import run as backfill
from monitor.jobs.backfill.run import Wanted
from monitor.jobs.export import Asked
from monitor.store.database import open_store
from tests.backfill.desk import DAY, Desk, doubles, months, stored, titles
from tests.backfill.sites import LONG, Post, article, day, json_feed, posts, rss
from tests.exchange.stocks import a_store, stock

ROOT = "https://paper.example"
SHOWN = posts(60, first=day("2024-02-20"), apart=DAY)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, {"paper": f"{ROOT}/feed/"})


def lines(shown: Sequence[Post]) -> bytes:
    """Entries as JSON, one a line."""
    return b"".join(
        json.dumps(
            {"id": f"{ROOT}/?p={p.number}", "url": f"{ROOT}/{p.number}/", "title": p.headline, "text": p.text,
             "published": p.at.isoformat()}
        ).encode() + b"\n"
        for p in shown
    )  # fmt: skip


def warc(*answers: tuple[str, str, bytes], packed: bool = True) -> bytes:
    """A WARC of answers: address, type, body."""
    out = b""
    for url, kind, body in answers:
        http = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-03-01T00:00:00Z\r\n"
            f"WARC-Record-ID: <urn:uuid:{len(out):032}>\r\nContent-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(http)}\r\n\r\n"
        ).encode()
        record = head + http + b"\r\n\r\n"
        out += gzip.compress(record, mtime=0) if packed else record
    return out


def gkg(*rows: tuple[str, str, str]) -> bytes:
    """A GDELT knowledge graph: domain, address, title."""
    out = []
    for n, (domain, url, title) in enumerate(rows):
        columns = [f"20240303120000-{n}", "20240303120000", "1", domain, url, *[""] * 21]
        out.append("\t".join([*columns, f"<PAGE_TITLE>{title}</PAGE_TITLE>"]))
    return "\n".join(out).encode() + b"\n"


def in_tar(*members: tuple[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as packed:
        for name, body in members:
            info = tarfile.TarInfo(name)
            info.size = len(body)
            packed.addfile(info, io.BytesIO(body))
    return held.getvalue()


def in_zip(name: str, body: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, body)
    return held.getvalue()


PARTS = [SHOWN[:25], SHOWN[20:45], SHOWN[40:]]
MARCH = Span(day("2024-03-01"), day("2024-04-01"))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("all.jsonl", lines(SHOWN)),
        ("all.jsonl.gz", gzip.compress(lines(SHOWN))),
        ("all.txt", lines(SHOWN)),
        ("feeds.tar.gz", in_tar(*((f"{n}.xml", rss(ROOT, part)) for n, part in enumerate(PARTS)))),
        ("feeds.zip", in_zip("one.xml", rss(ROOT, SHOWN))),
        ("feed.json", json_feed(ROOT, SHOWN)),
        ("feed.xml", rss(ROOT, SHOWN)),
        ("feeds.warc.gz", warc(*((f"{ROOT}/feed/", "application/rss+xml", rss(ROOT, part)) for part in PARTS))),
        (
            "feeds.warc",
            warc(*((f"{ROOT}/feed/", "text/xml", rss(ROOT, part)) for part in PARTS), packed=False),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_form_of_archive_brings_the_entries_of_the_range(desk: Desk, name: str, body: bytes) -> None:
    path = desk.base / name
    path.write_bytes(body)
    with desk.app() as app:
        job = desk.backfill(app, span=MARCH, archive=path)
        assert (job.state, job.route) == (JobState.DONE, "archive")
        assert months(app, job) == {"2024-03": 31}
        assert (len(titles(app)), doubles(app)) == (31, [])
        assert not any(one.announceable for one in stored(app).values())


def test_a_folder_may_hold_files_of_all_forms(desk: Desk) -> None:
    folder = desk.base / "archive"
    (folder / "2024").mkdir(parents=True)
    (folder / "2024" / "a.xml").write_bytes(rss(ROOT, SHOWN[:20]))
    (folder / "b.jsonl").write_bytes(lines(SHOWN[20:40]))
    (folder / "c.tar.gz").write_bytes(in_tar(("deep/c.xml", rss(ROOT, SHOWN[40:]))))
    (folder / ".hidden").write_bytes(b"nothing of ours")
    with desk.app() as app:
        job = desk.backfill(app, span=ALL_TIME, archive=folder)
        assert (job.state, len(titles(app)), job.declared) == (JobState.DONE, 60, 22)


def test_pages_in_a_warc_are_articles_of_the_feed_s_own_site(desk: Desk) -> None:
    page = article("Pier, part 1", LONG, date="2024-03-04")
    path = desk.base / "crawl.warc.gz"
    path.write_bytes(
        warc(
            (f"{ROOT}/pier", "text/html", page),
            ("https://elsewhere.example/pier", "text/html", article("Another pier", LONG, date="2024-03-05")),
            (f"{ROOT}/logo.png", "image/png", b"\x89PNG"),
        )
    )
    with desk.app() as app:
        job = desk.backfill(app, span=MARCH, archive=path)
        assert (job.state, titles(app)) == (JobState.DONE, ["Pier, part 1"])


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("share", [0.4, 0.7, 0.95])
def test_a_warc_that_is_cut_off_gives_what_is_whole_and_says_so(desk: Desk, packed: bool, share: float) -> None:
    parts = [SHOWN[n : n + 10] for n in range(0, 60, 10)]
    whole = warc(*((f"{ROOT}/feed/", "text/xml", rss(ROOT, part)) for part in parts), packed=packed)
    path = desk.base / "cut.warc.gz"
    path.write_bytes(whole[: int(len(whole) * share)])
    with desk.app() as app:
        job = desk.backfill(app, span=ALL_TIME, archive=path)
        said = backfill.stated(app, job)
        assert job.state is JobState.DONE
        assert len(titles(app)) == int(6 * share) * 10
        assert any("breaks off" in gap for gap in said.gaps)


def test_the_last_line_of_json_may_break_off(desk: Desk) -> None:
    path = desk.base / "cut.jsonl"
    path.write_bytes(lines(SHOWN)[:-40])
    with desk.app() as app:
        job = desk.backfill(app, span=ALL_TIME, archive=path)
        assert (len(titles(app)), job.gaps) == (59, ("cut.jsonl: line 60 breaks off",))


def test_of_a_knowledge_graph_only_the_source_s_own_domain_counts(desk: Desk) -> None:
    rows = [("paper.example", f"{ROOT}/a", "A pier opens"), ("notpaper.example", "https://notpaper.example/a", "Other"),
            ("news.paper.example", "https://news.paper.example/b", "B &amp; C")]  # fmt: skip
    path = desk.base / "20240303120000.gkg.csv.zip"
    path.write_bytes(in_zip("20240303120000.gkg.csv", gkg(*rows)))
    with desk.app() as app:
        job = desk.backfill(app, span=MARCH, archive=path)
        assert (job.state, titles(app)) == (JobState.DONE, ["A pier opens", "B & C"])
        assert stored(app)["A pier opens"].entry.published == day("2024-03-03T12:00:00")


def broken_tar() -> bytes:
    return in_tar(*((f"{n}.xml", rss(ROOT, part)) for n, part in enumerate(PARTS)))[:-200]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("a.jsonl", lines(SHOWN[:3]) + b"no json here\n" + lines(SHOWN[3:]), "line 4 is no JSON object"),
        ("a.jsonl.gz", gzip.compress(lines(SHOWN))[:-20], "is broken"),
        ("a.tar.gz", broken_tar(), "is broken"),
        ("a.zip", in_zip("one.xml", rss(ROOT, SHOWN))[:-90], ""),
        ("a.warc", b"WARC/1.0 and then nothing that belongs there", ""),
        ("a.xml", b"", "the file is empty"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_a_broken_archive_is_refused_by_name_before_anything_is_written(
    desk: Desk, name: str, body: bytes, said: str
) -> None:
    path = desk.base / name
    path.write_bytes(body)
    with desk.app() as app:
        with pytest.raises(UsageError, match=name) as raised:
            desk.begin(app, archive=path)
        assert said in str(raised.value)
        assert titles(app) == []


def test_an_archive_that_is_not_there_or_empty_is_refused(desk: Desk) -> None:
    (desk.base / "nothing").mkdir()
    with desk.app() as app:
        for name, said in (("nowhere", "is not there"), ("nothing", "is an empty folder")):
            with pytest.raises(UsageError, match=said):
                desk.begin(app, archive=desk.base / name)


def test_a_job_that_was_stopped_goes_on_behind_the_last_piece(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.parse.archive.LINES", 7)
    path = desk.base / "all.jsonl"
    path.write_bytes(lines(SHOWN))
    with desk.app() as app:
        jobs = desk.begin(app, span=ALL_TIME, archive=path)
        (job,) = desk.run(app, jobs, stop=_third())
        assert (job.state, job.tally.pages, len(titles(app))) == (JobState.STOPPED, 2, 14)
        (job,) = desk.run(app, [job])
        assert (job.state, job.tally.pages, len(titles(app))) == (JobState.DONE, 9, 60)


def _third() -> Callable[[], bool]:
    """Say "go on" twice, and "stop" from then on."""
    said = [0]

    def stop() -> bool:
        said[0] += 1
        return said[0] > 2

    return stop


@pytest.mark.parametrize("form", list(Form))
def test_another_monitors_export_is_an_archive_of_the_feed_of_the_same_name_or_address(
    desk: Desk, tmp_path: Path, form: Form
) -> None:
    """Its other feeds, its scores and its emptied entries are none of this feed's past."""
    rows = a_store(20)
    rows["feed"][0]["url"] = f"{ROOT}/feed/"
    rows["entry"][1] |= {"pruned": True, "title": "", "text": ""}
    path = tmp_path / ("other.jsonl.gz" if form is Form.JSONL else "other")
    with desk.app() as app, open_store(f"sqlite:///{tmp_path / 'other.db'}") as other:
        stock(other, rows)
        export.run(App(app.settings, other), path, form, Asked(), now=desk.now)
        job = desk.backfill(app, span=ALL_TIME, archive=path)
        assert (job.state, job.tally.new, job.declared) == (JobState.DONE, 9, 9)
        assert titles(app) == sorted(f"Ministry brings home group {n}" for n in range(4, 21, 2))
        assert {one.entry.key for one in stored(app).values()} == {f"g:{n}" for n in range(4, 21, 2)}
        with pytest.raises(UsageError, match="nothing in it of a feed elsewhere"):
            backfill.plan(
                app, [replace(app.settings.feeds["paper"], name="elsewhere", url="https://x.example/")],
                Wanted(ALL_TIME, None, archive=path), parser=desk.parser,
            )  # fmt: skip


def test_a_folder_with_a_file_of_others_that_is_called_like_our_head_is_an_archive_of_theirs(
    desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "export.json").write_text('{"table":"export"}\n' * 2, encoding="utf-8")
    (folder / "lines.jsonl").write_bytes(lines(SHOWN[:3]))
    with desk.app() as app:
        job = desk.backfill(app, span=ALL_TIME, archive=folder)
        assert (job.state, job.tally.new) == (JobState.DONE, 3)
