"""One feed's turn in a run: fetch, read in a process, take in one thread, and look into a gap."""

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from time import monotonic

from monitor.app import App
from monitor.domain.feed import Feed, FeedState, Outcome, PollEvent, Validators
from monitor.errors import FetchError, ParseError, Severity
from monitor.fetch import moves
from monitor.fetch.client import ACCEPT_PAGES, Fetched, Fetcher
from monitor.fetch.politeness import ShutError, Turns, budget_key
from monitor.jobs.reading import to_read
from monitor.jobs.repair import Stored, walk_back
from monitor.jobs.running import Progress, heed
from monitor.jobs.visit import MAX_DETAIL, Visit, capture, failure, ingest_document, take, validators_for
from monitor.normalise.entry import CleanDocument
from monitor.observe import fields, log, mask
from monitor.parse.document import Kind
from monitor.parse.workers import ParserPool
from monitor.store import feeds as store_feeds


@dataclass(slots=True)
class Run:
    """What one run shares among its feeds. ``room`` bounds the documents that are fetched and not yet taken."""

    app: App
    fetcher: Fetcher
    turns: Turns
    parser: ParserPool
    readers: ThreadPoolExecutor
    worker: ThreadPoolExecutor
    now: Callable[[], datetime]
    progress: Progress
    total: int
    room: asyncio.Semaphore
    events: list[PollEvent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came from where, and the seconds it took."""

    fetched: Fetched | FetchError
    asked: str
    seconds: float


async def poll_feed(run_: Run, feed: Feed, state: FeedState) -> None:
    """Take one feed through its turn; what breaks here, of whatever kind, is this feed's alone."""
    loop = asyncio.get_running_loop()
    room = AsyncExitStack()
    try:
        answer = await _fetch(run_, feed, state, room)
        document = await loop.run_in_executor(run_.readers, partial(_read, run_, feed, state, answer.fetched))
        event = await loop.run_in_executor(run_.worker, partial(_take, run_, feed, state, answer, document))
        if event.gap and isinstance(document, CleanDocument) and document.older:
            # Others wait for room within their turns: what waits for a turn must hold none, or all wait for ever.
            await room.aclose()
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


async def _fetch(run_: Run, feed: Feed, state: FeedState, room: AsyncExitStack) -> _Answer:
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


async def _ask(run_: Run, feed: Feed, url: str, validators: Validators) -> Fetched:
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
        heed(run_.app, run_.turns, budget_key(url, feed.name)[0], error, now=run_.now())
        raise


async def _repaired(run_: Run, visit: Visit, document: CleanDocument, event: PollEvent) -> PollEvent:
    """A poll's event after its gap was looked into; the poll itself was good, whatever that breaks."""
    try:
        return await _repair(run_, visit, document, event)
    except Exception:  # noqa: BLE001 - the seam: the gap stays on record
        log.exception(fields("repair", feed=event.feed, outcome="crashed"))
        return event


async def _repair(run_: Run, visit: Visit, document: CleanDocument, event: PollEvent) -> PollEvent:
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


def _read(run_: Run, feed: Feed, state: FeedState, fetched: Fetched | FetchError) -> CleanDocument | ParseError | None:
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
    run_: Run, feed: Feed, state: FeedState, answer: _Answer, document: CleanDocument | ParseError | None
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
