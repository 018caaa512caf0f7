"""The simulation's turns are those that the real `Turns` gives."""

import asyncio
import random
import selectors
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.fetch.options import FetchOptions
from monitor.fetch.politeness import Politeness, budget_key

from .turns import take_turns


class _Jump(selectors.SelectSelector):
    """Moves the time on by what it was told to wait."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everything waits for everything else"
        self.now += timeout
        return super().select(0)


Starts = list[tuple[int, int, float]]
Asked = list[dict[str, float]]


def _really(urls: list[list[str]], lengths: list[list[float]], ago: Asked, options: FetchOptions) -> Starts:
    """Run after run of requests through `Turns`: run and number of each, with its start, in their order.

    ``ago`` is how many seconds before each run each domain was asked by somebody else.
    """
    starts: Starts = []
    jump = _Jump()

    async def visit(turns, run: int, i: int) -> None:
        async with turns.turn(urls[run][i], f"feed-{i}"):
            starts.append((run, i, jump.now))
            await asyncio.sleep(lengths[run][i])

    async def main() -> None:
        politeness = Politeness(options, lambda: jump.now)
        for run, asked in enumerate(urls):
            for key, seconds in ago[run].items():
                politeness.remember(key, seconds)
            turns = politeness.session()
            async with asyncio.TaskGroup() as group:
                for i in range(len(asked)):
                    group.create_task(visit(turns, run, i))

    loop = asyncio.SelectorEventLoop(jump)
    loop.time = lambda: jump.now
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()
    return starts


def _modelled(urls: list[list[str]], lengths: list[list[float]], ago: Asked, options: FetchOptions) -> Starts:
    starts: Starts = []
    interval, free_at, now = options.domain_interval.total_seconds(), dict[str, float](), 0.0
    for run, asked in enumerate(urls):
        for key, seconds in ago[run].items():
            free_at[key] = max(now - seconds + interval, free_at.get(key, 0.0))

        def serve(i: int, start: float, run: int = run) -> float:
            starts.append((run, i, start))
            return lengths[run][i]

        now = take_turns(
            [budget_key(url, f"feed-{i}")[0] for i, url in enumerate(asked)], now, free_at,
            interval=lambda key: interval if key.startswith("domain:") else 0.0,
            concurrency=options.concurrency, serve=serve, done=lambda i, end: None,
        )  # fmt: skip
    return starts


@settings(max_examples=60, deadline=None)
@given(
    hosts=st.lists(st.lists(st.sampled_from(["a.example", "b.example", "c.example", "desk"]), max_size=14), max_size=3),
    concurrency=st.integers(1, 4),
    interval=st.sampled_from([0.0, 0.5, 3.0, 7.0]),
    seed=st.integers(0, 2**32),
)
def test_the_simulation_s_turns_are_the_real_ones(
    hosts: list[list[str]], concurrency: int, interval: float, seed: int
) -> None:
    rng = random.Random(seed)
    urls = [[f"https://{host}/feed" for host in run] for run in hosts]
    # Drawn from a continuum, so that no two things happen at once: which of them goes first is nobody's promise.
    lengths = [[rng.choice([0.3, 3.0, 20.0]) * rng.uniform(0.5, 1.5) for _ in run] for run in hosts]
    ago = [{f"domain:{host}.example": rng.uniform(0, interval) for host in "abc"} for _ in hosts]
    options = FetchOptions(concurrency=concurrency, domain_interval=timedelta(seconds=interval))
    real, modelled = (way(urls, lengths, ago, options) for way in (_really, _modelled))
    assert [start[:2] for start in real] == [start[:2] for start in modelled]
    assert [start[2] for start in real] == pytest.approx([start[2] for start in modelled], abs=1e-6)
