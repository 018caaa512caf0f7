"""What holds of polling over months, for thousands of feeds, whatever publishers do and whenever the process dies.

The bound on lateness: a feed that falls due while a run is under way waits for its end and for a tick, and where its
domain has more due feeds than one run takes, for as many runs as those need. A run takes no longer than the longest
queue at one domain (the greater of interval and answer for each, and what is left of the interval before) and the work
of all its requests, shared by the general turns (Graham's bound for list scheduling).
"""

import gc
import random
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise
from statistics import median, quantiles

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.fetch.options import FetchOptions, PollOptions
from monitor.fetch.politeness import budget_key
from monitor.jobs.rounds import ROUND

from .monitoring import Monitor
from .publishers import DAY, HOUR, Site
from .record import Life
from .worlds import crowded, fair

POLL, FETCH = PollOptions(), FetchOptions()
INTERVAL, TICK = FETCH.domain_interval.total_seconds(), POLL.tick.total_seconds()
UNREAD = 74 * HOUR
"""The longest that a monitor which is up may leave a feed of a fair world unread: the longest interval with its jitter,
and as long again after each of two refusals (that are a day apart)."""
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Past:
    """A world that has been lived through."""

    sites: list[Site]
    monitor: Monitor
    lives: list[Life]


def live_through(sites: list[Site], lives: list[Life]) -> Past:
    monitor = Monitor(sites, POLL, FETCH)
    for life in lives:
        monitor.live(life)
    for site in sites:
        site.advance(lives[-1].end)
    return Past(sites, monitor, lives)


def lives_of(days: float, stops: list[tuple[float, float, bool]]) -> list[Life]:
    """Lives between stops, each (when, as a share of the time; for how many seconds; whether killed)."""
    lives, begin = [], 0.0
    for share, down, killed in sorted(stops):
        if share * days * DAY > begin:
            lives.append(Life(begin, share * days * DAY, killed))
            begin = share * days * DAY + down
    return [*lives, Life(begin, max(days * DAY, begin + 2 * DAY))]


def check_politeness(past: Past) -> None:
    """No two requests to a domain closer than its interval, none before a Retry-After is over, never too many at once.

    A request that a killed process had under way ends with the process.
    """
    record, lives = past.monitor.record, iter(past.lives)
    life = next(lives)
    asked: dict[str, float] = {}
    under_way: list[float] = []
    for budget, start, seconds in zip(
        record.requests.budgets, record.requests.starts, record.requests.seconds, strict=True
    ):
        while start >= life.end:
            life, under_way = next(lives), []
        while under_way and under_way[0] <= start + ROUNDING:
            heappop(under_way)
        heappush(under_way, start + seconds)
        assert len(under_way) <= FETCH.concurrency
        if budget.startswith("domain:"):
            assert start - asked.get(budget, -INTERVAL) >= INTERVAL - ROUNDING, f"{budget} was asked again at {start}"
            asked[budget] = start
    assert record.too_early == []


def check_punctuality(past: Past) -> None:
    """Nothing is asked before it is due; what is due waits for the run before and a tick, and its run is bounded.

    A domain with many feeds takes several runs, and passes none over more often than the others need.
    """
    record = past.monitor.record
    assert record.not_due == []
    before = 0.0
    for run in record.runs:
        assert run.waited <= TICK + before + ROUNDING
        assert run.end - run.begin <= run.bound + ROUNDING
        before = run.end - run.begin
    most = max(Counter(budget_key(site.url, site.name)[0] for site in past.sites).values())
    moved = sum(1 for site in past.sites if site.habits.new_url)
    assert record.passed <= (most + moved) * INTERVAL / ROUND.total_seconds()
    asked = set(record.requests.feeds)
    assert asked == set(range(len(past.sites)))


def check_storage(past: Past) -> None:
    """Each entry is stored once; what is missing came and went between two readings of the whole document.

    Only one without a date can become another one: where it was corrected, or came as a short teaser, while its guid
    was changed, or while nothing but its text identifies it.
    """
    record = past.monitor.record
    for i, title in record.again:
        site = past.sites[i]
        known_by_text = site.habits.keyed == "text" or site.habits.rotates
        other_text = site.corrected[title] or site.habits.teases > 0
        undated = not site.habits.dated and known_by_text and other_text
        assert undated, f"{title!r} of feed {i} was stored twice"
    assert [lost for lost in record.lost if lost.born <= lost.seen] == []
    assert record.hidden == []
    assert record.stored == sum(map(len, past.monitor.titles)) + len(record.again)


def check_versions(past: Past) -> None:
    """Each correction that is read is one version, and nothing else is but the text of what was read as a teaser first;
    none makes a feed's guids look used again.

    Nothing is kept quiet but what was stored before.
    """
    record = past.monitor.record
    for (i, title), versions in record.versions.items():
        site = past.sites[i]
        first_a_teaser = site.habits.teases > 0
        assert versions <= site.corrected[title] + first_a_teaser, f"{title!r} of feed {i} has {versions} versions"
    assert past.monitor.stale() == []
    assert record.misjudged == []
    assert set(record.quarantined) <= set(record.again)


def check_restarts(past: Past) -> None:
    """In the minute after a restart no feed is asked twice, and no domain more often than its interval allows."""
    requests = past.monitor.record.requests
    for life in past.lives:
        minute = range(bisect_left(requests.starts, life.begin), bisect_left(requests.starts, life.begin + 60))
        assert max(Counter(requests.feeds[n] for n in minute).values(), default=0) <= 1
        domains = Counter(requests.budgets[n] for n in minute if requests.budgets[n].startswith("domain:"))
        assert max(domains.values(), default=0) <= 60 // INTERVAL


CHECKS = (check_politeness, check_punctuality, check_storage, check_versions, check_restarts)
stops = st.lists(
    # Shorter than the interval a process is never down: what a domain was asked last is not kept over a restart.
    st.tuples(st.floats(0.01, 0.95), st.floats(INTERVAL, 600) | st.floats(600, 5 * DAY), st.booleans()),
    max_size=5,
)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), feeds=st.integers(1, 30), domains=st.integers(2, 20), stops=stops)
def test_every_rule_holds_in_a_small_world_whenever_the_process_dies(
    seed: int, feeds: int, domains: int, stops: list[tuple[float, float, bool]]
) -> None:
    past = live_through(crowded(seed, feeds=feeds, domains=domains, days=10), lives_of(10, stops))
    for check in CHECKS:
        check(past)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), stops=stops)
def test_a_restart_loses_nothing_but_what_came_and_went_while_the_monitor_was_down(
    seed: int, stops: list[tuple[float, float, bool]]
) -> None:
    never, often = (
        live_through(fair(seed, feeds=20, domains=12, days=10), lives_of(10, chosen)) for chosen in ([], stops)
    )
    assert never.monitor.record.lost == []
    lost = {(entry.feed, entry.title): entry for entry in often.monitor.record.lost}
    for i, site in enumerate(often.sites):
        still_there = {entry.title for entry in site.window}
        missing = never.monitor.titles[i] - often.monitor.titles[i] - still_there
        assert missing <= {title for feed, title in lost if feed == i}
    assert all(_down(often, entry.seen, entry.out) > 0 for entry in lost.values())
    for past in (never, often):
        assert all(to - since - _down(past, since, to) <= UNREAD for since, to in past.monitor.record.unread)


def _down(past: Past, since: float, to: float) -> float:
    """How long the monitor was down in a time."""
    gaps = [(a.end, b.begin) for a, b in pairwise(past.lives)]
    return sum(max(0.0, min(to, end) - max(since, begin)) for begin, end in gaps)


@pytest.fixture(scope="module")
def quarter() -> Past:
    """5,000 feeds on 3,500 domains over 90 days, with nine restarts, of which the longest takes two days."""
    rng = random.Random(11)
    downs = [*(rng.uniform(INTERVAL, 300) for _ in range(6)), HOUR, DAY, 2 * DAY]
    lives = lives_of(90, [(rng.uniform(0.02, 0.98), down, rng.random() < 0.7) for down in downs])
    gc.disable()  # millions of values that all stay: collecting takes a quarter of the time, and finds nothing
    try:
        begun = time.process_time()
        past = live_through(crowded(7, feeds=5_000, domains=3_500, days=90), lives)
        _tell(past, time.process_time() - begun)
    finally:
        gc.enable()
    return past


def _tell(past: Past, seconds: float) -> None:
    """The figures, for whoever runs this with -s."""
    record = past.monitor.record
    late = [start - due for start, due in zip(record.requests.starts, record.requests.since, strict=True)]
    published = sum(site.published for site in past.sites)
    causes = Counter(_cause(past, lost.feed, lost.seen, lost.out) for lost in record.lost)
    delays = quantiles(record.delays, n=20)
    print(f"\n{len(late):,} requests in {len(record.runs):,} runs, {seconds:.1f} s of CPU; {dict(record.outcomes)}")
    print(f"late: median {median(late):.1f} s, 99.9 % {quantiles(late, n=1000)[-1]:.0f} s, worst {max(late):.0f} s")
    print(f"published to stored: median {median(delays) / HOUR:.1f} h, 95 % {delays[-1] / HOUR:.1f} h")
    print(f"{published:,} published, {record.stored:,} stored, {len(record.again):,} of them again")
    print(f"{sum(len(s.own) for s in past.monitor.shelves):,} renamed, {record.versions.total():,} corrections taken")
    print("missed:", ", ".join(f"{cause} {count / published:.2%}" for cause, count in causes.most_common()))


def _cause(past: Past, feed: int, seen: float, out: float) -> str:
    habits = past.sites[feed].habits
    if _down(past, seen, out):
        return "monitor down"
    if habits.validators == "lies":
        return "304 for ever"
    if habits.truncates:
        return "documents that break off"
    return "refused or hinted away" if out - seen > 25 * HOUR else "scrolled out between two polls"


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
def test_every_rule_holds_for_5000_feeds_over_90_days(quarter: Past, check: Callable[[Past], None]) -> None:
    check(quarter)
