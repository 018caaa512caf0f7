"""Close a gap: walk back through a feed's older pages until one brings something that is known."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from monitor.backfill.routes import ROUTES
from monitor.domain.backfill import ALL_TIME, RouteName, Site
from monitor.errors import FetchError, ParseError
from monitor.fetch.client import Fetched
from monitor.jobs.backfill.take import page_of
from monitor.normalise.entry import CleanDocument

MOST_PAGES = 5
"""Older pages that one poll asks for; what lies further back is a backfill's work."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a page brought: how many entries in all, how many of them new to the store."""

    entries: int
    new: int


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a walk found. ``closed`` says that it came to an entry which was known; ``problem`` why it ended before."""

    pages: int = 0
    entries: int = 0
    new: int = 0
    closed: bool = False
    problem: str = ""


async def walk_back(
    older: str,
    *,
    fetch: Callable[[str], Awaitable[Fetched]],
    read: Callable[[Fetched], Awaitable[CleanDocument | ParseError]],
    store: Callable[[CleanDocument], Awaitable[Stored]],
) -> Repaired:
    """Ask for the page at ``older`` and those that follow it, each once, and store what they bring.

    It is a backfill by the feed's own links that ends at a page with something known, at one without anything, after
    `MOST_PAGES`, and at the first that fails: a repair that does not succeed leaves a gap, and is no failure of the
    poll.
    """
    route, done = ROUTES[RouteName.RFC5005], Repaired()
    cursor = replace(route.begin(Site(), ALL_TIME, older), page=2)
    while done.pages < MOST_PAGES and (ask := route.ask(Site(), ALL_TIME, cursor, None)) is not None:
        done = replace(done, pages=done.pages + 1)
        try:
            found = await read(await fetch(ask.url))
        except FetchError as error:
            return replace(done, problem=str(error))
        if isinstance(found, ParseError):
            return replace(done, problem=str(found))
        stored = await store(found)
        done = replace(done, entries=done.entries + stored.entries, new=done.new + stored.new)
        if stored.new < stored.entries:
            return replace(done, closed=True)
        cursor = route.after(Site(), ALL_TIME, cursor, None, page_of(found, ALL_TIME))
    return replace(done, problem="no page brought anything that is known")
