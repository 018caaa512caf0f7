"""Entries that were scored by rules alone, while no model could be loaded."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, select

from monitor.domain.entry import BY_RULES, Score, StoredEntry
from monitor.store.database import Store
from monitor.store.entries import add_scores_of, announce, counting, entry_table, prediction_table, stored_entries
from monitor.store.unread import Read, read_facts

_BY_RULES = prediction_table.c.scorer.startswith(f"{BY_RULES}+", autoescape=True)


def by_rules_alone(store: Store, *, limit: int) -> list[StoredEntry]:
    """Return the oldest entries whose present words no model has scored, only rules."""
    with store.read() as connection:
        return stored_entries(connection, and_(entry_table.c.classified.is_(True), ruled_alone()), limit=limit)


def ruled_alone() -> Any:
    """A condition on the entry table: only rules have scored its present words; the next poll with a model will."""
    ruled = entry_table.c.id.in_(select(prediction_table.c.entry_id).where(_BY_RULES))
    return and_(ruled, ~_by_a_model())


def _by_a_model() -> Any:
    """Of the version whose scores count: an edit that changed nothing that matters has none of its own."""
    mine, other = prediction_table.c, prediction_table.alias()
    newest = select(func.max(other.c.version)).where(
        other.c.entry_id == mine.entry_id, other.c.counts_since.is_not(None)
    )
    newest_version = newest.correlate(prediction_table).scalar_subquery()
    return exists().where(mine.entry_id == entry_table.c.id, mine.version == newest_version, counting, ~_BY_RULES)


def take(
    store: Store,
    scored: Sequence[tuple[StoredEntry, Mapping[str, Score]]],
    scorer: str,
    *,
    news: Collection[int],
    now: datetime,
    ours: Collection[int] = (),
    read: Read | None = None,
) -> int:
    """Write a model's scores beside those of the rules, in one transaction; returns of how many entries.

    Of those that were ready to be judged, ``news`` get a new place in store order: each subscription that has not
    passed one judges it anew. An entry that was edited or emptied meanwhile is left out: the scores are of words that
    it does not have any more. Those of ``ours`` that have no facts get what ``read`` takes out of them.
    """
    columns = entry_table.c
    mine = and_(columns.id.in_([stored.id for stored, _ in scored]), columns.pruned.is_(False))
    chosen = select(columns.id, columns.version, columns.announce_seq.is_not(None).label("ready")).where(mine)
    with store.write() as connection:
        found = {row.id: row for row in connection.execute(chosen.order_by(columns.id).with_for_update())}
        still = [(s, scores) for s, scores in scored if s.id in found and found[s.id].version == s.version]
        add_scores_of(connection, [(s.id, s.version, scores, scorer) for s, scores in still], now)
        if read is not None:
            read_facts(connection, [s.id for s, _ in still if s.id in ours], read)
        announce(connection, [s.id for s, _ in still if s.id in news and found[s.id].ready])
    return len(still)
