"""Earlier entries that new ones may belong with: found by the story index, and read for comparing."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import JSON, FromClause, Text, and_, bindparam, cast, func, select, true

from monitor.domain.entry import Entry
from monitor.domain.facts import NOTHING, Facts
from monitor.store.database import Store
from monitor.store.entries import entry_of, entry_table
from monitor.store.facts import facts_of
from monitor.store.tables import StoryIndexRow, table_of

_index = table_of(StoryIndexRow)
_IN = 10_000
MOST_CANDIDATES = 30
"""Stored entries that one new entry is held against; more share its keys only where these say little."""
PER_KEY = 40
"""Entries of a key that are looked at, the newest: so the cost goes by the number of keys, not by that of entries."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An entry that shares keys with a new one, its story, and what tells whether it is known as it is now."""

    id: int
    story_id: int
    feed: str
    key: str
    version: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What is compared of a stored entry."""

    id: int
    version: int
    feed: str
    entry: Entry
    fingerprint: str
    first_seen: datetime
    facts: Facts


@dataclass(frozen=True, slots=True)
class Wanted:
    """The keys of an entry, and the times between which those were seen that may belong with it, both included."""

    keys: Collection[str]
    since: datetime
    until: datetime


def nearest(store: Store, wanted: Sequence[Wanted]) -> list[list[Neighbour]]:
    """Return for each set of keys the entries of its time that share most of them, the most and the newest first.

    Of each key only the `PER_KEY` newest entries of that time count. One indexed query a set, all of them in one view
    of the store.
    """
    statement = _nearest(store.dialect)
    with store.read() as connection:
        return [
            [
                Neighbour(id_, story_id or id_, *known_by)
                for id_, story_id, *known_by in connection.execute(
                    statement, {"keys": json.dumps(sorted(set(one.keys))), "since": one.since, "until": one.until}
                )
            ]
            for one in wanted
        ]


@cache
def _nearest(dialect: str) -> Any:
    newest = (_newest_by_lateral if dialect == "postgresql" else _newest_from_threshold)()
    shared = func.count().label("shared")
    best = (
        select(newest.c.entry_id, shared)
        .group_by(newest.c.entry_id)
        .order_by(shared.desc(), newest.c.entry_id.desc())
        .limit(MOST_CANDIDATES)
        .subquery()
    )
    columns = entry_table.c
    return (
        select(columns.id, columns.story_id, columns.feed, columns.key, columns.version, columns.fingerprint)
        .join(best, best.c.entry_id == columns.id)
        .where(columns.pruned.is_(False))
        .order_by(best.c.shared.desc(), best.c.entry_id.desc())
    )


def _newest_from_threshold() -> FromClause:
    """The newest rows of each key, for SQLite, which knows no LATERAL: from where the last of them is."""
    keys = func.json_each(bindparam("keys")).table_valued("value")
    row, other = _index.alias("row"), _index.alias("other")
    last = (
        select(other.c.entry_id)
        .where(other.c.key == keys.c.value, _of_the_time(other))
        .order_by(other.c.entry_id.desc())
        .limit(1)
        .offset(PER_KEY - 1)
        .scalar_subquery()
    )
    mine = and_(row.c.key == keys.c.value, row.c.entry_id >= func.coalesce(last, 0), _of_the_time(row))
    return select(row.c.entry_id).select_from(keys.join(row, mine)).subquery("newest")


def _newest_by_lateral() -> FromClause:
    """The newest rows of each key, for PostgreSQL, which may work a threshold out anew for every row."""
    keys = func.json_array_elements_text(cast(bindparam("keys", type_=Text), JSON)).table_valued("value")
    of_key = (
        select(_index.c.entry_id)
        .where(_index.c.key == keys.c.value, _of_the_time(_index))
        .order_by(_index.c.entry_id.desc())
        .limit(PER_KEY)
        .lateral("newest")
    )
    return select(of_key.c.entry_id).select_from(keys.join(of_key, true())).subquery("rows")


def _of_the_time(rows: Any) -> Any:
    """What backfills bring may be of any time; of what polls bring the newest is the newest by its id too."""
    seen = rows.c.seen_at
    return seen.between(bindparam("since", type_=seen.type), bindparam("until", type_=seen.type))


def readings(store: Store, ids: Collection[int]) -> list[Reading]:
    """Read what is compared of entries; nothing of those that are pruned."""
    columns, wanted = entry_table.c, sorted(ids)
    found: list[Reading] = []
    with store.read() as connection:
        for start in range(0, len(wanted), _IN):
            part = wanted[start : start + _IN]
            facts = facts_of(connection, part)
            chosen = select(entry_table).where(columns.id.in_(part), columns.pruned.is_(False))
            found += [
                Reading(
                    row.id,
                    row.version,
                    row.feed,
                    entry_of(row),
                    row.fingerprint,
                    row.first_seen,
                    facts.get(row.id, NOTHING),
                )
                for row in connection.execute(chosen)
            ]
    return found
