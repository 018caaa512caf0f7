"""Ask for single documents outside of a poll, with the same fetcher, limits and politeness.

Nothing is stored but what a 429 asks of everybody: that the domain be left alone for a while.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from monitor.app import App
from monitor.domain.entry import Document
from monitor.domain.feed import Feed, Manner
from monitor.errors import FetchError, ParseError, Severity
from monitor.fetch.client import ACCEPT_PAGES, Fetched, Fetcher
from monitor.fetch.politeness import ShutError, Turns, budget_key
from monitor.jobs.reading import to_parse
from monitor.jobs.running import heed
from monitor.parse.document import Kind, parse_document
from monitor.store import pauses


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request brought: a feed's ``document``, or an ``error``; ``fetched`` is None where no document came."""

    fetched: Fetched | None
    document: Document | None
    error: FetchError | ParseError | None
    seconds: float

    @property
    def status(self) -> int | None:
        """The HTTP status, where there was one."""
        if self.fetched is not None:
            return self.fetched.status
        return self.error.status if isinstance(self.error, FetchError) else None


class Asking:
    """One run's requests."""

    def __init__(self, app: App, fetcher: Fetcher, turns: Turns, now: Callable[[], datetime]) -> None:
        self._app = app
        self._fetcher = fetcher
        self._turns = turns
        self._now = now
        for budget in pauses.paused(app.store, now=now()):
            turns.shut(budget)

    async def ask(self, url: str, name: str) -> Asked:
        """Wait for the turn of ``url`` and read what comes; ``name`` is the budget on a private host.

        Where it is the address of the feed of that name, it is asked and read as config says of that feed. Where a
        server has shut the budget nobody is asked: the error's kind is ``paused``.
        """
        feed = self._app.settings.feeds.get(name)
        own = feed if feed is not None and feed.url == url else None
        budget, _ = budget_key(url, name)
        started = monotonic()
        try:
            async with self._turns.turn(url, name):
                started = monotonic()
                fetched = await self._fetch(url, name, own)
        except ShutError:
            until = pauses.paused(self._app.store, now=self._now()).get(budget)
            return Asked(None, None, _paused(until), 0.0)
        except FetchError as error:
            heed(self._app, self._turns, budget, error, now=self._now())
            return Asked(None, None, error, monotonic() - started)
        seconds = monotonic() - started
        try:
            request = to_parse(self._app, own, body=fetched.body, url=fetched.url, content_type=fetched.content_type)
            document = await asyncio.to_thread(parse_document, request)
        except ParseError as error:
            return Asked(fetched, None, error, seconds)
        return Asked(fetched, document, None, seconds)

    async def _fetch(self, url: str, name: str, feed: Feed | None) -> Fetched:
        return await self._fetcher.fetch(
            url,
            now=self._now(),
            manner=feed.manner if feed else Manner(),
            accept=ACCEPT_PAGES if feed and feed.kind == Kind.PAGE else None,
            pace=lambda further: self._turns.pace(further, name),
        )


def _paused(until: datetime | None) -> FetchError:
    when = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
    detail = f"not asked: its server asked us to wait{when}"
    return FetchError("paused", detail, Severity.TEMPORARY)


@asynccontextmanager
async def asking(app: App, now: Callable[[], datetime]) -> AsyncIterator[Asking]:
    """Open the connections of one run."""
    if app.politeness is None:
        raise RuntimeError("this App was built without politeness")
    async with Fetcher(app.settings.options.fetch) as fetcher:
        yield Asking(app, fetcher, app.politeness.session(), now)
