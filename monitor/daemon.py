"""The daemon: APScheduler ticks jobs, the door answers links, signals stop it or re-read its config; nothing else.

What is due stands in the store, so a restart, a missed tick or a second process needs nothing from the scheduler.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.app import App, build, rebuild
from monitor.errors import ConfigError
from monitor.fetch.robots import Rulebook
from monitor.jobs import alarms, alert, articles, deliver, digest, notices, ping, poll, prune
from monitor.jobs.clock import utc_now
from monitor.jobs.running import parser_pool
from monitor.jobs.status import SCHEDULER
from monitor.observe import fields, log
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.store import views
from monitor.store.single import only_one
from monitor.web.door import Door

GRACE = 30.0
"""Seconds that work under way may take after a SIGTERM."""
_PRUNE_EVERY, _NOTICES_EVERY, _ALARMS_EVERY = 3600, 300, 60
_SOON = 10.0  # seconds between looks, so that an alert is on its way within half a minute of its time
_DOOR_ENDS = 5.0  # seconds that the door may take to close; it takes two where a request hangs
_TURN = 60.0  # seconds; how long a run of deliver takes up what becomes due, at least


class Daemon:
    """Runs until told to stop. ``app`` is replaced as a whole when the config is re-read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._reload = threading.Event()
        self.app: App = build(load(folder))
        self._parser = parser_pool(self.app)
        self._rulebook = Rulebook()
        self._cycle = ping.Cycle()
        self._turn_over = monotonic()  # whatever the clock on the wall is set to meanwhile
        self._door: Door | None = None

    def serve(self) -> None:
        """Tick until SIGTERM or SIGINT; SIGHUP re-reads the config.

        Raises StoreError where another daemon runs, and ConfigError where it cannot listen at `web.listen`.
        """
        with self.app, self._parser, only_one(self.app.store, self.app.settings.database_url):
            self._door = self._opened(self.app.settings)
            self._listen()
            scheduler = self._start()
            log.info(fields("daemon", state="started", pid=os.getpid(), feeds=len(self.app.settings.enabled_feeds())))
            while not self._stop.is_set():
                self._wake.wait()
                self._wake.clear()
                if self._reload.is_set():
                    self._reload.clear()
                    self._read_again(scheduler)
            ended = self._shut_down(scheduler)
        if not ended:
            logging.shutdown()
            os._exit(0)  # Python would wait for what hangs; leases run out by themselves

    def _listen(self) -> None:
        for name in ("SIGTERM", "SIGINT"):
            signal.signal(getattr(signal, name), self._on_stop)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, self._on_reload)

    def _opened(self, settings: Settings) -> Door | None:
        """Open the door where config asks for one; raises ConfigError."""
        return Door(settings, lambda: self.app) if settings.options.web.listen else None

    def _close_door(self) -> bool:
        ended = self._door is None or self._door.close(_DOOR_ENDS)
        if not ended:
            log.warning(fields("web", state="gave-up-waiting", seconds=_DOOR_ENDS))
        self._door = None
        return ended

    def _move_door(self, settings: Settings) -> None:
        """Have the door where new settings want it; raises ConfigError where that cannot be, and it stays."""
        if settings.options.web.listen == self.app.settings.options.web.listen:
            return
        self._close_door()
        try:
            self._door = self._opened(settings)
        except ConfigError:
            self._door = self._opened(self.app.settings)
            raise

    def _on_stop(self, number: int, _: FrameType | None) -> None:
        if self._stop.is_set():
            os._exit(128 + number)  # asked twice: at once, leases run out by themselves
        self._stop.set()
        self._wake.set()

    def _on_reload(self, _: int, __: FrameType | None) -> None:
        self._reload.set()
        self._wake.set()

    def _start(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(8)},
            # Late ticks run, once: the default grace of one second drops them.
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        tick = self.app.settings.options.poll.tick.total_seconds()
        for name, work, every in self._work(tick):
            scheduler.add_job(
                _guarded(name, work, self._cycle), "interval", seconds=every, id=name, next_run_time=utc_now(),
                max_instances=2 if name == "deliver" else 1,  # one that takes, and one that waits for what hangs
            )  # fmt: skip
        scheduler.start()
        return scheduler

    def _work(self, tick: float) -> list[tuple[str, Callable[[], object], float]]:
        stop = self._stop.is_set
        return [
            ("beat", lambda: views.beat(self.app.store, SCHEDULER, now=utc_now(), every=tick), tick),
            ("poll", lambda: poll.run(self.app, stop=stop, parser=self._parser, one_round=True), tick),
            (
                "articles",
                lambda: articles.run(self.app, stop=stop, parser=self._parser, rulebook=self._rulebook),
                tick,
            ),
            ("digest", lambda: digest.run(self.app), tick),
            # Two jobs: a delivery that hangs keeps no later alert waiting.
            ("alert", lambda: alert.run(self.app), min(tick, _SOON)),
            ("deliver", self._deliver, min(tick, _SOON)),
            ("notices", lambda: notices.run(self.app), _NOTICES_EVERY),
            ("alarms", lambda: alarms.run(self.app), _ALARMS_EVERY),
            ("ping", lambda: ping.run(self.app, self._cycle), self.app.settings.options.ping.every.total_seconds()),
            ("prune", lambda: prune.run(self.app), _PRUNE_EVERY),
        ]

    def _deliver(self) -> None:
        """Send what is due, and what becomes so, for a turn; then the next run takes over, whatever hangs in this."""
        if monotonic() < self._turn_over:
            return
        over = self._turn_over = monotonic() + max(_TURN, self.app.settings.options.deliver.timeout.total_seconds())
        try:
            deliver.run(self.app, stop=lambda: self._stop.is_set() or monotonic() > over)
        finally:
            if self._turn_over == over:
                self._turn_over = monotonic()

    def _read_again(self, scheduler: BackgroundScheduler) -> None:
        """Put a new config in force; a bad one is refused with its error, and the old one goes on."""
        try:
            settings = load(self._folder)
            self._move_door(settings)
            self.app = rebuild(self.app, settings)
        except ConfigError as error:
            for problem in error.problems:
                log.error(fields("config", state="refused", problem=str(problem)))
            return
        tick = self.app.settings.options.poll.tick.total_seconds()
        for name, _, every in self._work(tick):
            scheduler.reschedule_job(name, trigger="interval", seconds=every)
        log.info(fields("config", state="in-force", feeds=len(self.app.settings.enabled_feeds())))

    def _shut_down(self, scheduler: BackgroundScheduler) -> bool:
        """Wait for what is under way, `GRACE` at most; says whether it has ended."""
        log.info(fields("daemon", state="stopping"))
        scheduler.pause()
        closed = self._close_door()
        waiting = threading.Thread(target=scheduler.shutdown, kwargs={"wait": True}, daemon=True)
        waiting.start()
        waiting.join(GRACE)
        ended = not waiting.is_alive()
        if not ended:
            log.warning(fields("daemon", state="gave-up-waiting", seconds=GRACE))
        log.info(fields("daemon", state="stopped"))
        return ended and closed


def _guarded(name: str, work: Callable[[], object], cycle: ping.Cycle) -> Callable[[], None]:
    """A tick that tells what broke it, and lives on."""

    def tick() -> None:
        try:
            work()
        except Exception:  # noqa: BLE001 - the seam: the next tick tries again
            log.exception(fields(name, outcome="crashed"))
            cycle.note(name, good=False)
        else:
            cycle.note(name, good=True)

    return tick
