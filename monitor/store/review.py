"""What `monitor review` chooses from: entries of which nobody has said anything. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, func, select

from monitor.domain.entry import WATCH
from monitor.store.database import Store
from monitor.store.entries import counting, entry_table, prediction_table
from monitor.store.said import annotated, annotation_table, stands


@dataclass(frozen=True, slots=True)
class Unsaid:
    """An entry with its newest probabilities by label, without its words; ``watched`` means a watch-list hit."""

    id: int
    story_id: int
    feed: str
    lang: str
    scores: dict[str, float]
    watched: bool


def unsaid(store: Store, *, since: datetime | None, labels: Collection[str]) -> list[Unsaid]:
    """Return the scored entries, first seen since then, of whose stories people said nothing on these labels, by id."""
    with store.read() as connection:
        fresh = _fresh(since, labels)
        columns = entry_table.c
        chosen = select(columns.id, columns.story_id, columns.feed, columns.lang).where(fresh).order_by(columns.id)
        watched = _watched(connection, fresh)
        found = {
            row.id: Unsaid(row.id, row.story_id or row.id, row.feed, row.lang, {}, row.id in watched)
            for row in connection.execute(chosen)
        }
        scores = (
            select(prediction_table.c.entry_id, prediction_table.c.label, prediction_table.c.probability)
            .join(entry_table, entry_table.c.id == prediction_table.c.entry_id)
            .where(fresh, counting, prediction_table.c.label.in_(sorted(labels)))
            .order_by(prediction_table.c.counts_since)
        )
        for row in connection.execute(scores):
            found[row.entry_id].scores[row.label] = row.probability
    return [one for one in found.values() if one.scores]


def _fresh(since: datetime | None, labels: Collection[str]) -> Any:
    columns = entry_table.c
    other = entry_table.alias()
    told = (
        select(func.coalesce(other.c.story_id, other.c.id))
        .join(annotation_table, annotation_table.c.entry_id == other.c.id)
        .where(stands, annotation_table.c.label.in_(sorted(labels)))
    )
    ready = and_(columns.pruned.is_(False), columns.classified.is_(True))
    nobody = func.coalesce(columns.story_id, columns.id).not_in(told)
    return and_(ready, nobody) if since is None else and_(ready, nobody, columns.first_seen >= since)


def _watched(connection: Connection, fresh: Any) -> set[int]:
    hit = exists().where(prediction_table.c.entry_id == entry_table.c.id, prediction_table.c.label == WATCH, counting)
    return set(connection.scalars(select(entry_table.c.id).where(fresh, hit)))


def said_words(store: Store, *, limit: int) -> list[tuple[str, str]]:
    """Return title and text of the newest entries that people spoke of."""
    columns = entry_table.c
    chosen = select(columns.title, columns.text).where(annotated(), columns.pruned.is_(False))
    with store.read() as connection:
        return [(row.title, row.text) for row in connection.execute(chosen.order_by(columns.id.desc()).limit(limit))]


def begun(store: Store, *, who: str, labels: Collection[str]) -> int | None:
    """Return the entry that this person reviewed last, if they left one of these labels open."""
    columns = annotation_table.c
    mine = and_(stands, columns.who == who, columns.via == "review")
    with store.read() as connection:
        last = connection.scalar(
            select(columns.entry_id).where(mine).order_by(columns.at.desc(), columns.id.desc()).limit(1)
        )
        told = select(columns.label).where(stands, columns.entry_id == last, columns.label.in_(sorted(labels)))
        given = set(connection.scalars(told))
    return last if last is not None and given and given < set(labels) else None
