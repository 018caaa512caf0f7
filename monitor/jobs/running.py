"""What jobs share that ask servers and read documents side by side."""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from monitor.app import App
from monitor.errors import FetchError
from monitor.fetch.politeness import Turns
from monitor.fetch.schedule import BUSY_PAUSE
from monitor.parse.workers import ParserPool
from monitor.store import pauses

_STOP_WITHIN = 0.2  # seconds between two looks at whether to stop

Progress = Callable[[int, int], None]
"""Told how many units are done, of how many."""


def parser_pool(app: App) -> ParserPool:
    """The processes that read documents, as config has them; they start when the first document comes."""
    options = app.settings.options.parse
    return ParserPool(workers=options.workers, deadline=options.deadline, max_memory=options.max_memory)


async def until_stopped(tasks: Collection[asyncio.Task[None]], stop: Callable[[], bool]) -> None:
    """Call off what is still waiting or fetching when the run is told to stop."""
    while not all(task.done() for task in tasks):
        if stop():
            for task in tasks:
                task.cancel()
            return
        await asyncio.wait(tasks, timeout=_STOP_WITHIN)


def heed(app: App, turns: Turns, budget: str, error: FetchError, *, now: datetime) -> None:
    """Shut the budget of a server that asks for patience by a 429, for this run and for every other."""
    if error.status == 429:
        turns.shut(budget)
        longest = app.settings.options.poll.max_backoff.total_seconds()
        wait = min(error.retry_after or BUSY_PAUSE.total_seconds(), longest)
        pauses.pause(app.store, budget, now + timedelta(seconds=wait))
