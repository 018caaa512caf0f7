"""Stories as people look at them: the entries that tell of one event."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.domain.entry import StoredEntry
from monitor.domain.feed import Source, Tier

SETTLED_AFTER = timedelta(days=3)
"""A story to which nothing has come for so long is settled."""
_FIRST_HAND = frozenset({"official", "court"})
"""Kinds of sources that tell of what they did themselves."""
WINDOW = timedelta(days=14)
"""How long after it was seen an entry may be joined by one that tells of the same."""


class State(StrEnum):
    """Whether a story still moves."""

    DEVELOPING = "developing"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story with its entries, the lead first."""

    id: int
    entries: tuple[StoredEntry, ...]

    @property
    def lead(self) -> StoredEntry:
        return self.entries[0]

    @property
    def first_seen(self) -> datetime:
        return min(entry.first_seen for entry in self.entries)

    @property
    def last_seen(self) -> datetime:
        return max(entry.first_seen for entry in self.entries)

    @property
    def sources(self) -> tuple[str, ...]:
        """The titles of the sources, the lead's first, each once."""
        return tuple(dict.fromkeys(entry.source for entry in self.entries))

    def state(self, now: datetime) -> State:
        """Say whether something may still come."""
        return state(self.last_seen, now)


def state(last_seen: datetime, now: datetime) -> State:
    """Say whether something may still come to a story, by when an entry joined it last."""
    return State.SETTLED if now - last_seen > SETTLED_AFTER else State.DEVELOPING


def told_at(stored: StoredEntry) -> datetime:
    """When an entry told what it tells: its own date, which cannot be later than when we saw it."""
    return min(stored.entry.published or stored.first_seen, stored.first_seen)


def lead_order(stored: StoredEntry, source: Source | None) -> tuple[object, ...]:
    """Sort the entries of a story so that the one to show comes first.

    No copy before an original; the office or court that acts before news, and news before analysis, which comments on
    it; then the fuller text (in steps of 200 characters, since a little more tells no more), then the earlier one.
    """
    return (
        stored.copy_of is not None,
        _rank(source),
        -min(len(stored.entry.text), 1_000) // 200,
        told_at(stored),
        stored.id,
    )


def _rank(source: Source | None) -> int:
    """First hand, news, analysis; a source that has left the config counts as news."""
    if source is not None and source.kind.casefold() in _FIRST_HAND:
        return 0
    return 2 if source is not None and source.tier is Tier.ANALYSIS else 1


def nested(entries: Sequence[StoredEntry]) -> list[tuple[StoredEntry, tuple[StoredEntry, ...]]]:
    """Put copies under their original, each group and each copy in the order given; a copy of a copy stands beside it.

    An entry whose original is in another story, or gone, stands for itself.
    """
    of = {stored.id: stored.copy_of for stored in entries}
    roots: list[StoredEntry] = []
    copies: dict[int, list[StoredEntry]] = defaultdict(list)
    for stored in entries:
        root, seen = stored.id, {stored.id}
        while (above := of[root]) is not None and above in of and above not in seen:
            root = above
            seen.add(root)
        if root == stored.id or of[root] in seen:
            roots.append(stored)
        else:
            copies[root].append(stored)
    return [(root, tuple(copies[root.id])) for root in roots]
