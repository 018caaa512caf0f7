"""The way that a feed itself shows: RFC 5005's prev-archive and next, and JSON Feed's next_url."""

from dataclasses import replace

from monitor.backfill.route import (
    PAST_THE_END,
    Ask,
    Came,
    Failed,
    Page,
    Reads,
    again,
    ended,
    mark,
    observed,
    stop_reason,
)
from monitor.domain.backfill import Cursor, Listing, Site, Span


def begin(_: Site, __: Span, feed: str) -> Cursor:
    """Begin with the feed itself."""
    return Cursor(next=feed)


def ask(_: Site, __: Span, cursor: Cursor, ___: Listing | None) -> Ask | None:
    """Ask for the page that the one before led to."""
    return Ask(cursor.next, Reads.FEED) if cursor.next and not cursor.ended else None


def after(_: Site, __: Span, cursor: Cursor, ___: Listing | None, came: Came) -> Cursor:
    """Go where the page leads. One that is gone breaks the chain: what lies behind it cannot be found this way."""
    if isinstance(came, Failed):
        gone = cursor.page > 1 and came.status in PAST_THE_END
        return (
            ended(cursor, f"the page that the one before leads to is gone ({came.kind})")
            if gone
            else again(cursor, came)
        )
    page = came if isinstance(came, Page) else Page()
    cursor = observed(cursor, page)
    asked = mark(cursor.next)
    if why := _over(cursor, page):
        return ended(cursor, why)
    return replace(cursor, next=page.older, page=cursor.page + 1, seen=(*cursor.seen, asked))


def _over(cursor: Cursor, page: Page) -> str:
    if page.whole:
        return "the feed says that it is complete"
    if not page.older:
        return "the last page leads no further"
    if mark(page.older) in cursor.seen or page.older == cursor.next:
        return "the pages lead in a circle"
    return stop_reason(cursor, page)
