"""Poll feeds: claim, fetch, parse, ingest, apply; one bad feed never stops the others."""

import asyncio
import hashlib
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from monitor.app import App
from monitor.domain.feed import Feed, FeedState, Outcome, PollEvent, Validators
from monitor.errors import FetchError, ParseError, Severity
from monitor.fetch import moves
from monitor.fetch.client import ACCEPT_PAGES, Fetched, Fetcher
from monitor.fetch.politeness import ShutError, Turns, budget_key
from monitor.fetch.schedule import BUSY_PAUSE
from monitor.jobs import rounds
from monitor.jobs.clock import utc_now
from monitor.jobs.reading import to_read
from monitor.jobs.repair import Stored, walk_back
from monitor.jobs.visit import MAX_DETAIL, Visit, capture, failure, ingest_document, take, validators_for
from monitor.normalise.entry import CleanDocument
from monitor.observe import fields, log, mask
from monitor.parse.document import Kind
from monitor.parse.workers import ParserPool
from monitor.store import entries as store_entries
from monitor.store import feeds as store_feeds
from monitor.store import pauses as store_pauses
from monitor.store.feeds import Which

LEASE = timedelta(minutes=15)
"""How long a claimed feed is this process's: many times a round; a kill -9 delays its feeds by no more."""
_CATCH_UP = 1_000  # waiting entries classified at once
_ROOM = 32  # documents that are fetched and not yet taken: what comes faster than it is read waits at its server
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
    def edited(self) -> int:
        return sum(event.edited for event in self.events)

    @property
    def quarantined(self) -> int:
        return sum(event.quarantined for event in self.events)

    @property
    def repeats(self) -> int:
        return sum(event.repeats for event in self.events)


@dataclass(slots=True)
class _Run:
    """What one run shares among its feeds."""

    app: App
    fetcher: Fetcher
    turns: Turns
    parser: ParserPool
    readers: ThreadPoolExecutor
    worker: ThreadPoolExecutor
    now: Callable[[], datetime]
    stop: Callable[[], bool]
    progress: Progress
    total: int
    room: asyncio.Semaphore
    events: list[PollEvent] = field(default_factory=list)


def run(
    app: App,
    *,
    names: Collection[str] | None = None,
    which: Which = Which.DUE,
    now: Callable[[], datetime] = utc_now,
    progress: Progress = lambda done, total: None,
    stop: Callable[[], bool] = lambda: False,
    parser: ParserPool | None = None,
    one_round: bool = False,
) -> PollReport:
    """Poll the feeds that are due, or with `Which.NAMED` those that are named, due or not, in rounds.

    ``names`` None means every enabled feed. With ``one_round`` feeds that did not fit into it stay due. Feeds that
    ``stop`` finds not yet begun are given back. ``parser`` is a pool that outlives the run; without one the run has its
    own.
    """
    feeds = app.settings.feeds
    wanted = sorted(names if names is not None else (feed.name for feed in app.settings.enabled_feeds()))
    store_feeds.sync(app.store, (feeds[name] for name in wanted), now=now())
    caught_up = catch_up(app, now=now)
    left, events = set(wanted), list[PollEvent]()
    with ExitStack() as held:
        while left and not stop():
            due = rounds.due(app, left, which, now=now())
            chosen = rounds.choose(app, due, now=now())
            states = store_feeds.claim(app.store, chosen, which, now=now(), lease=LEASE)
            if not states:
                break
            left -= {state.name for state in states}
            parser = parser or held.enter_context(parser_pool(app))
            shown = _continued(progress, len(events), len(due) - len(states))
            events += asyncio.run(_poll_all(app, states, now, shown, stop, parser))
            if one_round:
                break
    unpolled = rounds.unpolled(wanted, (event.feed for event in events)) if which is Which.NAMED else ()
    return PollReport(tuple(events), unpolled, caught_up, app.model.problem)


def _continued(progress: Progress, before: int, after: int) -> Progress:
    """Tell the progress of one round as that of all, with the feeds ``before`` it and ``after`` it."""
    return lambda done, total: progress(before + done, before + total + after)


def catch_up(app: App, *, now: Callable[[], datetime] = utc_now) -> int:
    """Classify what was stored while no model could be loaded; returns how many entries."""
    classifier, done = app.model.classifier, 0
    while classifier and (batch := store_entries.waiting(app.store, limit=_CATCH_UP)):
        scores = classifier.classify([(w.entry.title, w.entry.text) for w in batch])
        scored = [(w.id, scored) for w, scored in zip(batch, scores, strict=True)]
        versions = {w.id: w.version for w in batch}
        store_entries.add_scores(app.store, scored, classifier.scorer, now=now(), versions=versions)
        done += len(batch)
    return done


def parser_pool(app: App) -> ParserPool:
    """The processes that read documents, as config has them; they start when the first document comes."""
    options = app.settings.options.parse
    return ParserPool(workers=options.workers, deadline=options.deadline, max_memory=options.max_memory)


async def _poll_all(
    app: App,
    states: Sequence[FeedState],
    now: Callable[[], datetime],
    progress: Progress,
    stop: Callable[[], bool],
    parser: ParserPool,
) -> list[PollEvent]:
    """Fetch side by side, read in processes, and take the documents in one thread, each while the others go on."""
    if app.politeness is None:
        raise RuntimeError("this App was built without politeness")
    rounds.keep_distance(app, app.politeness, now=now())
    reading = app.settings.options.parse.workers
    with ThreadPoolExecutor(1, "ingest") as worker, ThreadPoolExecutor(reading, "read") as readers:
        async with Fetcher(app.settings.options.fetch) as fetcher, asyncio.TaskGroup() as group:
            run_ = _Run(
                app, fetcher, app.politeness.session(), parser, readers, worker, now, stop, progress, len(states),
                asyncio.Semaphore(_ROOM),
            )  # fmt: skip
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


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came from where, and the seconds it took."""

    fetched: Fetched | FetchError
    asked: str
    seconds: float


async def _poll(run_: _Run, feed: Feed, state: FeedState) -> None:
    """Take one feed through its turn; what breaks here, of whatever kind, is this feed's alone."""
    loop = asyncio.get_running_loop()
    room = AsyncExitStack()
    try:
        answer = await _fetch(run_, feed, state, room)
        document = await loop.run_in_executor(run_.readers, partial(_read, run_, feed, state, answer.fetched))
        event = await loop.run_in_executor(run_.worker, partial(_take, run_, feed, state, answer, document))
        if event.gap and isinstance(document, CleanDocument) and document.older:
            event = await _repaired(run_, Visit(run_.app, feed, state, answer.asked, run_.now(), 0.0), document, event)
    except asyncio.CancelledError:
        store_feeds.release(run_.app.store, [state])
        raise
    except ShutError:  # deferral is no failure
        store_feeds.release(run_.app.store, [state])
        run_.total -= 1
        return
    except Exception as error:  # noqa: BLE001 - the seam: not even a store that fails once ends the other feeds' turns
        log.exception(fields("poll", feed=feed.name, outcome="crashed"))
        detail = mask(f"{type(error).__name__}: {error}")[:MAX_DETAIL]
        event = PollEvent(feed.name, run_.now(), Outcome.FAILED, None, "crashed", Severity.HARD, detail)
    finally:
        await room.aclose()
    run_.events.append(event)
    run_.progress(len(run_.events), run_.total)


async def _fetch(run_: _Run, feed: Feed, state: FeedState, room: AsyncExitStack) -> _Answer:
    """Wait for the feed's turn and for room, and fetch it."""
    url = moves.address(feed.url, state.memory, run_.now())
    async with run_.turns.turn(url, feed.name):
        await room.enter_async_context(run_.room)
        started = monotonic()
        validators = validators_for(state, run_.app.settings.options.poll, run_.now())
        try:
            return _Answer(await _ask(run_, feed, url, validators), url, monotonic() - started)
        except FetchError as error:
            return _Answer(error, url, monotonic() - started)


async def _ask(run_: _Run, feed: Feed, url: str, validators: Validators) -> Fetched:
    """Ask once, within a turn; a 429 shuts the budget for all that wait for the same. Raises FetchError."""
    try:
        return await run_.fetcher.fetch(
            url,
            validators,
            now=run_.now(),
            manner=feed.manner,
            accept=ACCEPT_PAGES if feed.kind == Kind.PAGE else None,
            pace=partial(run_.turns.pace, feed=feed.name),
        )
    except FetchError as error:
        if error.status == 429:
            budget, _ = budget_key(url, feed.name)
            run_.turns.shut(budget)
            longest = run_.app.settings.options.poll.max_backoff.total_seconds()
            wait = min(error.retry_after or BUSY_PAUSE.total_seconds(), longest)
            store_pauses.pause(run_.app.store, budget, run_.now() + timedelta(seconds=wait))
        raise


async def _repaired(run_: _Run, visit: Visit, document: CleanDocument, event: PollEvent) -> PollEvent:
    """A poll's event after its gap was looked into; the poll itself was good, whatever that breaks."""
    try:
        return await _repair(run_, visit, document, event)
    except Exception:  # noqa: BLE001 - the seam: the gap stays on record
        log.exception(fields("repair", feed=event.feed, outcome="crashed"))
        return event


async def _repair(run_: _Run, visit: Visit, document: CleanDocument, event: PollEvent) -> PollEvent:
    """Walk back through the feed's older pages for what came and went since the last poll."""
    feed, loop = visit.feed, asyncio.get_running_loop()

    async def fetch(url: str) -> Fetched:
        try:
            async with run_.turns.turn(url, feed.name):
                return await _ask(run_, feed, url, Validators())
        except ShutError as error:
            raise FetchError("paused", "its server wants patience", Severity.TEMPORARY) from error

    async def read(fetched: Fetched) -> CleanDocument | ParseError:
        found = await loop.run_in_executor(run_.readers, partial(_read, run_, feed, visit.state, fetched))
        return found or ParseError("empty", "the server answered that nothing has changed")

    def store(found: CleanDocument) -> Stored:
        page = ingest_document(visit, found, first_poll=False)
        new = store_feeds.add_missed(run_.app.store, feed.name, page.new, page.aliases, now=run_.now())
        return Stored(page.entries, new)

    done = await walk_back(
        document.older, fetch=fetch, read=read, store=lambda found: loop.run_in_executor(run_.worker, store, found)
    )
    if done.closed:
        store_feeds.close_gap(run_.app.store, feed.name, event.at)
    log.info(
        fields(
            "repair", feed=feed.name, closed="yes" if done.closed else "no", pages=done.pages, entries=done.entries,
            new=done.new, problem=done.problem or None,
        )
    )  # fmt: skip
    return replace(event, entries=event.entries + done.entries, new=event.new + done.new, gap=not done.closed)


def _read(run_: _Run, feed: Feed, state: FeedState, fetched: Fetched | FetchError) -> CleanDocument | ParseError | None:
    """Read what came in a worker process; None where there is nothing to read."""
    if isinstance(fetched, FetchError) or fetched.not_modified:
        return None
    if state.memory.poison is not None and hashlib.sha256(fetched.body).hexdigest() == state.memory.poison:
        return ParseError("quarantined", "the same document broke the process that read it, and is not read again")
    request = to_read(
        run_.app, feed, body=fetched.body, url=fetched.url, content_type=fetched.content_type, now=run_.now()
    )
    try:
        return run_.parser.read(request)
    except ParseError as error:
        return error


def _take(
    run_: _Run, feed: Feed, state: FeedState, answer: _Answer, document: CleanDocument | ParseError | None
) -> PollEvent:
    """Turn what came back into one update and write it; an error nobody foresaw is this feed's alone."""
    visit = Visit(run_.app, feed, state, answer.asked, run_.now(), answer.seconds)
    try:
        feed_update = take(visit, answer.fetched, document)
    except Exception as error:  # noqa: BLE001 - the seam: whatever one document breaks, the other feeds go on
        log.exception(fields("poll", feed=feed.name, outcome="crashed"))
        crash = ParseError("crashed", f"{type(error).__name__}: {error}", Severity.HARD)
        came = capture(visit, answer.fetched) if isinstance(answer.fetched, Fetched) else None
        feed_update = failure(visit, crash, captured=came)
    applied = store_feeds.apply(run_.app.store, feed_update)
    event = feed_update.event
    log.info(
        fields(
            "poll", feed=feed.name, outcome=event.outcome.value, status=event.status, kind=event.kind, new=applied.new,
            repeats=event.repeats, edited=event.edited or None, quarantined=event.quarantined or None,
            cut=event.cut or None, gap="yes" if event.gap else None,
            ms=round(answer.seconds * 1000), next=feed_update.reason, lease=None if applied.current else "lost",
        )
    )  # fmt: skip
    return event
