"""Measures and figures with the entries that tell them, for the policy tracker and the figures ledger. Reads only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, false, literal, or_, select

from monitor.domain.entry import WATCH, Score
from monitor.domain.facts import Counted, Figure, Measure, MeasureFact, Stage
from monitor.domain.telling import Teller
from monitor.store.database import Store
from monitor.store.entries import counting, entry_table, feed_table, prediction_table
from monitor.store.facts import figure_of, measure_of
from monitor.store.said import said, said_yes
from monitor.store.tables import FigureRow, MeasureRow, table_of

_measure = table_of(MeasureRow)
_figure = table_of(FigureRow)
_IN = 10_000
_NUMBERS = 200  # in one statement


@dataclass(frozen=True, slots=True)
class Which:
    """Which entries to read, roughly: ``over`` are lines that one of their labels reaches, or that people put in.

    With ``watched`` those on the watch-list come too. ``since`` keeps whole stories of which something was first seen
    since then: how far back a story goes is for the caller to judge.
    """

    over: Mapping[str, float]
    watched: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry with what decides whether it is in: the newest score of each label, without terms, and people's word."""

    teller: Teller
    scores: Mapping[str, Score]
    human: Mapping[str, bool]


def measures(
    store: Store,
    which: Which,
    *,
    measure: Measure | None = None,
    country: str | None = None,
    stage: Stage | None = None,
) -> list[tuple[Judged, MeasureFact]]:
    """Read the measures that entries tell, by entry. ``country`` "" means an international body, None any."""
    columns = _measure.c
    conditions = [columns.measure == measure.value] if measure else []
    if country is not None:
        conditions.append(columns.country == country if country else columns.country.is_(None))
    if stage:
        conditions.append(columns.stage == stage.value)
    with store.read() as connection:
        found = _rows(connection, _measure, which, conditions)
        judged = _judged(connection, found)
    return [(judged[row.entry_id], measure_of(row)) for row in found]


def figures(
    store: Store, which: Which, *, of: Counted | None = None, country: str | None = None
) -> list[tuple[Judged, Figure]]:
    """Read the counts that entries give, by entry. ``country`` keeps those of people from there, or who came there."""
    columns = _figure.c
    conditions = [columns.counted == of.value] if of else []
    if country is not None:
        padded = literal(" ") + columns.origin + literal(" ")
        conditions.append(or_(columns.to == country, padded.contains(f" {country} ", autoescape=True)))
    with store.read() as connection:
        found = _rows(connection, _figure, which, conditions)
        judged = _judged(connection, found)
    return [(judged[row.entry_id], figure_of(row)) for row in found]


def cited(
    store: Store, numbers: Collection[tuple[Counted, int | None, int | None]], *, before: datetime
) -> list[tuple[Judged, Figure]]:
    """Read the counts of these kinds and numbers that entries first seen before a time give by a name, by entry.

    They are found by the index on kind and numbers, and their entries' scores by entry: what it costs goes by how often
    a number was told, not by how much is stored.
    """
    entry, found = entry_table.c, list[Any]()
    wanted = sorted(numbers, key=str)
    with store.read() as connection:
        for start in range(0, len(wanted), _NUMBERS):
            same = or_(*(_numbered(*key) for key in wanted[start : start + _NUMBERS]))
            named = and_(_figure.c.by != "", entry.pruned.is_(False), entry.first_seen < before)
            found += connection.execute(_chosen(_figure).where(same, named)).all()
        judged = _judged(connection, found)
    return [(judged[row.entry_id], figure_of(row)) for row in found]


def _numbered(of: Counted, low: int | None, high: int | None) -> Any:
    """A condition on figures; PostgreSQL looks up "IS NOT DISTINCT FROM" in no index."""
    columns = _figure.c
    lowest = columns.low.is_(None) if low is None else columns.low == low
    return and_(columns.counted == of.value, lowest, columns.high.is_(None) if high is None else columns.high == high)


def acting(store: Store) -> list[str]:
    """Return the codes of all countries that measures or figures speak of, in order."""
    with store.read() as connection:
        actors = set(connection.scalars(select(_measure.c.country).distinct()))
        goals = set(connection.scalars(select(_figure.c.to).distinct()))
        homes = {code for origin in connection.scalars(select(_figure.c.origin).distinct()) for code in origin.split()}
    return sorted(code for code in actors | goals | homes if code)


def _rows(connection: Connection, table: Any, which: Which, conditions: Sequence[Any]) -> Sequence[Any]:
    return connection.execute(_chosen(table).where(*conditions, *_wanted(which))).all()


def _chosen(table: Any) -> Any:
    """The rows of a table of facts, in the order of entries, with the names that an entry needs beside."""
    entry = entry_table.c
    return (
        select(
            table, entry.story_id, entry.feed, entry.title.label("entry_title"), entry.url, entry.lang,
            entry.published, entry.first_seen, feed_table.c.source.label("source_title"),
        )
        .join(entry_table, entry.id == table.c.entry_id)
        .join(feed_table, feed_table.c.name == entry.feed)
        .order_by(table.c.entry_id, table.c.position)
    )  # fmt: skip


def _wanted(which: Which) -> list[Any]:
    entry, scores = entry_table.c, prediction_table.c
    lines = {**which.over, **({WATCH: 1.0} if which.watched else {})}
    reached = or_(false(), *(and_(scores.label == label, scores.probability >= at) for label, at in lines.items()))
    conditions = [
        entry.pruned.is_(False),
        or_(entry.id.in_(select(scores.entry_id).where(counting, reached)), said_yes(which.over)),
    ]
    if which.since is not None:
        other = entry_table.alias().c
        fresh = select(other.story_id).where(other.first_seen >= which.since, other.story_id.is_not(None))
        conditions.append(or_(entry.first_seen >= which.since, entry.story_id.in_(fresh)))
    return conditions


def _judged(connection: Connection, rows: Sequence[Any]) -> dict[int, Judged]:
    """The entries of rows, each once."""
    first = {row.entry_id: row for row in reversed(rows)}
    ids = sorted(first)
    scores, human = _scores(connection, ids), said(connection, ids)
    return {id_: Judged(_teller(row), scores.get(id_, {}), human.get(id_, {})) for id_, row in first.items()}


def _teller(row: Any) -> Teller:
    return Teller(
        row.entry_id, row.story_id or row.entry_id, row.feed, row.source_title, row.entry_title, row.url, row.lang,
        row.published, row.first_seen,
    )  # fmt: skip


def _scores(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Score]]:
    """The score of each label that counts; the terms would take most of the time."""
    columns, found = prediction_table.c, dict[int, dict[str, Score]]()
    chosen = select(columns.entry_id, columns.label, columns.probability).where(counting).order_by(columns.counts_since)
    for start in range(0, len(ids), _IN):
        for row in connection.execute(chosen.where(columns.entry_id.in_(ids[start : start + _IN]))):
            found.setdefault(row.entry_id, {})[row.label] = Score(row.probability)
    return found
