"""Fetch the articles of entries that came with little text: claim, robots.txt, page, text, a new version of the entry.

An entry whose article cannot be had stays exactly as its feed gave it. Polls go first: a domain of which feeds are due
is left alone until they were polled.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from time import monotonic

from monitor.app import App
from monitor.domain.entry import Entry
from monitor.domain.feed import Feed
from monitor.errors import FetchError, MonitorError, ParseError, Severity
from monitor.fetch.client import Fetched, Fetcher
from monitor.fetch.politeness import ShutError, budget_key
from monitor.fetch.robots import Rulebook
from monitor.jobs import rounds
from monitor.jobs.clock import utc_now
from monitor.jobs.context import context_of
from monitor.jobs.pages import Deferred, Pages
from monitor.jobs.running import Progress, parser_pool, until_stopped
from monitor.normalise import language
from monitor.observe import fields, log, mask
from monitor.parse.article import Article, ArticleRequest
from monitor.parse.workers import ParserPool
from monitor.pipeline import THIN, revise
from monitor.store import articles as store_articles
from monitor.store import pauses, views
from monitor.store.articles import Claimed, Wish

MOST = 50
"""Articles that one run tries, so that it ends soon."""
MOST_A_DOMAIN = 4
"""Articles of one domain that one run tries: a poll that comes due meanwhile waits for half a minute at the most."""
TRIES = 3
WAITS = (timedelta(hours=2), timedelta(hours=12))
"""After the first and the second try that may go better another time; the third is the last."""
LEASE = timedelta(minutes=30)
"""How long a claimed entry is this process's: longer than any run."""
POLLED_SOON = timedelta(hours=1)
"""A feed that has been due for longer is polled by nobody just now, and is not waited for."""
_LOOKED_AT = 1_000  # wanted entries among which a run chooses
_PASSING = frozenset({404, 408, 425, 429})
"""Refusals by a 4xx that may pass: a feed is often out before its page is."""


class Ending(StrEnum):
    """How a try ended: with the text; with a page that is no article of ours, or without leave; without a page."""

    TAKEN = "taken"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Tried:
    """One try. ``kind`` says what was wrong, ``for_good`` that there will be no other."""

    feed: str
    entry_id: int
    ending: Ending
    kind: str = ""
    for_good: bool = False


@dataclass(frozen=True, slots=True)
class ArticlesReport:
    """What a run did; ``left`` counts the entries that wanted their article and were not tried in it."""

    tried: tuple[Tried, ...]
    left: int

    def count(self, ending: Ending) -> int:
        return sum(one.ending is ending for one in self.tried)

    @property
    def kinds(self) -> Mapping[str, int]:
        """How often each thing was wrong."""
        return Counter(one.kind for one in self.tried if one.kind)


@dataclass(slots=True)
class _Run:
    """What one run shares among its entries."""

    app: App
    pages: Pages
    parser: ParserPool
    readers: ThreadPoolExecutor
    worker: ThreadPoolExecutor
    now: Callable[[], datetime]
    progress: Progress
    total: int
    tried: list[Tried] = field(default_factory=list)


def run(
    app: App,
    *,
    now: Callable[[], datetime] = utc_now,
    progress: Progress = lambda done, total: None,
    stop: Callable[[], bool] = lambda: False,
    parser: ParserPool | None = None,
    rulebook: Rulebook | None = None,
) -> ArticlesReport:
    """Try the articles that are wanted, the newest first, `MOST` at once and `MOST_A_DOMAIN` of a domain.

    ``parser`` and ``rulebook`` (what robots.txt of which site says) may outlive the run; else it has its own.
    """
    feeds = [feed.name for feed in app.settings.enabled_feeds() if feed.full_text]
    wishes = store_articles.wanted(app.store, feeds, shorter_than=THIN, now=now(), limit=_LOOKED_AT) if feeds else []
    rulebook = rulebook or Rulebook()
    chosen = [] if stop() else _choose(app, wishes, rulebook, now())
    claimed = store_articles.claim(app.store, chosen, now=now(), until=now() + LEASE) if chosen else []
    if not claimed:
        return ArticlesReport((), len(wishes))
    with nullcontext(parser) if parser else parser_pool(app) as pool:
        tried = asyncio.run(_try_all(app, claimed, pool, rulebook, now, progress, stop))
    return ArticlesReport(tuple(tried), len(wishes) - len(tried))


def _choose(app: App, wishes: Sequence[Wish], rulebook: Rulebook, now: datetime) -> list[int]:
    """The newest entries that fit into one run."""
    if not wishes:
        return []
    closed = _polled_first(app, now) | pauses.paused(app.store, now=now).keys()
    taken: Counter[str] = Counter()
    chosen: list[int] = []
    for wish in wishes:
        budget, _ = budget_key(wish.url, wish.feed)
        if budget not in closed and taken[budget] < MOST_A_DOMAIN and rulebook.free(wish.url, now=now):
            chosen.append(wish.id)
            taken[budget] += 1
    return chosen[:MOST]


def _polled_first(app: App, now: datetime) -> set[str]:
    """The budgets of which feeds are due, or just being polled."""
    feeds = {feed.name: feed for feed in app.settings.enabled_feeds()}
    return {
        budget_key(feeds[state.name].url, state.name)[0]
        for state in views.feeds(app.store, feeds)
        if now - POLLED_SOON < max(state.next_poll_at or state.added_at, state.paused_until or state.added_at) <= now
    }


async def _try_all(
    app: App,
    claimed: Sequence[Claimed],
    parser: ParserPool,
    rulebook: Rulebook,
    now: Callable[[], datetime],
    progress: Progress,
    stop: Callable[[], bool],
) -> list[Tried]:
    """Fetch side by side, read in processes, and take the texts in one thread."""
    if app.politeness is None:
        raise RuntimeError("this App was built without politeness")
    rounds.keep_distance(app, app.politeness, now=now())
    reading = app.settings.options.parse.workers
    with ThreadPoolExecutor(1, "article") as worker, ThreadPoolExecutor(reading, "read") as readers:
        async with Fetcher(app.settings.options.fetch) as fetcher, asyncio.TaskGroup() as group:
            pages = Pages(app, fetcher, app.politeness.session(), rulebook, now)
            run_ = _Run(app, pages, parser, readers, worker, now, progress, len(claimed))
            tasks = [group.create_task(_try(run_, one)) for one in claimed]
            group.create_task(until_stopped(tasks, stop))
    return run_.tried


async def _try(run_: _Run, claimed: Claimed) -> None:
    """Take one entry through its try; what breaks here, of whatever kind, is this entry's alone."""
    began = monotonic()
    try:
        tried = await _article(run_, claimed)
    except (Deferred, ShutError):
        store_articles.release(run_.app.store, claimed, now=run_.now())
        run_.total -= 1
        return
    except asyncio.CancelledError:
        store_articles.release(run_.app.store, claimed, now=run_.now())
        raise
    except MonitorError as error:  # no parser can be started, or its pool was closed: not the entry's fault
        store_articles.release(run_.app.store, claimed, now=run_.now())
        log.warning(fields("article", feed=claimed.stored.feed, outcome="left", detail=mask(str(error))))
        run_.total -= 1
        return
    except Exception:  # noqa: BLE001 - the seam: its lease runs out, and the try counts
        log.exception(fields("article", feed=claimed.stored.feed, outcome="crashed"))
        run_.total -= 1
        return
    log.info(
        fields(
            "article", feed=tried.feed, outcome=tried.ending.value, kind=tried.kind,
            final="yes" if tried.for_good else None, ms=round((monotonic() - began) * 1000),
        )
    )  # fmt: skip
    run_.tried.append(tried)
    run_.progress(len(run_.tried), run_.total)


async def _article(run_: _Run, claimed: Claimed) -> Tried:
    loop = asyncio.get_running_loop()
    feed, entry = run_.app.settings.feeds[claimed.stored.feed], claimed.stored.entry
    try:
        _demand_end(claimed)
        fetched = await run_.pages.page(feed, entry.url or "")
        article = await loop.run_in_executor(run_.readers, partial(run_.parser.article, _request(entry, fetched)))
        return await loop.run_in_executor(run_.worker, partial(_take, run_, feed, claimed, article))
    except (FetchError, ParseError) as error:
        return await loop.run_in_executor(run_.worker, partial(_note, run_, claimed, error))


def _demand_end(claimed: Claimed) -> None:
    if claimed.tries > TRIES:
        raise ParseError("crashed", "the tries before this one never came to an end", Severity.HARD)


def _request(entry: Entry, fetched: Fetched) -> ArticleRequest:
    return ArticleRequest(
        fetched.body,
        fetched.url,
        fetched.content_type,
        asked=entry.url or "",
        title=entry.title,
        known=len(entry.text),
    )


def _take(run_: _Run, feed: Feed, claimed: Claimed, article: Article) -> Tried:
    """Make the text a new version of the entry, classified anew."""
    app, now, entry = run_.app, run_.now(), claimed.stored.entry
    claim = feed.source.language or entry.lang
    longer = replace(entry, text=article.text, lang=language.detect(f"{entry.title}\n{article.text}", claim))
    (revision,) = revise([(longer, claimed.known)], context_of(app, feed, now=now), why="article")
    if revision.scored is not None:  # an article may be short too, and is not fetched for it again
        revision = replace(revision, scored=replace(revision.scored, wants_article=False))
    if not store_articles.take(app.store, revision, now=now):
        return Tried(feed.name, claimed.known.id, Ending.REFUSED, "edited")
    return Tried(feed.name, claimed.known.id, Ending.TAKEN)


def _note(run_: _Run, claimed: Claimed, error: FetchError | ParseError) -> Tried:
    """Leave the entry as it was, and say when it is tried again, if ever."""
    for_good = claimed.tries >= TRIES or _lasts(error)
    if for_good:
        store_articles.give_up(run_.app.store, claimed, error.kind)
    else:
        asked = error.retry_after or 0.0 if isinstance(error, FetchError) else 0.0
        longest = run_.app.settings.options.poll.max_backoff
        wait = max(WAITS[claimed.tries - 1], min(timedelta(seconds=asked), longest))
        store_articles.again(run_.app.store, claimed, at=run_.now() + wait)
    log.debug(fields("article", feed=claimed.stored.feed, id=claimed.known.id, detail=mask(error.detail)))
    refused = isinstance(error, ParseError) or error.kind == "robots"
    ending = Ending.REFUSED if refused else Ending.FAILED
    return Tried(claimed.stored.feed, claimed.known.id, ending, error.kind, for_good)


def _lasts(error: FetchError | ParseError) -> bool:
    """Say whether the same would come of another try."""
    status = error.status if isinstance(error, FetchError) else None
    if status is not None and 400 <= status < 500:
        return status not in _PASSING
    return error.severity is Severity.HARD
