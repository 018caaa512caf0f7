"""What `monitor export` writes, read in key pages in one transaction: one view of the store, however long it takes.

No more than a page is held in memory, and of a choice the ids of what was chosen, eight bytes each.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, true

from monitor.domain.entry import StoredEntry
from monitor.exchange import tables as form
from monitor.exchange.tables import Table, Values, What
from monitor.normalise.text import fingerprint
from monitor.store.database import Store
from monitor.store.entries import counting, entry_table, feed_table, prediction_table, stored_entries
from monitor.store.memory import read_memory
from monitor.store.said import annotation_table, said_yes
from monitor.store.tables import (
    AliasRow,
    EntryVersionRow,
    FigureRow,
    MeasureRow,
    NameRow,
    PlaceRow,
    StoryIndexRow,
    StoryKeyRow,
    StoryMoveRow,
    table_of,
)

_entry: Any = entry_table.c
_move = table_of(StoryMoveRow)
_mark = table_of(StoryKeyRow)
_PAGE = 500
"""Entries read at once, with all that is theirs."""
_MARKS = 2_000
"""Story marks read at once."""

Name = tuple[str, str]
"""A feed and a key: by these an entry is known in every store."""
Rows = tuple[Table, list[Values]]

_OF_ENTRY: tuple[tuple[Table, Any, str], ...] = (
    (form.VERSIONS, EntryVersionRow, "version"),
    (form.ALIASES, AliasRow, "key"),
    (form.PREDICTIONS, prediction_table, "version scorer label"),
    (form.ANNOTATIONS, annotation_table, "id"),
    (form.PLACES, PlaceRow, "position"),
    (form.MEASURES, MeasureRow, "position"),
    (form.FIGURES, FigureRow, "position"),
    (form.NAMES, NameRow, "position"),
)
"""The tables whose rows are an entry's, with what they are ordered by within it."""
CALLED = {"alias": "key", "mark": "key"}
"""Columns that have another name in the store."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which entries: first seen between two times, both included, of these feeds, and those for which ``keep``
    says so, of what could pass: a score at or over the line of one of the labels in ``over``, or a person's yes."""

    since: datetime | None = None
    until: datetime | None = None
    feeds: frozenset[str] | None = None
    over: dict[str, float] | None = None
    keep: Callable[[StoredEntry], bool] | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Chosen()


def count(store: Store) -> int:
    """Count all entries there are, emptied ones too."""
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(entry_table)) or 0


def exported(store: Store, chosen: Chosen, what: Collection[What]) -> Iterator[Rows]:
    """Yield the rows of all tables, a page of entries with what is theirs at a time; stories come last, when all
    entries that they point at are there."""
    with store.read() as connection:
        ids = None if chosen.everything else _choose(connection, chosen)
        if What.ENTRIES in what:
            yield from _feeds(connection, ids)
        if set(what) - {What.STORIES}:
            for page in _pages(connection, ids):
                yield from _entries(connection, page, what)
        if What.STORIES in what:
            for page in _pages(connection, ids):
                yield from _stories(connection, page, ids)
            yield from _marks(connection, ids)


def _choose(connection: Connection, chosen: Chosen) -> "array[int]":
    """The ids of what is chosen, ascending."""
    ids, after = array("q"), 0
    condition = and_(*_conditions(chosen))
    while True:
        beyond = and_(condition, _entry.id > after)
        if chosen.keep is None:
            found = list(connection.scalars(select(_entry.id).where(beyond).order_by(_entry.id).limit(_PAGE)))
            ids.extend(found)
        else:
            page = stored_entries(connection, beyond, limit=_PAGE)
            found = [stored.id for stored in page]
            ids.extend(stored.id for stored in page if chosen.keep(stored))
        if not found:
            return ids
        after = found[-1]


def _conditions(chosen: Chosen) -> Iterator[Any]:
    yield true()
    if chosen.since is not None:
        yield _entry.first_seen >= chosen.since
    if chosen.until is not None:
        yield _entry.first_seen <= chosen.until
    if chosen.feeds is not None:
        yield _entry.feed.in_(sorted(chosen.feeds))
    if chosen.over is not None:
        columns = prediction_table.c
        lines = [
            and_(counting, columns.label == label, columns.probability >= line) for label, line in chosen.over.items()
        ]
        yield or_(_entry.id.in_(select(columns.entry_id).where(or_(*lines))), said_yes(chosen.over))


def _pages(connection: Connection, ids: "array[int] | None") -> Iterator[dict[int, Name]]:
    """The names of entries by id, a page at a time, ascending."""
    named, after, start = select(_entry.id, _entry.feed, _entry.key).order_by(_entry.id), 0, 0
    while True:
        if ids is None:
            rows = connection.execute(named.where(_entry.id > after).limit(_PAGE))
        else:
            rows = connection.execute(named.where(_entry.id.in_(ids[start : start + _PAGE].tolist())))
            start += _PAGE
        page = {row.id: (row.feed, row.key) for row in rows}
        if not page:
            return
        yield page
        after = max(page)


def _feeds(connection: Connection, ids: "array[int] | None") -> Iterator[Rows]:
    wanted: set[str] | None = None if ids is None else {name for p in _pages(connection, ids) for name, _ in p.values()}
    rows = connection.execute(select(feed_table).order_by(feed_table.c.name))
    yield (
        form.FEEDS,
        [
            (row.name, row.url, row.source, row.added_at, read_memory(row.memory).trust.value)
            for row in rows
            if wanted is None or row.name in wanted
        ],
    )


def _entries(connection: Connection, page: dict[int, Name], what: Collection[What]) -> Iterator[Rows]:
    if What.ENTRIES in what:
        columns = [_entry[name] for name in form.ENTRIES.names]
        rows = connection.execute(select(*columns).where(_entry.id.in_(page)).order_by(_entry.id))
        yield form.ENTRIES, [tuple(row) for row in rows]
    written = form.tables_of(what)
    if form.WORDS in written:
        yield form.WORDS, _words(connection, page)
    for table, source, order in _OF_ENTRY:
        if table in written:
            yield table, _rows(connection, page, table, source, order)


def _words(connection: Connection, page: dict[int, Name]) -> list[Values]:
    """Of what words the entries of a page are; emptied ones have none, and nothing that is of words."""
    columns = (_entry.id, _entry.version, _entry.title, _entry.text)
    mine = select(*columns).where(_entry.id.in_(page), _entry.pruned.is_(False)).order_by(_entry.id)
    return [
        (*page[row.id], row.version, fingerprint(row.title, row.text)) for row in connection.execute(mine)
    ]  # fmt: skip


def _rows(connection: Connection, page: dict[int, Name], table: Table, source: Any, order: str) -> list[Values]:
    columns = getattr(source, "__table__", source).c
    chosen = [columns.entry_id, *(columns[CALLED.get(name, name)] for name in table.names[2:])]
    mine = select(*chosen).where(columns.entry_id.in_(page))
    ordered = mine.order_by(columns.entry_id, *(columns[name] for name in order.split()))
    return [(*page[id_], *rest) for id_, *rest in connection.execute(ordered)]


def _stories(connection: Connection, page: dict[int, Name], ids: "array[int] | None") -> Iterator[Rows]:
    columns = (_entry.id, _entry.story_id, _entry.copy_of, _move.c.at, _move.c.who)
    joined = entry_table.outerjoin(_move, _move.c.entry_id == _entry.id)
    mine = select(*columns).select_from(joined).where(_entry.id.in_(page)).order_by(_entry.id)
    rows = connection.execute(mine).all()
    called = _called(connection, {row.story_id for row in rows if row.story_id is not None}, ids)
    wanted = {*called.values(), *(row.copy_of for row in rows if row.copy_of is not None)}
    names = page | _names(connection, wanted - set(page))
    nobody = (None, None)
    placed = []
    for row in rows:
        story = names.get(called.get(row.story_id, 0), nobody)
        values = (*page[row.id], *story, *names.get(row.copy_of or 0, nobody), row.at, row.who)
        if values[2:] != (None,) * 6:
            placed.append(values)
    yield form.STORIES, placed
    yield form.INDEX, _rows(connection, page, form.INDEX, StoryIndexRow, "key")


def _called(connection: Connection, stories: set[int], ids: "array[int] | None") -> dict[int, int]:
    """The entry by which each story is called in an export: the one that gave it its id, else, where that is not
    chosen, the first that is."""
    if ids is None:
        return {id_: id_ for id_ in stories}
    mine = or_(_entry.story_id.in_(stories), _entry.id.in_(stories))
    members = connection.execute(select(_entry.id, _entry.story_id).where(mine).order_by(_entry.id.desc())).all()
    chosen = {row.id: row.story_id for row in members if _holds(ids, row.id)}
    first = {story: id_ for id_, story in chosen.items()}  # descending, so that the first stays
    return {id_: id_ if id_ in chosen else first[id_] for id_ in stories if id_ in chosen or id_ in first}


def _holds(ids: Sequence[int], id_: int) -> bool:
    at = bisect_left(ids, id_)
    return at < len(ids) and ids[at] == id_


def _names(connection: Connection, ids: Collection[int]) -> dict[int, Name]:
    rows = connection.execute(select(_entry.id, _entry.feed, _entry.key).where(_entry.id.in_(sorted(ids))))
    return {row.id: (row.feed, row.key) for row in rows}


def _marks(connection: Connection, ids: "array[int] | None") -> Iterator[Rows]:
    """The marks that lead to stories of the export, by their keys: nothing finds them by their story."""
    columns, after = _mark.c, ""
    ordered = select(columns.key, columns.feed, columns.story_id, columns.seen_at).order_by(columns.key)
    while page := connection.execute(ordered.where(columns.key > after).limit(_MARKS)).all():
        called = _called(connection, {row.story_id for row in page}, ids)
        names = _names(connection, set(called.values()))
        led = [(row, names.get(called.get(row.story_id, 0))) for row in page]
        yield form.MARKS, [(row.key, row.feed, *story, row.seen_at) for row, story in led if story is not None]
        after = page[-1].key
