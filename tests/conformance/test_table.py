"""The table of conformance: its machinery on cases of our own, and on the published ones where they are."""

import os
import re
from contextlib import nullcontext
from pathlib import Path

import pytest

from . import captured, table
from .cases import Case, read_cases
from .claims import Result
from .compare import Tried, attempt
from .reasons import COUNT, DOCUMENT, REASONS, reason_for

CASES = os.environ.get("FEEDPARSER_CASES")
DATA = os.environ.get("MONITOR_REAL_DATA")
NOTHING = ": the server answered with nothing"
ITEM = (
    "<item><guid>12</guid><title>Two &amp;lt; three</title><link>/n/1</link>"
    "<description>&lt;b&gt;Text&lt;/b&gt;&lt;script&gt;x()&lt;/script&gt;</description>"
    "<pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item>"
)


def write(folder: Path, name: str, expect: str, *, more: str = "", body: str = ITEM, encoding: str = "utf-8") -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    comment = f"<!--\n{more}Description: {name}\nExpect:      {expect}\n-->\n"
    feed = f'<rss version="2.0"><channel><title>Quay Notes</title>{body}</channel></rss>'
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>\n'
    file.write_bytes((declaration + comment + feed).encode(encoding))


def tried(folder: Path) -> Tried:
    (only,) = table.run(folder)[0]
    return only


def results(one: Tried) -> list[Result]:
    return [outcome.result for outcome in one.outcomes if outcome.field != COUNT]


def test_a_case_is_read_with_what_it_expects(tmp_path: Path) -> None:
    write(
        tmp_path,
        "rss/http_one.xml",
        "1",
        more="Header: Content-type: text/xml\nHeader: Content-Location: https://a.example/\n",
    )
    write(tmp_path, "rss/two.xml", "not bozo", more="Header: Content-type: text/xml\n", encoding="utf-16")
    write(tmp_path, "three.xml", "1", more="SkipUnless: __import__('codecs').lookup('no-such-encoding')\n")
    one, three, two = sorted(read_cases(tmp_path), key=lambda case: case.name.rpartition("/")[2])
    assert (one.name, one.group, one.content_type, one.url) == (
        "rss/http_one.xml",
        "rss",
        "text/xml",
        "https://a.example/",
    )
    assert (two.expression, two.content_type, two.url) == ("not bozo", "", ""), "a header counts only over HTTP"
    assert (three.group, three.skipped, two.skipped) == (".", True, False)
    assert table.run(tmp_path)[1] == 1


@pytest.mark.parametrize(
    ("expect", "expected"),
    [
        ("not bozo and feed['title'] == 'Quay Notes'", [Result.NOT_TAKEN, Result.EXACT]),
        ("entries[0]['guid'] == '12' and entries[0]['id'] == '12'", [Result.EXACT, Result.EXACT]),
        ("entries[0]['summary'] == '<b>Text</b>'", [Result.KEPT]),
        ("entries[0]['description'] == 'Text'", [Result.KEPT]),
        ("entries[0]['published_parsed'] == (2026, 3, 2, 8, 0, 0, 0, 61, 0)", [Result.EXACT]),
        ("entries[0]['published'] == 'Mon, 02 Mar 2026 08:00:00 GMT'", [Result.EXACT]),
        ("entries[0]['updated_parsed'] == (2026, 3, 2, 8, 0, 0, 0, 61, 0)", [Result.DIFFERS]),
        ("version == 'rss20' and len(entries) == 1", [Result.EXACT, Result.EXACT]),
        ("entries[0]['author'] == 'Ann'", [Result.NOT_TAKEN]),
        ("entries[0]['title'] == 'Something else'", [Result.DIFFERS]),
        ("entries[1]['title'] == 'Another'", [Result.DIFFERS]),
    ],
)
def test_what_we_take_is_compared_and_nothing_else(tmp_path: Path, expect: str, expected: list[Result]) -> None:
    write(tmp_path, "case.xml", expect)
    assert results(tried(tmp_path)) == expected


def test_a_relative_link_agrees_as_it_is_kept(tmp_path: Path) -> None:
    write(
        tmp_path,
        "http_case.xml",
        "entries[0]['link'] == 'https://a.example/n/1'",
        more="Header: Content-Location: https://a.example/\n",
    )
    assert results(tried(tmp_path)) == [Result.EXACT]


def test_a_difference_without_a_reason_is_reported_and_fails_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "cases/good.xml", "feed['title'] == 'Quay Notes'")
    write(tmp_path, "cases/bad.xml", "feed['title'] == 'Harbour'")
    report = tmp_path / "report.md"
    report.write_text("x\n\n## Captured feeds\n\nCounted before.\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MONITOR_REAL_DATA", raising=False)
        assert table.main(["--cases", str(tmp_path / "cases"), "--report", str(report)]) == 1
    assert "not explained: bad.xml: feed['title'] == 'Harbour' (feed.title)" in capsys.readouterr().err
    text = report.read_text()
    assert "| **all** | 2 | 2 | 2 | 2 | 3 | 0 | 1 | 0 |" in text
    assert "| 1 | `bad.xml` | `feed.title` | **not explained** |" in text
    assert text.endswith("## Captured feeds\n\nCounted before.\n"), "what cannot be counted anew is kept"


def test_a_document_that_is_refused_needs_a_reason_too(tmp_path: Path) -> None:
    (tmp_path / "page.xml").write_text("<!-- Description: x\nExpect: 1 -->\n<html><body>A page</body></html>")
    one = tried(tmp_path)
    assert one.refused == "html"
    assert [outcome.field for outcome in table.unexplained([one])] == [DOCUMENT]


def test_reasons_fit_by_case_and_field() -> None:
    found = reason_for("wellformed/sanitize/entry_title_crazy.xml", "entries.title")
    assert found is not None
    assert "script" in found.why
    assert reason_for("wellformed/rss/item_title.xml", "entries.title") is None


def test_captured_documents_are_counted_and_differences_that_nobody_knows_stand_apart() -> None:
    json = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1"}]}'
    feed = f'<rss version="2.0"><channel>{ITEM}</channel></rss>'.encode()
    bodies = (json, feed, feed + feed, feed[:-30] + b"<item><title>cut", b"<html><body>A page</body></html>", b"")
    found = captured.counts(Case(str(n), "", body, "", url="https://a.example/") for n, body in enumerate(bodies))
    assert (found["documents tried"], found["documents parsed"], found["entries found"]) == (6, 4, 5)
    assert (found["documents refused as html"], found[f"documents refused as empty{NOTHING}"]) == (1, 1)
    assert (found[captured.MORE_JSON], found[captured.LESS_CUT], found[captured.OTHERS]) == (1, 1, 0)


def test_the_report_names_every_reason_and_the_release_that_is_pinned() -> None:
    """What can be known of it without the cases; the rest is the command's."""
    report = table.REPORT.read_text(encoding="utf-8")
    rows = re.findall(r"^\| \d+ \| `([^`]+)` \| `([^`]+)` \| (.+) \|$", report, re.MULTILINE)
    assert rows == [(reason.cases, reason.field, reason.why) for reason in REASONS]
    assert "not explained" not in report
    assert f"feedparser {table.RELEASE}," in report
    assert table.SHA256 in report
    head, _, _ = table.markdown([], 0, []).partition("The cases are those")
    assert report.startswith(head)


@pytest.mark.slow
@pytest.mark.skipif(
    not (CASES or os.environ.get("CI")), reason="FEEDPARSER_CASES names no folder of feedparser's cases"
)
def test_no_difference_with_a_published_case_is_left_unexplained() -> None:
    with nullcontext(Path(CASES)) if CASES else table.published() as folder:
        found, _ = table.run(folder)
    assert table.unexplained(found) == []
    assert table.idle(found) == []
    assert [one.case.name for one in found if one.unread and "(" not in one.case.expression] == []
    totals = table.markdown(found, 0, []).partition("**all**")[2].partition("\n")[0]
    assert totals in table.REPORT.read_text(encoding="utf-8"), "run make conformance"


@pytest.mark.real_data
@pytest.mark.skipif(not DATA, reason="MONITOR_REAL_DATA names no captured documents")
def test_every_difference_with_feedparser_in_captured_feeds_has_a_reason() -> None:
    found = captured.counts(captured.captured_cases(Path(str(DATA)) / "feeds"))
    assert found[captured.OTHERS] == 0
    assert [name for name in found if "refused" in name and ":" not in name] == []
    assert found["documents parsed"] > 200
    assert found["entries found"] >= found["entries that feedparser finds"]


def test_an_attempt_never_raises_for_what_a_case_holds() -> None:
    for body in (b"", b"\x1f\x8b", b"<", b"{", b"<rss><item>" * 50):
        attempt(Case("x.xml", ".", body, "entries[0]['title'] == 'x'"))
