"""A backfill's requests: after the polls, within the same budgets, and heeding robots.txt where that governs them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from monitor.app import App
from monitor.backfill.route import Ask, Reads
from monitor.domain.feed import Feed, Manner
from monitor.errors import FetchError, Severity
from monitor.fetch.client import ACCEPT_FEEDS, ACCEPT_PAGES, Fetched, Fetcher
from monitor.fetch.manner import is_own
from monitor.fetch.politeness import ShutError, Turns, budget_key
from monitor.fetch.robots import Rulebook, Rules
from monitor.jobs.pages import Deferred, Pages
from monitor.jobs.running import heed
from monitor.jobs.status import health
from monitor.store import backfill as store_backfill
from monitor.store import pauses

POLLED_SOON = timedelta(hours=1)
"""A feed that has been due for longer is polled by nobody just now, and is not waited for."""
LEAST_PAUSE, LONGEST_PAUSE = timedelta(seconds=60), timedelta(hours=1)
"""After a 429 of an archive that shuts out who goes on asking: doubled with each, up to an hour."""
_LOOK = 0.2  # seconds between two looks at whether it is our turn
ACCEPT_JSON = "application/json, */*;q=0.1"
_ACCEPT = {Reads.ARTICLE: ACCEPT_PAGES, Reads.POSTS: ACCEPT_JSON, Reads.CAPTURES: ACCEPT_JSON}


class Stopped(Exception):  # noqa: N818 - named for what it is: no error
    """The run was told to stop while a request waited for its turn."""


class Shut(Exception):  # noqa: N818 - as above
    """Its server has asked for patience, ``until`` a time: nobody was asked."""

    def __init__(self, budget: str, until: datetime) -> None:
        self.until = until
        super().__init__(budget)


@dataclass(slots=True)
class Line:
    """What the jobs of one run share that ask servers. ``requests`` counts what each feed's job has asked for."""

    app: App
    fetcher: Fetcher
    turns: Turns
    rulebook: Rulebook
    now: Callable[[], datetime]
    stop: Callable[[], bool]

    async def get(self, feed: Feed, ask: Ask, refused: int = 0) -> Fetched:
        """Wait for the turn of a request, and make it; ``refused`` is how often its server has said 429 to the job.

        Raises FetchError, Shut where a server wants patience, and Stopped.
        """
        budget, private = budget_key(ask.url, feed.name)
        await self._wait(ask, budget, private=private)
        try:
            if ask.robots:
                return await self._page(feed, ask)
            async with self.turns.turn(ask.url, feed.name):
                return await self._ask(feed, ask)
        except ShutError as error:
            raise self._shut(budget) from error
        except FetchError as error:
            if error.status == 429:
                self._heed(ask, budget, error, refused)
                raise self._shut(budget) from error
            raise

    async def rules(self, feed: Feed, url: str) -> Rules:
        """What robots.txt says of a page's origin."""
        budget, private = budget_key(url, feed.name)
        await self._wait(Ask(url, Reads.ARTICLE), budget, private=private)
        return await self._pages().rules(feed, url)

    def _pages(self) -> Pages:
        """The bounds of one run of the article job are not those of a backfill, so each page is a run of its own."""
        return Pages(self.app, self.fetcher, self.turns, self.rulebook, self.now)

    async def _page(self, feed: Feed, ask: Ask) -> Fetched:
        while True:
            try:
                return await self._pages().page(feed, ask.url, _ACCEPT.get(ask.reads, ACCEPT_FEEDS))
            except Deferred:  # its site asks for more distance than config does
                await self._pause()

    async def _ask(self, feed: Feed, ask: Ask) -> Fetched:
        own = is_own(feed.manner, ask.url)
        manner = feed.manner if own else Manner(user_agent=feed.manner.user_agent, proxy=feed.manner.proxy)
        pace = partial(self.turns.pace, feed=feed.name)
        return await self.fetcher.fetch(
            ask.url, now=self.now(), manner=manner, accept=_ACCEPT.get(ask.reads), pace=pace
        )

    async def _wait(self, ask: Ask, budget: str, *, private: bool) -> None:
        """Let the polls of the same budget go first, and keep the distance to other backfills, of any process."""
        options = self.app.settings.options
        apart = options.fetch.private_interval if private else options.fetch.domain_interval
        if ask.metered:
            apart = max(apart, options.backfill.wayback_interval)
        if budget in (shut := pauses.paused(self.app.store, now=self.now())):
            raise Shut(budget, shut[budget])
        while budget in self._polled_first():
            await self._pause()
        while apart and not store_backfill.take_turn(self.app.store, budget, apart=apart, now=self.now()):
            await self._pause()

    async def _pause(self) -> None:
        if self.stop():
            raise Stopped
        await asyncio.sleep(_LOOK)

    def _polled_first(self) -> set[str]:
        """The budgets of which feeds are being polled, or are due while a daemon is there to poll them."""
        app, now = self.app, self.now()
        found = store_backfill.being_polled(app.store, now=now, due_after=now - POLLED_SOON)
        if not found:
            return set()
        daemon = health(app.store, now=now).healthy
        feeds = app.settings.feeds
        return {
            budget_key(feeds[name].url, name)[0]
            for name, polled in found
            if name in feeds and (polled or (daemon and feeds[name].enabled))
        }

    def _heed(self, ask: Ask, budget: str, error: FetchError, refused: int) -> None:
        """Shut the budget for every process, that of an archive for a minute at least."""
        if ask.metered:
            least = min(LEAST_PAUSE * 2**refused, LONGEST_PAUSE).total_seconds()
            wait = max(error.retry_after or 0.0, least)
            error = FetchError(error.kind, error.detail, Severity.TEMPORARY, status=429, retry_after=wait)
        heed(self.app, self.turns, budget, error, now=self.now())

    def _shut(self, budget: str) -> Shut:
        now = self.now()
        return Shut(budget, pauses.paused(self.app.store, now=now).get(budget, now))
