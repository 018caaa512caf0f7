"""The door: a socket, and a thread that answers at it, opened and closed by the daemon."""

import asyncio
import errno
import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from monitor.app import App
from monitor.deliver.unsubscribe import address_of
from monitor.errors import ConfigError, ConfigProblem
from monitor.observe import fields, log
from monitor.settings.model import Settings
from monitor.web.leave import LARGEST, Answering

PATIENCE = 20.0
"""Seconds that a connection may last: it has one request, which takes milliseconds."""
MOST = 100
"""Connections at once; whoever comes beyond them is turned away, so that the daemon keeps its files for feeds."""
_ENDS = 2.0  # seconds that requests under way have at the end
# What aiohttp would say of broken requests has their first line in it, and so a token.
_SILENT = logging.Logger("monitor.web.silent", logging.CRITICAL + 1)
_REASONS = {
    errno.EADDRINUSE: ("the port is taken by another program", "end that one, or write another port"),
    errno.EADDRNOTAVAIL: ("this machine has no such address", '"127.0.0.1" is the one for a proxy beside'),
    errno.EACCES: ("this port is not for everybody to listen on", "write one over 1023"),
}


def bind(settings: Settings) -> socket.socket:
    """Listen where config says; raises ConfigError with what is wrong, and what would be right."""
    listen = settings.options.web.listen
    host, port = address_of(listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        what, hint = _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))
    where = f"{settings.folder.name}/monitor.toml"
    raise ConfigError([ConfigProblem(where, "web.listen", None, f'"{listen}": {what}', hint)])


class _Full(asyncio.Protocol):
    """Turns a connection away."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.abort()


class _Counted(web.Server):
    """A server that counts who is met from the accepting on: several are accepted before the first one is served."""

    met = 0

    def __call__(self) -> RequestHandler:
        self.met += 1
        return super().__call__()

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        self.met -= 1
        super().connection_lost(handler, exc)


class Door:
    """Answers from its making until `close`. Raises ConfigError where it cannot listen."""

    def __init__(self, settings: Settings, app: Callable[[], App]) -> None:
        self._socket = bind(settings)
        self._answer = Answering(app)
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        # Nothing that hangs in it keeps the process alive.
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)
        self._thread.start()
        log.info(fields("web", state="listening", address=settings.options.web.listen))

    def close(self, within: float) -> bool:
        """Answer nobody any more, and let what is under way end; says whether it has within some seconds."""
        with suppress(RuntimeError):  # it has crashed, and its loop is closed
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(within)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as error:  # noqa: BLE001 - the seam: the daemon goes on without a door, and says so
            log.error(fields("web", state="crashed", error=type(error).__name__))
        finally:
            self._socket.close()
            self._loop.close()

    async def _serve(self) -> None:
        server = _Counted(
            self._answer, request_factory=self._request, access_log=None, logger=_SILENT, auto_decompress=False,
            lingering_time=1.0,
        )  # fmt: skip

        def meet() -> asyncio.BaseProtocol:
            if server.met >= MOST:
                return _Full()
            met = server()
            self._loop.call_later(PATIENCE, met.force_close)
            return met

        listening = await self._loop.create_server(meet, sock=self._socket)
        await self._over.wait()
        listening.close()
        await server.shutdown(_ENDS)

    def _request(self, message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        return web.BaseRequest(message, payload, protocol, writer, task, self._loop, client_max_size=LARGEST)
