"""What servers send that no server should, as answers of the feed server, byte for byte."""

import threading
from collections.abc import Iterator
from datetime import datetime

from monitor.demo.answer import Answer, http_date


def head_drop_by_drop(closing: threading.Event) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX-Slow: "
    while not closing.wait(0.02):
        yield b"a"


def chunks_drop_by_drop(closing: threading.Event) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    while not closing.wait(0.02):
        yield b"1\r\n<\r\n"


def endless_head(closing: threading.Event) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    while not closing.is_set():
        yield b"X-More: %s\r\n" % (b"a" * 4000) * 16


def endless_line(closing: threading.Event) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX-More: "
    while not closing.is_set():
        yield b"a" * 65536


def endless_chunk(closing: threading.Event) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    while not closing.is_set():
        yield b"1" * 65536


NO_HTTP: dict[str, bytes] = {
    "no number": b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n",
    "negative": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    "signed": b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
    "two": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n",
    "two in one": b"HTTP/1.1 200 OK\r\nContent-Length: 5, 9\r\n\r\n",
    "beyond all numbers": b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 400 + b"\r\n\r\n",
    "beside chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "no HTTP": b"220 files.example FTP server ready\r\n",
}
"""Heads that are none."""


def onward() -> Answer:
    """A server that leads on and on, each time to another address of its own."""
    count = iter(range(1000))
    head = "HTTP/1.1 301 Moved\r\nLocation: /feed.xml?page={}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    return Answer(wire=lambda _: (head.format(next(count)).encode(),))


def busy(retry_after: str, date: datetime | None, status: int = 503) -> Answer:
    """An answer of a server whose clock says ``date``; None: it does not tell its time."""
    told = f"Date: {http_date(date)}\r\n" if date else ""
    head = (
        f"HTTP/1.1 {status} Busy\r\n{told}Retry-After: {retry_after}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    return Answer(wire=lambda _: (head.encode(),))
