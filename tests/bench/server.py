"""The server of the benchmark: a process of its own that answers with bytes made beforehand, and 304 where it may.

``python -m tests.bench.server FEEDS ENTRIES`` prints its port, and ends when its standard input closes.
"""

import asyncio
import json
import re
import sys
from collections import Counter
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256

from .documents import feed_document

_TARGET = re.compile(rb"GET (/\S*) HTTP/1\.[01]")
_TAG = re.compile(rb"^if-none-match:[ \t]*(.*?)[ \t]*\r$", re.IGNORECASE | re.MULTILINE)


class Site:
    """What is answered, and how often it was; ``/counts`` tells that as JSON and begins to count anew."""

    def __init__(self, feeds: int, entries: int, now: datetime) -> None:
        self.counts: Counter[int] = Counter()
        self._pages: dict[bytes, tuple[bytes, bytes, bytes]] = {}
        stamp = format_datetime(now, usegmt=True)
        for feed in range(feeds):
            body = feed_document(feed, entries=entries, now=now)
            tag = f'"{sha256(body).hexdigest()[:16]}"'
            head = f"ETag: {tag}\r\nLast-Modified: {stamp}\r\nConnection: keep-alive\r\n"
            whole = f"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n{head}\r\n"
            self._pages[f"/{feed}.xml".encode()] = (
                tag.encode(), whole.encode() + body, f"HTTP/1.1 304 Not Modified\r\n{head}\r\n".encode(),
            )  # fmt: skip

    def answer(self, request: bytes) -> bytes:
        """The answer to a whole request head."""
        found = _TARGET.match(request)
        path = found[1] if found else b""
        if path == b"/counts":
            told = json.dumps(self.counts).encode()
            self.counts.clear()
            return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(told), told)
        if path not in self._pages:
            self.counts[404] += 1
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        tag, whole, unchanged = self._pages[path]
        asked = _TAG.search(request)
        status, answer = (304, unchanged) if asked and asked[1] == tag else (200, whole)
        self.counts[status] += 1
        return answer


class Connection(asyncio.Protocol):
    """One client; requests have no bodies."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            self._transport.write(self._site.answer(self._received[: end + 2]))
            self._received = self._received[end + 4 :]


async def serve(site: Site) -> None:
    """Answer on a free port of 127.0.0.1, which is printed, until standard input closes."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(site), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Site(int(sys.argv[1]), int(sys.argv[2]), datetime.now(UTC))))
