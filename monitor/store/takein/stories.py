"""Stories of an export: where entries are, what people moved, and by what later entries join."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from monitor.exchange.tables import Table, Values
from monitor.store.entries import entry_table
from monitor.store.export import Name
from monitor.store.tables import StoryKeyRow, StoryMoveRow, table_of
from monitor.store.takein.rows import Counts, Taking, insert_new, known_entries, of_entries

_entry: Any = entry_table.c
_move = table_of(StoryMoveRow)
_mark = table_of(StoryKeyRow)
_UNPLACED = None
"""The story of an entry that an import has brought, until it is put where it was; polls never leave one so."""


def stories(connection: Connection, taking: Taking, table: Table, rows: Sequence[Values]) -> Counts:
    """Put entries that have no story yet where they were; a story is what the entry that names it is in here."""
    mine = of_entries(connection, taking, table, rows, of_words=False)
    given = [row for of_entry in mine.rows.values() for row in of_entry]
    named = [pair for row in given for pair in (_story(row), _copy(row)) if pair is not None]
    known = known_entries(connection, taking, named, ("story_id",))
    called = {name: found.story_id or found.id for name, found in known.items()}
    ids = {name: found.id for name, found in known.items()}
    placed, moves = list[dict[str, Any]](), list[dict[str, Any]]()
    for row in given:
        id_, story, copied = row["entry_id"], _story(row), _copy(row)
        entry = mine.entries[id_]
        into = called.get(story, id_) if story else None
        original = ids.get(copied) if copied else None
        if entry.story_id is _UNPLACED and (into is not None or entry.copy_of != original):
            placed.append({"of": id_, "to": into, "original": original})
        else:
            mine.counts.told(same=(entry.story_id, entry.copy_of) == (into, original))
        if row["moved_at"] is not None and entry.story_id is _UNPLACED:
            who = row["moved_by"] or ""
            moves.append({"entry_id": id_, "story_id": into or id_, "at": row["moved_at"], "who": who})
    if placed and not taking.dry:
        here = update(entry_table).where(_entry.id == bindparam("of"))
        connection.execute(here.values(story_id=bindparam("to"), copy_of=bindparam("original")), placed)
    insert_new(connection, taking, _move, moves, ["entry_id"])
    mine.counts.new += len(placed)
    return mine.counts


def _story(row: dict[str, Any]) -> Name | None:
    return None if row["story_key"] is None else (row["story_feed"] or "", row["story_key"])


def _copy(row: dict[str, Any]) -> Name | None:
    return None if row["copy_key"] is None else (row["copy_feed"] or "", row["copy_key"])


def marks(connection: Connection, taking: Taking, _: Table, rows: Sequence[Values]) -> Counts:
    """Add marks that lead nowhere yet, those of stories that are here."""
    counts, new = Counts(), list[dict[str, Any]]()
    known = known_entries(connection, taking, [row[2:4] for row in rows], ("story_id",))
    keys = [row[0] for row in rows]
    there = {row.key: row.story_id for row in connection.execute(select(_mark).where(_mark.c.key.in_(keys)))}
    for mark, feed, *story, seen_at in rows:
        entry = known.get((story[0], story[1]))
        if entry is None:
            fresh = taking.dry and hash(tuple(story)) in taking.fresh
            counts.new += fresh
            counts.left_out += not fresh
            continue
        into = entry.story_id or entry.id
        if mark in there:
            counts.told(same=there[mark] == into)
        else:
            there[mark] = into
            new.append({"key": mark, "feed": feed, "story_id": into, "seen_at": seen_at})
    insert_new(connection, taking, _mark, new, ["key"])
    counts.new += len(new)
    return counts
