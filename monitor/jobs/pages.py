"""Ask for pages, which robots.txt governs: each address that redirects lead to in its own turn, by its own rules."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from monitor.app import App
from monitor.domain.feed import Feed, Manner
from monitor.errors import FetchError, Severity
from monitor.fetch.client import ACCEPT_PAGES, Fetched, Fetcher
from monitor.fetch.manner import is_own
from monitor.fetch.politeness import Turns, budget_key
from monitor.fetch.robots import Rulebook, Rules, origin, robots_url, rules_from
from monitor.jobs.running import heed
from monitor.store import pauses

MOST_REQUESTS = 6
"""After so many requests to one domain in one run, robots.txt and redirects among them, no further page is begun."""
MAX_REDIRECTS = 5
"""For a page, and for a robots.txt (RFC 9309, 2.3.1.2)."""
_ACCEPT_RULES = "text/plain, */*;q=0.1"


class Deferred(Exception):  # noqa: N818 - named for what it is: no error
    """Nobody was asked, since it is not the time: to be tried later, as if it had not been tried."""


class _LedOn(Exception):  # noqa: N818 - as above
    """A redirect leads on to ``url``."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(url)


async def _led_on(url: str) -> None:
    raise _LedOn(url)


class Pages:
    """One run's requests. ``rulebook`` may know rules from runs before."""

    def __init__(
        self, app: App, fetcher: Fetcher, turns: Turns, rulebook: Rulebook, now: Callable[[], datetime]
    ) -> None:
        self._app = app
        self._fetcher = fetcher
        self._turns = turns
        self._rulebook = rulebook
        self._now = now
        self._asked: Counter[str] = Counter()
        self._begun: set[str] = set()
        self._pages: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._origins: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        for budget in pauses.paused(app.store, now=now()):
            turns.shut(budget)

    async def page(self, feed: Feed, url: str, accept: str = ACCEPT_PAGES) -> Fetched:
        """Get a page, or with ``accept`` something else, as its feed is got; those of one domain one after the other.

        Raises FetchError as `Fetcher.fetch` does, with the kinds ``robots`` (HARD) where its site forbids it and
        ``robots-unreachable`` where that cannot be known; Deferred where its site, its domain's budget or this run's
        own bounds leave no room now; ShutError where a server has shut the domain.
        """
        budget, _ = budget_key(url, feed.name)
        async with self._pages[budget]:
            if self._asked[budget] >= MOST_REQUESTS:
                raise Deferred
            return await self._walk(feed, url, accept)

    async def rules(self, feed: Feed, url: str) -> Rules:
        """What robots.txt says of a page's origin, which is asked for it where nobody has lately."""
        return await self._rules(feed, url, _for_origin(feed.manner, url))

    async def _walk(self, feed: Feed, url: str, accept: str) -> Fetched:
        manner = feed.manner
        for hop in range(MAX_REDIRECTS + 1):
            manner = _for_origin(manner, url)
            rules = await self._rules(feed, url, manner)
            _demand_leave(rules, url)
            if hop == 0:
                self._demand_time(rules, url)
            try:
                return await self._ask(feed, url, manner, accept)
            except _LedOn as led:
                url = led.url
        raise FetchError("redirects", f"more than {MAX_REDIRECTS} redirects", Severity.SOFT)

    async def _rules(self, feed: Feed, url: str, manner: Manner) -> Rules:
        async with self._origins[origin(url)]:
            rules = self._rulebook.rules(url, now=self._now())
            if rules is None:
                answer = await self._robots_txt(feed, robots_url(url), replace(manner, headers=()))
                rules = await asyncio.to_thread(rules_from, answer)  # half a second for the worst
                self._rulebook.learn(url, rules, now=self._now())
            return rules

    async def _robots_txt(self, feed: Feed, url: str, manner: Manner) -> Fetched | FetchError:
        for _ in range(MAX_REDIRECTS + 1):
            try:
                return await self._ask(feed, url, manner, _ACCEPT_RULES)
            except _LedOn as led:
                url = led.url
            except FetchError as error:
                return error
        return FetchError("redirects", f"more than {MAX_REDIRECTS} redirects", Severity.SOFT)

    def _demand_time(self, rules: Rules, url: str) -> None:
        """Keep the distance that a site asks for itself by one page a run, and none before it has passed."""
        if rules.delay and (origin(url) in self._begun or not self._rulebook.free(url, now=self._now())):
            raise Deferred
        self._begun.add(origin(url))

    async def _ask(self, feed: Feed, url: str, manner: Manner, accept: str) -> Fetched:
        """Ask once, in the turn of the address; raises _LedOn where it leads on."""
        budget, _ = budget_key(url, feed.name)
        async with self._turns.turn(url, feed.name):
            self._asked[budget] += 1
            now = self._now()
            self._rulebook.started(url, now=now)
            try:
                return await self._fetcher.fetch(url, now=now, manner=manner, accept=accept, pace=_led_on)
            except FetchError as error:
                heed(self._app, self._turns, budget, error, now=self._now())
                raise


def _for_origin(manner: Manner, url: str) -> Manner:
    """How an address is asked: without what is for the feed's own origin, from where the way leads elsewhere on."""
    return manner if is_own(manner, url) else replace(manner, headers=())


def _demand_leave(rules: Rules, url: str) -> None:
    if not rules.reached:
        detail = f"{robots_url(url)} could not be read, which forbids all until it can be"
        raise FetchError("robots-unreachable", detail, Severity.TEMPORARY)
    if not rules.may(url):
        raise FetchError("robots", f"{robots_url(url)} forbids the page", Severity.HARD)
