"""Backfills: their rows, and writing what a page brought together with where the job stands then."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from monitor.domain.backfill import Cursor, Job, JobState, Site, Span, Tally
from monitor.domain.entry import ClassifiedEntry, Origin
from monitor.store.database import Store
from monitor.store.entries import add_entries, announce, entry_table, feed_table
from monitor.store.revisions import add_aliases
from monitor.store.sql import upsert
from monitor.store.tables import AskedRow, BackfillRow, table_of

_job = table_of(BackfillRow)
_asked = table_of(AskedRow)
_entry: Any = entry_table.c


@dataclass(frozen=True, slots=True)
class Brought:
    """What one page brought: new entries, and other keys of known ones."""

    new: Sequence[ClassifiedEntry] = ()
    aliases: Mapping[str, int] = field(default_factory=dict)


def create(store: Store, jobs: Sequence[Job]) -> list[Job]:
    """Write new jobs, all or none; their ids are given here."""
    if not jobs:
        return []
    rows = [{"feed": job.feed, "wanted": job.wanted, "created_at": job.created_at, **_values(job)} for job in jobs]
    with store.write() as connection:
        made = insert(_job).returning(_job, sort_by_parameter_order=True)
        return [_read(row) for row in connection.execute(made, rows)]


def get(store: Store, id_: int) -> Job | None:
    """Return a job, or None."""
    with store.read() as connection:
        row = connection.execute(select(_job).where(_job.c.id == id_)).one_or_none()
    return None if row is None else _read(row)


def listed(store: Store, *, states: Collection[JobState] | None = None, limit: int | None = None) -> list[Job]:
    """Return jobs, the newest first; ``states`` keeps those that stand so."""
    chosen = select(_job).order_by(_job.c.id.desc()).limit(limit)
    if states is not None:
        chosen = chosen.where(_job.c.state.in_(sorted(state.value for state in states)))
    with store.read() as connection:
        return [_read(row) for row in connection.execute(chosen)]


def save(store: Store, job: Job, brought: Brought | None = None, *, now: datetime) -> int | None:
    """Write where a job stands, and what the page before brought, in one transaction; returns how many were new.

    Nothing is written, and None returned, where the job was cancelled meanwhile. Of the tally, what was taken for new
    and was stored by others counts as known.
    """
    with store.write() as connection:
        if brought is not None:  # as a poll does: the feed before its entries, or each could wait for the other
            connection.execute(
                select(feed_table.c.name).where(feed_table.c.name == job.feed).with_for_update(key_share=True)
            )
        mine = and_(_job.c.id == job.id, _job.c.state != JobState.CANCELLED.value)
        if connection.execute(update(_job).where(mine).values(updated_at=now, **_values(job))).rowcount == 0:
            return None
        if brought is None:
            return 0
        added = add_entries(connection, job.feed, brought.new, now=now)
        add_aliases(connection, job.feed, brought.aliases, now=now)
        beaten = len(brought.new) - added
        if beaten:
            tally = _tally(job.tally) | {"new": job.tally.new - beaten, "known": job.tally.known + beaten}
            connection.execute(update(_job).where(_job.c.id == job.id).values(tally=tally))
    return added


def cancel(store: Store, id_: int, *, now: datetime) -> bool:
    """Cancel a job that is not over; whoever runs it finds that out with its next page. Returns whether it was not."""
    over = [state.value for state in JobState if state.over]
    with store.write() as connection:
        mine = and_(_job.c.id == id_, _job.c.state.not_in(over))
        changes = {"state": JobState.CANCELLED.value, "ended_at": now, "detail": "cancelled by hand"}
        return bool(connection.execute(update(_job).where(mine).values(changes)).rowcount)


def published(store: Store, feed: str, span: Span) -> list[datetime]:
    """Return the dates of a feed's entries that lie in a span, whoever brought them, emptied ones too."""
    mine = and_(_entry.feed == feed, _entry.published >= span.since, _entry.published < span.until)
    with store.read() as connection:
        return list(connection.scalars(select(_entry.published).where(mine)))


def silent(store: Store, feed: str, *, since: datetime, younger_than: datetime) -> list[int]:
    """Return what backfills stored of a feed since then, dated after ``younger_than``, that may not be announced."""
    mine = and_(
        _entry.feed == feed, _entry.origin == Origin.BACKFILL.value, _entry.announceable.is_(False),
        _entry.pruned.is_(False), _entry.first_seen >= since, _entry.published >= younger_than,
    )  # fmt: skip
    with store.read() as connection:
        return list(connection.scalars(select(_entry.id).where(mine).order_by(_entry.id)))


def let_out(store: Store, ids: Sequence[int]) -> int:
    """Let entries that backfills stored be announced, as of now; returns how many were not yet."""
    with store.write() as connection:
        mine = and_(_entry.id.in_(ids), _entry.origin == Origin.BACKFILL.value, _entry.announceable.is_(False))
        found = connection.execute(select(_entry.id, _entry.classified).where(mine).with_for_update()).all()
        chosen = [row.id for row in found]
        connection.execute(update(entry_table).where(_entry.id.in_(chosen)).values(announceable=True))
        announce(connection, [row.id for row in found if row.classified])
    return len(chosen)


def take_turn(store: Store, budget: str, *, apart: timedelta, now: datetime) -> bool:
    """Take the start of a request to a budget, where no backfill of any process has taken one for ``apart``."""
    with store.write() as connection:
        taken = upsert(connection, _asked).values(budget=budget, at=now)
        free = _asked.c.at <= now - apart
        taken = taken.on_conflict_do_update(index_elements=["budget"], set_={"at": now}, where=free)
        return connection.execute(taken.returning(_asked.c.budget)).first() is not None


def asked_since(store: Store, since: datetime) -> dict[str, datetime]:
    """Return the budgets that backfills have asked since then, and when."""
    with store.read() as connection:
        rows = connection.execute(select(_asked).where(_asked.c.at >= since))
        return {row.budget: row.at for row in rows}


def being_polled(store: Store, *, now: datetime, due_after: datetime) -> list[tuple[str, bool]]:
    """Return the feeds that are polled now (True), or have been due since ``due_after`` at the most (False)."""
    columns = feed_table.c
    leased = columns.leased_until > now
    open_ = or_(columns.paused_until.is_(None), columns.paused_until <= now)
    due = and_(columns.next_poll_at <= now, columns.next_poll_at > due_after, columns.gone.is_(False), open_)
    with store.read() as connection:
        rows = connection.execute(select(columns.name, columns.leased_until).where(or_(leased, due)))
        return [(row.name, row.leased_until is not None and row.leased_until > now) for row in rows]


def _values(job: Job) -> dict[str, Any]:
    """What changes of a job, as its row has it."""
    return {
        "since": job.span.since, "until": job.span.until, "budget": job.budget, "route": job.route,
        "state": job.state.value, "detail": job.detail, "site": _short(job.site), "cursor": _short(job.cursor),
        "tally": _tally(job.tally), "declared": job.declared, "gaps": list(job.gaps), "announce": job.announce,
        "ended_at": job.ended_at, "pause_until": job.pause_until,
    }  # fmt: skip


def _short(value: Site | Cursor) -> dict[str, Any]:
    """Reduce to JSON; what is empty is left out."""
    return {name: part for name, part in asdict(value).items() if part}


def _tally(tally: Tally) -> dict[str, Any]:
    values = {name: getattr(tally, name) for name in Tally.__dataclass_fields__}
    return values | {"failures": dict(tally.failures)}


def _read(row: Any) -> Job:
    return Job(
        id=row.id, feed=row.feed, span=Span(row.since, row.until), budget=row.budget, created_at=row.created_at,
        wanted=row.wanted, route=row.route, state=JobState(row.state), detail=row.detail,
        site=Site(**_tuples(row.site)), cursor=Cursor(**_tuples(row.cursor)), tally=Tally(**row.tally),
        declared=row.declared, gaps=tuple(row.gaps), announce=row.announce, updated_at=row.updated_at,
        ended_at=row.ended_at, pause_until=row.pause_until,
    )  # fmt: skip


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
