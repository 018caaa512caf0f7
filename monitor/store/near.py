"""What is just below a subscription's line."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select

from monitor.domain.entry import WATCH, StoredEntry
from monitor.domain.labels import Lines
from monitor.store.database import Store
from monitor.store.digests import SubscriptionState
from monitor.store.entries import entry_table, prediction_table, stored_entries
from monitor.store.heard import ledger_table

MOST = 500  # candidates of one window; who has a filter that lets fewer pass than one in a hundred sees fewer


def near_ids(store: Store, state: SubscriptionState, lines: Mapping[str, Lines], *, upto: int) -> list[int]:
    """Return the ids of entries that a subscription has to judge up to a place in store order, and that may be
    near-misses, the best first: some score reaches a label's review line, or they are watched.

    Of stories that its ledger knows there is none.
    """
    score, entry = prediction_table.c, entry_table.c
    near = [and_(score.label == label, score.probability >= own.lowest.review) for label, own in sorted(lines.items())]
    whens: list[Any] = [
        (score.label == label, score.probability - own.default.threshold) for label, own in sorted(lines.items())
    ]
    margin = func.max(case(*whens, else_=-1.0))
    story = func.coalesce(entry.story_id, entry.id)
    known = exists().where(ledger_table.c.subscription == state.name, ledger_table.c.story_id == story)
    chosen = (
        select(entry.id)
        .join(prediction_table, score.entry_id == entry.id)
        .where(entry.announce_seq > state.judged_to, entry.announce_seq <= upto)
        .where(or_(score.label == WATCH, *near), ~known)
        .group_by(entry.id)
        .order_by(margin.desc(), entry.id)
        .limit(MOST)
    )
    with store.read() as connection:
        return list(connection.scalars(chosen))


def entries_of(store: Store, ids: Sequence[int]) -> list[StoredEntry]:
    """Read entries in the order of their ids given; no pruned ones."""
    with store.read() as connection:
        found = {stored.id: stored for stored in stored_entries(connection, entry_table.c.id.in_(ids))}
    return [found[id_] for id_ in ids if id_ in found]
