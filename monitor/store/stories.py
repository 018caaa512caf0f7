"""Stories: listing them, and putting entries where people want them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, false, func, or_, select, update

from monitor.domain.entry import StoredEntry
from monitor.errors import UsageError
from monitor.store.database import Store
from monitor.store.entries import counting, entry_table, prediction_table, stored_entries
from monitor.store.said import said_yes
from monitor.store.sql import upsert
from monitor.store.tables import LedgerRow, StoryKeyRow, StoryMoveRow, table_of

_move = table_of(StoryMoveRow)
_key = table_of(StoryKeyRow)
_ledger = table_of(LedgerRow)
_IN = 10_000


def latest(
    store: Store, over: Mapping[str, float], *, since: datetime | None = None, skip: int = 0, limit: int | None = None
) -> list[int]:
    """Return the ids of stories, the last seen first: those of which some entry reaches the line of one of its labels,
    or was given one by people. ``since`` counts by when anything of a story was seen last."""
    columns, other = entry_table.c, entry_table.alias().c
    lines = [
        and_(prediction_table.c.label == label, prediction_table.c.probability >= line) for label, line in over.items()
    ]
    scored = columns.id.in_(select(prediction_table.c.entry_id).where(counting, or_(false(), *lines)))
    wanted = select(func.coalesce(columns.story_id, columns.id)).where(
        columns.pruned.is_(False), or_(scored, said_yes(over))
    )
    story, last = func.coalesce(other.story_id, other.id), func.max(other.first_seen)
    # Not the coalesced column, which has no index.
    mine = or_(other.story_id.in_(wanted), and_(other.story_id.is_(None), other.id.in_(wanted)))
    chosen = select(story).where(other.pruned.is_(False), mine).group_by(story).order_by(last.desc(), story.desc())
    if since is not None:
        chosen = chosen.having(last >= since)
    with store.read() as connection:
        return list(connection.scalars(chosen.limit(limit).offset(skip)))


def story_of(store: Store, entry_id: int) -> int | None:
    """Return the story that an entry is in, also one whose texts are gone; None where there is no such entry."""
    columns = entry_table.c
    with store.read() as connection:
        row = connection.execute(select(columns.story_id).where(columns.id == entry_id)).one_or_none()
    return None if row is None else row.story_id or entry_id


def of_story(store: Store, story_id: int) -> list[StoredEntry]:
    """Return the entries of a story, the oldest first; none where there is no such story."""
    with store.read() as connection:
        return stored_entries(connection, _belongs([story_id]))


def of_stories(store: Store, ids: Sequence[int]) -> dict[int, list[StoredEntry]]:
    """Return the entries of several stories, by story."""
    found: dict[int, list[StoredEntry]] = defaultdict(list)
    with store.read() as connection:
        for start in range(0, len(ids), _IN):
            for entry in stored_entries(connection, _belongs(ids[start : start + _IN])):
                found[entry.story_id].append(entry)
    return found


def spans(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[datetime, datetime]]:
    """Return when the first and the last entry of stories was first seen, by story, those whose texts are gone too."""
    columns, found = entry_table.c, dict[int, tuple[datetime, datetime]]()
    story, seen = columns.story_id, columns.first_seen
    chosen = select(story, func.min(seen).label("first"), func.max(seen).label("last")).group_by(story)
    for start in range(0, len(ids), _IN):
        rows = connection.execute(chosen.where(story.in_(ids[start : start + _IN])))
        found |= {row.story_id: (row.first, row.last) for row in rows}
    return found


def _belongs(ids: Sequence[int]) -> Any:
    columns = entry_table.c
    return or_(columns.story_id.in_(ids), and_(columns.story_id.is_(None), columns.id.in_(ids)))


def move(store: Store, entries: Sequence[int], into: int, *, marks: Collection[str], who: str, now: datetime) -> None:
    """Put entries into a story by hand, in one transaction: it is remembered who did, and when.

    ``marks`` are the story marks by which later entries are to follow them; those that lead to other stories than the
    entries were in stay. ``into`` is a story, or one of the entries, which then begin one. A story that keeps entries
    after the one that gave it its id has gone is called by the first of them; of one that keeps none, all marks go
    along. What a subscription was told of an entry counts for the story that it is in now. Raises UsageError for
    entries that are not there.
    """
    ids = sorted(set(entries))
    with store.write() as connection:
        former = _former(connection, ids)
        for story in former:
            _settle_rest(connection, story, ids, into, marks)
        mine = and_(_key.c.story_id.in_(former), _key.c.key.in_(sorted(marks)))
        connection.execute(update(_key).where(mine).values(story_id=into))
        connection.execute(update(entry_table).where(entry_table.c.id.in_(ids)).values(story_id=into))
        connection.execute(update(_ledger).where(_ledger.c.entry_id.in_(ids)).values(story_id=into))
        statement = upsert(connection, _move)
        changes = {name: statement.excluded[name] for name in ("story_id", "at", "who")}
        rows = [{"entry_id": id_, "story_id": into, "at": now, "who": who} for id_ in ids]
        connection.execute(statement.on_conflict_do_update(index_elements=["entry_id"], set_=changes), rows)


def _former(connection: Connection, ids: Sequence[int]) -> list[int]:
    """The stories that entries are in; raises UsageError for entries that are not there."""
    columns = entry_table.c
    rows = connection.execute(select(columns.id, columns.story_id).where(columns.id.in_(ids))).all()
    there = {row.id: row.story_id or row.id for row in rows}
    if missing := [str(id_) for id_ in ids if id_ not in there]:
        raise UsageError(f"no entr{'y' if len(missing) == 1 else 'ies'} {', '.join(missing)}; `monitor items list`")
    return sorted(set(there.values()))


def _settle_rest(connection: Connection, story: int, ids: Sequence[int], into: int, marks: Collection[str]) -> None:
    """Call what stays of a story by its own first entry, where the one that gave the id goes; and send after the
    entries what nobody can look at without them: marks, and what is left of entries whose texts are gone."""
    stays = and_(_belongs([story]), entry_table.c.id.not_in(ids))
    first = connection.scalar(select(func.min(entry_table.c.id)).where(stays, entry_table.c.pruned.is_(False)))
    if first is not None and story not in ids:
        return
    name = into if first is None else first
    others = and_(_key.c.story_id == story, _key.c.key.not_in(sorted(marks)))
    connection.execute(update(_key).where(others).values(story_id=name))
    connection.execute(update(entry_table).where(stays).values(story_id=name))
    for table in (_ledger, _move):
        rest = and_(table.c.story_id == story, table.c.entry_id.not_in(ids))
        connection.execute(update(table).where(rest).values(story_id=name))


def moved(store: Store, ids: Sequence[int]) -> dict[int, tuple[str, datetime]]:
    """Say who put entries where they are, and when, by id."""
    with store.read() as connection:
        rows = connection.execute(select(_move).where(_move.c.entry_id.in_(ids)))
        return {row.entry_id: (row.who, row.at) for row in rows}
