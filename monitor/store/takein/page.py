"""One page of an import."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from monitor.exchange import tables as form
from monitor.exchange.tables import Row, Table, Type, Values
from monitor.store.database import Store
from monitor.store.tables import EntryVersionRow, FigureRow, MeasureRow, NameRow, PlaceRow, StoryIndexRow, table_of
from monitor.store.takein.entries import entries, feeds, words
from monitor.store.takein.facts import Take, aliases, all_or_none, annotations, one_by_one, predictions
from monitor.store.takein.rows import Counts, Taking
from monitor.store.takein.stories import marks, stories

_LONGEST_KEY = 2_500
"""Bytes of the columns of an index on PostgreSQL, which refuses an entry of more than 2,704."""
_KEYS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        form.FEEDS.name: frozenset({"name"}),
        form.ENTRIES.name: frozenset({"feed", "key"}),
        form.ALIASES.name: frozenset({"feed", "alias"}),
        form.PREDICTIONS.name: frozenset({"label", "scorer"}),
        form.ANNOTATIONS.name: frozenset({"label"}),
        form.PLACES.name: frozenset({"country"}),
        form.MEASURES.name: frozenset({"country"}),
        form.MARKS.name: frozenset({"mark"}),
        form.INDEX.name: frozenset({"mark"}),
    }
)
"""The columns of each table that are in an index."""


_ORDERED = ["entry_id", "position"]
_TAKE: Mapping[str, Take] = MappingProxyType(
    {
        form.FEEDS.name: feeds,
        form.ENTRIES.name: entries,
        form.VERSIONS.name: one_by_one(table_of(EntryVersionRow), ["entry_id", "version"]),
        form.ALIASES.name: aliases,
        form.WORDS.name: words,
        form.PREDICTIONS.name: predictions,
        form.ANNOTATIONS.name: annotations,
        form.PLACES.name: all_or_none(table_of(PlaceRow), ["entry_id", "country"]),
        form.MEASURES.name: all_or_none(table_of(MeasureRow), _ORDERED),
        form.FIGURES.name: all_or_none(table_of(FigureRow), _ORDERED),
        form.NAMES.name: all_or_none(table_of(NameRow), _ORDERED),
        form.STORIES.name: stories,
        form.MARKS.name: marks,
        form.INDEX.name: one_by_one(table_of(StoryIndexRow), ["entry_id", "key"]),
    }
)


def take(store: Store, taking: Taking, table: Table, rows: Sequence[Values]) -> Counts:
    """Write rows of a table in one transaction, or with ``taking.dry`` say what would become of them. Rows of one entry
    come in one page."""
    with store.read() if taking.dry else store.write() as connection:
        return _TAKE[table.name](connection, taking, table, rows)


def cannot_hold(store: Store, row: Row) -> str:
    """Say why a database cannot hold a row, "" where it can."""
    if store.dialect != "postgresql":
        return ""
    texts = [(c.name, v) for c, v in zip(row.table.columns, row.values, strict=True) if c.type is Type.TEXT and v]
    for name, value in texts:
        if "\0" in value:
            return f"{name}: it holds a NUL, which PostgreSQL cannot store"
    keys = _KEYS.get(row.table.name, frozenset())
    if sum(len(value.encode()) for name, value in texts if name in keys) > _LONGEST_KEY:
        return f"its names are longer than the {_LONGEST_KEY:,} bytes that PostgreSQL can find again"
    return ""
