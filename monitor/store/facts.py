"""What entries tell: writing it inside the caller's transaction, and reading it for people, newest first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, or_, select

from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Place, Role, Stage
from monitor.store.tables import EntryRow, FigureRow, MeasureRow, NameRow, PlaceRow, table_of

_entry = table_of(EntryRow)
_places = table_of(PlaceRow)
_measure = table_of(MeasureRow)
_figure = table_of(FigureRow)
_name = table_of(NameRow)
_IN = 10_000


def add_facts(connection: Connection, found: Iterable[tuple[int, Facts]]) -> None:
    """Write the facts of entries that have none yet, inside the caller's transaction."""
    rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for id_, facts in found:
        rows[_places] += [
            {"entry_id": id_, "position": at, "country": place.country, "roles": " ".join(sorted(place.roles))}
            for at, place in enumerate(facts.places)
        ]
        rows[_measure] += [
            {
                "entry_id": id_, "position": at, "measure": told.measure.value, "country": told.country,
                "stage": told.stage.value, "negated": told.negated, "words": told.words,
            }
            for at, told in enumerate(facts.measures)
        ]  # fmt: skip
        rows[_figure] += [
            {
                "entry_id": id_, "position": at, "low": figure.low, "high": figure.high, "to": figure.to,
                "approximate": figure.approximate, "counted": figure.of.value, "origin": " ".join(figure.origin),
                "as_of": figure.as_of, "by": figure.by, "words": figure.words,
            }
            for at, figure in enumerate(facts.figures)
        ]  # fmt: skip
        names = [("person", name) for name in facts.persons] + [("actor", name) for name in facts.actors]
        rows[_name] += [
            {"entry_id": id_, "position": at, "kind": kind, "name": name} for at, (kind, name) in enumerate(names)
        ]
    for table, listed in rows.items():
        if listed:
            connection.execute(insert(table), listed)


def drop_facts(connection: Connection, ids: Sequence[int]) -> None:
    """Forget the facts of entries whose words have changed, or are gone."""
    for table in (_places, _measure, _figure, _name):
        for start in range(0, len(ids), _IN):
            connection.execute(delete(table).where(table.c.entry_id.in_(ids[start : start + _IN])))


def has_facts() -> Any:
    """A condition on the entry table: an entry tells more than countries, which are known of every entry."""
    return or_(*(exists().where(table.c.entry_id == _entry.c.id) for table in (_measure, _figure, _name)))


def facts_of(connection: Connection, ids: Sequence[int]) -> dict[int, Facts]:
    """Read the facts of entries, by id; of one that has none nothing is returned."""
    tables = (_places, _measure, _figure, _name)
    places, measures, figures, names = (_rows(connection, table, ids) for table in tables)
    return {
        id_: Facts(
            tuple(_place(row.country, row.roles) for row in places[id_]),
            tuple(measure_of(row) for row in measures[id_]),
            tuple(figure_of(row) for row in figures[id_]),
            tuple(row.name for row in names[id_] if row.kind == "person"),
            tuple(row.name for row in names[id_] if row.kind == "actor"),
        )
        for id_ in {*places, *measures, *figures, *names}
    }


def _rows(connection: Connection, table: Any, ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for start in range(0, len(ids), _IN):
        part = table.c.entry_id.in_(ids[start : start + _IN])
        for row in connection.execute(select(table).where(part).order_by(table.c.entry_id, table.c.position)):
            found[row.entry_id].append(row)
    return found


@lru_cache(maxsize=4096)  # there are few, and they are half of what is read
def _place(country: str, roles: str) -> Place:
    return Place(country, frozenset(map(Role, roles.split())))


def measure_of(row: Any) -> MeasureFact:
    """Make the value of a row."""
    return MeasureFact(Measure(row.measure), row.country, Stage(row.stage), row.negated, row.words)


def figure_of(row: Any) -> Figure:
    """Make the value of a row."""
    return Figure(
        row.low, row.high, row.approximate, Counted(row.counted), tuple(row.origin.split()), row.to, row.as_of, row.by,
        row.words,
    )  # fmt: skip
