"""Not too often and not too many at once: a budget for each registrable domain, or for the feed on a private host."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from monitor.errors import FetchError, Severity
from monitor.fetch.guard import is_address, is_private_host
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
    # The list takes the last two numbers of an address for a domain.
    domain = host if is_address(host) else _suffixes.privatesuffix(host) or host
    return f"domain:{domain}", False


class Politeness:
    """Knows when each budget allows the next start. It outlives single runs, so that a daemon's ticks keep their
    distance too, and is shared by jobs in several threads."""

    def __init__(self, options: FetchOptions, clock: Callable[[], float]) -> None:
        """``clock`` returns monotonic seconds."""
        self._options = options
        self._clock = clock
        self._free_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def session(self) -> "Turns":
        """Begin a run; its locks belong to the event loop that runs it."""
        return Turns(self._options, self)

    def wait(self, key: str) -> float:
        """Seconds until the budget allows a start; not more than 0 where it does."""
        return self._free_at.get(key, 0.0) - self._clock()

    def take(self, key: str, interval: float) -> bool:
        """Take the start, where the budget allows one now; the next is ``interval`` seconds away."""
        with self._lock:
            if self.wait(key) > 0:
                return False
            self._free_at[key] = self._clock() + interval
            return True

    def remember(self, key: str, ago: float) -> None:
        """Count a start on a public domain that was made so many seconds ago, by whichever process."""
        free_at = self._clock() - ago + self._options.domain_interval.total_seconds()
        with self._lock:
            self._free_at[key] = max(free_at, self._free_at.get(key, 0.0))


class ShutError(Exception):
    """A budget was shut while a request waited for its turn: it is to be deferred, which is no failure."""


class Turns:
    """The turns of one run."""

    def __init__(self, options: FetchOptions, politeness: Politeness) -> None:
        self._options = options
        self._politeness = politeness
        self._all = asyncio.Semaphore(options.concurrency)
        self._bounds: dict[str, asyncio.Semaphore | None] = {}
        self._shut: set[str] = set()

    def shut(self, key: str) -> None:
        """Give no more turns of a budget in this run; who waits for one gets a ShutError without using it up."""
        self._shut.add(key)

    @asynccontextmanager
    async def turn(self, url: str, feed: str) -> AsyncIterator[None]:
        """Wait for this request's turn, and hold it until the block ends; raises ShutError.

        The general bound is taken last, so that a domain that waits for its interval keeps no other from its turn; and
        the interval is looked at again then, since the start that counts is the real one.
        """
        key, private = budget_key(url, feed)
        async with AsyncExitStack() as held:
            bound = self._bound(key, private=private)
            if bound is not None:
                await held.enter_async_context(bound)
            await self._start(key, self._interval(private=private))
            held.callback(self._all.release)
            yield

    async def pace(self, url: str, feed: str) -> None:
        """Wait for the budget of a redirect's next address, inside a turn; raises FetchError where it is shut.

        Its own bound is not taken: who holds one and waits for another may wait for ever.
        """
        key, private = budget_key(url, feed)
        interval = self._interval(private=private)
        while key not in self._shut and not self._politeness.take(key, interval):  # noqa: ASYNC110 - time is the event
            await asyncio.sleep(self._politeness.wait(key))
        if key in self._shut:
            raise FetchError("paused", f"{url} was not asked: its server wants patience", Severity.TEMPORARY)

    def _interval(self, *, private: bool) -> float:
        interval = self._options.private_interval if private else self._options.domain_interval
        return interval.total_seconds()

    def _bound(self, key: str, *, private: bool) -> asyncio.Semaphore | None:
        count = self._options.private_concurrency if private else self._options.domain_concurrency
        if key not in self._bounds:
            self._bounds[key] = asyncio.Semaphore(count) if count else None
        return self._bounds[key]

    async def _start(self, key: str, interval: float) -> None:
        """Take a general turn at a time when the budget allows a start."""
        while True:
            if key in self._shut:
                raise ShutError(key)
            wait = self._politeness.wait(key)
            if wait > 0:
                await asyncio.sleep(wait)
                continue
            await self._all.acquire()
            if key not in self._shut and self._politeness.take(key, interval):
                return
            self._all.release()
