"""Not too often and not too many at once: a budget for each registrable domain, or for the feed on a private host."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from monitor.fetch.guard import is_private_host
from monitor.fetch.options import FetchOptions

_suffixes = PublicSuffixList()


def budget_key(url: str, feed: str) -> tuple[str, bool]:
    """Name the budget that a request draws on, and whether it is that of a private host.

    Public hosts share one per registrable domain (``feeds.example.co.uk`` and ``www.example.co.uk``); private ones
    have one per feed, since one intranet name may stand for many publishers.
    """
    if is_private_host(url):
        return f"feed:{feed}", True
    host = (urlsplit(url).hostname or "").rstrip(".")
    return f"domain:{_suffixes.privatesuffix(host) or host}", False


class Politeness:
    """Hands out turns. Start times outlive a single run, so that a daemon's ticks keep their distance too."""

    def __init__(self, options: FetchOptions, clock: Callable[[], float]) -> None:
        """``clock`` returns monotonic seconds."""
        self._options = options
        self._clock = clock
        self._free_at: dict[str, float] = {}

    def session(self) -> "Turns":
        """Begin a run; its locks belong to the event loop that runs it."""
        return Turns(self._options, self._clock, self._free_at)


class Turns:
    """The turns of one run."""

    def __init__(self, options: FetchOptions, clock: Callable[[], float], free_at: dict[str, float]) -> None:
        self._options = options
        self._clock = clock
        self._free_at = free_at
        self._all = asyncio.Semaphore(options.concurrency)
        self._bounds: dict[str, asyncio.Semaphore | None] = {}

    @asynccontextmanager
    async def turn(self, url: str, feed: str) -> AsyncIterator[None]:
        """Wait for this request's turn, and hold it until the block ends.

        The general bound is taken last: a domain that waits for its interval keeps no other domain from its turn.
        """
        key, private = budget_key(url, feed)
        async with AsyncExitStack() as held:
            bound = self._bound(key, private=private)
            if bound is not None:
                await held.enter_async_context(bound)
            await self._wait(key, private=private)
            await held.enter_async_context(self._all)
            yield

    def _bound(self, key: str, *, private: bool) -> asyncio.Semaphore | None:
        count = self._options.private_concurrency if private else self._options.domain_concurrency
        if key not in self._bounds:
            self._bounds[key] = asyncio.Semaphore(count) if count else None
        return self._bounds[key]

    async def _wait(self, key: str, *, private: bool) -> None:
        interval = (self._options.private_interval if private else self._options.domain_interval).total_seconds()
        now = self._clock()
        start = max(now, self._free_at.get(key, now))
        self._free_at[key] = start + interval
        if start > now:
            await asyncio.sleep(start - now)
