"""What a replay asks of the store, and writes to it: what was missed and what was misread.

Of a feed's state it changes nothing but the mark of a document that was put aside, once that is read.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from monitor.domain.entry import ClassifiedEntry, Origin, Revision
from monitor.domain.feed import FeedMemory, Outcome
from monitor.store.database import Store
from monitor.store.entries import add_entries, entry_table, feed_table
from monitor.store.memory import read_memory, write_memory
from monitor.store.revisions import add_aliases, revise
from monitor.store.tables import EntryVersionRow, PollRow, table_of

_version = table_of(EntryVersionRow)
_poll = table_of(PollRow)
_IN = 10_000  # keys in one statement; SQLite takes 32,766 parameters


@dataclass(frozen=True, slots=True)
class Background:
    """What is known of a feed whose documents are read again; ``began`` is when it first brought anything, None where
    it never did."""

    memory: FeedMemory
    began: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """When an entry was first seen, and when its feed last gave it other words (else the same)."""

    first_seen: datetime
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Late:
    """What one document turns out to have brought at ``heard_at``, when it came: entries that nobody has, other keys of
    known ones; ``mended`` is its SHA-256 where it had been put aside and can be read now."""

    feed: str
    heard_at: datetime
    new: tuple[ClassifiedEntry, ...] = ()
    aliases: Mapping[str, int] = field(default_factory=dict)
    mended: str | None = None


def background(store: Store, feed: str) -> Background:
    """Read what is known of a feed, by its polls and its live entries."""
    good = select(func.min(_poll.c.at)).where(_poll.c.feed == feed, _poll.c.outcome != Outcome.FAILED.value)
    live = (entry_table.c.feed == feed) & (entry_table.c.origin == Origin.LIVE.value)
    first = select(func.min(entry_table.c.first_seen)).where(live)
    with store.read() as connection:
        memory = read_memory(
            connection.execute(select(feed_table.c.memory).where(feed_table.c.name == feed)).scalar_one()
        )
        times = [connection.scalar(good), connection.scalar(first)]
    return Background(memory, min((at for at in times if at is not None), default=None))


def standings(store: Store, ids: Collection[int]) -> dict[int, Standing]:
    """Read how entries stand, by their ids."""
    wanted = sorted(ids)
    said = select(func.max(_version.c.replaced_at)).where(
        _version.c.entry_id == entry_table.c.id, _version.c.why == "feed"
    )
    asked = select(entry_table.c.id, entry_table.c.first_seen, said.scalar_subquery().label("said_at"))
    found: dict[int, Standing] = {}
    with store.read() as connection:
        for start in range(0, len(wanted), _IN):
            part = entry_table.c.id.in_(wanted[start : start + _IN])
            for row in connection.execute(asked.where(part)):
                found[row.id] = Standing(row.first_seen, row.said_at or row.first_seen)
    return found


def add_late(store: Store, late: Late, *, now: datetime) -> frozenset[str]:
    """Write what one document brought, in one transaction; returns the keys of the entries that were new to the store.

    They are first seen when the document came, since that is what silence and rhythm are judged by; scores and marks
    are of ``now``.
    """
    if not late.new and not late.aliases and late.mended is None:
        return frozenset()
    with store.write() as connection:
        _in_turn(connection, late.feed)
        if late.mended is not None:
            _release(connection, late.feed, late.mended)
        add_entries(connection, late.feed, late.new, now=now)
        inserted = _date_back(connection, late, now)
        add_aliases(connection, late.feed, late.aliases, now=now)
    return inserted


def change(store: Store, feed: str, revisions: Sequence[Revision], *, now: datetime) -> frozenset[int]:
    """Write new versions of a feed's entries, in one transaction; returns the ids of the entries that got one.

    What a poll has changed meanwhile is left out.
    """
    if not revisions:
        return frozenset()
    with store.write() as connection:
        _in_turn(connection, feed)
        revise(connection, revisions, now=now)
        ours = (_version.c.why == "replay") & (_version.c.replaced_at == now)
        found: set[int] = set()
        for start in range(0, len(revisions), _IN):
            ids = [revision.entry_id for revision in revisions[start : start + _IN]]
            written = select(_version.c.entry_id).where(_version.c.entry_id.in_(ids), ours)
            found |= set(connection.scalars(written))
    return frozenset(found)


def _in_turn(connection: Connection, feed: str) -> None:
    """Let a poll of the feed that is being written end first: it locks the feed before its entries, and so does this.

    In any other order each could wait for the other for ever.
    """
    connection.execute(select(feed_table.c.name).where(feed_table.c.name == feed).with_for_update(key_share=True))


def _date_back(connection: Connection, late: Late, now: datetime) -> frozenset[str]:
    keys = sorted({item.entry.key for item in late.new})
    found: set[str] = set()
    for start in range(0, len(keys), _IN):
        part = entry_table.c.key.in_(keys[start : start + _IN])
        mine = (entry_table.c.feed == late.feed) & part & (entry_table.c.first_seen == now)
        back = update(entry_table).where(mine).values(first_seen=late.heard_at)
        found |= set(connection.scalars(back.returning(entry_table.c.key)))
    return frozenset(found)


def _release(connection: Connection, feed: str, sha256: str) -> None:
    """Take back that a document was put aside, unless meanwhile it is another one."""
    mine = feed_table.c.name == feed
    memory = read_memory(connection.execute(select(feed_table.c.memory).where(mine)).scalar_one())
    if memory.poison == sha256:
        mended = write_memory(replace(memory, poison=None))
        connection.execute(update(feed_table).where(mine).values(memory=mended))
