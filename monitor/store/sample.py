"""Entries that nobody labelled and that score low, for training on a user's own stream. Reads only."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from monitor.store.database import Store
from monitor.store.entries import counting, entry_table, prediction_table
from monitor.store.said import annotated

_IN = 10_000
_SCORED = entry_table.c.classified.is_(True) & entry_table.c.pruned.is_(False)


@dataclass(frozen=True, slots=True)
class Low:
    """An entry that scores low, and its story."""

    id: int
    story_id: int


def low(store: Store, labels: Collection[str], *, below: float) -> list[Low]:
    """Return the scored entries, by id, none of whose scores of these labels has ever reached ``below``.

    Without those of a story of which people said something: they know more of it than a score does.
    """
    columns, scores = entry_table.c, prediction_table.c
    reached = counting & scores.label.in_(sorted(labels)) & (scores.probability >= below)
    high = select(scores.entry_id).where(reached)  # one list for all: to ask anew for each entry takes a minute
    chosen = select(columns.id, columns.story_id).where(
        _SCORED, columns.id.not_in(high), columns.story_id.not_in(_spoken_of())
    )
    with store.read() as connection:
        return [Low(row.id, row.story_id) for row in connection.execute(chosen.order_by(columns.id))]


def _spoken_of() -> Any:
    story = entry_table.c.story_id
    return select(story).where(annotated(), story.is_not(None))


def texts(store: Store, ids: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Read title and text of entries, by id."""
    columns = entry_table.c
    for start in range(0, len(ids), _IN):
        mine = columns.id.in_(ids[start : start + _IN])
        chosen = select(columns.title, columns.text).where(mine).order_by(columns.id)
        with store.read() as connection:
            rows = connection.execute(chosen).all()
        yield from ((row.title, row.text) for row in rows)


def count(store: Store, *, since: int) -> int:
    """Count the scored entries from an id on."""
    with store.read() as connection:
        mine = select(func.count()).select_from(entry_table).where(_SCORED, entry_table.c.id >= since)
        return connection.scalar(mine) or 0
