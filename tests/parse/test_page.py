"""Watched pages: lists of links in the markup of many hands."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.entry import Document
from monitor.errors import ParseError, Severity
from monitor.parse.page import Selectors, check_selectors, parse_page

URL = "https://kade.example/actueel/"


def read(
    body: str | bytes, selectors: Selectors, *, content_type: str = "text/html; charset=utf-8", max_entries: int = 500
) -> Document:
    raw = body.encode() if isinstance(body, str) else body
    return parse_page(raw, content_type=content_type, url=URL, selectors=selectors, max_entries=max_entries)


def refused(body: str | bytes, selectors: Selectors) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read(body, selectors)
    return caught.value


LIST = """<!doctype html><html lang="nl"><head><title>Kade &amp; haven</title></head><body>
<nav><a href="/over">Over ons</a></nav>
<article><a href="een"><img src="p.jpg" alt="Een foto"></a><h3><a href="een">Eerste <b>bericht</b></a></h3>
  <time datetime="2026-03-02T08:00:00+01:00">gisteren</time><p>De raad<br>sprak &lt;lang&gt;.</p></article>
<article><a href="https://elders.example/2#top"> Tweede </a><span class="d">1 maart 2026</span></article>
<article><a href="mailto:post@kade.example">Schrijf ons</a></article>
<article><a href="een">Lees meer</a></article>
</body></html>"""


def test_each_item_with_an_address_is_an_entry_once_in_the_pages_order() -> None:
    found = read(LIST, Selectors("article", summary="p"))
    assert (found.version, found.title, found.language, found.cut) == ("page", "Kade & haven", "nl", 0)
    assert [(e.guid, e.link, e.title) for e in found.entries] == [
        (None, "https://kade.example/actueel/een", "Eerste bericht"),
        (None, "https://elders.example/2#top", "Tweede"),
    ]
    assert [e.summary for e in found.entries] == ["De raad sprak <lang>.", ""]
    assert [e.published for e in found.entries] == ["2026-03-02T08:00:00+01:00", None]


def test_a_date_is_read_as_text_where_no_attribute_has_it() -> None:
    found = read(LIST, Selectors("article", date="time, .d"))
    assert [e.published for e in found.entries] == ["2026-03-02T08:00:00+01:00", "1 maart 2026"]


def test_the_cap_counts_the_links_beyond_it_once() -> None:
    body = "".join(f"<li><a href='/{number}'>Bericht</a></li>" * 2 for number in range(5))
    found = read(body, Selectors("li"), max_entries=2)
    assert ([e.link for e in found.entries], found.cut) == (["https://kade.example/0", "https://kade.example/1"], 3)


def test_an_item_may_be_the_link_itself_and_links_obey_the_pages_base() -> None:
    found = read("<head><base href='https://haven.example/x/'></head><a class=i href=' b\n'>Een</a>", Selectors("a.i"))
    assert [(e.link, e.title) for e in found.entries] == [("https://haven.example/x/b", "Een")]


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("<a href='/1'><img alt='Foto van de kade'></a><h2>Kop</h2>", "Kop"),
        ("<a href='/1' aria-label='Voorlezen'><img alt='Foto'></a>", "Voorlezen"),
        ("<a href='/1'><img alt='Foto van de kade'></a>", "Foto van de kade"),
        ("<a href='/1'><script>x()</script>Tekst</a>", "Tekst"),
        ("<a href='/1'></a>", ""),
    ],
)
def test_an_item_is_called_what_a_reader_would_see(item: str, title: str) -> None:
    assert read(f"<li>{item}</li>", Selectors("li")).entries[0].title == title


def test_a_later_item_gives_the_title_that_the_first_with_its_link_had_not() -> None:
    found = read("<li><a href='/1'></a></li><li><a href='/1'>Titel</a></li>", Selectors("li"))
    assert [e.title for e in found.entries] == ["Titel"]


@pytest.mark.parametrize(
    ("selectors", "name", "where"),
    [
        (Selectors("section.news"), "item", "the page"),
        (Selectors("article", link="a.more"), "link", "the 4 items"),
        (Selectors("article", title="h9"), "title", "the 4 items"),
        (Selectors("article", date=".when"), "date", "the 4 items"),
        (Selectors("article", summary=".lead"), "summary", "the 4 items"),
    ],
)
def test_a_selector_that_finds_nothing_any_more_is_named(selectors: Selectors, name: str, where: str) -> None:
    error = refused(LIST, selectors)
    assert (error.kind, error.severity) == ("selector", Severity.SOFT)
    assert error.detail.startswith(f'the selector "{name}" matched nothing in {where}: ')


def test_links_that_lead_nowhere_are_no_entries() -> None:
    body = "<li><a href='javascript:x()'>a</a></li><li><a href='#b'>b</a></li><li><a>c</a></li><li><a href='http://['>d</a>"
    assert 'the selector "link" found no address in the 4 items' in refused(body, Selectors("li")).detail


@pytest.mark.parametrize(
    ("selectors", "said"),
    [
        (Selectors("li["), 'the selector "item" is no CSS selector that can be used'),
        (Selectors("li", title="a::text"), "Pseudo-elements are not supported"),
        (Selectors("li", date="a:foo"), 'the selector "date" is no CSS selector'),
        (Selectors("ns|li"), "Undefined namespace prefix"),
        (Selectors(" "), 'the selector "item" is empty'),
        (Selectors("li", link=""), 'the selector "link" is empty'),
    ],
)
def test_a_selector_that_cannot_be_used_is_told_in_a_sentence(selectors: Selectors, said: str) -> None:
    with pytest.raises(ValueError, match="the selector") as caught:
        check_selectors(selectors)
    assert said in str(caught.value)
    with pytest.raises(ValueError, match="the selector"):
        read(LIST, selectors)


@pytest.mark.parametrize(
    ("encoding", "content_type", "meta"),
    [
        ("utf-8", "", ""),
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("utf-8-sig", "", "windows-1251"),
        ("utf-16", "text/html", "utf-8"),
        ("cp1252", "", ""),
        ("cp1252", "text/html; charset=ISO-8859-1", ""),
        ("cp1252", "text/html; charset=no-such", "windows-1252"),
        ("iso-8859-15", "", "iso-8859-15"),
    ],
)
def test_texts_are_decoded_as_a_browser_would(encoding: str, content_type: str, meta: str) -> None:
    declared = f'<meta http-equiv="Content-Type" content="text/html; charset={meta}">' if meta else ""
    body = f"<head>{declared}</head><li><a href='/1'>“Café” über".replace("“", "" if "8859" in encoding else "“")
    body = body.replace("”", "" if "8859" in encoding else "”")
    title = read(body.encode(encoding), Selectors("li"), content_type=content_type).entries[0].title
    assert title.strip("“").replace("”", "") == "Café über"


@pytest.mark.parametrize(
    ("encoding", "text"), [("windows-1256", "عودة العائلات"), ("koi8-r", "Возвращение семей"), ("iso-2022-jp", "帰還")]
)
def test_other_scripts_are_read_by_the_declared_encoding(encoding: str, text: str) -> None:
    body = f"<meta charset={encoding}><li><a href='/1'>{text}</a>".encode(encoding)
    assert read(body, Selectors("li"), content_type="text/html").entries[0].title == text


def test_unclosed_elements_in_each_item_lose_no_item() -> None:
    body = "".join(f"<li><font><a href='/{number}'>Bericht</a></li>" for number in range(600))
    assert len(read(body, Selectors("li"), max_entries=1_000).entries) == 600


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "empty"),
        (b"<!-- nothing -->", "empty"),
        (b"<b>" * 100_000, "too-deep"),
        (b" <p>" * 3_000_000, "too-large"),
    ],
    ids=["no bytes", "a comment", "deep", "large"],
)
def test_what_cannot_be_a_page_is_refused_by_what_it_is(body: bytes, kind: str) -> None:
    assert refused(body, Selectors("li")).kind == kind


@given(st.binary(max_size=200), st.sampled_from(["", "text/html; charset=utf-16", "text/html; charset=\x00", "x"]))
def test_no_bytes_make_it_fail_but_by_a_parse_error(noise: bytes, content_type: str) -> None:
    for body in (noise, b"<ul><li><a href='/1'>" + noise):
        with suppress(ParseError):
            found = read(body, Selectors("li"), content_type=content_type)
            assert all((entry.link or "").startswith("http") for entry in found.entries)
