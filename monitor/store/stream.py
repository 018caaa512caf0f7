"""The stream of the last days without its words, and what one scorer makes of entries. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from monitor.domain.entry import WATCH
from monitor.store.database import Store
from monitor.store.entries import counting, entry_table, prediction_table

_IN = 10_000


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry of the stream."""

    id: int
    story_id: int
    feed: str
    lang: str
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A label's score, 0 where the scorer gave that label none, and whether the entry hits the watch-list."""

    probability: float
    watched: bool


def seen(store: Store, *, since: datetime, until: datetime) -> list[Seen]:
    """Return what came after ``since``, up to ``until``, and may be announced: what digests are made of. By id."""
    columns = entry_table.c
    chosen = (
        select(columns.id, columns.story_id, columns.feed, columns.lang, columns.first_seen)
        .where(columns.first_seen > since, columns.first_seen <= until)
        .where(columns.announceable.is_(True), columns.pruned.is_(False))
        .order_by(columns.id)
    )
    with store.read() as connection:
        rows = connection.execute(chosen)
        return [Seen(row.id, row.story_id or row.id, row.feed, row.lang, row.first_seen) for row in rows]


def held(store: Store, ids: Sequence[int], scorer: str, label: str) -> dict[int, Held]:
    """Return what a scorer says of entries, by id, without those whose version that counts it has not scored.

    That is the newest version with scores: an edit that changed nothing that matters has none of its own.
    """
    columns = prediction_table.c
    chosen = (
        select(columns.entry_id, columns.version, columns.scorer, columns.label, columns.probability)
        .join(entry_table, entry_table.c.id == columns.entry_id)
        .where(entry_table.c.classified.is_(True), counting)
    )
    newest: dict[int, tuple[int, dict[str, float]]] = {}
    with store.read() as connection:
        for part in _parts(ids):
            for row in connection.execute(chosen.where(columns.entry_id.in_(part))):
                version, scores = newest.get(row.entry_id, (0, {}))
                if row.version >= version:
                    scores = scores if row.version == version else {}
                    newest[row.entry_id] = (row.version, scores)
                    if row.scorer == scorer:
                        scores[row.label] = row.probability
    return {id_: Held(scores.get(label, 0.0), WATCH in scores) for id_, (_, scores) in newest.items() if scores}


def words(store: Store, ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """Return title, text and language of entries by id."""
    columns = entry_table.c
    chosen = select(columns.id, columns.title, columns.text, columns.lang)
    with store.read() as connection:
        return {
            row.id: (row.title, row.text, row.lang)
            for part in _parts(ids)
            for row in connection.execute(chosen.where(columns.id.in_(part)))
        }


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _IN] for start in range(0, len(ids), _IN))
