"""Feeds: registering, claiming for a poll, and writing what a poll found."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, case, func, insert, or_, select, update

from monitor.domain.entry import ClassifiedEntry, Trust
from monitor.domain.feed import Feed, FeedMemory, FeedState, FeedUpdate, Outcome, Validators
from monitor.normalise.text import clean
from monitor.observe import mask
from monitor.store.database import Store
from monitor.store.documents import keep
from monitor.store.entries import add_entries
from monitor.store.memory import read_memory, write_memory
from monitor.store.revisions import add_aliases, revise
from monitor.store.sighted import sight
from monitor.store.sql import once, upsert
from monitor.store.tables import FeedRow, PollRow, table_of

_feed = table_of(FeedRow)
_poll = table_of(PollRow)
_NEVER = datetime.min.replace(tzinfo=UTC)
_IN = 10_000  # names or keys in one statement; SQLite takes 32,766 parameters


class Which(StrEnum):
    """Which feeds a poll takes: those that are due, or all that are named, due or not."""

    DUE = "due"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Applied:
    """What a poll changed: how many entries were new to the store; ``current`` is False where the lease was lost."""

    new: int
    current: bool = True


def sync(store: Store, feeds: Iterable[Feed], *, now: datetime) -> None:
    """Give every feed of the config a row; a feed whose address changed forgets what was learnt and is due at once.

    What its guids are worth stays, since the keys of its entries hang on it. A poll of the old address that is under
    way loses its lease. Secrets in addresses are stored masked.
    """
    rows = [
        {
            "name": feed.name, "url": mask(feed.url), "source": feed.source.title, "added_at": now, "failures": 0.0,
            "lease": 0,
        }
        for feed in feeds
    ]  # fmt: skip
    if not rows:
        return
    with store.read() as connection:
        chosen = select(_feed.c.name, _feed.c.url, _feed.c.source, _feed.c.memory)
        known = {row.name: row for row in connection.execute(chosen)}
    before = {name: (row.url, row.source) for name, row in known.items()}
    rows = [
        row | {"memory": _of_old(known[row["name"]].memory) if row["name"] in known else {}}
        for row in rows
        if (row["url"], row["source"]) != before.get(row["name"])
    ]
    if not rows:
        return
    with store.write() as connection:
        statement = upsert(connection, _feed)
        moved = _feed.c.url != statement.excluded.url
        fresh: dict[str, Any] = {
            name: case((moved, None), else_=_feed.c[name])
            for name in ("etag", "last_modified", "next_poll_at", "paused_until", "leased_until")
        }
        fresh["lease"] = case((moved, _feed.c.lease + 1), else_=_feed.c.lease)
        fresh["memory"] = case((moved, statement.excluded.memory), else_=_feed.c.memory)
        fresh["gone"] = and_(~moved, _feed.c.gone)
        changes = {"url": statement.excluded.url, "source": statement.excluded.source, **fresh}
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changes), rows)


def _of_old(memory: dict[str, Any]) -> dict[str, Any]:
    """What a feed keeps of what was learnt at another address."""
    return write_memory(FeedMemory(trust=read_memory(memory).trust))


def due(store: Store, names: Collection[str], which: Which, *, now: datetime) -> list[FeedState]:
    """Return the feeds that `claim` would take, the longest due first, without taking them."""
    wanted = sorted(names)
    found: list[FeedState] = []
    with store.read() as connection:
        for start in range(0, len(wanted), _IN):
            chosen = select(_feed).where(_claimable(wanted[start : start + _IN], which, now))
            found += [_state(row) for row in connection.execute(chosen)]
    return sorted(found, key=_by_due)


def polled_since(store: Store, since: datetime) -> list[tuple[FeedState, datetime]]:
    """Return the feeds whose polls began after a time, and when."""
    recent = select(_poll.c.at, _poll.c.seconds, _feed).join(_feed, _feed.c.name == _poll.c.feed)
    with store.read() as connection:
        rows = connection.execute(recent.where(_poll.c.at >= since)).all()
    return [(_state(row), row.at - timedelta(seconds=row.seconds)) for row in rows]


def claim(
    store: Store, names: Collection[str], which: Which, *, now: datetime, lease: timedelta, limit: int = 1_000_000
) -> list[FeedState]:
    """Take feeds for polling, the longest due first, in one statement per ten thousand names.

    A claimed feed is nobody else's until its update is applied or ``lease`` runs out. What a Retry-After paused is not
    claimed, whatever ``which`` says.
    """
    wanted = sorted(names)
    found: list[FeedState] = []
    with store.write() as connection:
        for start in range(0, len(wanted), _IN):
            found += _claim(connection, wanted[start : start + _IN], which, now, lease, limit - len(found))
    return sorted(found, key=_by_due)


def _by_due(state: FeedState) -> tuple[datetime, str]:
    return state.next_poll_at or _NEVER, state.name


def _claimable(names: Sequence[str], which: Which, now: datetime) -> Any:
    free = or_(_feed.c.leased_until.is_(None), _feed.c.leased_until <= now)
    open_ = or_(_feed.c.paused_until.is_(None), _feed.c.paused_until <= now)
    due = or_(_feed.c.next_poll_at.is_(None), _feed.c.next_poll_at <= now)
    # What answers 410 for good is asked by name only.
    due = and_(due, _feed.c.gone.is_(False))
    return and_(_feed.c.name.in_(names), free, open_, *([due] if which is Which.DUE else []))


def _claim(
    connection: Connection, names: Sequence[str], which: Which, now: datetime, lease: timedelta, limit: int
) -> list[FeedState]:
    order = (_feed.c.next_poll_at.asc().nulls_first(), _feed.c.name)
    chosen = select(_feed.c.name).where(_claimable(names, which, now)).order_by(*order).limit(limit)
    statement = (
        update(_feed)
        .where(_feed.c.name.in_(select(once(chosen).c.name)))
        .values(lease=_feed.c.lease + 1, leased_until=now + lease)
        .returning(_feed)
    )
    return [_state(row) for row in connection.execute(statement)]


def _state(row: Any) -> FeedState:
    return FeedState(
        failing_since=row.failing_since,
        memory=read_memory(row.memory),
        name=row.name,
        validators=Validators(row.etag, row.last_modified),
        next_poll_at=row.next_poll_at,
        failures=row.failures,
        paused_until=row.paused_until,
        polled_at=row.polled_at,
        lease=row.lease,
    )


def release(store: Store, states: Iterable[FeedState]) -> None:
    """Give back feeds that were claimed and not polled, so that the next tick finds them due."""
    with store.write() as connection:
        for state in states:
            given_back = update(_feed).where(_feed.c.name == state.name, _feed.c.lease == state.lease)
            connection.execute(given_back.values(leased_until=None))


def apply(store: Store, feed_update: FeedUpdate) -> Applied:
    """Write one poll: state, validators, entries with everything about them, and the event, in one transaction.

    Nothing is written where the lease was lost to another worker, who then polls the feed itself.
    """
    event = feed_update.event
    with store.write() as connection:
        own = update(_feed).where(_feed.c.name == event.feed, _feed.c.lease == feed_update.lease)
        if connection.execute(own.values(_changes(feed_update))).rowcount == 0:
            return Applied(0, current=False)
        new = add_entries(connection, event.feed, feed_update.new, now=event.at)
        if new:
            connection.execute(update(_feed).where(_feed.c.name == event.feed).values(last_new_at=event.at))
        edited = revise(connection, feed_update.revisions, now=event.at)
        add_aliases(connection, event.feed, feed_update.aliases, now=event.at)
        sight(connection, feed_update.sighted)
        if feed_update.document is not None:
            keep(connection, event.feed, feed_update.document, now=event.at)
        connection.execute(insert(_poll), [_event(feed_update, new, edited)])
    return Applied(new)


def add_missed(
    store: Store,
    feed: str,
    found: Sequence[ClassifiedEntry],
    aliases: Mapping[str, int],
    *,
    now: datetime,
) -> int:
    """Write what an older page of a feed brought, in one transaction; returns how many entries were new."""
    with store.write() as connection:
        added = add_entries(connection, feed, found, now=now)
        add_aliases(connection, feed, aliases, now=now)
    return added


def trust_of(store: Store, feed: str) -> Trust:
    """Say by what a feed's entries are told apart."""
    with store.read() as connection:
        memory = connection.execute(select(_feed.c.memory).where(_feed.c.name == feed)).scalar_one_or_none()
    return read_memory(memory or {}).trust


def close_gap(store: Store, feed: str, at: datetime) -> None:
    """Take back that the poll of ``at`` left a gap."""
    with store.write() as connection:
        connection.execute(update(_poll).where(_poll.c.feed == feed, _poll.c.at == at).values(gap=False))


def _changes(feed_update: FeedUpdate) -> dict[str, Any]:
    event = feed_update.event
    failed = event.outcome is Outcome.FAILED
    changes: dict[str, Any] = {
        "next_poll_at": feed_update.next_poll_at,
        "reason": feed_update.reason,
        "failures": feed_update.failures,
        "paused_until": feed_update.paused_until,
        "leased_until": None,
        "last_kind": event.kind if failed else "",
        "last_detail": clean(event.detail) if failed else "",
        "memory": write_memory(feed_update.memory),
        "gone": feed_update.gone,
        "failing_since": func.coalesce(_feed.c.failing_since, event.at) if failed else None,
    }
    if not failed:
        changes["polled_at"] = event.at
    if feed_update.validators is not None:
        changes["etag"] = feed_update.validators.etag
        changes["last_modified"] = feed_update.validators.last_modified
    return changes


def _event(feed_update: FeedUpdate, new: int, edited: int) -> dict[str, Any]:
    event = feed_update.event
    severity = event.severity.value if event.severity else ""
    return {
        "feed": event.feed, "at": event.at, "outcome": event.outcome.value, "status": event.status, "kind": event.kind,
        "severity": severity, "detail": clean(event.detail), "entries": event.entries, "new": new,
        "repeats": event.repeats + (event.new - new), "dropped": event.dropped, "cut": event.cut,
        "gap": event.gap, "edited": edited, "quarantined": event.quarantined, "seconds": event.seconds,
    }  # fmt: skip
