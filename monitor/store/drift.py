"""Entries of a stretch of time with what one model made of them, and the beginnings of their texts. Reads only."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select, true

from monitor.domain.entry import Origin
from monitor.store.database import Store
from monitor.store.entries import entry_table, feed_table, prediction_table

_PAGE = 1_000
_SPREAD = 619  # a prime that 1000 shares nothing with
_BEGINNING = 1_200  # characters; no classifier reads further at its first look


@dataclass(frozen=True, slots=True)
class Span:
    """Entries that polls saw first after ``since`` and up to ``until``; ``per_mille`` of them, spread over the ids.

    What only a backfill found is the past, and no measure of what comes.
    """

    since: datetime
    until: datetime
    per_mille: int = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry with its scores by label, nan where a label has none; ``no_text`` where there is only a title."""

    id: int
    feed: str
    lang: str
    no_text: bool
    scores: tuple[float, ...]


def _came(span: Span) -> Any:
    columns = entry_table.c
    between = and_(columns.first_seen > span.since, columns.first_seen <= span.until)
    return and_(between, columns.origin == Origin.LIVE.value)


def size(store: Store, span: Span) -> int:
    """Count the entries of a span, those that no model has scored too."""
    columns = entry_table.c
    mine = and_(_came(span), columns.pruned.is_(False))
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(entry_table).where(mine)) or 0


def seen(store: Store, span: Span, scorer: str, labels: Sequence[str]) -> list[Seen]:
    """Return the entries that the model of a scorer has scored, by id, with the scores of their newest version.

    The scores of the same model with another lexicon count where the scorer has none of its own.
    """
    columns = entry_table.c
    chosen = (
        select(columns.id, columns.feed, columns.lang, (columns.text == "").label("no_text"))
        .where(_came(span), columns.pruned.is_(False))
        .where(_part(columns.id, span))
        .order_by(columns.id)
    )
    with store.read() as connection:
        rows = connection.execute(chosen).all()
        if not rows:
            return []
        predicted = connection.execute(_predictions(rows[0].id, rows[-1].id, span, scorer, labels)).all()
    scores: dict[int, dict[str, float]] = {}
    ranks: dict[tuple[int, str], tuple[int, bool]] = {}
    for id_, label, version, made_by, probability in predicted:
        rank = (version, made_by == scorer)
        if rank >= ranks.get((id_, label), (0, False)):
            ranks[id_, label] = rank
            scores.setdefault(id_, {})[label] = probability
    return [
        Seen(id_, feed, lang, bool(no_text), tuple(scores[id_].get(label, math.nan) for label in labels))
        for id_, feed, lang, no_text in rows
        if id_ in scores
    ]


def _part(id_: Any, span: Span) -> Any:
    """What the ids of a part fulfil; those of one poll follow on one another, and should not stand for all."""
    return true() if span.per_mille >= 1000 else (id_ * _SPREAD) % 1000 < span.per_mille


def _predictions(first: int, last: int, span: Span, scorer: str, labels: Sequence[str]) -> Any:
    columns = prediction_table.c
    model = scorer.rpartition("+")[0]
    return (
        select(columns.entry_id, columns.label, columns.version, columns.scorer, columns.probability)
        .where(columns.entry_id.between(first, last))
        .where(_part(columns.entry_id, span))
        .where(columns.scorer.startswith(f"{model}+", autoescape=True))
        # By its index a label would be looked up in the whole table.
        .where(columns.label.concat("").in_(labels))
    )


def texts(store: Store, ids: Sequence[int]) -> Iterator[list[tuple[int, str, str]]]:
    """Give id, title and the beginning of the text of entries, in pages; pruned ones are left out."""
    columns = entry_table.c
    beginning = func.substr(columns.text, 1, _BEGINNING).label("beginning")
    chosen = select(columns.id, columns.title, beginning).where(columns.pruned.is_(False)).order_by(columns.id)
    for start in range(0, len(ids), _PAGE):
        with store.read() as connection:
            rows = connection.execute(chosen.where(columns.id.in_(ids[start : start + _PAGE]))).all()
        yield [(row.id, row.title, row.beginning) for row in rows]


def titles(store: Store, ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """Return id, title and source of a few entries, by id."""
    columns = entry_table.c
    chosen = (
        select(columns.id, columns.title, feed_table.c.source)
        .join(feed_table, feed_table.c.name == columns.feed)
        .where(columns.id.in_(ids))
        .order_by(columns.id)
    )
    with store.read() as connection:
        return [(row.id, row.title, row.source) for row in connection.execute(chosen)]


def sources(store: Store) -> dict[str, str]:
    """Name the source of each feed, also of those that have left the config."""
    with store.read() as connection:
        return {row.name: row.source for row in connection.execute(select(feed_table.c.name, feed_table.c.source))}
