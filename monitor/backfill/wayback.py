"""The Wayback Machine: old captures of the feed's own address, which carry guids, dates and summaries; then of pages.

Its index (CDX) allows 30 requests a minute and shuts out, for good, whoever goes on asking after a 429; 24 a minute is
what its own client library holds to (internetarchive/wayback, 0.5.1). A capture's date is not its entries' date.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from monitor.backfill.route import GAVE_UP, Ask, Came, Failed, Reads, again, ended
from monitor.domain.backfill import Cursor, Listed, Listing, Site, Span

PER_LISTING = 500
"""Captures that one request to the index names."""
FAILURES = 20
"""Captures in a row that cannot be had."""
_LATER_FEED, _LATER_PAGES = timedelta(days=30), timedelta(days=365)
"""How long after the span a capture may still hold what is of it."""
_NO_ARTICLE = re.compile(
    r"/(?:tags?|categor(?:y|ies)|authors?|page|feed|rss|search|wp-json|wp-content|wp-includes|wp-admin|cdn-cgi|amp)(?:/|$)"
    r"|\.(?:xml|rss|json|js|css|png|jpe?g|gif|svg|ico|pdf|txt|mp[34]|woff2?)$|[?&](?:replytocom|share|paged|p?age)=",
    re.IGNORECASE,
)
"""Addresses of a site that are no articles."""


def begin(pages: bool, _: Site, __: Span, feed: str) -> Cursor:
    """Begin with the captures of the feed's address, or with those of its site's pages."""
    return Cursor(part=f"{urlsplit(feed).netloc.rpartition('@')[2]}/" if pages else feed)


def ask(pages: bool, site: Site, span: Span, cursor: Cursor, held: Listing | None) -> Ask | None:
    """Ask the index, for pages for the first capture of each; then for each capture as it was taken."""
    if cursor.ended:
        return None
    if held is None:
        return Ask(f"{site.api}/cdx/search/cdx?{urlencode(_query(pages, span, cursor))}", Reads.CAPTURES, metered=True)
    item = wanted(pages, held)[cursor.at]
    reads = Reads.ARTICLE if pages else Reads.FEED
    return Ask(f"{site.api}/web/{_exact(item.at)}id_/{item.url}", reads, item=item, metered=True, base=item.url)


def _query(pages: bool, span: Span, cursor: Cursor) -> dict[str, str]:
    of_pages = {"matchType": "prefix", "collapse": "urlkey", "to": _stamp(span.until + _LATER_PAGES)}
    of_feed = {"collapse": "digest", "to": _stamp(span.until + _LATER_FEED)}
    return {
        "url": cursor.part, "output": "json", "fl": "timestamp,original,mimetype", "filter": "statuscode:200",
        "from": _stamp(span.since), "limit": str(PER_LISTING), "showResumeKey": "true",
        **(of_pages if pages else of_feed), **({"resumeKey": cursor.next} if cursor.next else {}),
    }  # fmt: skip


def after(pages: bool, _: Site, __: Span, cursor: Cursor, held: Listing | None, came: Came) -> Cursor:
    """Go on to the next capture, or with the resume key to the next part of the index."""
    if isinstance(came, Listing):
        cursor = replace(cursor, failed=0)
        return cursor if cursor.at < len(wanted(pages, came)) else _onward(cursor, came)
    if held is None:
        return again(cursor, came if isinstance(came, Failed) else Failed("not-captures"))
    tries = cursor.failed + 1 if isinstance(came, Failed) else 0
    if tries >= FAILURES:
        return replace(cursor, failed=tries, ended=f"{GAVE_UP}{FAILURES} captures in a row could not be had")
    cursor = replace(cursor, at=cursor.at + 1, failed=tries)
    return cursor if cursor.at < len(wanted(pages, held)) else _onward(cursor, held)


def wanted(pages: bool, listing: Listing) -> tuple[Listed, ...]:
    """The captures that are asked for, in the order of the index; of pages none that is no article by its address."""
    return tuple(item for item in listing.items if not pages or not _NO_ARTICLE.search(item.url))


def _onward(cursor: Cursor, listing: Listing) -> Cursor:
    if listing.more and listing.more != cursor.next:
        return replace(cursor, next=listing.more, at=0, page=cursor.page + 1)
    return ended(cursor, "read to the end")


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%d")


def _exact(moment: datetime | None) -> str:
    return moment.strftime("%Y%m%d%H%M%S") if moment else ""
