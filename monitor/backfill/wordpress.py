"""WordPress's REST interface, the one route that says how many there are.

It is walked by date and not by page number: each request asks for what is as new as the last post or newer, so that
posts which come or go meanwhile move nothing. ``after`` and ``before`` compare the site's own time (WordPress,
changeset 50024), so both ends are padded by the furthest zone, and the job looks at ``date_gmt``.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from monitor.backfill.route import BARREN, PAST_THE_END, Ask, Came, Failed, Page, Reads, again, ended, observed
from monitor.domain.backfill import Cursor, Listing, Site, Span

PER_PAGE = 100
"""Posts of one request, the most that WordPress gives."""
PADDING = timedelta(hours=14)
"""The furthest that a site's own time is from UTC."""
SHUT = frozenset({401, 403, 404, 405, 501})
"""How a site answers whose interface, or whose kind of posts, is not for everybody."""
_FEED = re.compile(r"/(?:feed|rss2?|atom|rdf)(?:/(?:rss2?|atom|rdf|feed))?/?$")
_FIELDS = "id,date,date_gmt,modified_gmt,guid,link,title,content,excerpt"


def begin(site: Site, _: Span, __: str) -> Cursor:
    """Begin with the first kind of posts."""
    kinds = site.kinds or ("posts",)
    return Cursor(part=kinds[0], parts=kinds[1:])


def ask(site: Site, span: Span, cursor: Cursor, _: Listing | None) -> Ask | None:
    """Ask for what is as new as the last post or newer, the oldest first."""
    if cursor.ended:
        return None
    since = _earlier(cursor.next) if cursor.next else local(span.since - PADDING)
    return Ask(
        address(site.api, cursor.part, since, local(span.until + PADDING), cursor.page), Reads.POSTS, robots=True
    )


def roots(feed: str) -> list[str]:
    """Where the interface may be of the site whose feed this is, if the site does not say: beside the feed, or at the
    top."""
    parts = urlsplit(feed)
    beside = _FEED.sub("/", parts.path)
    found = (urlunsplit((parts.scheme, parts.netloc, f"{path}wp-json/", "", "")) for path in (beside, "/"))
    return list(dict.fromkeys(found))


def is_main(feed: str, api: str) -> bool:
    """Say whether a feed is that of the whole site, and not of a part of it, whose posts the interface would not tell
    from the others."""
    root = urlsplit(api).path.removesuffix("wp-json/").rstrip("/")
    path = _FEED.sub("/", urlsplit(feed).path).rstrip("/")
    return path == root and not {"cat", "tag", "author", "s"} & dict(parse_qsl(urlsplit(feed).query)).keys()


def address(api: str, kind: str, after: str, before: str, page: int, per_page: int = PER_PAGE) -> str:
    """The address of a page of posts; ``api`` is the interface's root, also in its form ``?rest_route=/``."""
    asked = {
        "after": after, "before": before, "per_page": per_page, "page": page, "orderby": "date", "order": "asc",
        "_fields": _FIELDS,
    }  # fmt: skip
    return f"{api}wp/v2/{kind}{'&' if '?' in api else '?'}{urlencode(asked)}"


def after(_: Site, __: Span, cursor: Cursor, ___: Listing | None, came: Came) -> Cursor:
    """Go on from the last post of the page; where all of it is of one second, to the next page of the same."""
    if isinstance(came, Failed):
        if came.status in PAST_THE_END and (cursor.next or cursor.page > 1):
            return ended(cursor, _DONE)
        return ended(cursor, f"{cursor.part}: {came.kind}") if came.status in SHUT else again(cursor, came)
    page = came if isinstance(came, Page) else Page()
    cursor = observed(cursor, page)
    cursor = replace(cursor, seen=tuple(dict.fromkeys([*cursor.seen, *(f"{_OUT}{one}" for one in page.outside)])))
    if not page.entries or (page.total is not None and page.entries + PER_PAGE * (cursor.page - 1) >= page.total):
        return ended(cursor, _DONE)
    if page.older and page.older != cursor.next and _moment(page.older) is not None:
        return replace(cursor, next=page.older, page=1)
    repeats = cursor.barren >= BARREN
    return ended(cursor, "the pages repeat themselves") if repeats else replace(cursor, page=cursor.page + 1)


_DONE = "read to the end"
_OUT = "o:"  # before the digests of posts that are not in the span


def outside(cursor: Cursor) -> int:
    """How many of the declared posts, those of the padding, proved to be out of the span."""
    return sum(one.startswith(_OUT) for one in cursor.seen)


def local(moment: datetime) -> str:
    """A time as WordPress takes it, without a zone; none before the calendar's year 1000, which it cannot read."""
    return moment.replace(tzinfo=None, microsecond=0).isoformat()


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _earlier(text: str) -> str:
    """The second before, since ``after`` leaves out its own."""
    moment = _moment(text)
    return local(moment - timedelta(seconds=1)) if moment else text
