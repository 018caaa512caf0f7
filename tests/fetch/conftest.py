"""Asking a real server on loopback, and an event loop whose clock jumps instead of waiting."""

import asyncio
import contextlib
import selectors
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
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


@dataclass(frozen=True)
class Heard:
    """A request as it came over a socket; ``names`` are the headers in lower case."""

    socket: int
    method: str
    target: str
    names: dict[str, str]


@dataclass
class Wire:
    """A server that keeps its connections open and hears everything; ``answer(heard)`` gives status, headers, body.

    As a proxy it sends on what is not for itself: ``leads`` maps HOST:PORT to the port on loopback that stands for it.
    """

    answer: Callable[[Heard], tuple[int, dict[str, str], bytes]] = lambda heard: (200, {}, b"<rss/>")
    leads: dict[str, int] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    sockets: int = 0
    port: int = 0
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sockets += 1
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        try:
            await self._talk(self.sockets, reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def _talk(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                method, target, _ = first.split(" ")
                pairs = (line.partition(": ") for line in lines if line)
                heard = Heard(number, method, target, {name.lower(): value for name, _, value in pairs})
                self.heard.append(heard)
                status, headers, body = self.answer(heard)
                if status == 200 and self.leads:
                    await self._lead(heard, head, reader, writer)
                    break
                headers = {"Content-Length": str(len(body)), **headers}
                told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                writer.write(f"HTTP/1.1 {status} Told\r\n{told}\r\n".encode() + body)
                await writer.drain()

    async def _lead(
        self, heard: Heard, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        host = heard.target if heard.method == "CONNECT" else heard.names["host"]
        there, onward = await asyncio.open_connection("127.0.0.1", self.leads[host])
        if heard.method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            onward.write(head)
        try:
            await asyncio.gather(_pour(reader, onward), _pour(there, writer))
        finally:
            onward.close()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
        writer.close()


CERTIFICATE = Path(__file__).parent / "tls.pem"


@pytest.fixture
def wire() -> Callable[..., Any]:
    """``async with wire(answer, leads, tls=False) as server``: a `Wire` that listens on loopback."""

    @contextlib.asynccontextmanager
    async def listen(*given: Any, tls: bool = False, **named: Any) -> AsyncIterator[Wire]:
        made = Wire(*given, **named)
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
        server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
        made.port = server.sockets[0].getsockname()[1]
        try:
            yield made
        finally:
            server.close()
            for task in made.serving:
                task.cancel()
            await asyncio.gather(*made.serving, return_exceptions=True)

    return listen


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the certificate of the tests be as good as a public one."""
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", ssl.create_default_context(cafile=str(CERTIFICATE)))
