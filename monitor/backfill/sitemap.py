"""Sitemaps, with the page of each article: slow, and the only way into many sites.

A page's ``lastmod`` is often the day of a deployment, so it proves one thing only: what was changed last before the
span was not published in it.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.backfill.route import GAVE_UP, Ask, Came, Failed, Reads, again, ended, mark
from monitor.domain.backfill import Cursor, Listed, Listing, Site, Span

DEEPEST = 5
"""Sitemaps that lead to one another; the protocol knows one index over its sitemaps, sites nest them three deep."""
MOST_MAPS = 5_000
"""Sitemaps of one job."""
FAILURES = 20
"""Pages in a row that cannot be had, after which the site is held to refuse us."""
_DATED = re.compile(r"/((?:19|20)\d\d)[/-](0[1-9]|1[0-2])(?:[/-]|$)")
_SLACK = timedelta(days=3)  # between the month in an address and the date on the page


def begin(site: Site, _: Span, __: str) -> Cursor:
    """Begin with the sitemaps that the site names."""
    parts = tuple(f"0 {url}" for url in site.maps)
    return Cursor(part=parts[0], parts=parts[1:]) if parts else Cursor(ended="the site names no sitemap")


def ask(_: Site, span: Span, cursor: Cursor, held: Listing | None) -> Ask | None:
    """Ask for the sitemap that the cursor stands in, then for the pages that it names, one after the other."""
    if cursor.ended:
        return None
    if held is None:
        return Ask(_address(cursor.part), Reads.SITEMAP, robots=True)
    item = wanted(held, span)[cursor.at]
    return Ask(item.url, Reads.ARTICLE, item=item, robots=True)


def after(_: Site, span: Span, cursor: Cursor, held: Listing | None, came: Came) -> Cursor:
    """Go on to the next page of the sitemap, or to the next sitemap."""
    if isinstance(came, Listing):
        cursor = replace(_with_maps(cursor, came, span), failed=0)
        return cursor if cursor.at < len(wanted(came, span)) else ended(cursor, _DONE)
    if held is None:
        failed = came if isinstance(came, Failed) else Failed("not-a-sitemap")
        lasting = failed.status is not None and 400 <= failed.status < 500 and failed.status != 429
        return ended(cursor, _DONE) if lasting or failed.status is None else again(cursor, failed)
    tries = cursor.failed + 1 if isinstance(came, Failed) else 0
    if tries >= FAILURES:
        return replace(cursor, failed=tries, ended=f"{GAVE_UP}{FAILURES} pages in a row could not be had")
    cursor = replace(cursor, at=cursor.at + 1, failed=tries)
    return cursor if cursor.at < len(wanted(held, span)) else ended(cursor, _DONE)


_DONE = "read to the end"


def wanted(listing: Listing, span: Span) -> tuple[Listed, ...]:
    """The pages of a sitemap that may have been published in the span, in its order."""
    return tuple(item for item in listing.items if _may_hold(item, span) and _address_fits(item.url, span))


def _may_hold(listed: Listed, span: Span) -> bool:
    return listed.at is None or listed.at >= span.since


def _address_fits(url: str, span: Span) -> bool:
    """Say whether an address that has a month in it may lead into the span."""
    found = _DATED.search(url)
    if found is None:
        return True
    begin_ = datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC)
    end = (begin_ + timedelta(days=32)).replace(day=1)
    return begin_ - _SLACK < span.until and span.since < end + _SLACK


def _with_maps(cursor: Cursor, listing: Listing, span: Span) -> Cursor:
    """Put the further sitemaps of an index into line, each once, those that may hold something."""
    depth = int(cursor.part.partition(" ")[0]) + 1
    seen = set(cursor.seen) | {mark(_address(cursor.part))}
    parts = []
    for listed in listing.listings if depth <= DEEPEST else ():
        if _may_hold(listed, span) and mark(listed.url) not in seen and len(seen) < MOST_MAPS:
            seen.add(mark(listed.url))
            parts.append(f"{depth} {listed.url}")
    return replace(cursor, parts=(*parts, *cursor.parts), seen=tuple(sorted(seen)))


def _address(part: str) -> str:
    return part.partition(" ")[2]
