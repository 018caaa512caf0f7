"""Stored entries that the scorer of today has not scored, and their scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, select, true

from monitor.domain.entry import Score, StoredEntry
from monitor.store.database import Store
from monitor.store.entries import add_scores_of, entry_table, prediction_table, stored_entries

_IN = 10_000  # ids in one statement; SQLite takes 32,766 parameters


@dataclass(frozen=True, slots=True)
class Span:
    """Entries of some feeds (None: of all), first seen between two times, both included."""

    since: datetime
    until: datetime
    feeds: frozenset[str] | None = None

    def condition(self) -> Any:
        """What an entry of the span with scores fulfils."""
        columns = entry_table.c
        named = true() if self.feeds is None else columns.feed.in_(sorted(self.feeds))
        classified = and_(columns.classified.is_(True), columns.pruned.is_(False))
        return and_(named, classified, columns.first_seen >= self.since, columns.first_seen <= self.until)


def count(store: Store, span: Span, *, without: str | None = None) -> int:
    """Count the classified entries of a span; with ``without`` those that this scorer has not scored."""
    condition = span.condition() if without is None else and_(span.condition(), ~_scored_by(without))
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(entry_table).where(condition)) or 0


def unscored(store: Store, span: Span, scorer: str, *, after: int, limit: int) -> list[StoredEntry]:
    """Return the next classified entries that the scorer has not scored, by their ids, beyond ``after``."""
    condition = and_(span.condition(), entry_table.c.id > after, ~_scored_by(scorer))
    with store.read() as connection:
        return stored_entries(connection, condition, limit=limit)


def _scored_by(scorer: str) -> Any:
    """Of the version whose scores count: an edit that changed nothing that matters has none of its own."""
    mine = prediction_table.c.entry_id == entry_table.c.id
    other = prediction_table.alias()
    newest = select(func.max(other.c.version)).where(other.c.entry_id == prediction_table.c.entry_id)
    counts = prediction_table.c.version == newest.correlate(prediction_table).scalar_subquery()
    return exists().where(mine, prediction_table.c.scorer == scorer, counts)


def add_predictions(
    store: Store, scored: Sequence[tuple[StoredEntry, Mapping[str, Score]]], scorer: str, *, now: datetime
) -> int:
    """Write scores beside those that stand, in one transaction; returns of how many entries.

    An entry that was edited or emptied meanwhile, or is just being, is left out: the scores are of words that it does
    not have any more.
    """
    with store.write() as connection:
        current: dict[int, int] = {}
        ids = [stored.id for stored, _ in scored]
        for start in range(0, len(ids), _IN):
            mine = and_(entry_table.c.id.in_(ids[start : start + _IN]), entry_table.c.pruned.is_(False))
            held = select(entry_table.c.id, entry_table.c.version).where(mine)
            rows = connection.execute(held.with_for_update(key_share=True, skip_locked=True))
            current |= {row.id: row.version for row in rows}
        still = [(s.id, s.version, scores, scorer) for s, scores in scored if current.get(s.id) == s.version]
        add_scores_of(connection, still, now)
    return len(still)
