"""What is just below a subscription's line."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from monitor.domain.entry import WATCH, StoredEntry
from monitor.domain.labels import Lines
from monitor.store.database import Store
from monitor.store.entries import counting, entry_table, prediction_table, stored_entries
from monitor.store.heard import ledger_table

MOST = 500  # candidates of one window; who has a filter that lets fewer pass than one in a hundred sees fewer


def near_ids(store: Store, judged_to: int, lines: Mapping[str, Lines], *, upto: int) -> list[int]:
    """Return the ids of entries behind ``judged_to`` and up to ``upto`` in store order that may be near-misses, the
    best first: some score reaches a label's review line, or they are watched."""
    score, entry = prediction_table.c, entry_table.c
    near = [
        # Plus nothing, so that SQLite looks scores up by their entry, and not all that are over the line.
        and_(score.label == label, score.probability + 0.0 >= own.lowest.review)
        for label, own in sorted(lines.items())
    ]
    whens: list[Any] = [
        (score.label == label, score.probability - own.default.threshold) for label, own in sorted(lines.items())
    ]
    chosen = (
        select(entry.id)
        .join(prediction_table, score.entry_id == entry.id)
        .where(entry.announce_seq > judged_to, entry.announce_seq <= upto)
        .where(counting, or_(score.label == WATCH, *near))
        .group_by(entry.id)
        .order_by(func.max(case(*whens, else_=-1.0)).desc(), entry.id)
        .limit(MOST)
    )
    with store.read() as connection:
        return list(connection.scalars(chosen))


def entries_of(store: Store, ids: Sequence[int]) -> list[StoredEntry]:
    """Read entries in the order of their ids; raises KeyError for one that was pruned since its id was read."""
    with store.read() as connection:
        found = {stored.id: stored for stored in stored_entries(connection, entry_table.c.id.in_(ids))}
    return [found[id_] for id_ in ids]


def known(store: Store, subscription: str, stories: Sequence[int]) -> frozenset[int]:
    """Say of which stories a subscription's ledger knows."""
    columns = ledger_table.c
    mine = select(columns.story_id).where(columns.subscription == subscription, columns.story_id.in_(stories))
    with store.read() as connection:
        return frozenset(connection.scalars(mine))
