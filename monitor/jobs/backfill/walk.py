"""One backfill on its way: ask, read, compare, write page and cursor together, until its route says that it ends."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TypeVar

from monitor.backfill import wordpress
from monitor.backfill.route import GAVE_UP, PAST_THE_END, Ask, Came, Failed, Reads, Route
from monitor.backfill.routes import ROUTES
from monitor.domain.backfill import Cursor, Job, JobState, Listing, RouteName, Tally
from monitor.domain.entry import Trust
from monitor.domain.feed import Feed
from monitor.errors import FetchError, ParseError
from monitor.fetch.client import Fetched
from monitor.jobs.backfill.line import Line, Shut, Stopped
from monitor.jobs.backfill.read import Reader
from monitor.jobs.backfill.take import article_document, page_of, take
from monitor.normalise.entry import CleanDocument
from monitor.observe import fields, log, mask
from monitor.parse.document import Kind
from monitor.store import backfill as store_backfill
from monitor.store.backfill import Brought

_T = TypeVar("_T")
_MOST_GAPS = 10
"""Failures of a job that are told by their address."""
_UNDATED_PAGES = frozenset({RouteName.SITEMAP})
"""Routes whose listings say when a page was changed, which stands in for a date where it lies in the span."""


class Cancelled(Exception):  # noqa: N818 - named for what it is: no error
    """The job was cancelled by hand."""


@dataclass(slots=True)
class Walk:
    """What one job needs on its way. ``worker`` is the one thread that compares and writes."""

    line: Line
    reader: Reader
    worker: ThreadPoolExecutor
    feed: Feed
    trust: Trust
    told: Callable[[Job], None]
    held: Listing | None = None

    async def go(self, job: Job) -> Job:
        """Take a job as far as it goes, and write how it stands then; raises what nobody foresaw."""
        job = await self._write(replace(job, state=JobState.RUNNING, detail="", ended_at=None, pause_until=None))
        route = ROUTES[RouteName(job.route)]
        if not (job.cursor.part or job.cursor.next or job.cursor.ended):
            job = replace(job, cursor=route.begin(job.site, job.span, self.feed.url))
        try:
            while (ask := route.ask(job.site, job.span, job.cursor, self.held)) is not None:
                if self.line.stop():
                    return await self._write(_stopped(job))
                if job.tally.requests >= job.budget:
                    detail = f"its budget of {job.budget} requests is spent"
                    return await self._write(replace(job, state=JobState.STOPPED, detail=detail))
                job = await self._step(job, route, ask)
        except Stopped:
            return await self._write(_stopped(job))
        except Shut as shut:
            detail = f"{shut} wants patience until {shut.until:%Y-%m-%d %H:%M} UTC"
            refused = _with_failure(job.tally, "http-429")
            job = replace(job, state=JobState.PAUSED, detail=detail, pause_until=shut.until, tally=refused)
            return await self._write(job)
        return await self._write(over(job, self.line.now()))

    async def _step(self, job: Job, route: Route, ask: Ask) -> Job:
        """One request, and all that follows from it."""
        began = monotonic()
        came, held, document = await self._answer(job, ask)
        cursor = route.after(job.site, job.span, job.cursor, self.held, came)

        def stands(tally: Tally) -> Job:
            """Where the job stands behind this, with what the document brought."""
            gaps, seconds = job.gaps, tally.seconds + monotonic() - began
            if isinstance(came, Failed) and not _is_the_end(job, cursor, came):
                tally = _with_failure(tally, came.kind)
                gaps = (*gaps, f"{mask(ask.item.url if ask.item else ask.url)}: {came.kind}")[:_MOST_GAPS]
            tally = replace(tally, requests=tally.requests + 1, seconds=seconds)
            return replace(job, cursor=cursor, gaps=gaps, tally=tally)

        after = await self._in_turn(partial(self.keep, job, document, stands))
        self.held = held if (cursor.part, cursor.next) == (job.cursor.part, job.cursor.next) else None
        log.info(told_of(after))
        self.told(after)
        return after

    async def _answer(self, job: Job, ask: Ask) -> tuple[Came, Listing | None, CleanDocument | None]:
        """What came, the listing that is being read then, and the document that there may be something to store of."""
        try:
            fetched = await self.line.get(self.feed, ask, job.tally.failures.get("http-429", 0))
            if ask.reads in {Reads.SITEMAP, Reads.CAPTURES}:
                listing = await self.reader.listing(fetched, ask.reads)
                return listing, listing, None
            document = await self._document(job, ask, fetched)
        except FetchError as error:
            return Failed(error.kind, error.status), self.held, None
        except ParseError as error:
            return Failed(error.kind), self.held, None
        return page_of(document, job.span, fetched.total), self.held, document

    async def _document(self, job: Job, ask: Ask, fetched: Fetched) -> CleanDocument:
        if ask.reads is not Reads.ARTICLE or ask.item is None:
            kind = Kind.POSTS if ask.reads is Reads.POSTS else Kind.FEED
            return await self.reader.document(self.feed, fetched, kind, base=ask.base)
        article = await self.reader.article(fetched, ask.item, base=ask.base)
        return article_document(
            self.feed, ask.item, ask.base or fetched.url, article, now=self.line.now(), span=job.span,
            dated_by_listing=job.route in _UNDATED_PAGES,
        )  # fmt: skip

    def keep(self, job: Job, document: CleanDocument | None, stands: Callable[[Tally], Job]) -> Job:
        """Compare a document and write what is new of it, with where the job ``stands`` by its tally; raises Cancelled.

        In one turn of the worker: what one job places, another must find, or one event makes two stories.
        """
        if document is None:
            return self.write(stands(job.tally), Brought())
        taken = take(self.line.app, self.feed, self.trust, job, document, now=self.line.now())
        return self.write(stands(taken.tally), taken.brought)

    def write(self, job: Job, brought: Brought | None = None) -> Job:
        """Write where the job stands, in a turn of the worker; raises Cancelled."""
        new = store_backfill.save(self.line.app.store, veiled(job), brought, now=self.line.now())
        if new is None:
            raise Cancelled
        beaten = len(brought.new) - new if brought else 0
        tally = replace(job.tally, new=job.tally.new - beaten, known=job.tally.known + beaten)
        return replace(job, tally=tally, updated_at=self.line.now())

    async def _write(self, job: Job) -> Job:
        return await self._in_turn(partial(self.write, job))

    async def _in_turn(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self.worker, work)


def _stopped(job: Job) -> Job:
    return replace(job, state=JobState.STOPPED, detail="stopped by hand")


def over(job: Job, now: datetime) -> Job:
    """A job whose route has no next request: at its end, or given up, to be resumed where it stands."""
    why = job.cursor.ended
    if why.startswith(GAVE_UP):
        return replace(job, state=JobState.FAILED, detail=why)
    declared = job.declared
    if declared is not None and job.route == RouteName.WORDPRESS:
        declared = max(0, declared - wordpress.outside(job.cursor))
    return replace(job, state=JobState.DONE, detail=why, declared=declared, ended_at=now)


def veiled(job: Job) -> Job:
    """A job as it may be stored: where a secret of the config stands in the address that comes next, it begins anew
    when it is resumed, since what it brought is known then."""
    cursor = job.cursor
    if all(mask(text) == text for text in (cursor.next, cursor.part, *cursor.parts)):
        return job
    return replace(job, cursor=Cursor(ended=cursor.ended))


def told_of(job: Job) -> str:
    """One line for the log."""
    tally = job.tally
    return fields(
        "backfill", job=job.id, feed=job.feed, route=job.route, state=job.state.value, pages=tally.pages,
        entries=tally.entries, new=tally.new, known=tally.known, outside=tally.outside, expected=job.declared,
        requests=tally.requests, rate=job.rate, left=job.left, detail=job.detail,
    )  # fmt: skip


def _is_the_end(job: Job, cursor: Cursor, failed: Failed) -> bool:
    """Say whether a refusal only says that there is no further page."""
    by_number = job.route in {RouteName.PAGED, RouteName.WORDPRESS} and failed.status in PAST_THE_END
    return by_number and bool(job.cursor.next or job.cursor.page > 1) and cursor != job.cursor and not cursor.failed


def _with_failure(tally: Tally, kind: str) -> Tally:
    return replace(tally, failures={**tally.failures, kind: tally.failures.get(kind, 0) + 1})
