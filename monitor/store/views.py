"""What people and scripts look at: items, feeds, coverage, and the signs of life. Reads only, but for the heartbeat."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, false, func, or_, select

from monitor.domain.entry import WATCH, Origin, StoredEntry
from monitor.store.database import Store
from monitor.store.entries import counting, entry_table, prediction_table, stored_entries
from monitor.store.said import said_yes
from monitor.store.sql import upsert
from monitor.store.tables import FeedRow, HeartbeatRow, PollRow, table_of

_feed = table_of(FeedRow)
_poll = table_of(PollRow)
_heartbeat = table_of(HeartbeatRow)


def items(
    store: Store,
    *,
    limit: int,
    since: datetime | None = None,
    before: int | None = None,
    over: Mapping[str, float] | None = None,
    watched: bool = False,
    search: str = "",
) -> list[StoredEntry]:
    """List entries, the newest first. ``limit`` 0 means all; ``since`` counts by first seen, ``before`` by id.

    ``over`` keeps those with a score at or over the line of one of its labels, those that people gave one of them, and
    with ``watched`` what is on the watch-list; ``search`` keeps those whose title or text holds the words, in any case
    (a scan of the table).
    """
    conditions: list[Any] = [entry_table.c.pruned.is_(False)]
    if since is not None:
        conditions.append(entry_table.c.first_seen >= since)
    if before is not None:
        conditions.append(entry_table.c.id < before)
    if over is not None:
        lines = [
            and_(prediction_table.c.label == label, prediction_table.c.probability >= line)
            for label, line in {**over, **({WATCH: 1.0} if watched else {})}.items()
        ]
        scored = select(prediction_table.c.entry_id).where(counting, or_(false(), *lines))
        conditions.append(or_(entry_table.c.id.in_(scored), said_yes(over)))
    if search:
        pattern = "%" + search.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = (entry_table.c.title, entry_table.c.text)
        conditions.append(or_(*(func.lower(column).like(pattern, escape="\\") for column in columns)))
    with store.read() as connection:
        return stored_entries(connection, and_(*conditions), limit=limit or None, newest_first=True)


def item(store: Store, entry_id: int) -> StoredEntry | None:
    """Return one entry, or None."""
    with store.read() as connection:
        found = stored_entries(connection, entry_table.c.id == entry_id)
    return found[0] if found else None


def story(store: Store, story_id: int) -> list[StoredEntry]:
    """Return the entries of a story, the oldest first."""
    with store.read() as connection:
        return stored_entries(connection, entry_table.c.story_id == story_id)


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How a feed is doing."""

    name: str
    source: str
    next_poll_at: datetime | None
    reason: str
    polled_at: datetime | None
    last_new_at: datetime | None
    failing_since: datetime | None
    kind: str
    detail: str
    paused_until: datetime | None
    added_at: datetime


def feeds(store: Store, names: Collection[str]) -> list[FeedStatus]:
    """Return the state of the named feeds, those that were never registered left out."""
    with store.read() as connection:
        rows = connection.execute(select(_feed).order_by(_feed.c.name)).all()
    wanted = set(names)
    return [
        FeedStatus(
            r.name, r.source, r.next_poll_at, r.reason, r.polled_at, r.last_new_at, r.failing_since, r.last_kind,
            r.last_detail, r.paused_until, r.added_at,
        )
        for r in rows
        if r.name in wanted
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """What was asked and what came in a stretch of time."""

    polled: frozenset[str]
    seen: int
    new: int
    unclassified: int
    scorers: tuple[str, ...]
    gaps: frozenset[str]


def window(store: Store, *, since: datetime, until: datetime) -> Window:
    """Count polls and the entries that they brought in a stretch of time (``since`` excluded, ``until`` included)."""
    with store.read() as connection:
        between = and_(_poll.c.at > since, _poll.c.at <= until)
        polled = frozenset(connection.scalars(select(_poll.c.feed).where(between).distinct()))
        seen = connection.scalar(select(func.coalesce(func.sum(_poll.c.entries), 0)).where(between)) or 0
        came = and_(entry_table.c.first_seen > since, entry_table.c.first_seen <= until)
        stored = and_(came, entry_table.c.origin == Origin.LIVE.value)
        new = connection.scalar(select(func.count()).select_from(entry_table).where(stored)) or 0
        waits = and_(stored, entry_table.c.classified.is_(False))
        unclassified = connection.scalar(select(func.count()).select_from(entry_table).where(waits)) or 0
        joined = prediction_table.join(entry_table, entry_table.c.id == prediction_table.c.entry_id)
        made = select(prediction_table.c.scorer).select_from(joined).where(stored, counting)
        scorers = connection.scalars(made.distinct())
        gaps = connection.scalars(select(_poll.c.feed).where(between, _poll.c.gap).distinct())
        return Window(polled, int(seen), new, unclassified, tuple(sorted(scorers)), frozenset(gaps))


@dataclass(frozen=True, slots=True)
class Totals:
    """How much the store holds."""

    entries: int
    unclassified: int
    last_poll_at: datetime | None


def totals(store: Store) -> Totals:
    """Count what the store holds."""
    with store.read() as connection:
        entries = connection.scalar(select(func.count()).select_from(entry_table)) or 0
        waits = entry_table.c.classified.is_(False)
        unclassified = connection.scalar(select(func.count()).select_from(entry_table).where(waits)) or 0
        return Totals(entries, unclassified, connection.scalar(select(func.max(_poll.c.at))))


def beat(store: Store, name: str, *, now: datetime, every: float) -> None:
    """Leave a sign of life; the next one is due in ``every`` seconds."""
    with store.write() as connection:
        statement = upsert(connection, _heartbeat).values(name=name, at=now, every=every)
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": now, "every": every}))


def heartbeat(store: Store, name: str) -> tuple[datetime, float] | None:
    """Return when a part was last alive and how many seconds lie between two signs, or None."""
    with store.read() as connection:
        row = connection.execute(select(_heartbeat).where(_heartbeat.c.name == name)).one_or_none()
    return None if row is None else (row.at, row.every)
