"""One document from one address: what comes, and every way in which it does not."""

import asyncio
import gzip
import socket
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from monitor.demo.answer import Answer, Fault, Framing, redirect, too_many_requests
from monitor.demo.server import FeedServer
from monitor.domain.feed import Validators
from monitor.errors import BlockedAddress, FetchError, Severity
from monitor.fetch import guard
from monitor.fetch.client import Fetched, Fetcher, user_agent
from monitor.fetch.decode import Decoder
from monitor.fetch.hints import read_retry_after

BODY = b"<rss version='2.0'><channel><title>Tide tables</title></channel></rss>" * 40
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
Ask = Callable[..., Fetched]
Refusal = Callable[..., FetchError]


def test_a_document_comes_with_its_type_address_and_validators(feed_server: FeedServer, ask: Ask) -> None:
    modified = datetime(2026, 3, 1, tzinfo=UTC)
    feed_server.add("/feed", BODY, content_type="application/atom+xml", etag='W/"x y"', last_modified=modified)
    found = ask(feed_server.url("/feed"))
    assert (found.status, found.body, found.content_type) == (200, BODY, "application/atom+xml")
    assert (found.url, found.not_modified) == (feed_server.url("/feed"), False)
    assert found.validators == Validators('W/"x y"', "Sun, 01 Mar 2026 00:00:00 GMT")


def test_validators_are_sent_back_as_they_came_and_304_has_no_body(feed_server: FeedServer, ask: Ask) -> None:
    feed_server.add("/feed", BODY, last_modified=datetime(2026, 3, 1, tzinfo=UTC))
    first = ask(feed_server.url("/feed"))
    second = ask(feed_server.url("/feed"), first.validators)
    assert (second.status, second.not_modified, second.body) == (304, True, b"")
    plain, conditional = feed_server.requests
    assert {"If-None-Match", "If-Modified-Since"} & set(plain.headers) == set()
    assert conditional.headers["If-None-Match"] == first.validators.etag
    assert conditional.headers["If-Modified-Since"] == first.validators.last_modified


def test_the_request_says_who_asks_and_what_it_takes(feed_server: FeedServer, ask: Ask) -> None:
    feed_server.add("/feed", BODY)
    ask(feed_server.url("/feed"), contact="https://desk.example/monitor")
    headers = feed_server.requests[0].headers
    number = version("returns-monitor")
    assert headers["User-Agent"] == f"ReturnsMonitor/{number} (+https://desk.example/monitor)"
    assert user_agent("") == f"ReturnsMonitor/{number}"
    assert headers["Accept-Encoding"] == "gzip, deflate, br, zstd"
    assert "application/rss+xml" in headers["Accept"]
    assert {"Cookie", "Referer"} & set(headers) == set()


def test_cookies_are_not_kept(feed_server: FeedServer, make_options: Any) -> None:
    feed_server.add("/feed", BODY, headers={"Set-Cookie": "track=1"})

    async def twice() -> None:
        async with Fetcher(make_options()) as fetcher:
            for _ in range(2):
                await fetcher.fetch(feed_server.url("/feed"), now=NOW)

    asyncio.run(twice())
    assert "Cookie" not in feed_server.requests[1].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_the_last_address_is_told(feed_server: FeedServer, ask: Ask, status: int) -> None:
    feed_server.add("/a/feed", BODY)
    feed_server.play("/old", redirect("/a/hop", status))
    feed_server.play("/a/hop", redirect("feed?x=1", status))
    found = ask(feed_server.url("/old"))
    assert (found.body, found.url) == (BODY, feed_server.url("/a/feed?x=1"))


@pytest.mark.parametrize(
    ("status", "severity"),
    [
        (400, Severity.SOFT), (401, Severity.HARD), (403, Severity.SOFT), (404, Severity.SOFT), (410, Severity.HARD),
        (429, Severity.TEMPORARY), (451, Severity.HARD), (500, Severity.TEMPORARY), (503, Severity.TEMPORARY),
        (204, Severity.SOFT), (301, Severity.SOFT),
    ],
)  # fmt: skip
def test_a_refusal_is_told_by_its_status(
    feed_server: FeedServer, refusal: Refusal, status: int, severity: Severity
) -> None:
    feed_server.add("/feed", b"", status=status, etag=False)
    error = refusal(feed_server.url("/feed"))
    assert (error.kind, error.status, error.severity, error.retry_after) == (f"http-{status}", status, severity, None)
    assert f"the server answered {status}" in error.detail


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_read_in_seconds_and_as_a_date_by_the_servers_own_clock(
    feed_server: FeedServer, refusal: Refusal, status: int
) -> None:
    feed_server.play("/seconds", too_many_requests(120, status))
    feed_server.play("/date", too_many_requests(datetime.now(UTC) + timedelta(hours=2), status))
    assert refusal(feed_server.url("/seconds")).retry_after == 120
    found = refusal(feed_server.url("/date")).retry_after
    assert found is not None
    assert 7100 < found <= 7200


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("0", None, 0), ("90", None, 90), (" 90 ", None, 90), ("9" * 400, None, 365 * 86400),
        ("Mon, 02 Mar 2026 10:00:00 GMT", None, 1800),
        ("Mon, 02 Mar 2026 10:00:00 GMT", "Mon, 02 Mar 2026 09:50:00 GMT", 600),
        ("Mon, 02 Mar 2026 10:00:00 GMT", "no date", 1800), ("Mon, 02 Mar 2026 09:00:00 GMT", None, 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None, 365 * 86400),
        (None, None, None), ("", None, None), ("soon", None, None), ("-5", None, None), ("1.5", None, None),
        ("\u00b2", None, None), ("Mon, 99 Mar 2026 10:00:00 GMT", None, None),
    ],
)  # fmt: skip
def test_retry_after_reads_what_it_can_and_passes_over_the_rest(
    value: str | None, date: str | None, seconds: float | None
) -> None:
    assert read_retry_after(value, date, NOW) == seconds


@given(st.text(max_size=40), st.none() | st.text(max_size=40))
def test_retry_after_never_fails(value: str, date: str | None) -> None:
    found = read_retry_after(value, date, NOW)
    assert found is None or 0 <= found <= 365 * 86400


@pytest.mark.parametrize(
    ("fault", "framing", "kind"),
    [
        (Fault.DROP, Framing.LENGTH, "connect"),
        (Fault.CUT, Framing.LENGTH, "truncated"),
        (Fault.CUT, Framing.CHUNKED, "truncated"),
        (Fault.OVERSTATE, Framing.LENGTH, "truncated"),
    ],
)
def test_a_document_that_does_not_come_whole_is_refused(
    feed_server: FeedServer, refusal: Refusal, fault: Fault, framing: Framing, kind: str
) -> None:
    feed_server.add("/feed", BODY, fault=fault, framing=framing)
    error = refusal(feed_server.url("/feed"))
    assert (error.kind, error.severity) == (kind, Severity.TEMPORARY)


def test_a_compressed_document_that_breaks_off_inside_a_whole_answer_is_refused(
    feed_server: FeedServer, refusal: Refusal
) -> None:
    whole = gzip.compress(BODY)
    feed_server.add("/feed", whole[: len(whole) // 2], headers={"Content-Encoding": "gzip"})
    assert refusal(feed_server.url("/feed")).kind == "truncated"


@pytest.mark.parametrize("framing", list(Framing))
def test_every_framing_and_gzip_are_read(feed_server: FeedServer, ask: Ask, framing: Framing) -> None:
    feed_server.add("/feed", BODY, framing=framing, gzip=True)
    assert ask(feed_server.url("/feed")).body == BODY


def test_an_unasked_for_coding_is_refused_by_its_name(feed_server: FeedServer, refusal: Refusal) -> None:
    feed_server.add("/feed", b"\x0b\x02", headers={"Content-Encoding": "compress"})
    error = refusal(feed_server.url("/feed"))
    assert (error.kind, error.severity) == ("encoding", Severity.SOFT)
    assert "'compress'" in error.detail


def test_a_document_over_the_limit_is_refused(feed_server: FeedServer, refusal: Refusal) -> None:
    feed_server.add("/feed", b"x" * 20_001, framing=Framing.CHUNKED)
    error = refusal(feed_server.url("/feed"), max_bytes=20_000)
    assert (error.kind, error.severity) == ("too-large", Severity.HARD)


def test_a_gzip_bomb_is_refused_long_before_it_is_unpacked(feed_server: FeedServer, refusal: Refusal) -> None:
    bomb = gzip.compress(b"0" * 60_000_000)
    feed_server.add("/feed", bomb, headers={"Content-Encoding": "gzip"})
    tracemalloc.start()
    error = refusal(feed_server.url("/feed"), max_bytes=100_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.kind == "too-large"
    assert peak < 5_000_000


def test_a_document_that_drips_is_given_up_after_the_time_for_the_whole(
    feed_server: FeedServer, refusal: Refusal
) -> None:
    feed_server.add("/feed", BODY, fault=Fault.DRIP)
    error = refusal(feed_server.url("/feed"), timeout=timedelta(milliseconds=200))
    assert (error.kind, error.severity) == ("timeout", Severity.TEMPORARY)
    assert "no whole answer within 0.2 s" in error.detail


def test_a_host_that_does_not_take_the_connection_is_told_apart_from_a_slow_answer(refusal: Refusal) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]  # fill the queue, which nobody empties
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        error = refusal(f"http://127.0.0.1:{port}/", connect_timeout=timedelta(milliseconds=200))
        for one in waiting:
            one.close()
    assert error.kind == "timeout"
    assert "no connection within 0.2 s" in error.detail


def test_a_redirect_loop_ends(feed_server: FeedServer, refusal: Refusal) -> None:
    feed_server.play("/a", redirect("/b"))
    feed_server.play("/b", redirect("/a"))
    error = refusal(feed_server.url("/a"))
    assert (error.kind, error.severity) == ("redirects", Severity.SOFT)
    assert len(feed_server.requests) == 11


@pytest.mark.parametrize("target", ["ftp://files.example/feed", "file:///etc/hostname", "data:,x", "javascript:x"])
def test_a_redirect_to_another_protocol_is_refused(feed_server: FeedServer, refusal: Refusal, target: str) -> None:
    feed_server.play("/feed", redirect(target))
    error = refusal(feed_server.url("/feed"))
    assert (error.kind, error.severity) == ("bad-url", Severity.HARD)
    assert target in error.detail


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"])
def test_private_addresses_are_not_connected_to(feed_server: FeedServer, refusal: Refusal, host: str) -> None:
    feed_server.add("/feed", BODY)
    error = refusal(f"http://{host}:{feed_server.port}/feed", allow_private_hosts=False)
    assert isinstance(error, BlockedAddress)
    assert "allow_private_hosts = true opens such addresses" in error.detail
    assert feed_server.requests == []


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::1", "127.0.0.1"], ["10.0.0.1", "192.168.1.1", "fe80::1"]])
def test_a_public_name_that_resolves_to_private_addresses_is_not_connected_to(
    feed_server: FeedServer, refusal: Refusal, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    """The resolver is the operating system's, and its answer is what is stood in for."""

    def answer(host: str, port: int, *_: object, **__: object) -> list[Any]:
        assert host == "feeds.public.example"
        made: list[Any] = []
        for address in addresses:
            six = ":" in address
            where: tuple[Any, ...] = (address, port, 0, 0) if six else (address, port)
            made.append((socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_STREAM, 6, "", where))
        return made

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    error = refusal(f"http://feeds.public.example:{feed_server.port}/feed", allow_private_hosts=False)
    assert isinstance(error, BlockedAddress)
    assert any(address in error.detail for address in addresses)


def test_every_hop_of_a_redirect_is_guarded(
    feed_server: FeedServer, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for the public internet: the first address is let through, what it leads to is not."""
    feed_server.play("/feed", redirect(f"http://[::ffff:127.0.0.1]:{feed_server.port}/inside"))
    feed_server.add("/inside", BODY)
    judge = guard.is_private
    monkeypatch.setattr(guard, "is_private", lambda host: host != "127.0.0.1" and judge(host))
    assert isinstance(refusal(feed_server.url("/feed"), allow_private_hosts=False), BlockedAddress)
    assert [seen.path for seen in feed_server.requests] == ["/feed"]


def test_tls_with_a_server_that_speaks_none_is_told_as_such(feed_server: FeedServer, refusal: Refusal) -> None:
    error = refusal(f"https://127.0.0.1:{feed_server.port}/feed")
    assert (error.kind, error.severity) == ("tls", Severity.SOFT)


def test_a_name_that_does_not_exist_and_a_port_that_is_closed_are_told_apart(refusal: Refusal) -> None:
    assert refusal("http://no-such-host.invalid/").kind == "dns"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert refusal(f"http://127.0.0.1:{free.getsockname()[1]}/").kind == "connect"


@pytest.mark.parametrize("url", ["no address", "http://[bad/", "http:///x", "http://127.0.0.1:99999/", "http://a..b/"])
def test_an_address_that_is_none_is_refused(refusal: Refusal, url: str) -> None:
    error = refusal(url)
    assert (error.kind, error.severity) == ("bad-url", Severity.HARD)


def test_what_a_server_says_in_broken_bytes_can_be_stored(feed_server: FeedServer, ask: Ask, refusal: Refusal) -> None:
    feed_server.play("/etag", Answer(BODY, headers={"ETag": '"\xe9"', "Last-Modified": "\xff"}, etag=False))
    feed_server.play("/away", redirect("ftp://\xe9\xff/"))
    assert ask(feed_server.url("/etag")).validators == Validators(None, None)
    refusal(feed_server.url("/away")).detail.encode()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(BODY)), ("GZIP", gzip.compress(BODY)), ("x-gzip", gzip.compress(BODY)),
        ("gzip", gzip.compress(BODY[:900]) + gzip.compress(BODY[900:])), ("gzip", gzip.compress(BODY) + b"\0" * 9),
        ("deflate", zlib.compress(BODY)), ("deflate", zlib.compress(BODY, wbits=-15)), ("", BODY), ("identity", BODY),
        ("deflate", zlib.compress(BODY) + b"trailing"), ("br", brotli.compress(BODY)),
        ("zstd", zstandard.compress(BODY)),
        ("zstd", zstandard.compress(BODY[:900]) + zstandard.compress(BODY[900:])), ("BR", brotli.compress(BODY)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_codings_are_undone_in_pieces_of_any_size(coding: str, body: bytes, size: int) -> None:
    decoder = Decoder(coding, len(BODY))
    found = b"".join(decoder.feed(body[start : start + size]) for start in range(0, len(body), size))
    decoder.finish()
    assert found == BODY


@pytest.mark.parametrize(("coding", "pack"), [("br", brotli.compress), ("zstd", zstandard.compress)])
def test_bombs_of_other_codings_are_refused_too(
    feed_server: FeedServer, refusal: Refusal, coding: str, pack: Callable[[bytes], bytes]
) -> None:
    bomb = pack(b"0" * 200_000_000)
    assert len(bomb) < 20_000
    feed_server.add("/feed", bomb, headers={"Content-Encoding": coding})
    tracemalloc.start()
    try:
        assert refusal(feed_server.url("/feed"), max_bytes=100_000).kind == "too-large"
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_compressed_body_that_breaks_off_is_truncated_in_every_coding(coding: str) -> None:
    packed = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstandard.compress}[coding](BODY)
    decoder = Decoder(coding, 1_000_000)
    decoder.feed(packed[: len(packed) // 2])
    with pytest.raises(FetchError) as caught:
        decoder.finish()
    assert caught.value.kind == "truncated"


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd"]), st.integers(1, 50))
def test_any_bytes_decode_or_are_refused_by_a_kind(data: bytes, coding: str, size: int) -> None:
    decoder = Decoder(coding, 1_000)
    kind, found = "whole", b""
    try:
        found = b"".join([decoder.feed(data[start : start + size]) for start in range(0, len(data), size)])
        decoder.finish()
    except FetchError as error:
        kind = error.kind
    assert kind in {"whole", "encoding", "truncated", "too-large"}
    assert len(found) <= 1_000
