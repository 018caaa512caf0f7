"""Walking back over stored entries, the newest first, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select, true

from monitor.domain.entry import StoredEntry
from monitor.store.database import Store
from monitor.store.entries import entry_table, stored_entries
from monitor.store.said import annotated


def count(store: Store, *, since: datetime, until: datetime) -> int:
    """Count the entries with texts that were first seen between two times, both included."""
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(entry_table).where(_between(since, until))) or 0


def page(store: Store, *, since: datetime, until: datetime, below: int | None, limit: int) -> list[StoredEntry]:
    """Return the newest of them, by id, that lie below an id (None: of all)."""
    older = true() if below is None else entry_table.c.id < below
    with store.read() as connection:
        return stored_entries(connection, and_(_between(since, until), older), limit=limit, newest_first=True)


@dataclass(frozen=True, slots=True)
class Words:
    """What an entry says, and its story."""

    story_id: int
    title: str
    text: str
    lang: str


def unlabelled(store: Store, *, limit: int) -> list[Words]:
    """Return the newest entries of which nobody said anything, the newest first."""
    columns = entry_table.c
    chosen = (
        select(columns.id, columns.story_id, columns.title, columns.text, columns.lang)
        .where(columns.pruned.is_(False), ~annotated())
        .order_by(columns.id.desc())
        .limit(limit)
    )
    with store.read() as connection:
        return [Words(row.story_id or row.id, row.title, row.text, row.lang) for row in connection.execute(chosen)]


def _between(since: datetime, until: datetime) -> Any:
    columns = entry_table.c
    return and_(columns.pruned.is_(False), columns.first_seen >= since, columns.first_seen <= until)
