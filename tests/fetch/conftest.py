"""Asking a real server on loopback, and an event loop whose clock jumps instead of waiting."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.domain.feed import Validators
from monitor.errors import FetchError
from monitor.fetch.client import Fetched, Fetcher
from monitor.fetch.options import FetchOptions


def options(**chosen: Any) -> FetchOptions:
    return FetchOptions(**{"allow_private_hosts": True, **chosen})


@pytest.fixture
def ask() -> Callable[..., Fetched]:
    """``ask(url, validators, **options)``: one document."""

    def run(url: str, validators: Validators | None = None, **chosen: Any) -> Fetched:
        async def once() -> Fetched:
            async with Fetcher(options(**chosen)) as fetcher:
                return await fetcher.fetch(url, validators or Validators(), now=datetime.now(UTC))

        return asyncio.run(once())

    return run


@pytest.fixture
def refusal(ask: Callable[..., Fetched]) -> Callable[..., FetchError]:
    """``refusal(url, **options)``: the error that one document ends with."""

    def run(url: str, **chosen: Any) -> FetchError:
        with pytest.raises(FetchError) as caught:
            ask(url, **chosen)
        return caught.value

    return run


class _Clock(selectors.BaseSelector):
    """A selector that moves the time on by what it was told to wait."""

    def __init__(self) -> None:
        self.now = 0.0
        self._inner = selectors.DefaultSelector()

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits for everything else")
        self.now += timeout
        return self._inner.select(0)

    def get_map(self) -> Any:
        return self._inner.get_map()

    def close(self) -> None:
        self._inner.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in which no time passes but that which is slept."""

    def __init__(self) -> None:
        self._virtual = _Clock()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


@pytest.fixture
def virtual() -> Callable[[Callable[[Callable[[], float]], Coroutine[Any, Any, Any]]], Any]:
    """``virtual(main)`` runs ``main(clock)`` on such a loop; its time is the clock."""

    def run(main: Callable[[Callable[[], float]], Coroutine[Any, Any, Any]]) -> Any:
        loop = VirtualLoop()
        try:
            return loop.run_until_complete(main(loop.time))
        finally:
            loop.close()

    return run


@pytest.fixture
def make_options() -> Callable[..., FetchOptions]:
    return options
