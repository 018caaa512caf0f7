"""Poll feeds: claim, fetch, parse, ingest, apply; one bad feed never stops the others."""

import asyncio
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from monitor.app import App
from monitor.domain.feed import Feed, FeedState, FeedUpdate, Outcome, PollEvent
from monitor.errors import FetchError, ParseError, Severity
from monitor.fetch.client import Fetched, Fetcher
from monitor.fetch.politeness import Turns, budget_key
from monitor.fetch.schedule import Next, next_poll
from monitor.jobs.clock import utc_now
from monitor.observe import fields, log, mask
from monitor.parse.feed import parse
from monitor.pipeline import Ingested, ingest
from monitor.store import entries as store_entries
from monitor.store import feeds as store_feeds
from monitor.store.feeds import Which

LEASE = timedelta(minutes=15)
"""How long a claimed feed is this process's, beside the time that its turn may be waited for; a kill -9 delays its
feeds by no more."""
_CATCH_UP = 1_000  # waiting entries classified at once
_MAX_DETAIL = 500
_STOP_WITHIN = 0.2  # seconds between two looks at whether to stop


Progress = Callable[[int, int], None]
"""Told how many feeds are done, of how many."""


@dataclass(frozen=True, slots=True)
class PollReport:
    """What a run of the job did. ``held`` names the feeds that were asked for and not polled, since they were paused or
    are being polled by another process."""

    events: tuple[PollEvent, ...]
    held: tuple[str, ...] = ()
    caught_up: int = 0
    model_problem: str = ""

    @property
    def failed(self) -> tuple[PollEvent, ...]:
        return tuple(event for event in self.events if event.outcome is Outcome.FAILED)

    @property
    def new(self) -> int:
        return sum(event.new for event in self.events)

    @property
    def entries(self) -> int:
        return sum(event.entries for event in self.events)

    @property
    def repeats(self) -> int:
        return sum(event.repeats for event in self.events)


@dataclass(slots=True)
class _Run:
    """What one run shares among its feeds."""

    app: App
    fetcher: Fetcher
    turns: Turns
    worker: ThreadPoolExecutor
    now: Callable[[], datetime]
    stop: Callable[[], bool]
    progress: Progress
    total: int
    events: list[PollEvent] = field(default_factory=list)


def run(
    app: App,
    *,
    names: Collection[str] | None = None,
    which: Which = Which.DUE,
    now: Callable[[], datetime] = utc_now,
    progress: Progress = lambda done, total: None,
    stop: Callable[[], bool] = lambda: False,
) -> PollReport:
    """Poll the feeds that are due, or with `Which.NAMED` those that are named, due or not.

    ``names`` None means every enabled feed. Feeds that ``stop`` finds not yet begun are given back.
    """
    feeds = app.settings.feeds
    wanted = sorted(names if names is not None else (feed.name for feed in app.settings.enabled_feeds()))
    store_feeds.sync(app.store, (feeds[name] for name in wanted), now=now())
    caught_up = catch_up(app, now=now)
    states = store_feeds.claim(app.store, wanted, which, now=now(), lease=LEASE + _longest_queue(app, wanted))
    events = asyncio.run(_poll_all(app, states, now, progress, stop)) if states else []
    held = sorted(set(wanted) - {state.name for state in states}) if which is Which.NAMED else []
    return PollReport(tuple(events), tuple(held), caught_up, app.model.problem)


def _longest_queue(app: App, names: Collection[str]) -> timedelta:
    """How long the last feed of the busiest domain may wait for its turn."""
    budgets = (budget_key(app.settings.feeds[name].url, name) for name in names)
    queues = Counter(key for key, private in budgets if not private)
    return app.settings.options.fetch.domain_interval * max(queues.values(), default=0)


def catch_up(app: App, *, now: Callable[[], datetime] = utc_now) -> int:
    """Classify what was stored while no model could be loaded; returns how many entries."""
    classifier, done = app.model.classifier, 0
    while classifier and (batch := store_entries.waiting(app.store, limit=_CATCH_UP)):
        scores = classifier.classify([(w.entry.title, w.entry.text) for w in batch])
        scored = [(w.id, scored) for w, scored in zip(batch, scores, strict=True)]
        store_entries.add_scores(app.store, scored, classifier.scorer, now=now())
        done += len(batch)
    return done


async def _poll_all(
    app: App, states: Sequence[FeedState], now: Callable[[], datetime], progress: Progress, stop: Callable[[], bool]
) -> list[PollEvent]:
    """Fetch side by side, and take the documents in one worker thread, so that fetching goes on meanwhile."""
    if app.politeness is None:
        raise RuntimeError("this App was built without politeness")
    with ThreadPoolExecutor(1, "ingest") as worker:
        async with Fetcher(app.settings.options.fetch) as fetcher, asyncio.TaskGroup() as group:
            run_ = _Run(app, fetcher, app.politeness.session(), worker, now, stop, progress, len(states))
            tasks = [group.create_task(_poll(run_, app.settings.feeds[state.name], state)) for state in states]
            group.create_task(_watch(run_, tasks))
    return run_.events


async def _watch(run_: _Run, tasks: Sequence[asyncio.Task[None]]) -> None:
    """Call off what is still waiting or fetching when the run is told to stop."""
    while not all(task.done() for task in tasks):
        if run_.stop():
            for task in tasks:
                task.cancel()
            return
        await asyncio.wait(tasks, timeout=_STOP_WITHIN)


async def _poll(run_: _Run, feed: Feed, state: FeedState) -> None:
    """Take one feed through its turn; what breaks here, of whatever kind, is this feed's alone."""
    loop = asyncio.get_running_loop()
    try:
        fetched, seconds = await _fetch(run_, feed, state)
        event = await loop.run_in_executor(run_.worker, partial(_take, run_, feed, state, fetched, seconds))
    except asyncio.CancelledError:
        store_feeds.release(run_.app.store, [state])
        raise
    except Exception as error:  # noqa: BLE001 - the seam: not even a store that fails once ends the other feeds' turns
        log.exception(fields("poll", feed=feed.name, outcome="crashed"))
        detail = mask(f"{type(error).__name__}: {error}")[:_MAX_DETAIL]
        event = PollEvent(feed.name, run_.now(), Outcome.FAILED, None, "crashed", Severity.HARD, detail)
    run_.events.append(event)
    run_.progress(len(run_.events), run_.total)


async def _fetch(run_: _Run, feed: Feed, state: FeedState) -> tuple[Fetched | FetchError, float]:
    """Wait for the feed's turn and fetch it; returns what came, and the seconds it took."""
    async with run_.turns.turn(feed.url, feed.name):
        started = monotonic()
        try:
            fetched = await run_.fetcher.fetch(feed.url, state.validators, now=run_.now())
        except FetchError as error:
            return error, monotonic() - started
        return fetched, monotonic() - started


@dataclass(frozen=True, slots=True)
class _Visit:
    """One feed's turn: what it was like before, when its document was taken, and how long that had come."""

    app: App
    feed: Feed
    state: FeedState
    now: datetime
    seconds: float

    def plan(self, outcome: Outcome, *, severity: Severity | None = None, retry_after: float | None = None) -> Next:
        """When this feed is due again."""
        options = self.app.settings.options.poll
        return next_poll(
            self.state,
            now=self.now,
            interval=options.interval if self.feed.interval is None else self.feed.interval,
            max_backoff=options.max_backoff,
            seed=zlib.crc32(f"{self.feed.name} {self.now.isoformat()}".encode()),
            outcome=outcome,
            severity=severity,
            retry_after=retry_after,
        )


def _take(run_: _Run, feed: Feed, state: FeedState, fetched: Fetched | FetchError, seconds: float) -> PollEvent:
    """Turn what came back into one update and write it; an error nobody foresaw is this feed's alone."""
    visit = _Visit(run_.app, feed, state, run_.now(), seconds)
    try:
        feed_update = _failure(visit, fetched) if isinstance(fetched, FetchError) else _document(visit, fetched)
    except Exception as error:  # noqa: BLE001 - the seam: whatever one document breaks, the other feeds go on
        log.exception(fields("poll", feed=feed.name, outcome="crashed"))
        feed_update = _failure(visit, ParseError("crashed", f"{type(error).__name__}: {error}", Severity.HARD))
    applied = store_feeds.apply(run_.app.store, feed_update)
    event = feed_update.event
    log.info(
        fields(
            "poll", feed=feed.name, outcome=event.outcome.value, status=event.status, kind=event.kind, new=applied.new,
            repeats=event.repeats, cut=event.cut or None, ms=round(seconds * 1000), next=feed_update.reason,
            lease=None if applied.current else "lost",
        )
    )  # fmt: skip
    return event


def _document(visit: _Visit, fetched: Fetched) -> FeedUpdate:
    """Take what came through parse and pipeline; a document that is no feed is a failure, and keeps the validators."""
    if fetched.not_modified:
        return _success(visit, fetched, None, 0)
    options = visit.app.settings.options.poll
    try:
        document = parse(
            fetched.body, content_type=fetched.content_type, url=fetched.url, max_entries=options.max_entries
        )
    except ParseError as error:
        return _failure(visit, error, status=fetched.status)
    ingested = ingest(
        visit.feed,
        document,
        base=fetched.url,
        first_poll=visit.state.polled_at is None,
        first_poll_news=options.first_poll_news,
        known=lambda name, keys: store_feeds.known(visit.app.store, name, keys),
        classifier=visit.app.model.classifier,
        now=visit.now,
    )
    return _success(visit, fetched, ingested, document.cut)


def _success(visit: _Visit, fetched: Fetched, ingested: Ingested | None, cut: int) -> FeedUpdate:
    outcome = Outcome.NOT_MODIFIED if ingested is None else Outcome.OK
    plan = visit.plan(outcome, retry_after=fetched.retry_after)
    found = ingested or Ingested((), 0, 0, 0)
    event = PollEvent(
        visit.feed.name, visit.now, outcome, fetched.status, entries=found.entries, new=len(found.new),
        repeats=found.repeats, dropped=found.dropped, cut=cut, seconds=visit.seconds,
    )  # fmt: skip
    # A 304 leaves the stored pair alone: they are the validators of the document that was parsed.
    validators = None if ingested is None else fetched.validators
    return FeedUpdate(
        event, plan.at, plan.reason, visit.state.lease, plan.failures, plan.paused_until, validators, found.new
    )


def _failure(visit: _Visit, error: FetchError | ParseError, *, status: int | None = None) -> FeedUpdate:
    asked, status = (error.retry_after, error.status) if isinstance(error, FetchError) else (None, status)
    plan = visit.plan(Outcome.FAILED, severity=error.severity, retry_after=asked)
    event = PollEvent(
        visit.feed.name, visit.now, Outcome.FAILED, status, error.kind, error.severity,
        detail=mask(error.detail)[:_MAX_DETAIL], seconds=visit.seconds,
    )  # fmt: skip
    return FeedUpdate(event, plan.at, plan.reason, visit.state.lease, plan.failures, plan.paused_until)
