"""The dead man's switch: a sign of life to an address that raises an alarm when none comes."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from monitor.app import App
from monitor.domain.delivery import OPEN, DeliveryState
from monitor.errors import FetchError
from monitor.fetch.ping import ping
from monitor.jobs.clock import utc_now
from monitor.observe import fields, log
from monitor.store import alarms, outbox

CYCLE = ("poll", "digest", "alert", "deliver")
"""What makes a good cycle: each of these jobs has ended well since the last ping, and none ended badly."""


@dataclass(slots=True)
class Cycle:
    """How the daemon's jobs ended since the last ping; each of its threads notes its own."""

    _ended: dict[str, bool] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def note(self, name: str, *, good: bool) -> None:
        """Note how a job ended."""
        with self._lock:
            self._ended[name] = good and self._ended.get(name, True)

    def take(self) -> Mapping[str, bool]:
        """Return how the jobs ended, and begin anew, where each has ended; {} where one has not yet."""
        with self._lock:
            if any(name not in self._ended for name in CYCLE):
                return {}
            ended, self._ended = self._ended, {}
            return ended


def run(app: App, cycle: Cycle, *, now: Callable[[], datetime] = utc_now) -> bool:
    """Ping after a good cycle; returns whether it was done. Nothing that fails here breaks anything.

    A cycle is not good either while an alarm reaches nobody: then this is the only way left to tell.
    """
    options = app.settings.options.ping
    if not options.url:
        return False
    ended = cycle.take()
    bad = [name for name in CYCLE if not ended.get(name, True)]
    unheard = [alarm.name for alarm in alarms.open_alarms(app.store) if not alarm.told]
    if not ended or bad or unheard:
        if bad or unheard:
            log.warning(fields("ping", outcome="withheld", jobs=",".join(bad), unheard=",".join(unheard)))
        return False
    try:
        status = asyncio.run(ping(options, _body(app, now()), contact=app.settings.options.fetch.contact))
    except FetchError as error:
        log.warning(fields("ping", outcome="failed", kind=error.kind, detail=error.detail))
        return False
    log.info(fields("ping", outcome="ok", status=status))
    return True


def _body(app: App, now: datetime) -> str:
    counts = outbox.counts(app.store)
    waiting = sum(counts.get(state, 0) for state in OPEN)
    failed = counts.get(DeliveryState.FAILED, 0)
    return f"returns-monitor alive at {now:%Y-%m-%dT%H:%M:%SZ}; deliveries: {waiting} waiting, {failed} failed\n"
