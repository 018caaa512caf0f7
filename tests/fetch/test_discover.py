"""A page to the addresses where its feeds may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.discover import MAX_CANDIDATES, Tier, candidates

PAGE = "https://www.courier.example/world/"


def found(body: str, url: str = PAGE, tier: Tier | None = None) -> list[str]:
    return [c.url for c in candidates(body.encode(), url) if tier is None or c.tier is tier]


def declared(body: str, url: str = PAGE) -> list[str]:
    return found(body, url, Tier.DECLARED)


def linked(body: str, url: str = PAGE) -> list[str]:
    return found(body, url, Tier.LINKED)


def test_link_elements_come_first_then_anchors_then_well_known_paths() -> None:
    body = """<html><head><title>x</title><LINK REL="Alternate" TYPE="application/atom+xml; charset=utf-8"
      HREF="/atom.xml" title="All  news"></head><body><a href="/rss/law.xml">Law</a></body></html>"""
    made = candidates(body.encode(), PAGE)
    assert [(c.tier, c.url) for c in made[:4]] == [
        (Tier.DECLARED, "https://www.courier.example/atom.xml"),
        (Tier.LINKED, "https://www.courier.example/rss/law.xml"),
        (Tier.WELL_KNOWN, "https://www.courier.example/world/feed/"),
        (Tier.WELL_KNOWN, "https://www.courier.example/feed/"),
    ]
    assert made[0].title == "All news"
    assert len(made) <= MAX_CANDIDATES
    assert len({c.url for c in made}) == len(made)


@pytest.mark.parametrize(
    "element",
    [
        '<link rel="alternate" type="application/rss+xml" href="/f">',
        "<link rel=alternate type=application/feed+json href=/f>",
        '<link rel="home alternate" type="text/xml" href="//www.courier.example/f">',
        '<link rel="feed" href="../f">',
        '<base href="https://www.courier.example/"><link rel=alternate type="application/rdf+xml" href="f">',
    ],
)
def test_every_usual_declaration_is_read(element: str) -> None:
    assert declared(f"<html><head>{element}</head>") == ["https://www.courier.example/f"]


@pytest.mark.parametrize(
    "element",
    [
        '<link rel="alternate" type="application/json" href="/wp-json/">',
        '<link rel="alternate" hreflang="fr" href="/fr/">',
        '<link rel="stylesheet" type="application/rss+xml" href="/f">',
        '<link rel="alternate" type="application/rss+xml">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:f()">',
        '<link rel="alternate" type="application/rss+xml" href="ftp://x.example/f">',
        '<link rel="alternate" type="application/rss+xml" href="/world/#top">',
        '<!-- <link rel="alternate" type="application/rss+xml" href="/old"> -->',
    ],
)
def test_what_is_no_feed_of_the_page_is_left(element: str) -> None:
    assert declared(f"<html><head>{element}</head>") == []


def test_the_feed_of_comments_comes_after_that_of_articles() -> None:
    body = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in ("/comments/feed/", "/feed/")
    )
    assert declared(body) == ["https://www.courier.example/feed/", "https://www.courier.example/comments/feed/"]


@pytest.mark.parametrize(
    "anchor",
    [
        '<a href="/f/rss.xml">x</a>', '<a href="/rss">x</a>', '<a href="/news/feed/">x</a>', '<a href="/x.rdf">x</a>',
        '<a href="/?feed=rss2">x</a>', '<a href="/any"><b>RSS</b></a>', '<a href="/any" title="RSS feed"><img></a>',
        '<a href="/blog/index.xml">x</a>', '<a href="feed://courier.example/x">RSS</a>', '<a href="/atom/">x</a>',
    ],
)  # fmt: skip
def test_anchors_that_look_like_feeds_are_taken(anchor: str) -> None:
    assert len(linked(anchor)) == 1


@pytest.mark.parametrize(
    "anchor",
    [
        '<a href="/feedback">feedback</a>', '<a href="/grass.html">x</a>', '<a href="mailto:rss@x.example">RSS</a>',
        '<a href="https://feedly.com/i/subscription/feed/https%3A%2F%2Fx">RSS</a>', '<a name="rss">RSS</a>',
        '<a href="/news/feeding-cities">x</a>',
    ],
)  # fmt: skip
def test_anchors_to_other_things_are_left(anchor: str) -> None:
    assert linked(anchor) == []


def test_the_publisher_s_own_anchors_come_before_those_to_others() -> None:
    body = '<a href="https://other.example/rss.xml">x</a><a href="https://feeds.courier.example/rss">y</a>'
    assert linked(body) == ["https://feeds.courier.example/rss", "https://other.example/rss.xml"]


def test_a_page_of_feeds_gives_ten_candidates_and_not_itself() -> None:
    body = "".join(f'<a href="/rss/{number}.xml">x</a>' for number in range(40)) + '<a href="/rss/">RSS</a>'
    made = found(body, "https://www.courier.example/rss/")
    assert len(made) == MAX_CANDIDATES
    assert "https://www.courier.example/rss/" not in made


def test_a_page_in_an_encoding_of_its_own_is_read() -> None:
    body = '<meta charset="windows-1251"><link rel=alternate type=application/rss+xml href=/f title="Новости">'
    made = candidates(body.encode("windows-1251"), PAGE)
    assert made[0].title == "Новости"


@pytest.mark.parametrize("body", [b"", b"\0\0\0", b"<" * 50_000, b"<a <a <a " * 20_000, b"\xff\xfe<\0", b"<![ x]>"])
def test_a_page_that_cannot_be_read_leaves_the_well_known_paths(body: bytes) -> None:
    assert {c.tier for c in candidates(body, PAGE)} == {Tier.WELL_KNOWN}


@given(st.binary(max_size=200), st.sampled_from(["", "<link rel=alternate type=text/xml href='", "<a href='/rss?"]))
def test_whatever_the_page_holds_candidates_are_few_distinct_and_http(body: bytes, start: str) -> None:
    made = [c.url for c in candidates(start.encode() + body, PAGE)]
    assert 0 < len(made) <= MAX_CANDIDATES
    assert len(set(made)) == len(made)
    assert all(url.startswith(("http://", "https://")) for url in made)
