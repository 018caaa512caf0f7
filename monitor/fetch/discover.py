"""A web page to the addresses where its feeds may be; pure, the asking is the caller's.

Three tiers, the surest first: what the page declares, what it links to, what sites of its kind have.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree, html

from monitor.fetch.politeness import budget_key
from monitor.normalise.url import canonical

MAX_CANDIDATES = 10
_LOOKED_AT = 3_000  # links of a page; 300,000 of them took 13 s
_PIECES = 20  # of an anchor's text: in unclosed anchors each holds all that follow
_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "application/x-rss+xml",
        "application/xml",
        "text/xml",
        "text/rss+xml",
        "text/atom+xml",
    }
)
"""Types of <link rel=alternate>. ``application/json`` is not among them: WordPress declares its REST API by it."""
_FEED_PATH = re.compile(
    r"(?:^|/)(?:rss|feeds?|atom|rdf)(?:2|-feed)?(?:\.(?:xml|rdf|rss|json|php|aspx?))?/?$"
    r"|(?:^|/)(?:rss|feeds?|atom)/.*\.(?:xml|json)$|\.(?:rss|atom|rdf)$|(?:rss|feed|atom)[\w-]*\.(?:xml|json)$|(?:^|/)index\.xml$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed=(?:rss|rss2|atom|rdf)|format=(?:rss|feed|atom)|type=rss|outputType=xml)\b")
_FEED_WORDS = re.compile(r"\s*(?:rss|atom|xml|rss[ -]feeds?|feed rss|news ?feed|flux rss)\s*", re.IGNORECASE)
_READERS = frozenset(
    {
        "feedly.com",
        "inoreader.com",
        "newsblur.com",
        "theoldreader.com",
        "netvibes.com",
        "yahoo.com",
        "bloglovin.com",
        "google.com",
    }
)
"""Domains whose links with "feed" in them subscribe the reader there."""
_COMMENTS = re.compile(r"comments?(?:/|$|[-_.])", re.IGNORECASE)
_WELL_KNOWN = ("/feed/", "/rss.xml", "/feed.xml", "/rss", "/atom.xml", "/index.xml", "/feed.json")


class Tier(StrEnum):
    """How a candidate was found."""

    DECLARED = "declared"  # a link element
    LINKED = "linked"  # an anchor
    WELL_KNOWN = "well-known"  # a path that many sites have


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address where a feed may be. ``title`` is what the page calls it."""

    url: str
    tier: Tier
    title: str = ""


def candidates(body: bytes, url: str) -> tuple[Candidate, ...]:
    """Find where a page's feeds may be, the likeliest first: at most `MAX_CANDIDATES`, absolute, each once.

    ``url`` is where the page came from in the end. Never fails: a page that cannot be read has its well-known paths.
    """
    page = _parsed(body)
    base = url if page is None else _base(page, url)
    found = [] if page is None else [*_declared(page, base), *_linked(page, base)]
    unique: dict[str, Candidate] = {}
    for candidate in (*found, *_well_known(url)):
        if candidate.url != canonical(url):
            unique.setdefault(candidate.url, candidate)
    return tuple(unique.values())[:MAX_CANDIDATES]


def _parsed(body: bytes) -> html.HtmlElement | None:
    try:
        return html.document_fromstring(body, parser=html.HTMLParser(no_network=True, remove_comments=True))
    except (etree.LxmlError, ValueError):
        return None  # not a page at all: nothing is declared or linked in it


def _base(page: html.HtmlElement, url: str) -> str:
    return next((found for href in page.xpath("//base/@href") if (found := canonical(str(href), url))), url)


def _declared(page: html.HtmlElement, base: str) -> list[Candidate]:
    """Feeds named by link elements, those of comments last."""
    found: list[Candidate] = []
    for element in islice(page.iter("link"), _LOOKED_AT):
        relations = (element.get("rel") or "").lower().split()
        kind = (element.get("type") or "").partition(";")[0].strip().lower()
        if "feed" in relations or ("alternate" in relations and kind in _TYPES):
            found += _candidate(element.get("href"), base, Tier.DECLARED, element.get("title") or "")
    return sorted(found, key=_of_comments)


def _linked(page: html.HtmlElement, base: str) -> list[Candidate]:
    """Feeds that anchors lead to, those of the same publisher first and those of comments last."""
    home = budget_key(base, "")
    found = []
    for element in islice(page.iter("a"), _LOOKED_AT):
        text = " ".join("".join(islice(element.itertext(), _PIECES)).split())
        for candidate in _candidate(element.get("href"), base, Tier.LINKED, text or element.get("title") or ""):
            if _looks_like_a_feed(candidate):
                found.append(candidate)
    return sorted(found, key=lambda candidate: (_of_comments(candidate), budget_key(candidate.url, "") != home))


def _looks_like_a_feed(candidate: Candidate) -> bool:
    parts = urlsplit(candidate.url)
    if budget_key(candidate.url, "")[0].removeprefix("domain:") in _READERS:
        return False
    return bool(
        _FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query) or _FEED_WORDS.fullmatch(candidate.title)
    )


def _of_comments(candidate: Candidate) -> bool:
    return _COMMENTS.search(urlsplit(candidate.url).path) is not None


def _candidate(href: str | None, base: str, tier: Tier, title: str) -> Iterator[Candidate]:
    """The candidate behind a link, if it is one; ``feed:`` stands for http in old pages."""
    given = (href or "").strip()
    if given.lower().startswith("feed:"):
        rest = given[5:]
        given = rest if rest.lower().startswith(("http:", "https:")) else f"http:{rest}"
    url = canonical(given, base)
    if url is not None:
        yield Candidate(url, tier, " ".join(title.split()))


def _well_known(url: str) -> Iterator[Candidate]:
    """What WordPress has below every page, then what sites have at their root."""
    path = urlsplit(url).path.rstrip("/")
    below = [f"{path}/feed/"] if path and "." not in path.rpartition("/")[2] else []
    for known in (*below, *_WELL_KNOWN):
        yield from _candidate(known, url, Tier.WELL_KNOWN, "")
