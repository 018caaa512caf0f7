"""Close a gap: walk back through a feed's older pages until one brings something that is known."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from monitor.errors import FetchError, ParseError
from monitor.fetch.client import Fetched
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

    Ends at a page with something known, at one without anything, after `MOST_PAGES`, and at the first that fails: a
    repair that does not succeed leaves a gap, and is no failure of the poll.
    """
    asked: set[str] = set()
    entries = new = 0
    while older and older not in asked and len(asked) < MOST_PAGES:
        asked.add(older)
        try:
            found = await read(await fetch(older))
        except FetchError as error:
            return Repaired(len(asked), entries, new, problem=str(error))
        if isinstance(found, ParseError):
            return Repaired(len(asked), entries, new, problem=str(found))
        stored = await store(found)
        entries, new = entries + stored.entries, new + stored.new
        if stored.new < stored.entries:
            return Repaired(len(asked), entries, new, closed=True)
        if not stored.entries:
            break
        older = found.older
    return Repaired(len(asked), entries, new, problem="no page brought anything that is known")
