"""Turns: how many at once and how far apart, on a clock that jumps and at a server that counts."""

import asyncio
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.demo.server import FeedServer
from monitor.errors import FetchError, Severity
from monitor.fetch.client import Fetcher
from monitor.fetch.options import FetchOptions
from monitor.fetch.politeness import Politeness, budget_key

Virtual = Callable[..., Any]


class Visits:
    """Requests that take ``length`` seconds each; notes when each began and how many were under way."""

    def __init__(self, politeness: Politeness, clock: Callable[[], float], length: float = 1.0) -> None:
        self.starts: dict[str, list[float]] = defaultdict(list)
        self.most: Counter[str] = Counter()
        self._open: Counter[str] = Counter()
        self._turns = politeness.session()
        self._clock = clock
        self._length = length

    async def visit(self, url: str, feed: str) -> None:
        key = budget_key(url, feed)[0]
        async with self._turns.turn(url, feed):
            self.starts[key].append(self._clock())
            for name in (key, "all"):
                self._open[name] += 1
                self.most[name] = max(self.most[name], self._open[name])
            await asyncio.sleep(self._length)
            for name in (key, "all"):
                self._open[name] -= 1

    async def all(self, urls: list[str]) -> None:
        async with asyncio.TaskGroup() as group:
            for number, url in enumerate(urls):
                group.create_task(self.visit(url, f"feed-{number}"))


def visit_all(virtual: Virtual, chosen: Any, urls: list[str], length: float = 1.0) -> Visits:
    async def main(clock: Callable[[], float]) -> Visits:
        visits = Visits(Politeness(chosen, clock), clock, length)
        await visits.all(urls)
        return visits

    found: Visits = virtual(main)
    return found


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


def test_requests_to_one_domain_keep_their_distance_and_others_do_not_wait_for_them(
    virtual: Virtual, make_options: Any
) -> None:
    urls = ["https://a.paper.example/", "https://b.paper.example/", "https://paper.example/", "https://other.example/"]
    visits = visit_all(virtual, make_options(domain_interval=seconds(5)), urls)
    assert visits.starts == {"domain:paper.example": [0, 5, 10], "domain:other.example": [0]}


def test_one_request_at_a_time_to_a_domain_that_is_slower_than_its_interval(
    virtual: Virtual, make_options: Any
) -> None:
    visits = visit_all(virtual, make_options(domain_interval=seconds(5)), ["https://paper.example/"] * 3, length=20)
    assert visits.starts["domain:paper.example"] == [0, 20, 40]


def test_a_domain_that_was_held_up_by_the_general_bound_keeps_its_distance_all_the_same(
    virtual: Virtual, make_options: Any
) -> None:
    chosen = make_options(domain_interval=seconds(5), domain_concurrency=3, concurrency=2)
    urls = ["https://slow-1.example/", "https://slow-2.example/", *["https://paper.example/"] * 3]
    visits = visit_all(virtual, chosen, urls, length=30)
    starts = visits.starts["domain:paper.example"]
    assert min(later - earlier for earlier, later in pairwise(starts)) >= 5


def test_private_hosts_have_a_budget_of_their_own_a_feed(virtual: Virtual, make_options: Any) -> None:
    visits = visit_all(virtual, make_options(), ["http://127.0.0.1/"] * 6)
    assert list(visits.starts.values()) == [[0]] * 6


def test_the_distance_is_kept_from_one_run_to_the_next(virtual: Virtual, make_options: Any) -> None:
    async def main(clock: Callable[[], float]) -> list[float]:
        politeness = Politeness(make_options(domain_interval=seconds(9)), clock)
        starts: list[float] = []
        for _ in range(3):
            visits = Visits(politeness, clock)
            await visits.all(["https://paper.example/"])
            starts += visits.starts["domain:paper.example"]
        return starts

    assert virtual(main) == [0, 9, 18]


def test_a_visit_that_is_called_off_gives_its_turn_back(virtual: Virtual, make_options: Any) -> None:
    async def main(clock: Callable[[], float]) -> list[float]:
        politeness = Politeness(make_options(domain_interval=seconds(5), concurrency=1), clock)
        visits = Visits(politeness, clock, length=100)
        tasks = [asyncio.create_task(visits.visit("https://paper.example/", str(n))) for n in range(3)]
        await asyncio.sleep(1)
        tasks[0].cancel()
        tasks[1].cancel()
        await asyncio.wait(tasks)
        return visits.starts["domain:paper.example"]

    assert virtual(main) == [0, 5]


@settings(max_examples=40, deadline=None)
@given(
    hosts=st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=16),
    concurrency=st.integers(1, 4),
    domain=st.integers(0, 3),
    interval=st.sampled_from([0, 0.5, 3, 7]),
    length=st.sampled_from([0, 1, 10]),
)
def test_bounds_and_distances_hold_whatever_is_asked(
    hosts: list[str], concurrency: int, domain: int, interval: float, length: float
) -> None:
    chosen = FetchOptions(concurrency=concurrency, domain_concurrency=domain, domain_interval=seconds(interval))
    urls = [f"https://{host}.example/" for host in hosts]
    visits = visit_all(_virtual, chosen, urls, length)
    assert sum(len(starts) for starts in visits.starts.values()) == len(hosts)
    assert visits.most["all"] <= concurrency
    for key, starts in visits.starts.items():
        assert visits.most[key] <= (domain or len(hosts))
        gaps = [later - earlier for earlier, later in pairwise(starts)]
        assert all(gap >= interval - 1e-9 for gap in gaps)


@pytest.fixture(autouse=True)
def _keep_virtual(virtual: Virtual) -> None:
    global _virtual  # noqa: PLW0603  # hypothesis asks for no fixtures of a test's own
    _virtual = virtual


_virtual: Virtual


class Gate:
    """Counts who is inside; opens when as many as expected are, or when nobody else will come."""

    def __init__(self, expected: int) -> None:
        self.inside = 0
        self.most = 0
        self._expected = expected
        self._changed = threading.Condition()

    def body(self) -> bytes:
        with self._changed:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self.most >= self._expected, timeout=10)
            self.inside -= 1
        return b"<rss/>"


@pytest.mark.parametrize(("bounds", "expected"), [({"concurrency": 3}, 3), ({"concurrency": 16}, 8)])
def test_the_server_sees_no_more_requests_at_once_than_the_bound_allows_and_as_many(
    feed_server: FeedServer, make_options: Any, bounds: dict[str, int], expected: int
) -> None:
    gate = Gate(expected)
    feed_server.add("/feed", gate.body, etag=False)
    chosen = make_options(**bounds)

    async def main() -> None:
        turns = Politeness(chosen, asyncio.get_running_loop().time).session()

        async def visit(fetcher: Fetcher, name: str) -> None:
            async with turns.turn(feed_server.url("/feed"), name):
                await fetcher.fetch(feed_server.url("/feed"), now=datetime.now(UTC))

        async with Fetcher(chosen) as fetcher, asyncio.TaskGroup() as group:
            for number in range(8):
                group.create_task(visit(fetcher, f"feed-{number}"))

    asyncio.run(main())
    assert gate.most == expected
    assert len(feed_server.requests) == 8


def test_a_redirect_s_next_hop_waits_for_the_budget_of_where_it_leads(virtual: Virtual, make_options: Any) -> None:
    async def main(clock: Callable[[], float]) -> list[float]:
        turns = Politeness(make_options(domain_interval=seconds(5)), clock).session()
        times = [clock()]
        async with turns.turn("https://old.example/feed", "a"):
            await turns.pace("https://new.example/feed", "a")
            times.append(clock())
            await turns.pace("https://new.example/feed/", "a")
            times.append(clock())
        async with turns.turn("https://new.example/other", "b"):
            times.append(clock())
        return [time - times[0] for time in times]

    assert virtual(main) == [0, 0, 5, 10]


def test_a_hop_into_a_budget_that_is_shut_is_a_failure_of_the_feed_and_not_asked(
    virtual: Virtual, make_options: Any
) -> None:
    async def main(clock: Callable[[], float]) -> None:
        turns = Politeness(make_options(domain_interval=seconds(5)), clock).session()
        turns.shut("domain:busy.example")
        async with turns.turn("https://old.example/feed", "a"):
            await turns.pace("https://busy.example/feed", "a")

    with pytest.raises(FetchError, match="wants patience") as caught:
        virtual(main)
    assert (caught.value.kind, caught.value.severity) == ("paused", Severity.TEMPORARY)


def test_jobs_in_several_threads_never_take_one_start_twice(make_options: Any) -> None:
    politeness = Politeness(make_options(), lambda: 100.0)
    taken: list[bool] = []
    gate = threading.Barrier(8)

    def take() -> None:
        gate.wait()
        for number in range(200):
            taken.append(politeness.take(f"domain:{number}.example", 5.0))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(True) == 200


def test_starts_of_other_processes_count_and_never_bring_a_start_forward(make_options: Any) -> None:
    politeness = Politeness(make_options(domain_interval=seconds(30)), lambda: 100.0)
    politeness.remember("domain:a.example", 10.0)
    assert politeness.wait("domain:a.example") == 20.0
    politeness.remember("domain:a.example", 25.0)
    assert politeness.wait("domain:a.example") == 20.0
