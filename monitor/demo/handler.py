"""The wire side of the feed server: sockets, framing and faults. What to answer is asked from a `Script`."""

import contextlib
import gzip
import socket
import socketserver
import ssl
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from monitor.demo.answer import Answer, Fault, Framing, accepts_gzip, not_modified, validators

DRIP_PAUSE = 0.02  # seconds between two bytes of a drip
EVENT_PAUSE = 0.02  # seconds between two looks at the server's closing while a handler waits for a test's event


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request as it came. ``path`` holds the query too, ``headers`` are looked up in any case, ``at`` is UTC."""

    path: str
    headers: Message
    at: datetime
    method: str = "GET"


class Script(Protocol):
    """What the wire side asks of the feed server."""

    requests: list[SeenRequest]
    errors: list[BaseException]
    tls: ssl.SSLContext | None
    closing: threading.Event

    def next_answer(self, target: str) -> Answer:
        """Take the answer whose turn it is."""
        ...


class Listener(ThreadingHTTPServer):
    """A threading HTTP server that knows its open connections, so that closing can cut them."""

    request_queue_size = 512  # the tests open hundreds of connections at once

    def __init__(self, port: int, script: Script) -> None:
        self.script = script
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(("127.0.0.1", port), Handler)

    def server_bind(self) -> None:
        # HTTPServer.server_bind asks the resolver for the host's name, which can take seconds and is not used here.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def get_request(self) -> Any:
        request, address = super().get_request()
        if self.script.tls is None:
            return request, address
        # The handshake waits for the handler's thread, or one client that says nothing would keep all others out.
        return self.script.tls.wrap_socket(request, server_side=True, do_handshake_on_connect=False), address

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def cut_all(self, limit: float) -> None:
        """Cut what is open and wait up to ``limit`` seconds for the handlers to notice."""
        with self._changed:
            for request in self._open:
                with contextlib.suppress(OSError):  # the client was faster
                    socket.socket.shutdown(request, socket.SHUT_RDWR)  # also where TLS is spoken over it
            self._changed.wait_for(lambda: not self._open, timeout=limit)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  # as in the base class
        """Keep what the base class would print; a client that left, was cut off or does not trust us is no error."""
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError | ssl.SSLError):
            self.script.errors.append(error)


class Handler(BaseHTTPRequestHandler):
    """One request on one connection."""

    protocol_version = "HTTP/1.1"
    server: Listener

    def do_GET(self) -> None:
        script = self.server.script
        self._record()
        self.close_connection = True
        answer = script.next_answer(self.path)
        self._wait(answer)
        if answer.fault is Fault.DROP or script.closing.is_set():
            return
        if answer.wire is not None:
            for piece in answer.wire(script.closing):
                self.wfile.write(piece)
            return
        body = answer.content()
        compressed = answer.gzip and accepts_gzip(self.headers)
        found = validators(answer, body, compressed=compressed)
        if not_modified(answer, self.headers, found):
            self._head(304, found)
            return
        if answer.content_type:
            found["Content-Type"] = answer.content_type
        if answer.gzip:
            found["Vary"] = "Accept-Encoding"
        if compressed:
            found["Content-Encoding"] = "gzip"
            body = gzip.compress(body, mtime=0)
        self._send(answer, body, found)

    def do_HEAD(self) -> None:
        """Refuse: the monitor gets, it never asks for heads."""
        self._record()
        self.close_connection = True
        self._head(405, {"Allow": "GET", "Content-Length": "0"})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Write nothing: ``requests`` is the log."""

    def _record(self) -> None:
        self.server.script.requests.append(SeenRequest(self.path, self.headers, datetime.now(UTC), self.command))

    def _wait(self, answer: Answer) -> None:
        closing = self.server.script.closing
        if isinstance(answer.delay, threading.Event):
            while not closing.is_set() and not answer.delay.wait(EVENT_PAUSE):
                pass
        elif answer.delay is not None:
            closing.wait(answer.delay)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()

    def _send(self, answer: Answer, body: bytes, headers: dict[str, str]) -> None:
        framing = Framing.CLOSE if answer.fault is Fault.DRIP else answer.framing
        if framing is Framing.LENGTH:
            headers["Content-Length"] = str(_declared(answer.fault, len(body)))
        elif framing is Framing.CHUNKED:
            headers["Transfer-Encoding"] = "chunked"
        self._head(answer.status, headers | dict(answer.headers))
        if answer.fault is Fault.DRIP:
            self._drip(body)
            return
        sent = body[: len(body) // 2] if answer.fault is Fault.CUT else body
        if framing is Framing.CHUNKED:
            # A cut body lacks the last chunk, which is how a client can tell.
            last = b"" if answer.fault is Fault.CUT else b"0\r\n\r\n"
            sent = (f"{len(sent):x}\r\n".encode() + sent + b"\r\n" if sent else b"") + last
        self.wfile.write(sent)

    def _drip(self, body: bytes) -> None:
        position = 0
        while not self.server.script.closing.wait(DRIP_PAUSE):
            self.wfile.write(body[position : position + 1] or b" ")
            position += 1


def _declared(fault: Fault | None, length: int) -> int:
    """Return the Content-Length that is told for a body of ``length`` bytes."""
    if fault is Fault.UNDERSTATE:
        return length // 2
    return length + 1 if fault is Fault.OVERSTATE else length
