"""Poll feeds: claim, fetch, parse, ingest, apply; one bad feed never stops the others."""

import asyncio
import zlib
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TypedDict

from monitor.app import App
from monitor.domain.feed import Feed, FeedState, FeedUpdate, Outcome, PollEvent, Validators
from monitor.errors import FetchError, ParseError, Severity
from monitor.fetch.client import Fetched, Fetcher
from monitor.fetch.politeness import Turns
from monitor.fetch.schedule import next_poll
from monitor.jobs.clock import utc_now
from monitor.observe import fields, log, mask
from monitor.parse.feed import parse
from monitor.pipeline import Ingested, ingest
from monitor.store import entries as store_entries
from monitor.store import feeds as store_feeds
from monitor.store.feeds import Which

LEASE = timedelta(minutes=15)
"""How long a claimed feed is this process's; a kill -9 delays its feeds by no more."""
_CATCH_UP = 1_000  # waiting entries classified at once
_MAX_DETAIL = 500
_STOP_WITHIN = 0.2  # seconds between two looks at whether to stop


class _Pace(TypedDict):
    """What the config says of how often."""

    interval: timedelta
    max_backoff: timedelta
    seed: int


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
    states = store_feeds.claim(app.store, wanted, which, now=now(), lease=LEASE)
    events = asyncio.run(_poll_all(app, states, now, progress, stop)) if states else []
    held = sorted(set(wanted) - {state.name for state in states}) if which is Which.NAMED else []
    return PollReport(tuple(events), tuple(held), caught_up, app.model.problem)


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
    loop = asyncio.get_running_loop()
    try:
        fetched, seconds = await _fetch(run_, feed, state)
    except asyncio.CancelledError:
        store_feeds.release(run_.app.store, [state])
        raise
    event = await loop.run_in_executor(run_.worker, partial(_take, run_, feed, state, fetched, seconds))
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


def _take(run_: _Run, feed: Feed, state: FeedState, fetched: Fetched | FetchError, seconds: float) -> PollEvent:
    """Turn what came back into one update and write it; an error nobody foresaw is this feed's alone."""
    now = run_.now()
    try:
        feed_update = _update(run_.app, feed, state, fetched, now, seconds)
    except Exception as error:  # noqa: BLE001 - the seam: whatever one document breaks, the other feeds go on
        log.exception(fields("poll", feed=feed.name, outcome="crashed"))
        crash = ParseError("crashed", f"{type(error).__name__}: {error}", Severity.HARD)
        feed_update = _failure(run_.app, feed, state, crash, now, seconds)
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


def _update(
    app: App, feed: Feed, state: FeedState, fetched: Fetched | FetchError, now: datetime, seconds: float
) -> FeedUpdate:
    if isinstance(fetched, FetchError):
        return _failure(app, feed, state, fetched, now, seconds)
    if fetched.not_modified:
        return _success(app, feed, state, fetched, None, 0, now, seconds)
    poll = app.settings.options.poll
    try:
        document = parse(fetched.body, content_type=fetched.content_type, url=fetched.url, max_entries=poll.max_entries)
    except ParseError as error:
        return _failure(app, feed, state, error, now, seconds, status=fetched.status)
    ingested = ingest(
        feed,
        document,
        base=fetched.url,
        first_poll=state.polled_at is None,
        first_poll_news=poll.first_poll_news,
        known=lambda name, keys: store_feeds.known(app.store, name, keys),
        classifier=app.model.classifier,
        now=now,
    )
    return _success(app, feed, state, fetched, ingested, document.cut, now, seconds)


def _success(
    app: App,
    feed: Feed,
    state: FeedState,
    fetched: Fetched,
    ingested: Ingested | None,
    cut: int,
    now: datetime,
    seconds: float,
) -> FeedUpdate:
    outcome = Outcome.NOT_MODIFIED if ingested is None else Outcome.OK
    plan = next_poll(state, now=now, outcome=outcome, retry_after=fetched.retry_after, **_pace(app, feed, now))
    found = ingested or Ingested((), 0, 0, 0)
    event = PollEvent(
        feed.name, now, outcome, fetched.status, entries=found.entries, new=len(found.new), repeats=found.repeats,
        dropped=found.dropped, cut=cut, seconds=seconds,
    )  # fmt: skip
    # A 304 leaves the stored pair alone: they are the validators of the document that was parsed.
    validators = None if ingested is None else fetched.validators
    return FeedUpdate(event, plan.at, plan.reason, state.lease, plan.failures, plan.paused_until, validators, found.new)


def _failure(
    app: App,
    feed: Feed,
    state: FeedState,
    error: FetchError | ParseError,
    now: datetime,
    seconds: float,
    *,
    status: int | None = None,
) -> FeedUpdate:
    asked, status = (error.retry_after, error.status) if isinstance(error, FetchError) else (None, status)
    plan = next_poll(
        state, now=now, outcome=Outcome.FAILED, severity=error.severity, retry_after=asked, **_pace(app, feed, now)
    )
    detail = mask(error.detail)[:_MAX_DETAIL]
    event = PollEvent(feed.name, now, Outcome.FAILED, status, error.kind, error.severity, detail, seconds=seconds)
    return FeedUpdate(event, plan.at, plan.reason, state.lease, plan.failures, plan.paused_until)


def _pace(app: App, feed: Feed, now: datetime) -> _Pace:
    poll = app.settings.options.poll
    interval = poll.interval if feed.interval is None else feed.interval
    seed = zlib.crc32(f"{feed.name} {now.isoformat()}".encode())
    return {"interval": interval, "max_backoff": poll.max_backoff, "seed": seed}
