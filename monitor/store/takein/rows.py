"""What all tables share: counting, finding the entries that rows are of, and adding what is not there."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, tuple_

from monitor.exchange.tables import Table, Values, What
from monitor.store.entries import entry_table
from monitor.store.export import CALLED, Name
from monitor.store.sql import upsert

_entry: Any = entry_table.c
_IN = 5_000
"""Names in one statement, of two parameters each; SQLite takes 32,766."""


@dataclass(slots=True)
class Counts:
    """What became of rows: new ones, those that were there, those that are there otherwise and stay so, and those
    whose entry, or the words that they are of, are neither here nor in the export."""

    new: int = 0
    there: int = 0
    differs: int = 0
    left_out: int = 0

    def add(self, other: "Counts") -> None:
        """Add what became of others."""
        self.new += other.new
        self.there += other.there
        self.differs += other.differs
        self.left_out += other.left_out

    def told(self, *, same: bool) -> None:
        """Count a row that is there, as it is or otherwise."""
        self.there += same
        self.differs += not same

    @property
    def rows(self) -> int:
        """How many there were."""
        return self.new + self.there + self.differs + self.left_out


@dataclass(slots=True)
class Taking:
    """An import of these kinds on its way. ``changed`` are entries here that say something else than those of the
    export: what was made of other words is not theirs. Where entries are not in the export, ``same`` are those here
    that say what it is of. With ``dry`` nothing is written, and ``fresh`` are those that would be new."""

    what: frozenset[str] = frozenset(What)
    dry: bool = False
    same: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    fresh: set[int] = field(default_factory=set)


def known_entries(
    connection: Connection, taking: Taking, names: Sequence[Name], columns: Sequence[str]
) -> dict[Name, Any]:
    """The entries here, by feed and key, held until the end of the transaction."""
    wanted, found = sorted(set(names)), dict[Name, Any]()
    chosen = select(_entry.id, _entry.feed, _entry.key, *(_entry[name] for name in columns)).order_by(_entry.id)
    for start in range(0, len(wanted), _IN):
        mine = chosen.where(tuple_(_entry.feed, _entry.key).in_(wanted[start : start + _IN]))
        held = mine if taking.dry else mine.with_for_update(key_share=True)
        found |= {(row.feed, row.key): row for row in connection.execute(held)}
    return found


def insert_new(
    connection: Connection, taking: Taking, table: Any, rows: Sequence[dict[str, Any]], unique: list[str]
) -> None:
    if rows and not taking.dry:
        connection.execute(upsert(connection, table).on_conflict_do_nothing(index_elements=unique), rows)


@dataclass(frozen=True, slots=True)
class Mine:
    """The rows of a page that are of entries here, by id, in their order, as the store has them."""

    entries: dict[int, Any]
    rows: dict[int, list[dict[str, Any]]]
    counts: Counts


def of_entries(connection: Connection, taking: Taking, table: Table, rows: Sequence[Values], *, of_words: bool) -> Mine:
    """Find whose the rows are; with ``of_words`` they say nothing of an entry whose words are others here."""
    known = known_entries(connection, taking, [row[:2] for row in rows], ("story_id", "copy_of"))
    counts, found = Counts(), defaultdict[int, list[dict[str, Any]]](list)
    names = [CALLED.get(name, name) for name in table.names[2:]]
    for row in rows:
        entry = known.get(row[:2])
        if entry is None:
            fresh = taking.dry and hash(row[:2]) in taking.fresh
            counts.new += fresh
            counts.left_out += not fresh
        elif of_words and What.ENTRIES not in taking.what and entry.id not in taking.same:
            counts.left_out += 1
        elif of_words and entry.id in taking.changed:
            counts.differs += 1
        else:
            found[entry.id].append({"entry_id": entry.id, **dict(zip(names, row[2:], strict=True))})
    return Mine({entry.id: entry for entry in known.values()}, found, counts)


def rows_of(connection: Connection, source: Any, ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The rows of a table that entries have here."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    if ids:
        for row in connection.execute(select(source).where(source.c.entry_id.in_(sorted(ids)))).mappings():
            found[row["entry_id"]].append(dict(row))
    return found
