"""What the feed server sends byte for byte, and by TLS."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.demo.answer import Answer, Fault
from monitor.demo.server import FeedServer

CERTIFICATE = Path(__file__).parents[1] / "fetch" / "tls.pem"  # for news.public.example


def ask(connection: http.client.HTTPConnection) -> tuple[int, bytes]:
    try:
        connection.request("GET", "/feed")
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def plain(server: FeedServer) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)


class Secure(http.client.HTTPSConnection):
    """A connection to loopback that takes the server for the one that its certificate names."""

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        trusting = ssl.create_default_context(cafile=str(CERTIFICATE))
        self.sock = trusting.wrap_socket(self.sock, server_hostname="news.public.example")


@pytest.fixture
def context() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(CERTIFICATE)
    return made


def test_a_wire_is_sent_as_it_is_and_the_connection_closed(server: FeedServer) -> None:
    server.play("/feed", Answer(b"not this", status=500, wire=lambda _: (b"HTTP/1.0 299 Odd\r\n", b"\r\n", b"body")))
    assert ask(plain(server)) == (299, b"body")
    assert server.requests[0].path == "/feed"


def test_a_wire_that_waits_is_released_when_the_server_closes() -> None:
    sent = threading.Event()

    def slow(closing: threading.Event) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        sent.set()
        while not closing.wait(0.01):
            pass

    with FeedServer() as server:
        server.play("/feed", Answer(wire=slow))
        connection = plain(server)
        connection.request("GET", "/feed")
        assert sent.wait(10)
    assert connection.getresponse().read() == b""
    connection.close()


def test_answers_come_by_tls_to_who_trusts_the_certificate(context: ssl.SSLContext) -> None:
    with FeedServer(tls=context) as server:
        server.add("/feed", b"<rss/>")
        assert server.url("/feed").startswith("https://127.0.0.1:")
        assert ask(Secure("127.0.0.1", server.port, timeout=10)) == (200, b"<rss/>")


def test_a_client_that_does_not_trust_it_is_no_error_and_keeps_nobody_out(context: ssl.SSLContext) -> None:
    with FeedServer(tls=context) as server:
        server.add("/feed", b"<rss/>")
        silent = plain(server)
        silent.connect()
        with pytest.raises(ssl.SSLError):
            ask(http.client.HTTPSConnection("127.0.0.1", server.port, timeout=10))
        assert ask(Secure("127.0.0.1", server.port, timeout=10)) == (200, b"<rss/>")
        silent.close()
    assert server.errors == []


def test_a_server_changes_from_tls_to_plain_http_while_it_runs(context: ssl.SSLContext) -> None:
    with FeedServer(tls=context) as server:
        server.add("/feed", b"<rss/>")
        server.tls = None
        assert ask(plain(server)) == (200, b"<rss/>")
        assert server.url("/feed").startswith("http://")


def test_closing_cuts_an_answer_that_is_under_way_by_tls(context: ssl.SSLContext) -> None:
    with FeedServer(tls=context) as server:
        server.add("/feed", b"<rss", fault=Fault.DRIP)
        connection = Secure("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/feed")
        assert connection.getresponse().read(6) == b"<rss  "
    connection.close()
    assert server.errors == []
