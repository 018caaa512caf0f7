"""Backfill: bring in what was published before the monitor was there, or while it was down, without announcing it.

A job is a row. What a page brought and where the job stands behind it are written in one transaction, so that a job
which was killed at any moment goes on as if it had not been.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from monitor.app import App
from monitor.backfill.completeness import statement
from monitor.backfill.route import GAVE_UP
from monitor.backfill.routes import SITE_WIDE
from monitor.domain.backfill import Job, JobState, RouteName, Site, Span, Statement
from monitor.domain.feed import Feed
from monitor.errors import UsageError
from monitor.fetch.client import Fetcher
from monitor.fetch.robots import Rulebook
from monitor.jobs import rounds
from monitor.jobs.backfill.files import Files, look_through
from monitor.jobs.backfill.find import Found, Looking
from monitor.jobs.backfill.line import Line, Shut
from monitor.jobs.backfill.read import Reader
from monitor.jobs.backfill.walk import Cancelled, Walk, told_of
from monitor.jobs.clock import utc_now
from monitor.jobs.judging.pool import LEAST_JUDGES, judging_pool
from monitor.jobs.running import parser_pool
from monitor.observe import log, mask
from monitor.parse.workers import ParserPool
from monitor.store import backfill as store_backfill
from monitor.store import feeds as store_feeds
from monitor.store.feeds import trust_of
from monitor.store.single import job_of_mine

PATIENCE = timedelta(minutes=15)
"""How long a run waits for a server that wants patience; a job that would wait longer is resumed another time."""
OPEN = tuple(state for state in JobState if not state.over)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be brought in: ``route`` None is the first that a site has, ``archive`` a file or folder here."""

    span: Span
    route: RouteName | None = None
    budget: int = 2_000
    archive: Path | None = None
    announce: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A feed with the job that would be done for it; None where it has no route. ``notes`` say which routes it has not,
    and why; ``requests`` is what finding that out has cost."""

    feed: str
    job: Job | None
    notes: tuple[str, ...] = ()
    requests: int = 0


@dataclass(slots=True)
class _Tools:
    """What one run has open."""

    line: Line
    reader: Reader
    worker: ThreadPoolExecutor
    archives: Reader


def plan(
    app: App,
    feeds: Sequence[Feed],
    wanted: Wanted,
    *,
    now: Callable[[], datetime] = utc_now,
    parser: ParserPool | None = None,
) -> list[Planned]:
    """Find out how each feed's past can be had, by a few requests each; writes nothing.

    Raises UsageError where the archive is broken.
    """
    if wanted.archive is not None:
        return [_from_archive(feed, wanted, now()) for feed in feeds]
    return asyncio.run(_plan(app, feeds, wanted, now, parser))


def _from_archive(feed: Feed, wanted: Wanted, now: datetime) -> Planned:
    path = (wanted.archive or Path()).resolve()
    found = look_through(path, feed)
    site = Site(archive=str(path), form=found.form)
    job = _job(feed, wanted, now, Found(RouteName.ARCHIVE, site, found.records))
    return Planned(feed.name, replace(job, gaps=found.notes))


def _job(feed: Feed, wanted: Wanted, now: datetime, found: Found, requests: int = 0) -> Job:
    named = wanted.route or ("" if wanted.archive is None else RouteName.ARCHIVE)
    job = Job(
        0, feed.name, wanted.span, wanted.budget, now, named, found.route, site=found.site, declared=found.declared,
        announce=wanted.announce,
    )  # fmt: skip
    return replace(job, tally=replace(job.tally, requests=requests))


async def _plan(
    app: App, feeds: Sequence[Feed], wanted: Wanted, now: Callable[[], datetime], parser: ParserPool | None
) -> list[Planned]:
    """Look at the feeds of a source one after the other, since one route may serve all; at sources side by side."""
    by_source: defaultdict[str, list[Feed]] = defaultdict(list)
    for feed in feeds:
        by_source[feed.source.key].append(feed)
    async with _tools(app, now, lambda: False, parser) as tools:
        parts = await asyncio.gather(*(_plan_source(tools, some, wanted) for some in by_source.values()))
    return sorted((one for part in parts for one in part), key=lambda planned: planned.feed)


async def _plan_source(tools: _Tools, feeds: Sequence[Feed], wanted: Wanted) -> list[Planned]:
    planned: list[Planned] = []
    for feed in feeds:
        looking = Looking(tools.line, tools.reader, feed, wanted.span)
        taken = {RouteName(one.job.route) for one in planned if one.job is not None} & SITE_WIDE
        try:
            found = await looking.find(wanted.route, taken)
        except Shut as shut:
            looking.notes.append(f"{shut} wants patience until {shut.until:%Y-%m-%d %H:%M} UTC")
            found = None
        job = None if found is None else _job(feed, wanted, tools.line.now(), found, looking.requests)
        planned.append(Planned(feed.name, job, tuple(map(mask, looking.notes)), looking.requests))
    return planned


def begin(app: App, jobs: Sequence[Job], *, now: Callable[[], datetime] = utc_now) -> list[Job]:
    """Write jobs that were planned; they are done by `run`."""
    store_feeds.sync(app.store, (app.settings.feeds[job.feed] for job in jobs), now=now())
    return store_backfill.create(app.store, jobs)


def run(
    app: App,
    jobs: Sequence[Job],
    *,
    now: Callable[[], datetime] = utc_now,
    progress: Callable[[Job], None] = lambda job: None,
    stop: Callable[[], bool] = lambda: False,
    parser: ParserPool | None = None,
    rest: Callable[[float], None] = time.sleep,
) -> list[Job]:
    """Do jobs side by side, each from where it stands, and return how they stand then.

    One that another process runs stays as it is. Where servers want patience for a while (`PATIENCE` at the most) the
    jobs that ask them wait, by ``rest``.
    """
    done = {job.id: job for job in jobs}
    waiting = list(jobs)
    while waiting and not stop():
        for job in asyncio.run(_run_all(app, waiting, now, progress, stop, parser)):
            done[job.id] = job
        waiting = [job for job in done.values() if _worth_waiting(job, now())]
        if waiting:
            _rest(min(job.pause_until or now() for job in waiting), now, stop, rest)
            waiting = [job for job in waiting if job.pause_until is None or job.pause_until <= now()]
    return [done[job.id] for job in jobs]


def _worth_waiting(job: Job, now: datetime) -> bool:
    until = job.pause_until
    return job.state is JobState.PAUSED and until is not None and until - now <= PATIENCE


def _rest(
    until: datetime, now: Callable[[], datetime], stop: Callable[[], bool], rest: Callable[[float], None]
) -> None:
    while not stop() and (left := (until - now()).total_seconds()) > 0:
        rest(min(left, 1.0))


async def _run_all(
    app: App,
    jobs: Sequence[Job],
    now: Callable[[], datetime],
    progress: Callable[[Job], None],
    stop: Callable[[], bool],
    parser: ParserPool | None,
) -> list[Job]:
    archives = parser is None and any(job.route == RouteName.ARCHIVE for job in jobs)
    judging = judging_pool(app, max(app.settings.options.parse.workers, LEAST_JUDGES)) if archives else None
    async with _tools(app, now, stop, parser, judging) as tools:
        return list(await asyncio.gather(*(_run_one(tools, job, progress) for job in jobs)))


async def _run_one(tools: _Tools, job: Job, progress: Callable[[Job], None]) -> Job:
    """Do one job under its lock; what breaks it, of whatever kind, is this job's alone."""
    app = tools.line.app
    with job_of_mine(app.store, app.settings.database_url, job.id) as mine:
        fresh = store_backfill.get(app.store, job.id)
        if fresh is None or not mine or fresh.state.over:
            return fresh or job
        try:
            return await _go(tools, _unstuck(fresh), progress)
        except Cancelled:
            return store_backfill.get(app.store, job.id) or job
        except Exception as error:  # noqa: BLE001 - the seam: the other jobs go on, and this one can be resumed
            log.exception(told_of(job))
            broken = store_backfill.get(app.store, job.id) or job
            detail = mask(f"{type(error).__name__}: {error}")[:300]
            failed = replace(broken, state=JobState.FAILED, detail=f"crashed: {detail}")
            store_backfill.save(app.store, failed, now=tools.line.now())
            return failed


async def _go(tools: _Tools, job: Job, progress: Callable[[Job], None]) -> Job:
    app = tools.line.app
    feed = app.settings.feeds.get(job.feed)
    if feed is None:
        failed = replace(job, state=JobState.FAILED, detail="its feed has left the config")
        store_backfill.save(app.store, failed, now=tools.line.now())
        return failed
    local = job.route == RouteName.ARCHIVE
    reader = tools.archives if local else tools.reader
    walk = Walk(tools.line, reader, tools.worker, feed, trust_of(app.store, feed.name), progress)
    done = await (asyncio.to_thread(Files(walk).go, job) if local else walk.go(job))
    log.info(told_of(done))
    progress(done)
    return done


def _unstuck(job: Job) -> Job:
    """A job that had given up, at the page where it did."""
    if not job.cursor.ended.startswith(GAVE_UP):
        return job
    return replace(job, cursor=replace(job.cursor, ended="", failed=0))


@asynccontextmanager
async def _tools(
    app: App,
    now: Callable[[], datetime],
    stop: Callable[[], bool],
    parser: ParserPool | None,
    judging: ParserPool | None = None,
) -> AsyncIterator[_Tools]:
    """Open what one run needs: connections, worker processes, and one thread that writes."""
    if app.politeness is None:
        raise RuntimeError("this App was built without politeness")
    rounds.keep_distance(app, app.politeness, now=now())
    reading = app.settings.options.parse.workers
    with ExitStack() as held:
        pool = parser or held.enter_context(parser_pool(app))
        judges = held.enter_context(judging) if judging else None
        worker = held.enter_context(ThreadPoolExecutor(1, "backfill"))
        threads = held.enter_context(ThreadPoolExecutor(max(reading, LEAST_JUDGES), "read"))
        async with Fetcher(app.settings.options.fetch) as fetcher:
            line = Line(app, fetcher, app.politeness.session(), Rulebook(), now, stop)
            reader = Reader(pool, threads, now)
            yield _Tools(line, reader, worker, replace(reader, pool=judges) if judges else reader)


def stated(app: App, job: Job) -> Statement:
    """What a job's end says; before its end, what it says so far."""
    return statement(job, store_backfill.published(app.store, job.feed, job.span))


def named(app: App, ids: Collection[int]) -> list[Job]:
    """The jobs of these numbers; raises UsageError where there is none."""
    found = [(id_, store_backfill.get(app.store, id_)) for id_ in ids]
    missing = [str(id_) for id_, job in found if job is None]
    if missing:
        raise UsageError(f"no backfill {', '.join(missing)}; `monitor backfill list` shows them")
    return [job for _, job in found if job is not None]


def extend(app: App, jobs: Sequence[Job], more: int) -> list[Job]:
    """Let jobs spend so many requests more than they have; returns them so."""
    fresh = [replace(job, budget=job.tally.requests + more) for job in jobs]
    return [job for job in fresh if store_backfill.save(app.store, job, now=utc_now()) is not None]


def is_running(app: App, job: Job) -> bool:
    """Say whether some process has a job in hand."""
    if job.state.over:
        return False
    with job_of_mine(app.store, app.settings.database_url, job.id) as mine:
        return not mine
