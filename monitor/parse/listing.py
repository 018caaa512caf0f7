"""Documents that name others: sitemaps and their indexes, and the index of the Wayback Machine."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import urljoin

from lxml import etree

from monitor.domain.backfill import Listed, Listing
from monitor.errors import ParseError
from monitor.parse.frame import is_page
from monitor.parse.packed import unpacked
from monitor.parse.sitemap import child, closed, instant, location, said, text_of
from monitor.parse.stranger import refusal
from monitor.parse.tree import local, read_tree
from monitor.parse.wordpress import parse_kinds

_MOST = 60_000
"""Addresses of one listing: the protocol allows 50,000 in a sitemap."""


class ListingKind(StrEnum):
    """What a listing is to be read as."""

    SITEMAP = "sitemap"
    CAPTURES = "captures"
    KINDS = "kinds"


@dataclass(frozen=True, slots=True)
class ListingRequest:
    """A listing and how to read it."""

    body: bytes
    url: str
    kind: ListingKind


def read_listing(request: ListingRequest) -> Listing:
    """Read a listing; raises ParseError where it is none of its kind."""
    if request.kind is ListingKind.CAPTURES:
        return parse_captures(request.body)
    if request.kind is ListingKind.KINDS:
        return parse_kinds(request.body, url=request.url)
    return parse_addresses(request.body, url=request.url)


def parse_addresses(body: bytes, *, url: str) -> Listing:
    """Read the addresses of a sitemap or of an index of sitemaps, with the days of their last change; gzip'd or not.

    What breaks off gives what stands before the break. A plain text of addresses, one a line, is a sitemap too.
    Raises ParseError: ``not-a-sitemap``, those of `read_tree`, and for a web page those of `refusal`.
    """
    body = unpacked(body, kind="not-a-sitemap")
    if is_page(body):
        raise refusal(body, url)
    if body.lstrip()[:8].lower().startswith((b"http://", b"https://")):
        lines = body.decode("utf-8", "replace").split()
        return Listing(tuple(Listed(line) for line in lines[:_MOST] if line.startswith(("http://", "https://"))))
    tree = read_tree(body, expected="sitemap")
    kind = local(tree.root.tag)
    if kind not in {"urlset", "sitemapindex"}:
        raise ParseError("not-a-sitemap", f"the document is a <{kind}>, not a <urlset>")
    found = [listed for element in tree.root if (listed := _listed(element, url)) is not None]
    if tree.mended and not closed(body) and found:
        found.pop()  # the one that breaks off
    chosen = tuple({listed.url: listed for listed in found[:_MOST]}.values())
    return Listing(listings=chosen) if kind == "sitemapindex" else Listing(items=chosen)


def _listed(element: etree._Element, base: str) -> Listed | None:
    if local(element.tag) not in {"url", "sitemap"}:
        return None
    try:
        address = urljoin(base, location(element))
    except ValueError:
        return None
    if not address.lower().startswith(("http://", "https://")) or address == base:
        return None
    changed, news = child(element, "lastmod"), child(element, "news")
    return Listed(
        address,
        instant(said(changed)) if changed is not None else None,
        text_of(news, "title"),
        text_of(news, "publication_date"),
    )


def parse_captures(body: bytes) -> Listing:
    """Read what the Wayback Machine's index says in JSON: rows of timestamp, address and type, a head before them, and
    at the end, after an empty row, the key of its next part. Raises ParseError (``not-captures``)."""
    if not body.strip():
        return Listing()
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ParseError("not-captures", f"the index of captures is no JSON: {error}"[:200]) from error
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise ParseError("not-captures", "the index of captures is no list of rows")
    more = str(rows[-1][0]) if len(rows) >= 2 and rows[-2] == [] and len(rows[-1]) == 1 else ""
    items = [
        Listed(str(row[1]), at)
        for row in rows
        if len(row) >= 2 and (at := _stamp(str(row[0]))) is not None and str(row[1]).startswith(("http://", "https://"))
    ]
    return Listing(tuple(items), more=more)


def _stamp(given: str) -> datetime | None:
    try:
        return datetime.strptime(given, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
