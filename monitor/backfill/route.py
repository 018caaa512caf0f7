"""What all routes have in common: what they ask for, what they are told of the answer, and when they stop."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from monitor.domain.backfill import Cursor, Listed, Listing, Site, Span

OUTSIDE = 3
"""Pages in a row that hold only what is older than the span, after which there is nothing more to be found."""
BARREN = 2
"""Pages in a row that bring nothing which the pages before had not brought: the site gives page 1 for any number."""
TRIES = 3
"""Times that one page is asked for before the job gives up, to be resumed another day."""
MOST_PAGES = 20_000
"""Pages of one part; whatever has more goes in circles."""
PAST_THE_END = frozenset({400, 404, 410})
"""How sites answer for a page behind the last one; WordPress's REST interface says 400."""


class Reads(StrEnum):
    """What an answer is to be read as."""

    FEED = "feed"
    POSTS = "posts"
    SITEMAP = "sitemap"
    CAPTURES = "captures"
    ARTICLE = "article"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. ``robots`` says that robots.txt governs it, ``metered`` that it goes to an archive that shuts out who
    asks too often. ``base`` is what links in the answer are relative to, where that is not its own address."""

    url: str
    reads: Reads
    item: Listed | None = None
    robots: bool = False
    metered: bool = False
    base: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What a document held, as far as routes care.

    ``identity`` is a digest of what its entries are known by, "" for a page without any. ``before`` of its entries are
    older than the span, ``outside`` are digests of those that are not in it. ``older`` is where the document leads on
    (`domain.entry.Document.older`), ``whole`` says that it has all there ever was, ``total`` what the server says there
    is.
    """

    identity: str = ""
    entries: int = 0
    before: int = 0
    outside: tuple[str, ...] = ()
    older: str = ""
    whole: bool = False
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A request that brought nothing to read; ``status`` is the server's, None where it did not answer."""

    kind: str
    status: int | None = None


Came = Page | Listing | Failed


@dataclass(frozen=True, slots=True)
class Route:
    """The rules of one route.

    ``begin`` says where a job begins, given the feed's address; ``ask`` what is asked next, None at the end; ``after``
    where the job stands after an answer. The listing is the one that the cursor stands in, once it was read.
    """

    begin: Callable[[Site, Span, str], Cursor]
    ask: Callable[[Site, Span, Cursor, Listing | None], Ask | None]
    after: Callable[[Site, Span, Cursor, Listing | None, Came], Cursor]


def mark(text: str) -> str:
    """A short digest by which an address, or a page's entries, are known again."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def ended(cursor: Cursor, why: str) -> Cursor:
    """The cursor of a part that is over, at the beginning of the next one; or the end of all, with its reason."""
    if not cursor.parts:
        return replace(cursor, part="", next="", at=0, failed=0, ended=why)
    return Cursor(part=cursor.parts[0], parts=cursor.parts[1:], seen=cursor.seen)


def again(cursor: Cursor, failed: Failed) -> Cursor:
    """The same page once more; after `TRIES` the job ends, and can be resumed here."""
    tries = cursor.failed + 1
    why = f"{failed.kind}, {tries} times in a row" if tries >= TRIES else ""
    return replace(cursor, failed=tries, ended=f"{GAVE_UP}{why}" if why else "")


GAVE_UP = "gave up: "
"""How the reason begins why a job ended before its time."""


def observed(cursor: Cursor, page: Page) -> Cursor:
    """Count what a page says about whether others follow it that are worth asking for.

    The digests of pages are kept with those of addresses, so that any page which comes a second time counts.
    """
    only_before = page.entries > 0 and page.before == page.entries
    barren = not page.entries or page.identity in cursor.seen
    return replace(
        cursor,
        outside=cursor.outside + 1 if only_before else 0,
        barren=cursor.barren + 1 if barren else 0,
        failed=0,
        seen=cursor.seen if barren else (*cursor.seen, page.identity),
    )


def stop_reason(cursor: Cursor, page: Page) -> str:
    """Say why no further page is worth asking for, "" where one is; ``cursor`` has `observed` the page."""
    if not page.entries:
        return "an empty page"
    if cursor.outside >= OUTSIDE:
        return f"{OUTSIDE} pages in a row hold only what is older"
    if cursor.barren >= BARREN:
        return "the pages repeat themselves"
    if cursor.page >= MOST_PAGES:
        return f"{MOST_PAGES} pages"
    return ""
