"""A backfill goes behind the polls, and within the same budgets as everybody."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.fetch.politeness import Politeness
from monitor.jobs import rounds
from monitor.jobs.backfill import run as backfill
from monitor.jobs.status import SCHEDULER
from monitor.store import backfill as store_backfill
from monitor.store import feeds as store_feeds
from monitor.store import views
from monitor.store.feeds import Which
from tests.backfill.desk import DAY, NOW, Desk
from tests.backfill.sites import Chain, day, posts

SECOND = timedelta(seconds=1)


@dataclass
class Clock:
    """A clock that goes on by a while at each look."""

    now: datetime
    tick: timedelta = 5 * SECOND

    def __call__(self) -> datetime:
        self.now += self.tick
        return self.now


@pytest.fixture
def chain() -> Iterator[Chain]:
    with Chain(posts(30, first=day("2024-03-01"), apart=DAY)) as site:
        yield site


def when_asked(chain: Chain, clock: Clock) -> list[datetime]:
    """The times of the requests, as the clock has them."""
    times: list[datetime] = []
    chain.before = lambda target: times.append(clock.now)
    return times


def test_while_a_feed_is_being_polled_its_budget_is_the_poll_s(tmp_path: Path, chain: Chain) -> None:
    desk = Desk(tmp_path, {"paper": chain.url("/feed/1")})
    with desk.app() as app:
        jobs, clock = desk.begin(app), Clock(NOW)
        lease = timedelta(minutes=2)
        store_feeds.claim(app.store, ["paper"], Which.NAMED, now=NOW, lease=lease)
        times = when_asked(chain, clock)
        backfill.run(app, jobs, now=clock, parser=desk.parser)
        assert times[0] >= NOW + lease


def test_a_feed_that_is_due_goes_first_while_a_daemon_is_there_to_poll_it(tmp_path: Path, chain: Chain) -> None:
    desk = Desk(tmp_path, {"paper": chain.url("/feed/1")})
    with desk.app() as app:
        desk.poll(app)
        desk.now += timedelta(hours=2)
        with app.store.write() as connection:
            connection.exec_driver_sql("UPDATE feed SET next_poll_at = ?", ((desk.now - SECOND).isoformat(sep=" "),))
        jobs, clock = desk.begin(app), Clock(desk.now)
        views.beat(app.store, SCHEDULER, now=desk.now, every=15.0)
        times = when_asked(chain, clock)
        backfill.run(app, jobs, now=clock, parser=desk.parser)
        assert times[0] >= desk.now + timedelta(seconds=100), "until the daemon's sign of life is too old"


def test_without_a_daemon_nobody_is_waited_for(tmp_path: Path, chain: Chain) -> None:
    desk = Desk(tmp_path, {"paper": chain.url("/feed/1")})
    with desk.app() as app:
        desk.poll(app)
        desk.now += timedelta(hours=2)
        jobs, clock = desk.begin(app), Clock(desk.now, SECOND)
        times = when_asked(chain, clock)
        backfill.run(app, jobs, now=clock, parser=desk.parser)
        assert times[0] < desk.now + timedelta(seconds=60)


def test_the_interval_is_kept_and_polls_of_other_processes_keep_it_to_us(tmp_path: Path, chain: Chain) -> None:
    desk = Desk(tmp_path, {"paper": chain.url("/feed/1")})
    desk.more = 'private_interval = "40s"\n'
    with desk.app() as app:
        jobs, clock = desk.begin(app), Clock(NOW, SECOND)
        politeness = Politeness(app.settings.options.fetch, lambda: clock().timestamp())
        times = when_asked(chain, clock)
        backfill.run(replace(app, politeness=politeness), jobs, now=clock, parser=desk.parser)
        apart = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
        assert min(apart) >= 39
        store_backfill.take_turn(app.store, "domain:paper.example", apart=SECOND, now=clock.now)
        rounds.keep_distance(app, politeness, now=clock.now + SECOND)
        assert politeness.wait("domain:paper.example") >= 3
