"""Stored entries that a model has not scored, their scores, and the rows of the runs that give them those."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, func, insert, or_, select, true, update

from monitor.domain.entry import Score, StoredEntry
from monitor.domain.reclassify import Changes, Flip, Job, Span, Tally
from monitor.store.database import Store
from monitor.store.entries import add_scores_of, counting, entry_table, prediction_table, stored_entries
from monitor.store.ruled import ruled_alone
from monitor.store.tables import ReclassifyRow, table_of
from monitor.store.unread import Read, read_facts

_job = table_of(ReclassifyRow)
_IN = 10_000  # ids in one statement; SQLite takes 32,766 parameters


def count(store: Store, job: Job) -> tuple[int, int]:
    """Count the entries with scores in a job's range, and those beyond its cursor that its scorer has not scored."""
    todo = and_(_todo(job), entry_table.c.id > job.cursor)
    with store.read() as connection:
        found = [
            connection.scalar(select(func.count()).select_from(entry_table).where(condition)) or 0
            for condition in (_scored(job), todo)
        ]
    return found[0], found[1]


def waiting(store: Store, span: Span) -> int:
    """Count the entries of a span that no model has scored: the next poll does that, since they may be news."""
    columns = entry_table.c
    waits = or_(columns.classified.is_(False), ruled_alone())
    with store.read() as connection:
        asked = select(func.count()).select_from(entry_table).where(_of(span), waits)
        return connection.scalar(asked) or 0


def overtaken(store: Store, job: Job) -> bool:
    """Say whether entries that a job has scored are to be scored again: another model's scores came to count since."""
    behind = and_(_todo(job), entry_table.c.id <= job.cursor)
    with store.read() as connection:
        count = connection.scalar(select(func.count()).select_from(entry_table).where(behind)) or 0
    return count > job.tally.done - job.tally.scored


def page(store: Store, job: Job, *, after: int, limit: int) -> list[StoredEntry]:
    """Return the next entries that a job's scorer has not scored, by their ids, beyond ``after``."""
    with store.read() as connection:
        return stored_entries(connection, and_(_todo(job), entry_table.c.id > after), limit=limit)


def _of(span: Span) -> Any:
    columns = entry_table.c
    named = true() if span.feeds is None else columns.feed.in_(sorted(span.feeds))
    return and_(named, columns.pruned.is_(False), columns.first_seen >= span.since, columns.first_seen <= span.until)


def _scored(job: Job) -> Any:
    """Those that have scores. What only rules have scored is left to the poll, which may announce it still."""
    classified = and_(_of(job.span), entry_table.c.classified.is_(True))
    return and_(classified, ~ruled_alone()) if job.counts else classified


def _todo(job: Job) -> Any:
    return and_(_scored(job), ~(_in_force(job.scorer) if job.counts else _made(job.scorer)))


def _made(scorer: str) -> Any:
    """The scorer has scored the newest words that anybody has."""
    mine, other = prediction_table.c, prediction_table.alias().c
    newest = select(func.max(other.version)).where(other.entry_id == mine.entry_id).correlate(prediction_table)
    return exists().where(
        mine.entry_id == entry_table.c.id, mine.scorer == scorer, mine.version == newest.scalar_subquery()
    )


def _in_force(scorer: str) -> Any:
    """The scorer's scores are those that count: nobody's began to later, nor are those of newer words.

    An edit that changed nothing that matters has none of its own.
    """
    mine, other = prediction_table.c, prediction_table.alias().c
    before = or_(other.version > mine.version, other.counts_since > mine.counts_since)
    beaten = exists().where(other.entry_id == mine.entry_id, other.counts_since.is_not(None), before)
    unbeaten = ~beaten.correlate(prediction_table)
    return exists().where(mine.entry_id == entry_table.c.id, mine.scorer == scorer, counting, unbeaten)


def create(store: Store, job: Job) -> Job:
    """Write a new job; its id is given here."""
    values = {
        "model": job.model, "scorer": job.scorer, "counts": job.counts, "asked": job.asked, "since": job.span.since,
        "feeds": None if job.span.feeds is None else sorted(job.span.feeds), "created_at": job.created_at,
        **_values(job),
    }  # fmt: skip
    with store.write() as connection:
        return _read(connection.execute(insert(_job).values(values).returning(_job)).one())


def open_one(store: Store, like: Job) -> Job | None:
    """Return the newest job that is not at its end and was asked for the same, or None."""
    chosen = select(_job).where(_same(like), _job.c.ended_at.is_(None)).order_by(_job.c.id.desc()).limit(1)
    with store.read() as connection:
        row = connection.execute(chosen).one_or_none()
    return None if row is None else _read(row)


def _same(job: Job) -> Any:
    columns = _job.c
    return and_(columns.scorer == job.scorer, columns.counts.is_(job.counts), columns.asked == job.asked)


def last(store: Store) -> Job | None:
    """Return the job that was begun last, or None."""
    with store.read() as connection:
        row = connection.execute(select(_job).order_by(_job.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _read(row)


def save(store: Store, job: Job, *, now: datetime) -> None:
    """Write where a job stands."""
    with store.write() as connection:
        _save(connection, job, now)


def end(store: Store, job: Job, *, now: datetime) -> Job:
    """Write that a job is at its end. Nobody goes on any more with older ones that were asked for the same."""
    columns, done = _job.c, replace(job, ended_at=now)
    older = and_(_same(job), columns.id < job.id, columns.ended_at.is_(None))
    with store.write() as connection:
        _save(connection, done, now)
        connection.execute(update(_job).where(older).values(ended_at=now))
    return done


def advance(
    store: Store,
    job: Job,
    scored: Sequence[tuple[StoredEntry, Mapping[str, Score]]],
    *,
    after: Callable[[Collection[int]], Job],
    now: datetime,
    ours: Collection[int] = (),
    read: Read | None = None,
) -> Job:
    """Write a page's scores beside those that stand, and where the job stands then, in one transaction.

    ``after`` makes the job of the ids that were written: an entry that was edited or emptied meanwhile, or is just
    being, is left out, since the scores are of words that it does not have any more. Those of ``ours`` that have no
    facts get what ``read`` takes out of them. Nothing is announced.
    """
    with store.write() as connection:
        held = _held(connection, [stored.id for stored, _ in scored])
        still = [(s.id, s.version, scores, job.scorer) for s, scores in scored if held.get(s.id) == s.version]
        add_scores_of(connection, still, now, counts=job.counts)
        written = {id_ for id_, *_ in still}
        if read is not None:
            read_facts(connection, sorted(written.intersection(ours)), read)
        done = after(written)
        _save(connection, done, now)
    return done


def _held(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    """Lock those entries that nobody else has locked; returns their versions. To wait for one could be for ever: polls
    take theirs in another order."""
    columns, found = entry_table.c, dict[int, int]()
    for start in range(0, len(ids), _IN):
        mine = and_(columns.id.in_(ids[start : start + _IN]), columns.pruned.is_(False))
        held = select(columns.id, columns.version).where(mine).with_for_update(key_share=True, skip_locked=True)
        found |= {row.id: row.version for row in connection.execute(held)}
    return found


def _save(connection: Connection, job: Job, now: datetime) -> None:
    connection.execute(update(_job).where(_job.c.id == job.id).values(updated_at=now, **_values(job)))


def _values(job: Job) -> dict[str, Any]:
    """What changes of a job, as its row has it."""
    return {
        "until": job.span.until, "cursor": job.cursor, "entries": job.entries, "total": job.total,
        "tally": {**_json(job.tally), "stopped": job.stopped}, "ended_at": job.ended_at,
    }  # fmt: skip


def _json(tally: Tally) -> dict[str, Any]:
    labels = {label: asdict(changes) for label, changes in tally.labels.items()}
    for told in labels.values():
        told["examples"] = [{**flip, "at": flip["at"].isoformat()} for flip in told["examples"]]
    return {"done": tally.done, "scored": tally.scored, "seconds": tally.seconds, "labels": labels}


def _read(row: Any) -> Job:
    span = Span(row.since, row.until, None if row.feeds is None else frozenset(row.feeds))
    return Job(
        row.id, row.model, row.scorer, row.counts, row.asked, span, row.created_at, row.cursor, row.entries, row.total,
        _tally(row.tally), row.updated_at, row.ended_at, row.tally.get("stopped", False),
    )  # fmt: skip


def _tally(told: Mapping[str, Any]) -> Tally:
    labels = {label: Changes(**{**own, "examples": _flips(own["examples"])}) for label, own in told["labels"].items()}
    return Tally(told["done"], told["scored"], told["seconds"], labels)


def _flips(told: Sequence[Mapping[str, Any]]) -> tuple[Flip, ...]:
    return tuple(Flip(**{**flip, "at": datetime.fromisoformat(flip["at"])}) for flip in told)
