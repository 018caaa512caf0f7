"""Entries that were stored, or edited, while no model could be loaded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select, update

from monitor.domain.entry import Entry, Score
from monitor.store.database import Store
from monitor.store.entries import add_scores_of, announce, entry_of, entry_table
from monitor.store.unread import Read, read_facts


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that was stored, or edited into this version, while no model could be loaded."""

    id: int
    entry: Entry
    version: int = 1


def waiting(store: Store, *, limit: int) -> list[Waiting]:
    """Return the oldest entries that wait for a model."""
    columns = entry_table.c
    chosen = select(entry_table).where(columns.classified.is_(False), columns.pruned.is_(False)).order_by(columns.id)
    with store.read() as connection:
        return [Waiting(row.id, entry_of(row), row.version) for row in connection.execute(chosen.limit(limit))]


def add_scores(
    store: Store,
    scored: Sequence[tuple[int, Mapping[str, Score]]],
    scorer: str,
    *,
    now: datetime,
    versions: Mapping[int, int] | None = None,
    ours: Collection[int] = (),
    read: Read | None = None,
) -> None:
    """Give waiting entries their scores; those that are news are judged by every subscription from now on.

    ``versions`` are those that were read, by id: what was edited since waits on. Without them the newest is meant.
    Those of ``ours`` that have no facts get what ``read`` takes out of them.
    """
    if not scored:
        return
    columns, by_id = entry_table.c, dict(scored)
    with store.write() as connection:
        waits = and_(columns.id.in_(sorted(by_id)), columns.classified.is_(False), columns.pruned.is_(False))
        rows = connection.execute(
            select(columns.id, columns.version, columns.announceable, columns.announce_seq)
            .where(waits)
            .with_for_update()
        ).all()
        mine = [row for row in rows if versions is None or versions.get(row.id) == row.version]
        done = update(entry_table).where(columns.id.in_([row.id for row in mine])).values(classified=True)
        connection.execute(done)
        add_scores_of(connection, [(row.id, row.version, by_id[row.id], scorer) for row in mine], now)
        if read is not None:
            read_facts(connection, [row.id for row in mine if row.id in ours], read)
        # One that kept its number was edited when it was no news any more.
        announce(connection, [row.id for row in mine if row.announceable and row.announce_seq is None])
