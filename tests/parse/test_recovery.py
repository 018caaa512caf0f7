"""Documents that are broken in the ways in which feeds are: what feedparser makes of each, and what we do."""

import gzip
import io
import warnings
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import feedparser
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.domain.entry import Document, RawEntry
from monitor.errors import ParseError
from monitor.parse.feed import parse
from monitor.parse.frame import framed
from monitor.parse.repair import close_sections, escape_loud, repaired, without_controls
from monitor.parse.scan import loud_spans, quiet_parts

URL = "https://quay.example/feed"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
TITLE = "Quay Notes"


def item(number: int, title: str = "", text: str = "", more: str = "") -> str:
    return (
        f'<item><guid isPermaLink="false">q-{number}</guid><title>{title or f"Note {number}"}</title>'
        f"<link>https://quay.example/n/{number}</link>"
        f"<description>{text or f'Text of note {number}'}</description>{more}</item>"
    )


def rss(*items: str, head: str = DECLARATION, title: str = TITLE) -> str:
    body = "".join(items or map(item, (1, 2, 3)))
    return f'{head}<rss version="2.0"><channel><title>{title}</title><link>https://quay.example/</link>{body}</channel></rss>'


def read(body: bytes, content_type: str = "application/rss+xml") -> Document:
    return parse(body, content_type=content_type, url=URL, max_entries=500)


def by_feedparser(body: bytes) -> tuple[int, str]:
    """How many entries feedparser finds, and the title of the first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = feedparser.parse(io.BytesIO(body), response_headers={"content-type": "application/rss+xml"})
    return len(found.entries), found.entries[0].get("title", "") if found.entries else ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A document, what feedparser finds in it (entries, the first title), what we find, and what we say was wrong."""

    body: bytes
    theirs: tuple[int, str]
    ours: tuple[int, str]
    said: str = ""


NOTE = "Note 1"
WARNING = "<br />\n<b>Warning</b>: Undefined variable $x in <b>/srv/feed.php</b> on line <b>7</b><br />\n"
MISREAD = "ĐŸĐžŃ€Ń‚ ĐžŃ‚ĐşŃ€Ń‹Ń‚, Ń\x81ŃƒĐ´Đ° Đ"
"""What feedparser makes of "Порт открыт, суда" and half a letter more, and of every other title of that document."""
CASES = {
    "blanks before the declaration": Broken(
        ("\n\n " + rss()).encode(), (3, NOTE), (3, NOTE), "a declaration that does not come first"
    ),
    "a byte order mark after blanks": Broken(
        ("\n \ufeff" + rss()).encode(), (3, NOTE), (3, NOTE), "3 bytes before the feed"
    ),
    "two byte order marks": Broken(("\ufeff\ufeff" + rss()).encode(), (3, NOTE), (3, NOTE)),
    "a comment before the declaration": Broken(
        ("<!-- cached at 9:30 -->" + rss()).encode(), (3, NOTE), (3, NOTE), "a declaration that does not come first"
    ),
    "PHP's warning in HTML": Broken(
        f"{WARNING}{rss()}".encode(), (3, NOTE), (3, NOTE), "91 bytes before the feed",
    ),
    "PHP's warning in HTML before a feed without namespace": Broken(
        f"<br />\n<b>Warning</b>: x<br />\n{rss(head='')}".replace(' version="2.0"', "").encode(),
        (3, NOTE), (3, NOTE), "30 bytes before the feed",
    ),
    "a log line": Broken(
        f"PHP Deprecated: strlen() in /srv/feed.php on line 9\n{rss()}".encode(),
        (3, NOTE), (3, NOTE), "51 bytes before the feed",
    ),
    "a whole page before the feed": Broken(
        f"<html><body>Busy</body></html>{rss()}".encode(), (3, NOTE), (3, NOTE), "30 bytes before the feed"
    ),
    "two declarations": Broken(
        (DECLARATION + rss()).encode(), (3, NOTE), (3, NOTE), "a declaration that does not come first"
    ),
    "a declaration that does not end": Broken(
        rss(head='<?xml version="1.0" encoding="UTF-8"\n').encode(), (3, NOTE), (3, NOTE),
        "a declaration that does not end",
    ),
    "curly quotes in the declaration": Broken(
        rss(head="<?xml version=“1.0” encoding=“UTF-8”?>").encode(), (3, NOTE), (3, NOTE)
    ),
    "a declaration twice in itself": Broken(rss(head='<?xml?xml version="1.0"?>').encode(), (3, NOTE), (3, NOTE)),
    "XML 1.1": Broken(
        rss(item(1, "Tide&#1;table"), head='<?xml version="1.1"?>').encode(), (1, "Tide\x01table"), (1, "Tidetable"),
        "bare ampersands, angle brackets or entities that XML does not have",
    ),
    "NUL": Broken(rss(item(1, "Tide\0table")).encode(), (1, "Tide\0table"), (1, "Tidetable"), "control characters"),
    "control characters": Broken(
        rss(item(1, "Tide\x0b\x1ftable\ufffe")).encode(), (1, "Tide\x0b\x1ftable\ufffe"), (1, "Tidetable"),
        "control characters",
    ),
    "UTF-8 declared, windows-1252 given": Broken(
        rss(item(1, "The “whole” café")).encode("cp1252"), (1, "The “whole” café"), (1, "The “whole” café"),
        "declared as utf-8, and is windows-1252",
    ),
    "windows-1252 declared, UTF-8 given": Broken(
        rss(item(1, "Café à la crème"), head='<?xml version="1.0" encoding="windows-1252"?>').encode(),
        (1, "Café à la crème"), (1, "Café à la crème"), "declared as cp1252, and is utf-8",
    ),
    "koi8-r declared, UTF-8 given": Broken(
        rss(item(1, "Порт открыт"), head='<?xml version="1.0" encoding="koi8-r"?>').encode(),
        (1, "Порт открыт".encode().decode("koi8-r")), (1, "Порт открыт"), "declared as koi8-r, and is utf-8",
    ),
    "UTF-8 in which one letter was cut": Broken(
        rss(item(1, "Порт открыт, суда @")).encode().replace(b"@", b"\xd0"),
        (1, MISREAD), (1, "Порт открыт, суда \ufffd"),
        "places that are not UTF-8: 1",
    ),
    "UTF-8 with a pasted quotation in windows-1252": Broken(
        rss(item(1, "Café à la @crème brûlée#")).encode().replace(b"@", b"\x93").replace(b"#", b"\x94"),
        (1, "CafÃ© Ã\xa0 la “crÃ¨me brÃ»lÃ©e”"), (1, "Café à la “crème brûlée”"), "places that are not UTF-8: 2",
    ),
    "UTF-16 declared, UTF-8 given": Broken(
        rss(item(1, "Café"), head='<?xml version="1.0" encoding="UTF-16"?>').encode(), (1, "Café"), (1, "Café"),
        "declared as utf-16, and is utf-8",
    ),
    "UTF-16 without a mark": Broken(
        rss(item(1, "Café"), head='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16-be"),
        (1, "Café"), (1, "Café"),
    ),
    "UTF-16 with a mark, UTF-8 declared": Broken(rss(item(1, "Café")).encode("utf-16"), (1, "Café"), (1, "Café")),
    "undeclared namespaces": Broken(
        rss(item(1, more="<dc:creator>Ann</dc:creator><media:thumbnail url='x'/><x:y/>")).encode(),
        (1, NOTE), (1, NOTE), "undeclared namespaces",
    ),
    "an undeclared prefix of everything": Broken(
        b"<atom:feed><atom:title>Quay Notes</atom:title><atom:entry><atom:id>tag:1</atom:id>"
        b"<atom:title>Note 1</atom:title></atom:entry></atom:feed>",
        (0, ""), (1, NOTE), "undeclared namespaces",
    ),
    "entities of HTML": Broken(
        rss(item(1, "Caf&eacute;&nbsp;noir &hellip; &quay;"), head="<!DOCTYPE rss>").encode(),
        (1, "Café\xa0noir … &quay;"), (1, "Café\xa0noir … &quay;"),
        "bare ampersands, angle brackets or entities that XML does not have",
    ),
    "bare ampersands": Broken(
        rss(item(1, "AT&T and B&B")).encode(), (1, "AT&T; and B&B;"), (1, "AT&T and B&B"),
        "bare ampersands, angle brackets or entities that XML does not have",
    ),
    "a bare angle bracket": Broken(
        rss(item(1, "Fewer than 5 < 7")).encode(), (1, "Fewer than 5 < 7"), (1, "Fewer than 5 < 7"),
        "bare ampersands, angle brackets or entities that XML does not have",
    ),
    "a CDATA section that takes the next entry with it": Broken(
        rss(item(1, text="<![CDATA[One"), item(2, text="<![CDATA[Two]]>"), item(3)).encode(), (2, NOTE), (3, NOTE),
        "unended CDATA sections",
    ),
    "a CDATA section without an end in the last entry": Broken(
        rss(item(1), item(2, text="<![CDATA[Two")).encode(), (2, NOTE), (2, NOTE), "unended CDATA sections"
    ),
    "a page's end after the feed": Broken(
        (rss() + "<script>if (a && b < c) x()</script></body></html>").encode(), (3, NOTE), (3, NOTE),
        "50 bytes after the feed",
    ),
    "an error after the feed": Broken(
        (rss() + "\nFatal error: out of memory").encode(), (3, NOTE), (3, NOTE), "27 bytes after the feed"
    ),
    "gzip that nobody spoke of": Broken(
        gzip.compress(rss().encode()), (0, ""), (3, NOTE), "compressed, without its server's saying so"
    ),
    "gzip in gzip": Broken(
        gzip.compress(gzip.compress(rss().encode())), (0, ""), (3, NOTE), "compressed, without its server's saying so"
    ),
    "two documents": Broken(
        (rss(item(1), item(2)) + rss(item(3), title="Second")).encode(), (3, NOTE), (3, NOTE), "2 documents in one"
    ),
    "crossed tags": Broken(
        rss(item(1), item(2, more="<p><b>x</p></b>"), item(3)).encode(), (3, NOTE), (3, NOTE)
    ),
    "a feed that a page wraps": Broken(
        f"{DECLARATION}<!DOCTYPE html><html><body>\n{rss(head='')}</body></html>".encode(), (3, NOTE), (3, NOTE),
        "12 bytes before the feed; 14 bytes after the feed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_broken_is_read_and_said(case: Broken) -> None:
    found = read(case.body)
    assert (len(found.entries), found.entries[0].title) == case.ours
    assert found.recovered == case.said
    assert found.complete
    assert found.title == TITLE


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_is_known_what_feedparser_makes_of_it(case: Broken) -> None:
    assert by_feedparser(case.body) == case.theirs


def test_a_whole_document_is_not_said_to_be_mended() -> None:
    for body in (rss().encode(), rss(head="").encode(), rss().encode("utf-16")):
        assert read(body).recovered == ""


def test_no_entry_of_a_section_that_went_on_too_long_is_lost_or_mixed_with_another() -> None:
    entries = read(CASES["a CDATA section that takes the next entry with it"].body).entries
    assert [(e.guid, e.title, e.summary) for e in entries] == [
        ("q-1", "Note 1", "One"), ("q-2", "Note 2", "Two"), ("q-3", "Note 3", "Text of note 3"),
    ]  # fmt: skip


def test_a_post_that_shows_how_a_feed_is_written_stays_whole() -> None:
    sample = "<![CDATA[<pre><item><title>x</title><description>y</description></item><item></item></pre>]]>"
    found = read(rss(item(1, text=sample), item(2)).encode())
    assert [e.guid for e in found.entries] == ["q-1", "q-2"]
    assert found.entries[0].summary == sample[9:-3]
    assert found.recovered == ""


def test_addresses_with_bare_ampersands_are_what_the_publisher_wrote() -> None:
    link = "https://quay.example/?a=1&b=2&copy=3&lang=nl&amp;d=4"
    body = rss(item(1).replace("https://quay.example/n/1", link)).encode()
    assert read(body).entries[0].link == "https://quay.example/?a=1&b=2&copy=3&lang=nl&d=4"


def test_of_two_documents_the_first_says_what_feed_it_is_and_both_give_entries() -> None:
    found = read(CASES["two documents"].body)
    assert [e.guid for e in found.entries] == ["q-1", "q-2", "q-3"]


def test_a_second_document_that_breaks_off_makes_the_whole_incomplete() -> None:
    found = read((rss(item(1)) + rss(item(2), item(3))[:-40]).encode())
    assert not found.complete
    assert [e.guid for e in found.entries] == ["q-1", "q-2"]


def test_entities_that_the_document_declares_are_left_as_they_are_written() -> None:
    body = rss(item(1, "The &port; & its quay"), head='<!DOCTYPE rss [<!ENTITY port "harbour">]>').encode()
    assert read(body).entries[0].title == "The &port; & its quay"


def test_the_web_link_is_taken_before_those_of_other_protocols() -> None:
    body = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>tag:1</id><link href="gemini://quay.example/1"/>'
        b'<link href="https://quay.example/1"/></entry></feed>'
    )
    assert read(body).entries[0].link == "https://quay.example/1"


def test_what_an_entry_says_of_its_change_is_taken_beside_its_date() -> None:
    body = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>tag:1</id><published>2026-03-01T08:00:00Z</published>'
        b"<updated>2026-03-02T09:00:00Z</updated></entry></feed>"
    )
    (entry,) = read(body).entries
    assert (entry.published, entry.updated) == ("2026-03-01T08:00:00Z", "2026-03-02T09:00:00Z")
    assert entry.updated_hint is not None
    assert entry.updated_hint.isoformat() == "2026-03-02T09:00:00+00:00"


@pytest.mark.parametrize(
    "page",
    [
        "<html><head><title>x</title></head><body><pre>{feed}</pre></body></html>",
        "<!DOCTYPE html><body><h1>Our feed</h1>{feed}</body>",
        "<html><body><p>This is what you would see:</p>{feed}</body></html>",
        "<div id=app><feed><item><title>Tile</title></item></feed></div>{page}",
        "<html><body><item><title>x</title><link>https://a.example/</link></item></body></html>",
        "<!-- <html> --><head><meta charset=utf-8></head>{feed}",
    ],
)
def test_no_web_page_becomes_a_feed_by_being_mended(page: str) -> None:
    body = page.format(feed=rss(head=""), page="<p>Hello</p>" * 50).encode()
    with pytest.raises(ParseError) as caught:
        read(body)
    assert caught.value.kind == "html"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (gzip.compress(rss().encode())[:-12], "truncated"),
        (gzip.compress(b"<html><body>Hello there</body></html>", mtime=0), "html"),
        (gzip.compress(b"", mtime=0), "empty"),
        (b"\x1f\x8b is not gzip at all", "not-a-feed"),
    ],
)
def test_what_is_packed_is_judged_by_what_is_in_it(body: bytes, kind: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(body)
    assert caught.value.kind == kind


def test_json_that_was_written_carelessly_is_read() -> None:
    feed = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "Two\nlines\u0001"}]}'
    assert read(feed.encode()).entries[0].title == "Two\nlines"
    found = read(b"\xef\xbb\xbf" + feed.encode() + b"\n<!-- cached -->")
    assert (len(found.entries), found.recovered) == (1, "control characters; 15 characters after the feed")


# --- rules

words = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=30)
XML_SPECIAL = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def entries_of(body: bytes) -> list[RawEntry]:
    return list(read(body).entries)


@given(st.lists(words, min_size=1, max_size=4), st.data())
def test_what_stands_around_a_feed_changes_nothing_of_it(titles: list[str], data: st.DataObject) -> None:
    whole = rss(*(item(n, title.translate(XML_SPECIAL) or "x") for n, title in enumerate(titles)))
    before = data.draw(
        st.sampled_from(["", " \n", "<!-- < -->", "Notice: x\n", "<br />", "<?php ?>", "<b>1 < 2</b>\n"])
    )
    after = data.draw(
        st.sampled_from(["", "\n", "<!-- </rss> -->", "0", "</body></html>", "<br>", "<![CDATA[x", "<!--"])
    )
    assert entries_of((before + whole + after).encode()) == entries_of(whole.encode())


@given(words, words)
def test_a_whole_document_is_left_as_it_is_by_every_repair(title: str, text: str) -> None:
    cdata = text.replace("]]>", "")
    body = rss(item(1, title.translate(XML_SPECIAL), f"<![CDATA[{cdata}]]>")).encode()
    ET.fromstring(body)
    assert repaired(body) == (body, "")
    assert without_controls(body) == body
    frame = framed(body)
    assert frame is not None
    assert (frame.documents, frame.note) == ((body,), "")


pieces = st.lists(
    st.sampled_from(
        b"<rss version='2.0'>|<channel>|<item>|</item>|<title>|</title>|</rss>|<![CDATA[|]]>|<!--|-->|<?xml|?>|<?"
        b"|&|&amp;|&nbsp;|&#1;|<|a|<html>|</html>|<body>|<a:b|xmlns:a='x'|>|<!DOCTYPE|[|]|<!ENTITY q |'|\"| ".split(
            b"|"
        )
    ),
    max_size=30,
).map(b"".join)


@given(pieces)
def test_the_parts_of_any_heap_of_pieces_cover_it_without_overlapping(body: bytes) -> None:
    spans = sorted([*loud_spans(body), *((part.start, part.end) for part in quiet_parts(body))])
    assert b"".join(body[start:end] for start, end in spans) == body


@given(pieces)
def test_mending_what_was_mended_changes_nothing_more(body: bytes) -> None:
    once, _ = repaired(body)
    assert escape_loud(escape_loud(body)) == escape_loud(body)
    assert close_sections(close_sections(body)) == close_sections(body)
    assume(once.count(b"<![CDATA[") <= once.count(b"]]>"))
    frame = framed(body)
    assert frame is None or b"".join(frame.documents)
