"""Entries that were scored by rules alone, while no model could be loaded."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, select

from monitor.domain.entry import BY_RULES, Score, StoredEntry
from monitor.store.database import Store
from monitor.store.entries import add_scores_of, announce, entry_table, prediction_table, stored_entries


def by_rules_alone(store: Store, *, limit: int) -> list[StoredEntry]:
    """Return the oldest entries whose present words no model has scored, only rules."""
    columns = entry_table.c
    condition = and_(columns.classified.is_(True), _scored(rules=True), ~_scored(rules=False))
    with store.read() as connection:
        return stored_entries(connection, condition, limit=limit)


def _scored(*, rules: bool) -> Any:
    mine = and_(
        prediction_table.c.entry_id == entry_table.c.id, prediction_table.c.version == entry_table.c.version
    )  # fmt: skip
    by = prediction_table.c.scorer.startswith(f"{BY_RULES}+", autoescape=True)
    return exists().where(mine, by if rules else ~by)


def take(
    store: Store,
    scored: Sequence[tuple[StoredEntry, Mapping[str, Score]]],
    scorer: str,
    *,
    news: Collection[int],
    now: datetime,
) -> None:
    """Write a model's scores beside those of the rules, in one transaction.

    Of those that were ready to be judged, ``news`` get a new place in store order: each subscription that has not
    passed one judges it anew.
    """
    with store.write() as connection:
        add_scores_of(connection, [(s.id, s.version, scores, scorer) for s, scores in scored], now)
        announce(connection, _ready(connection, sorted(news)))


def _ready(connection: Connection, ids: Sequence[int]) -> list[int]:
    columns = entry_table.c
    mine = and_(columns.id.in_(ids), columns.announce_seq.is_not(None))
    return list(connection.scalars(select(columns.id).where(mine).with_for_update()))
