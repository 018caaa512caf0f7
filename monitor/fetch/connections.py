"""The connections that a fetcher holds, in a pool for each thing that the guard may have let through.

What the guard allows is a property of the pool and not of the request: a socket is opened once and asked many times,
so that one which was opened to a private host for one source would else serve another, which may not go there.
"""

import socket
from enum import Enum, auto
from typing import Any

import aiohttp

from monitor.domain.feed import Manner
from monitor.errors import BlockedAddress
from monitor.fetch.failures import BlockedError, BrokenOffError
from monitor.fetch.guard import check_connected

# Longer than from one hop of a redirect to the next, shorter than any server waits (Apache: 5): what is reused is open.
_KEEP_ALIVE = 2.0


class _Pool(Enum):
    GUARDED = auto()
    OPEN = auto()  # for what may go to private hosts
    PROXIED = auto()  # its sockets lead to the proxies that config names, and nowhere else


class Connections:
    """One session a pool, made when it is needed first; to be used and closed inside one event loop."""

    def __init__(self, *, allow_private: bool, headers: dict[str, str], connect_timeout: float) -> None:
        """``allow_private`` opens private hosts to all; ``headers`` go with every request; seconds."""
        self._allow_private = allow_private
        self._headers = headers
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout)
        self._sessions: dict[_Pool, aiohttp.ClientSession] = {}

    def may_go_inside(self, manner: Manner) -> bool:
        """Say whether a request may go to private hosts."""
        return self._allow_private or manner.allow_private

    def session(self, manner: Manner) -> aiohttp.ClientSession:
        """The session whose sockets fit a request."""
        inside = _Pool.OPEN if self.may_go_inside(manner) else _Pool.GUARDED
        pool = _Pool.PROXIED if manner.proxy else inside
        if pool not in self._sessions:
            self._sessions[pool] = self._opened(pool)
        return self._sessions[pool]

    async def close(self) -> None:
        """Close them all."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def _opened(self, pool: _Pool) -> aiohttp.ClientSession:
        factory = _guarded_socket if pool is _Pool.GUARDED else None
        connector = aiohttp.TCPConnector(limit=0, socket_factory=factory, keepalive_timeout=_KEEP_ALIVE)
        return aiohttp.ClientSession(
            connector=connector,
            middlewares=(_once,),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            auto_decompress=False,
            timeout=self._timeout,
        )


def _guarded_socket(info: Any) -> socket.socket:
    """Open a socket for an address of the public internet; here every hop's address comes by, after DNS."""
    family, kind, protocol, _, address = info
    try:
        check_connected(str(address[0]), allow_private=False)
    except BlockedAddress as error:
        raise BlockedError(error.detail) from error
    opened = socket.socket(family, kind, protocol)
    opened.setblocking(False)
    return opened


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Ask once: aiohttp 3.14 asks a second time at once where a GET's connection breaks, a fresh one too."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
        raise BrokenOffError(str(error)) from error
