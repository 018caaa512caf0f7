"""What comes where a feed was: pages of every kind, each a file whose head comment says what it is to be refused as."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError, Severity
from monitor.parse.feed import parse
from monitor.parse.signs import SIGNS
from monitor.parse.sitemap import parse_sitemap
from monitor.parse.stranger import recognised, refusal

PAGES = sorted((Path(__file__).parent / "strangers").iterdir())
URL = "https://havenbode.example/feed"
FEED = (
    '<rss version="2.0"><channel><title>Domain trade</title><item><guid>1</guid><title>Buy this domain</title>'
    "<description>Just a moment... This domain is for sale at sedoparking.com. Log in.</description></item>"
    "</channel></rss>"
)


def refused(body: bytes, url: str = URL) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(body, content_type="text/html", url=url, max_entries=500)
    return caught.value


def expected(body: bytes) -> tuple[str, Severity]:
    found = re.search(rb"Expect: ([a-z-]+), ([a-z]+)\.", body)
    assert found, "each page says what to expect"
    return found[1].decode(), Severity(found[2].decode())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_refused_as_what_it_is(page: Path) -> None:
    body = page.read_bytes()
    error = refused(body)
    assert (error.kind, error.severity) == expected(body)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_gives_a_page_away_is_not_the_comment_of_its_file(page: Path) -> None:
    body = page.read_bytes()
    bare = re.sub(rb"<!--.*?-->\n?", b"", body, flags=re.DOTALL)
    error = refused(bare)
    assert (error.kind, error.severity) == expected(body)


def test_every_sign_has_a_page_that_shows_it() -> None:
    told = {error.detail.partition(":")[0] for page in PAGES if (error := recognised(page.read_bytes(), URL))}
    assert told == {sign.meaning for sign in SIGNS}


def test_a_page_tells_by_what_it_is_known() -> None:
    page = (Path(__file__).parent / "strangers" / "expired.html").read_bytes()
    assert refused(page).detail == 'a page of a parked domain: "domain has expired"'


def test_a_feed_may_write_about_all_of_it() -> None:
    assert len(parse(FEED.encode(), content_type="", url=URL, max_entries=9).entries) == 1


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        ("https://www.hugedomains.com/domain_profile.cfm?d=x", "parked", "a dealer in domains: www.hugedomains.com"),
        ("http://ww16.sedoparking.com/", "parked", "a dealer"),
        ("https://consent.video.example/ml?continue=x", "challenge", "consent first: consent.video.example"),
        ("https://notsedo.com.example/", "html", "a web page came"),
        ("https://privacy.example/feed", "html", "a web page came"),
        ("http://[x", "html", "a web page came"),
    ],
)
def test_the_address_tells_where_the_page_does_not(url: str, kind: str, words: str) -> None:
    error = refused(b"<!doctype html><title>x</title><body><div id=app></div></body>", url)
    assert error.kind == kind
    assert words in error.detail


def test_an_address_to_log_in_at_counts_only_where_a_password_is_asked_for() -> None:
    page = b'<!doctype html><title>Harbour Institute</title><input type="password">'
    assert refused(page, "https://institute.example/sso/login?next=/feed").detail.startswith(
        "the address leads to a page"
    )
    assert refused(page).detail == "a web page came instead of a feed"
    other = b"<!doctype html><title>Harbour Institute</title>"
    assert refused(other, "https://institute.example/login").detail == "a web page came instead of a feed"


@pytest.mark.parametrize(
    ("body", "kind", "severity"),
    [
        (b"", "empty", Severity.TEMPORARY),
        (b"\0" * 50, "empty", Severity.TEMPORARY),
        (b"Not Found\r\n", "empty", Severity.TEMPORARY),
        (b"<rss></rss>", "empty", Severity.TEMPORARY),
        (b"\xef\xbb\xbfOK\r\n", "empty", Severity.TEMPORARY),
        (b"File not found.", "not-a-feed", Severity.SOFT),
        (b"Error establishing a database connection", "not-a-feed", Severity.TEMPORARY),
        (b'{"url":"https://geo.captcha-delivery.com/captcha/?x=1"}', "challenge", Severity.SOFT),
        (b'{"error": "no such feed"}', "not-a-feed", Severity.SOFT),
    ],
)
def test_what_is_no_page_is_refused_as_what_it_is(body: bytes, kind: str, severity: Severity) -> None:
    error = refused(body)
    assert (error.kind, error.severity) == (kind, severity)


def test_few_bytes_are_shown() -> None:
    assert refused(b"Not Found\r\n").detail == "the server answered with 9 bytes only: 'Not Found'"


@pytest.mark.parametrize("name", ["sedo.html", "akamai.html", "home-page.html"])
def test_a_sitemap_is_refused_by_the_same_rule(name: str) -> None:
    body = (Path(__file__).parent / "strangers" / name).read_bytes()
    with pytest.raises(ParseError) as caught:
        parse_sitemap(body, url=URL, max_entries=9)
    assert (caught.value.kind, caught.value.severity) == expected(body)


@given(st.binary(max_size=300), st.text(max_size=40))
def test_whatever_comes_is_refused_by_one_of_five_kinds(body: bytes, url: str) -> None:
    assert refusal(body, url).kind in {"empty", "html", "challenge", "parked", "not-a-feed"}
