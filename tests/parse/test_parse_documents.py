"""Documents of every format, each a file whose head comment says what it shows."""

import json
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.entry import Document
from monitor.errors import ParseError, Severity
from monitor.parse.feed import parse
from tests.conftest import normalise_all

DOCUMENTS = Path(__file__).parent / "documents"
URL = "https://origin.example/feeds/all"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def read(name: str, *, content_type: str = "", max_entries: int = 500) -> Document:
    return parse((DOCUMENTS / name).read_bytes(), content_type=content_type, url=URL, max_entries=max_entries)


def refused(body: bytes) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(body, content_type="application/rss+xml", url=URL, max_entries=500)
    return caught.value


@pytest.mark.parametrize("content_type", ["", "application/rss+xml", "text/html; charset=iso-8859-1", "nonsense"])
def test_rss_2_is_read_whatever_its_server_calls_it(content_type: str) -> None:
    found = read("rss20.xml", content_type=content_type)
    assert (found.version, found.title, found.language, found.cut) == ("rss20", "Havenbode", "nl", 0)
    assert [e.guid for e in found.entries] == ["101", "https://haven.example/102", "103", None]
    first, second, third, fourth = found.entries
    assert first.summary == "<p>De raad sprak <b>woensdag</b> over vier gezinnen.</p>"
    assert (first.published, first.published_hint) == (
        "Mon, 02 Mar 2026 08:00:00 +0100",
        datetime(2026, 3, 2, 7, tzinfo=UTC),
    )
    assert (second.link, second.summary) == ("https://haven.example/102", "<p>De kade is open.</p>")
    assert (third.link, third.published, third.published_hint) == (
        "https://origin.example/relatief/103",
        "gisteren",
        None,
    )
    assert (fourth.link, fourth.title, fourth.published) == (None, "Alleen een titel", None)


def test_atom_is_read_with_its_base_and_the_link_to_the_entry_itself() -> None:
    found = read("atom10.xml")
    assert (found.version, found.title, len(found.entries)) == ("atom10", "Kanalblatt", 3)
    first, second, third = found.entries
    assert [e.guid for e in found.entries] == [f"tag:kanal.example,2026:{n}" for n in (1, 2, 3)]
    assert (first.link, first.language) == ("https://kanal.example/artikel/1", "de")
    assert first.published_hint == datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
    assert (second.link, second.language) == ("https://kanal.example/artikel/2", "en")
    assert second.published_hint == datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
    assert (second.summary, third.link) == ("<p>The case goes back.</p>", None)
    entries = normalise_all(found, base=URL, claimed_language="", now=NOW).entries
    assert [e.title for e in entries] == ["Urteil aufgehoben", "Ruling quashed", "Ohne Verweis"]


def test_rss_1_is_read_in_its_own_encoding() -> None:
    found = read("rss10.rdf")
    assert (found.version, found.language) == ("rss10", "fr")
    assert [(e.guid, e.title) for e in found.entries] == [
        ("https://quai.example/1", "Café sur le quai"),
        ("https://quai.example/2", "La grue est de retour"),
    ]
    assert [e.published_hint for e in found.entries] == [
        datetime(2026, 3, 2, 7, tzinfo=UTC),
        datetime(2026, 3, 1, tzinfo=UTC),
    ]


def test_rss_091_is_read() -> None:
    found = read("rss091.xml")
    assert found.version.startswith("rss091")
    assert [(e.guid, e.link) for e in found.entries] == [
        (None, "https://notes.example/bell"),
        (None, "https://notes.example/clock"),
    ]


def test_json_feed_is_read() -> None:
    found = read("feed11.json", content_type="text/plain")
    assert (found.version, found.title, found.language, found.cut) == ("json", "El Muelle", "es", 0)
    assert [(e.guid, e.link, e.title) for e in found.entries] == [
        ("7", "https://muelle.example/7", "El faro vuelve a lucir"),
        ("8", "https://otro.example/8", "Enlace"),
        ("9", None, ""),
        (None, "https://muelle.example/10", ""),
    ]
    assert [e.summary for e in found.entries] == ["<p>Desde <b>hoy</b>.</p>", "Breve", "Sin título", ""]
    assert [e.published for e in found.entries] == ["2026-03-02T08:00:00+01:00", None, "2026-03-01T00:00:00Z", None]
    assert found.entries[1].language == "en"


def test_a_broken_document_gives_what_can_be_read() -> None:
    found = read("broken-unclosed.xml")
    assert [(e.guid, e.title) for e in found.entries] == [("n1", "Nets & ropes"), ("n2", "Second")]
    assert found.entries[0].link == "https://nets.example/?a=1&b=2"
    assert "Mended" in found.entries[0].summary


def test_a_wrong_encoding_is_seen_through() -> None:
    assert [e.title for e in read("broken-encoding.xml").entries] == ["The “whole” fleet"]


def test_a_feed_without_entries_is_a_feed() -> None:
    assert read("empty-channel.xml").entries == ()


@pytest.mark.parametrize("name", ["page.html", "page.xhtml"])
def test_a_web_page_is_refused_as_such(name: str) -> None:
    error = refused((DOCUMENTS / name).read_bytes())
    assert (error.kind, error.severity) == ("html", Severity.SOFT)


def test_entities_neither_open_files_nor_grow() -> None:
    (entry,) = read("entities.xml").entries
    assert socket.gethostname() not in entry.summary
    assert len(entry.summary) < 100


def test_characters_that_no_database_takes_do_not_come_through() -> None:
    entries = normalise_all(read("control.xml"), base=URL, claimed_language="", now=NOW).entries
    for entry in entries:
        for text in (entry.key, entry.guid, entry.title, entry.text, entry.url or ""):
            assert text is not None
            assert all(character.isprintable() for character in text)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\n\n  ", b"\xef\xbb\xbf\r\n"])
@pytest.mark.parametrize("name", ["rss20.xml", "feed11.json", "page.html"])
def test_a_byte_order_mark_or_blanks_in_front_change_nothing(name: str, mark: bytes) -> None:
    body = mark + (DOCUMENTS / name).read_bytes()
    if name == "page.html":
        assert refused(body).kind == "html"
    else:
        assert len(parse(body, content_type="", url=URL, max_entries=500).entries) == 4


def test_utf_16_is_read() -> None:
    body = (DOCUMENTS / "empty-channel.xml").read_text().replace('version="1.0"?', 'version="1.0" encoding="UTF-16"?')
    assert parse(body.encode("utf-16"), content_type="", url=URL, max_entries=9).title == "Quiet"


@pytest.mark.parametrize("body", [b"", b"  \n\t ", b"\xef\xbb\xbf", b"\0" * 50, b"hello", b"<", b"<rss", b"\xff\xfe"])
def test_an_empty_answer_may_pass(body: bytes) -> None:
    error = refused(body)
    assert (error.kind, error.severity) == ("empty", Severity.TEMPORARY)


@pytest.mark.parametrize(
    "body",
    [
        b"/etc/hostname", b"http://127.0.0.1:9/feed", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"<?xml version",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"BEGIN:VCALENDAR", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"<?xml version='1.0'?><sitemapindex/>",
    ],
)  # fmt: skip
def test_what_is_no_feed_is_refused_and_opens_no_file(body: bytes) -> None:
    error = refused(body)
    assert error.kind == "not-a-feed"
    assert socket.gethostname() not in error.detail


def test_entries_beyond_the_cap_are_counted_and_left_out() -> None:
    items = "".join(f"<item><guid>{n}</guid><title>Note {n}</title></item>" for n in range(600))
    rss = f'<rss version="2.0"><channel><title>Many</title>{items}</channel></rss>'.encode()
    found = parse(rss, content_type="", url=URL, max_entries=500)
    assert ([e.guid for e in found.entries], found.cut) == ([str(n) for n in range(500)], 100)
    many = {"version": "https://jsonfeed.org/version/1", "items": [{"id": str(n)} for n in range(600)]}
    found = parse(json.dumps(many).encode(), content_type="", url=URL, max_entries=500)
    assert ([e.guid for e in found.entries], found.cut) == ([str(n) for n in range(500)], 100)


@pytest.mark.parametrize(
    "data",
    [
        {}, [], [1], {"version": "https://jsonfeed.org/version/1.1"}, {"items": []}, {"version": 1, "items": []},
        {"version": "https://example.org/", "items": []}, {"version": "https://jsonfeed.org/version/1", "items": {}},
        {"version": "https://jsonfeed.org/version/1", "items": None},
    ],
)  # fmt: skip
def test_json_that_is_no_json_feed_is_refused(data: object) -> None:
    assert refused(json.dumps(data).encode()).kind == "not-a-feed"


@pytest.mark.parametrize("body", [b"{", b'{"version": ', b"[" * 100_000, b'{"a": "\xff"}', b"{" + b"9" * 5000])
def test_broken_json_is_refused(body: bytes) -> None:
    assert refused(body).kind == "not-a-feed"


def test_json_feed_1_and_its_address_without_tls_are_known() -> None:
    for version in ("https://jsonfeed.org/version/1", "http://jsonfeed.org/version/1"):
        body = json.dumps({"version": version, "items": []}).encode()
        assert parse(body, content_type="", url=URL, max_entries=9).entries == ()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(
    ["id", "url", "external_url", "title", "summary", "content_text", "content_html", "date_published", "language"]
)


@given(st.lists(values | st.dictionaries(names, values, max_size=6), max_size=5), values, values)
def test_json_feed_items_of_any_shape_are_read(items: list[object], title: object, language: object) -> None:
    data = {"version": "https://jsonfeed.org/version/1.1", "items": items, "title": title, "language": language}
    found = parse(json.dumps(data).encode(), content_type="", url=URL, max_entries=500)
    normalise_all(found, base=URL, claimed_language="en", now=NOW)
    assert len(found.entries) == sum(isinstance(item, dict) for item in items)


pieces = st.sampled_from(
    b"<rss version='2.0'>|<channel>|<item>|</item>|<title>|</title>|<guid>|</guid>|a|<entry>|<id>|<link href='|'/>|&|"
    b"<feed xmlns='http://www.w3.org/2005/Atom'>|&#0;|<!--|-->|<![CDATA[|]]>|\xff|<pubDate>0</pubDate>|<?xml|?>| |{|"
    b"<updated>9999-99-99</updated>|<summary type='xhtml'><div>|</channel>|</rss>|<html>|<!DOCTYPE".split(b"|")
)


@given(st.lists(pieces, max_size=25))
def test_any_heap_of_pieces_is_read_or_refused(parts: list[bytes]) -> None:
    try:
        found = parse(b"".join(parts), content_type="", url=URL, max_entries=500)
    except ParseError:
        return
    normalise_all(found, base=URL, claimed_language="", now=NOW)
