"""WordPress's feeds in pages: ``?paged=N``, the newest first, for sites whose REST interface is shut.

While they are read a new post moves the others on by one: what stood last on a page comes first on the next, too, and
is known by then.
"""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from monitor.backfill.route import PAST_THE_END, Ask, Came, Failed, Page, Reads, again, ended, observed, stop_reason
from monitor.domain.backfill import Cursor, Listing, Site, Span


def begin(_: Site, __: Span, feed: str) -> Cursor:
    """Begin with the feed itself, which is page 1."""
    return Cursor(part=feed)


def ask(_: Site, __: Span, cursor: Cursor, ___: Listing | None) -> Ask | None:
    """Ask for the page of the cursor's number."""
    if cursor.ended:
        return None
    return Ask(numbered(cursor.part, cursor.page) if cursor.page > 1 else cursor.part, Reads.FEED)


def after(_: Site, __: Span, cursor: Cursor, ___: Listing | None, came: Came) -> Cursor:
    """Go on to the next number; past the end sites answer 404, or page 1 again."""
    if isinstance(came, Failed):
        past = cursor.page > 1 and came.status in PAST_THE_END
        return ended(cursor, "past the last page") if past else again(cursor, came)
    page = came if isinstance(came, Page) else Page()
    cursor = observed(cursor, page)
    why = stop_reason(cursor, page)
    return ended(cursor, why) if why else replace(cursor, page=cursor.page + 1)


def numbered(url: str, page: int) -> str:
    """The address of a page of a feed."""
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True)) | {"paged": str(page)}
    return urlunsplit(parts._replace(query=urlencode(asked)))
