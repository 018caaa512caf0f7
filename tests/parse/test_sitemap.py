"""News sitemaps as sites write them, not always as the protocol asks."""

import gzip
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.entry import Document
from monitor.errors import ParseError, Severity
from monitor.parse.sitemap import parse_sitemap
from monitor.parse.tree import MAX_BYTES

URL = "https://haven.example/sitemaps/news.xml"
SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def page(number: int, date: str = "", *, title: str | None = None, language: str = "nl", more: str = "") -> str:
    return (
        f"<url>{more}<loc>https://haven.example/{number}</loc><lastmod>2026-03-02</lastmod><news:news><news:publication>"
        f"<news:name>Havenbode</news:name><news:language>{language}</news:language></news:publication>"
        f"<news:publication_date>{date}</news:publication_date>"
        f"<news:title>{f'Bericht {number}' if title is None else title}</news:title></news:news></url>"
    )


def sitemap(*pages: str, spaces: str = SPACES) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {spaces}>{"".join(pages)}</urlset>\n'.encode()


def read(body: bytes, *, max_entries: int = 500) -> Document:
    return parse_sitemap(body, url=URL, max_entries=max_entries)


def refused(body: bytes) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read(body)
    return caught.value


def links(document: Document) -> list[str]:
    return [(entry.link or "").rsplit("/", 1)[-1] for entry in document.entries]


def test_news_comes_newest_first_then_in_the_documents_order_and_undated_last() -> None:
    found = read(
        sitemap(
            page(1, "2026-03-01"),
            page(2),
            page(3, "2026-03-02T08:00:00+01:00"),
            page(4, "2026-03-02T07:00Z"),
            page(5, "Mon, 02 Mar 2026 09:00:00 GMT"),
            page(6, "gisteren"),
        )
    )
    assert (found.version, found.title, found.language, found.cut) == ("sitemap-news", "Havenbode", "nl", 0)
    assert links(found) == ["5", "3", "4", "1", "2", "6"]
    third = found.entries[1]
    assert (third.guid, third.title, third.language) == (None, "Bericht 3", "nl")
    assert (third.published, third.published_hint) == (
        "2026-03-02T08:00:00+01:00",
        datetime(2026, 3, 2, 7, tzinfo=UTC),
    )


def test_the_day_of_a_change_is_never_taken_for_the_date() -> None:
    entry = read(sitemap(page(1))).entries[0]
    assert (entry.published, entry.published_hint) == (None, None)


def test_the_cap_keeps_the_newest_and_counts_the_rest() -> None:
    found = read(sitemap(*(page(day, f"2026-03-{day:02}") for day in range(1, 8))), max_entries=3)
    assert (links(found), found.cut) == (["7", "6", "5"], 4)


def test_pages_that_are_not_news_are_no_entries_and_pictures_are_no_links() -> None:
    image = (
        "<image:image><image:loc>https://haven.example/p.jpg</image:loc><image:title>Foto</image:title></image:image>"
    )
    flat = "<image:loc>https://haven.example/q.jpg</image:loc>"
    found = read(
        sitemap(
            "<url><loc>https://haven.example/about</loc></url>", page(1, more=image), page(2, more=flat, language="de")
        )
    )
    assert links(found) == ["1", "2"]
    assert found.language is None


@pytest.mark.parametrize(
    "spaces",
    [
        'xmlns="https://www.sitemaps.org/schemas/sitemap/0.9/" xmlns:news="https://www.google.com/schemas/sitemap-news/0.9/"',
        'xmlns:news="urn:other"',
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"',
        "",
    ],
)
def test_wrong_or_missing_namespaces_hide_no_news(spaces: str) -> None:
    found = read(sitemap(page(1, "2026-03-01"), page(2, "2026-03-02"), spaces=spaces))
    assert links(found) == ["2", "1"]


def test_bare_ampersands_and_html_entities_and_foreign_bytes_are_mended() -> None:
    body = sitemap(page(1, title="R&D caf&eacute;")).replace(b"haven.example/1", b"haven.example/?a=1&b=2&copy=3")
    entry = read(body).entries[0]
    assert (entry.link, entry.title) == ("https://haven.example/?a=1&b=2&copy=3", "R&D café")
    foreign = sitemap(page(1, title="Café")).decode().encode("cp1252")
    assert read(foreign).entries[0].title == "Café"


def test_a_relative_address_is_made_absolute() -> None:
    body = sitemap(page(1)).replace(b"https://haven.example/1", b" ../bericht/1 \n")
    assert read(body).entries[0].link == "https://haven.example/bericht/1"


def test_gzip_is_undone_also_in_several_members() -> None:
    body = sitemap(page(1))
    assert read(gzip.compress(body)) == read(body)
    assert read(gzip.compress(body[:100]) + gzip.compress(body[100:])) == read(body)


def test_an_index_is_refused_with_the_number_of_its_sitemaps() -> None:
    inner = "<sitemap><loc>https://haven.example/a.xml</loc></sitemap>" * 3
    error = refused(
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</sitemapindex>'.encode()
    )
    assert (error.kind, error.severity) == ("sitemap-index", Severity.HARD)
    assert "an index of 3 sitemaps" in error.detail


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b" \r\n", "empty"),
        (b"no markup at all", "not-xml"),
        (b"<rss/>", "not-a-sitemap"),
        (sitemap(), "no-news"),
        (sitemap("<url><loc>https://haven.example/1</loc><lastmod>2026-03-02</lastmod></url>"), "no-news"),
        (sitemap(page(1), page(2))[:-60], "truncated"),
        (gzip.compress(sitemap(page(1)))[:-20], "truncated"),
        (b"\x1f\x8bnonsense", "not-a-sitemap"),
        (gzip.compress(b" " * (MAX_BYTES + 1)), "too-large"),
        (b"<urlset>" + b" " * MAX_BYTES, "too-large"),
        (b"<urlset>" + b"<a>" * 5_000 + b"</urlset>", "too-deep"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_news_sitemap_is_refused_by_what_it_is(body: bytes, kind: str) -> None:
    assert refused(body).kind == kind


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_unread_in_any_encoding(encoding: str) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for doctype in (
        f'<!DOCTYPE urlset [<!ENTITY l0 "ha">{laughs}]>',
        '<!DOCTYPE urlset [<!ENTITY l9 SYSTEM "file:///etc/hostname">]>',
    ):
        text = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<urlset {SPACES}>{page(1, title="&l9;")}</urlset>'
        assert refused(text.encode(encoding)).kind == "entities"


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_bytes_make_it_fail_but_by_a_parse_error(noise: bytes, at: int) -> None:
    whole = sitemap(page(1))
    for body in (noise, whole[:at] + noise + whole[at:], b"\x1f\x8b" + noise):
        with suppress(ParseError):
            found = read(body)
            assert len(found.entries) <= 1
