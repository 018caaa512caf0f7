"""What publishers' servers do wrong, each fault acted out on loopback beside a source that is well.

Every test names its fault as the issue does. The poll job runs over a real config, store, pipeline and model, and
`Newsroom` holds what is true of every fault: the other source goes on, nothing half-read is stored, the old validators
stay, the next poll comes when the schedule's rule says, and once the fault is over everything comes that can still be
had, once.
"""

import gzip
import os
import random
import re
import shutil
import ssl
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from monitor.app import Model, load_model
from monitor.cli.main import main
from monitor.demo.answer import Answer, Fault, Framing, http_date, redirect
from monitor.demo.server import FeedServer
from monitor.domain.feed import Outcome
from monitor.errors import Severity
from monitor.parse.workers import ParserPool
from monitor.settings.load import load
from monitor.store.database import open_store

from . import certificates, hostile, machine, wires
from .instead import INSTEAD, page
from .newsroom import DAY, HOUR, NOW, SECRET, Newsroom, assert_discreet, headline, item, rss, usual, within

HARD, SOFT, TEMPORARY = Severity.HARD, Severity.SOFT, Severity.TEMPORARY
MIB = hostile.MIB
FAULTS = (
    "Slow loris", "Cut chunked body", "Wrong Content-Length", "Gzip bomb", "Redirect loop",
    "Redirect to a private address", "DNS name that resolves to loopback", "Lying 304", "Constant ETag",
    "Clock-skewed Retry-After", "Guid rotation", "Reordering", "5xx storm", "TLS failure", "200 with HTML",
    "Wrong charset", "100,000 entries", "Billion laughs",
)  # fmt: skip
"""The faults of the issue, in its order."""


def test_every_fault_of_the_issue_has_a_test_that_names_it() -> None:
    """Every test but this one begins its docstring by the fault that it acts out."""
    tests = {name: made for name, made in globals().items() if name.startswith("test_") and "every_fault" not in name}
    named = {name: (made.__doc__ or "").partition(":")[0] for name, made in tests.items()}
    assert {name: fault for name, fault in named.items() if fault not in FAULTS} == {}
    assert set(named.values()) == set(FAULTS)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The classifier in use."""
    config = tmp_path_factory.mktemp("model")
    (config / "monitor.toml").write_text("", encoding="utf-8")
    (config / "feeds.toml").write_text("", encoding="utf-8")
    found = load_model(load(config, {}))
    assert found.classifier is not None
    return found


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserPool]:
    """A process that reads documents, as the daemon keeps one from poll to poll."""
    with ParserPool(deadline=timedelta(seconds=8)) as pool:
        yield pool


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, to be copied: making one takes longer than most of these tests."""
    path = tmp_path_factory.mktemp("store") / "monitor.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def room(tmp_path: Path, migrated: Path, model: Model, parser: ParserPool) -> Iterator[Newsroom]:
    database = shutil.copy(migrated, tmp_path / "newsroom.db")
    with FeedServer() as paper, FeedServer() as steady:
        yield Newsroom(tmp_path, paper, steady, model, parser, f"sqlite:///{database}")


@pytest.fixture
def on_both(room: Newsroom, store_url: str) -> Newsroom:
    """A newsroom on SQLite, and one on PostgreSQL."""
    room.database = store_url
    return room


# Slow loris


@pytest.mark.parametrize(
    "slow",
    [
        Answer(wire=wires.head_drop_by_drop), Answer(rss(1, 2, 3), fault=Fault.DRIP),
        Answer(wire=wires.chunks_drop_by_drop), Answer(rss(1, 2, 3), delay=threading.Event()),
    ],
    ids=["head", "body", "chunks", "silence"],
)  # fmt: skip
def test_a_server_that_sends_a_byte_now_and_then_is_left_when_its_time_is_over(room: Newsroom, slow: Answer) -> None:
    """Slow loris: the time for the whole document ends it, and not the pause between two bytes."""
    room.timeout = "2s"
    with room.open() as app:
        room.begin(app)
        room.play(slow)
        room.suffer(app, "timeout", TEMPORARY, saying="no whole answer within 2 s")
        assert room.took >= 2
    with room.open() as app:
        room.recover(app)


def test_redirects_that_take_their_time_share_that_of_one_document(room: Newsroom) -> None:
    """Slow loris: a server that leads on and on, each time after a while, gets no more time for that."""
    room.timeout = "2s"
    with room.open() as app:
        room.begin(app)
        slowly = Answer(status=302, headers={"Location": "/feed.xml"}, etag=False, delay=0.7)
        room.play(slowly)
        room.suffer(app, "timeout", TEMPORARY)
        assert len(room.paper.requests) <= 1 + 3
        room.recover(app)


@pytest.mark.parametrize("wire", [wires.endless_head, wires.endless_line, wires.endless_chunk])
def test_a_head_that_never_ends_takes_neither_time_nor_memory(room: Newsroom, wire: Any) -> None:
    """Slow loris: its fast brother, which sends headers without end.

    What is wrong with a chunk's head aiohttp 3.14 notices only where it comes together with the answer's.
    """
    room.timeout = "2s"
    with room.open() as app:
        room.begin(app)
        room.play(Answer(wire=wire))
        with machine.within_memory(64 * MIB):
            event = room.turn(app)
        kinds = {"protocol", "timeout"} if wire is wires.endless_chunk else {"protocol"}
        assert (event.outcome, event.severity, event.kind in kinds) == (Outcome.FAILED, TEMPORARY, True), event
        room.recover(app)


# Cut chunked body


def test_a_chunked_body_that_breaks_off_brings_nothing(on_both: Newsroom) -> None:
    """Cut chunked body: the last chunk never comes, so that the document is known to be half of itself."""
    with on_both.open() as app:
        on_both.begin(app)
        on_both.say(rss(1, 2, 3, 4), fault=Fault.CUT, framing=Framing.CHUNKED)
        on_both.suffer(app, "truncated", TEMPORARY, saying="the document was cut off before its end")
    with on_both.open() as app:
        on_both.recover(app, 1, 2, 3, 4, new=2)


CHUNKED = b'HTTP/1.1 200 OK\r\nETag: "new"\r\nTransfer-Encoding: chunked\r\n\r\n'


@pytest.mark.parametrize(
    ("rest", "kind"),
    [
        (b"fff\r\n%s", "truncated"), (b"1ff\r\n%s", "protocol"), (b"", "truncated"), (b"zz\r\n%s", "protocol"),
        (b"-5\r\n%s\r\n0\r\n\r\n", "protocol"), (b"f" * 16 + b"\r\n%s", "truncated"),
        (b"%x\r\n" % len(rss(1, 2, 3)) + b"%s\r\n", "truncated"),
    ],
    ids=["inside of one", "too long", "before the first", "no length", "below zero", "huge", "before the last"],
)  # fmt: skip
def test_chunks_that_are_not_what_they_say_bring_nothing(room: Newsroom, rest: bytes, kind: str) -> None:
    """Cut chunked body: wherever it breaks off, and where a chunk has no length or a wrong one."""
    with room.open() as app:
        room.begin(app)
        room.play(Answer(wire=lambda _: (CHUNKED + rest.replace(b"%s", rss(1, 2, 3)),)))
        room.suffer(app, kind, TEMPORARY)
        room.recover(app)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_compressed_stream_that_breaks_off_inside_a_whole_message_brings_nothing(room: Newsroom, coding: str) -> None:
    """Cut chunked body: all chunks are there, and what they hold is half a compressed document."""
    packed = hostile.PACKERS[coding](rss(*range(1, 40)))
    with room.open() as app:
        room.begin(app)
        room.say(packed[: len(packed) // 2], headers={"Content-Encoding": coding}, framing=Framing.CHUNKED)
        room.suffer(app, "truncated", TEMPORARY)
        room.recover(app)


def cut_off(room: Newsroom, app: Any, *, new: int) -> None:
    """One poll of a document whose end is missing, which HTTP cannot tell: the whole entries of it are taken."""
    before = room.state(app)
    event = room.turn(app)
    assert (event.outcome, event.kind, event.new) == (Outcome.OK, "cut-off", new), event
    assert room.state(app).validators == before.validators
    assert (room.status(app).kind, room.status(app).failing_since) == ("", None)


def test_a_body_that_ends_with_its_connection_and_breaks_off_gives_its_whole_entries(on_both: Newsroom) -> None:
    """Cut chunked body: without chunks nor length nobody can tell by HTTP; the document's own end is missing."""
    document = rss(4, 3, 2, 1)
    with on_both.open() as app:
        on_both.begin(app)
        on_both.say(document[: document.index(b"</title><pubDate>", document.index(headline(3).encode()))],
                    framing=Framing.CLOSE, etag='"half"')  # fmt: skip
        cut_off(on_both, app, new=1)
        assert on_both.titles(app) == [headline(number) for number in (1, 2, 4)]
    with on_both.open() as app:
        on_both.recover(app, 4, 3, 2, 1)


# Wrong Content-Length


def test_a_body_shorter_than_its_length_brings_nothing(on_both: Newsroom) -> None:
    """Wrong Content-Length: the connection closes before as much came as was told."""
    with on_both.open() as app:
        on_both.begin(app)
        for options in ({"fault": Fault.OVERSTATE}, {"fault": Fault.CUT}):
            on_both.say(rss(1, 2, 3), **options)
            on_both.suffer(app, "truncated", TEMPORARY, saying="cut off before its end")
    with on_both.open() as app:
        on_both.recover(app)


def test_a_body_longer_than_its_length_brings_nothing(on_both: Newsroom) -> None:
    """Wrong Content-Length: more comes than was told, on a connection that was to be closed."""
    with on_both.open() as app:
        on_both.begin(app)
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\nConnection: close\r\n\r\n"
        on_both.play(Answer(wire=lambda _: (head + rss(1, 2, 3),)))
        on_both.suffer(app, "protocol", TEMPORARY)
    with on_both.open() as app:
        on_both.recover(app)


def test_a_length_that_hides_the_end_of_a_document_gives_the_whole_entries_before_it(on_both: Newsroom) -> None:
    """Wrong Content-Length: half of the document is told of, and the rest comes when nobody listens any more."""
    document = rss(6, 5, 4, 3, 2, 1)
    half = len(document) // 2

    def late(closing: threading.Event) -> Iterator[bytes]:
        yield b'HTTP/1.1 200 OK\r\nETag: "half"\r\nContent-Length: %d\r\n\r\n%s' % (half, document[:half])
        closing.wait(0.5)
        yield document[half:]

    with on_both.open() as app:
        on_both.begin(app, 1, 2, 3)
        on_both.play(Answer(wire=late))
        cut_off(on_both, app, new=2)
        assert on_both.titles(app)[3:] == [headline(6), headline(5)]
    with on_both.open() as app:
        on_both.recover(app, 6, 5, 4, 3, 2, 1)


def test_what_follows_a_short_length_is_not_the_answer_to_the_next_request(room: Newsroom) -> None:
    """Wrong Content-Length: a second answer hides behind the first, on a connection that stays open."""
    hidden = rss(item(66, title="Smuggled in"))
    hidden = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(hidden), hidden)
    first = b"HTTP/1.1 302 Found\r\nLocation: /real.xml\r\nContent-Length: 0\r\n\r\n"

    def both(closing: threading.Event) -> Iterator[bytes]:
        yield first + hidden
        closing.wait(2)  # the connection is there to be used again

    with room.open() as app:
        room.begin(app)
        room.play(Answer(wire=both))
        room.paper.add("/real.xml", rss(1, 2, 3))
        event = room.turn(app)
        assert "Smuggled in" not in room.titles(app)
        assert (event.outcome, event.new) == (Outcome.OK, 1), event


def test_a_length_that_is_none_or_two_is_a_broken_answer(room: Newsroom) -> None:
    """Wrong Content-Length: no number, a negative one, two of them, or one beside chunks."""
    with room.open() as app:
        room.begin(app)
        for head in wires.NO_HTTP.values():
            room.play(Answer(wire=lambda _, head=head: (head + rss(1, 2, 3),)))
            room.suffer(app, "protocol", TEMPORARY)
        room.recover(app)


def test_what_is_wrong_with_a_broken_answer_is_told_in_plain_words(room: Newsroom) -> None:
    """Wrong Content-Length: whoever looks at the status learns what it is, and is not told of a status 400."""
    with room.open() as app:
        for head in wires.NO_HTTP.values():
            room.play(Answer(wire=lambda _, head=head: (head + rss(1, 2, 3),)))
            detail = room.turn(app).detail
            assert not re.search(r"400|Error\b|\bb['\"]|\\|\^|http://", detail), detail
            assert len(detail) > len("broken")


# Gzip bomb


@pytest.mark.parametrize("bomb", hostile.BOMBS)
def test_a_small_body_that_unpacks_to_gigabytes_is_left_at_the_limit(room: Newsroom, bomb: str) -> None:
    """Gzip bomb: what is unpacked is counted while it is, in every coding that we ask for."""
    coding, make = hostile.BOMBS[bomb]
    with room.open() as app:
        room.begin(app)
        room.say(make(), headers={"Content-Encoding": coding})
        with machine.within_memory(80 * MIB):
            room.suffer(app, "too-large", HARD, saying="after decompression")
    with room.open() as app:
        room.recover(app)


def test_a_bomb_that_its_server_does_not_tell_of_is_left_at_the_limit(room: Newsroom) -> None:
    """Gzip bomb: packed files, also within each other and within the transfer's own coding."""
    once = hostile.deflated(4096 * MIB, window=31)
    twice = gzip.compress(once)
    thrice = gzip.compress(twice)
    with room.open() as app:
        room.begin(app)
        for packed, coding, kind in (
            (once, "", "too-large"), (twice, "", "too-large"), (thrice, "", "not-a-feed"), (twice, "gzip", "too-large"),
            (thrice, "gzip", "too-large"),
        ):  # fmt: skip
            room.say(packed, content_type="application/gzip", headers={"Content-Encoding": coding} if coding else {})
            with machine.within_memory(64 * MIB):
                room.suffer(app, kind, SOFT)
        room.recover(app)


def test_a_coding_that_we_did_not_ask_for_or_that_is_none_is_a_failure(room: Newsroom) -> None:
    """Gzip bomb: codings in a row, unknown ones, plain bodies under their names, and a window of 128 MiB."""
    plain = rss(1, 2, 3)
    with room.open() as app:
        room.begin(app)
        for coding, body in (
            ("gzip, gzip", gzip.compress(gzip.compress(plain))), ("compress", plain), ("aws-chunked", plain),
            ("gzip", plain), ("br", plain), ("zstd", plain), ("deflate", plain), ("zstd", hostile.wide_frame()),
        ):  # fmt: skip
            room.say(body, headers={"Content-Encoding": coding})
            with machine.within_memory(64 * MIB):
                room.suffer(app, "encoding", SOFT)
        room.recover(app)


@pytest.mark.parametrize("coding", hostile.PACKERS)
def test_a_document_that_was_packed_well_is_read_after_the_bomb(room: Newsroom, coding: str) -> None:
    """Gzip bomb: an honest body in the same coding, raw deflate among them, is taken."""
    with room.open() as app:
        room.begin(app)
        packed = hostile.PACKERS[coding](rss(1, 2, 3))
        room.say(packed, headers={"Content-Encoding": coding})
        assert room.turn(app).new == 1
        raw = zlib.compressobj(wbits=-15)
        room.say(raw.compress(rss(1, 2, 3, 4)) + raw.flush(), headers={"Content-Encoding": "deflate"})
        assert room.turn(app).new == 1


# Redirect loop


@pytest.mark.parametrize(
    "answers",
    [
        lambda: (redirect("/feed.xml", 302),),
        lambda: (redirect("/feed.xml?a", 301), redirect("/feed.xml", 307)) * 20,
        lambda: (wires.onward(),),
        lambda: (redirect("//127.0.0.1:{port}/feed.xml", 308),),
    ],
    ids=["to itself", "to and fro", "on and on", "to itself, without scheme"],
)
def test_redirects_without_end_are_followed_ten_times(room: Newsroom, answers: Any) -> None:
    """Redirect loop: eleven requests, and the address that the config names stays the one that is asked."""
    with room.open() as app:
        room.begin(app)
        for turn in range(2):
            del room.paper.requests[:]
            room.play(*(_here(answer, room.paper.port) for answer in answers()))
            room.suffer(app, "redirects", SOFT, saying="more than 10 redirects")
            assert len(room.paper.requests) == 11, turn
            assert room.state(app).memory.moved_to is None
    with room.open() as app:
        room.recover(app)
        assert room.paper.requests[-1].path == "/feed.xml"


def _here(answer: Answer, port: int) -> Answer:
    found = {name: value.format(port=port) for name, value in answer.headers.items()}
    return Answer(status=answer.status, headers=found, etag=False, wire=answer.wire)


# Redirect to a private address


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The names and addresses of a network in which the paper is public."""
    return machine.network(monkeypatch)


def in_public(room: Newsroom) -> None:
    """Put the paper into the public internet, and let nobody open private hosts for it."""
    room.url = f"http://feeds.paper.example:{room.paper.port}/feed.xml"
    room.request = ""
    room.fetch = 'domain_interval = "0s"'


@pytest.mark.parametrize("where", machine.INSIDE)
def test_a_redirect_from_outside_never_leads_inside(room: Newsroom, names: dict[str, list[str]], where: str) -> None:
    """Redirect to a private address: in whatever way it is written, the socket is not opened."""
    in_public(room)
    names["intern.paper.example"] = ["127.0.0.1"]
    names["both.paper.example"] = ["::1", "127.0.0.1", "::ffff:127.0.0.1"]
    with FeedServer() as inside, room.open() as app:
        room.begin(app)
        inside.add("/in", rss(item(66, title="From inside")))
        for target in machine.INSIDE[where]:
            room.play(redirect("/hop"))
            room.paper.play("/hop", redirect(target.format(inside.port)))
            if any(f"/{number}:" in target for number in machine.NO_NUMBER):
                room.suffer(app, "bad-url", HARD)
            else:
                room.suffer(app, "blocked-address", HARD, saying="not on the public internet")
            assert inside.requests == [], target
        room.recover(app)


def test_a_redirect_to_what_is_no_http_address_is_not_followed(room: Newsroom) -> None:
    """Redirect to a private address: files, data and other schemes, and what is no address at all."""
    with room.open() as app:
        room.begin(app)
        for target in (
            "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "data:application/rss+xml,<rss/>", "ftp://127.0.0.1/",
            "gopher://127.0.0.1/1", "javascript:alert(1)", "unix:/run/desk.sock", "feed://127.0.0.1/", "jar:http://x!/",
            "https:?", "http://[::1", "http://127.0.0.1:99999/", "ws://127.0.0.1/",
        ):  # fmt: skip
            del room.paper.requests[:]
            room.play(redirect(target))
            room.suffer(app, "bad-url", HARD)
            assert len(room.paper.requests) == 1, target
        assert "root:" not in str(room.stored(app))
        room.recover(app)


def test_a_source_that_may_be_inside_is_followed_there_without_its_secrets(room: Newsroom) -> None:
    """Redirect to a private address: what config allows is done, and the key stays with the origin it was given for."""
    with FeedServer() as other, room.open() as app:
        room.begin(app)
        other.add("/feed.xml", rss(1, 2, 3))
        room.play(redirect(other.url("/feed.xml")))
        event = room.turn(app)
        assert (event.outcome, event.new) == (Outcome.OK, 1)
        assert [request.headers["X-Key"] for request in room.paper.requests] == [SECRET] * 2
        assert other.requests[0].headers["X-Key"] is None


# DNS name that resolves to loopback


def test_a_name_that_comes_to_lead_inside_is_not_asked(room: Newsroom, names: dict[str, list[str]]) -> None:
    """DNS name that resolves to loopback: yesterday's public name has other addresses today (rebinding)."""
    in_public(room)
    with room.open() as app:
        room.begin(app)
        asked = len(room.paper.requests)
        for inside in (
            ["127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["10.1.2.3"], ["0.0.0.0"], ["169.254.169.254"],
            ["127.0.0.1", "::1"], ["fd00::1", "192.168.1.1", "100.64.0.1"],
        ):  # fmt: skip
            names["feeds.paper.example"] = inside
            room.suffer(app, "blocked-address", HARD, saying="is not on the public internet")
            assert len(room.paper.requests) == asked, inside
        names["feeds.paper.example"] = [machine.PUBLIC]
    with room.open() as app:
        room.recover(app)


def test_of_a_name_s_addresses_only_the_public_one_is_asked(room: Newsroom, names: dict[str, list[str]]) -> None:
    """DNS name that resolves to loopback: beside a public address a private one is no use, and no harm."""
    in_public(room)
    names["feeds.paper.example"] = ["127.0.0.1", machine.PUBLIC]
    with room.open() as app:
        room.begin(app)
        names["feeds.paper.example"] = [machine.PUBLIC, "10.0.0.1"]
        room.say(rss(1, 2, 3))
        assert room.turn(app).new == 1


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost", "127.0.0.1", "0x7f.1", "0x7f000001", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
     "127.255.255.254"],
)  # fmt: skip
def test_a_configured_address_inside_is_asked_only_where_config_opens_it(room: Newsroom, host: str) -> None:
    """DNS name that resolves to loopback: this machine's own names and numbers, as the real resolver reads them."""
    room.url, room.request = f"http://{host}:{room.paper.port}/feed.xml", ""
    room.say(rss(1, 2))
    with room.open() as app:
        room.suffer(app, "blocked-address", HARD, saying="allow_private = true")
        assert room.paper.requests == []
    room.request = "allow_private = true"
    with room.open() as app:
        event = room.turn(app)
        if host != "127.255.255.254":  # Linux has all of 127/8 for loopback, and the server one address of it
            assert (event.outcome, event.new, room.status(app).kind) == (Outcome.OK, 2, "")


def test_a_configured_address_that_nobody_writes_so_is_not_asked(room: Newsroom) -> None:
    """DNS name that resolves to loopback: numbers in other forms, this machine's IPv6, and "any address"."""
    room.request = ""
    for host in (*machine.NO_NUMBER, "[::1]", "[::]", "0.0.0.0"):
        room.url = f"http://{host}:{room.paper.port}/feed.xml"
        with room.open() as app:
            event = room.turn(app, after=DAY)
            assert (event.kind, event.severity) == ("bad-url" if host in machine.NO_NUMBER else "blocked-address", HARD)
            assert room.stored(app) == room.paper.requests == []


# Lying 304


def test_a_server_that_says_not_modified_for_ever_is_found_out_after_eight_days(on_both: Newsroom) -> None:
    """Lying 304: asked unconditionally after eight days, it gives what it hid, and all of that is taken."""
    with on_both.open() as app:
        on_both.begin(app)
        on_both.say(rss(5, 4, 3, 2, 1), fault=Fault.LYING_304)
        while on_both.due(app) < NOW + 8 * DAY:
            assert on_both.turn(app).outcome is Outcome.NOT_MODIFIED
        assert len(on_both.stored(app)) == 2
    with on_both.open() as app:
        event = on_both.turn(app)
        assert (event.outcome, event.new, event.repeats) == (Outcome.OK, 3, 2)
        assert on_both.paper.requests[-1].headers["If-None-Match"] is None
        assert sorted(on_both.titles(app)) == [headline(number) for number in range(1, 6)]
        assert all(entry.announceable for entry in on_both.stored(app)), "the hidden ones are nine days old at most"
        assert on_both.turn(app).outcome is Outcome.NOT_MODIFIED
        assert on_both.paper.requests[-1].headers["If-None-Match"]


def test_not_modified_by_a_server_that_nobody_asked_whether_it_is(room: Newsroom) -> None:
    """Lying 304: it says so to a first, unconditional request, so that there is nothing that could be unmodified."""
    with room.open() as app:
        room.play(Answer(status=304, etag=False))
        event = room.turn(app)
        assert room.paper.requests[0].headers["If-None-Match"] is None
        assert event.outcome is Outcome.FAILED, event
        assert room.status(app).polled_at is None, "nothing has come yet"
        room.say(rss(1, 2, item(3, date=format_datetime(NOW - 5 * DAY))))
        event = room.turn(app)
        assert event.new == 3
        assert [entry.announceable for entry in room.stored(app)] == [True, True, False], "it is the first document"


def test_not_modified_after_eight_days_too(room: Newsroom) -> None:
    """Lying 304: not even a request without validators brings the document, which must not pass for a quiet source."""
    with room.open() as app:
        room.begin(app)
        room.play(Answer(status=304, etag=False))
        for _ in range(8):
            assert room.turn(app, after=DAY - HOUR).outcome is Outcome.NOT_MODIFIED
        event = room.turn(app, after=DAY)
        assert room.paper.requests[-1].headers["If-None-Match"] is None
        assert (event.outcome, room.status(app).kind != "") == (Outcome.FAILED, True), event
        room.say(rss(1, 2, 3))
        assert room.turn(app).new == 1


# Constant ETag


def test_a_document_that_changes_under_one_etag_is_taken_each_time_it_comes(on_both: Newsroom) -> None:
    """Constant ETag: where the server answers 200 all the same, the document counts, and not its tag."""
    with on_both.open() as app:
        on_both.begin(app)
        for last in range(3, 7):
            on_both.say(rss(*range(1, last + 1)), etag=False, headers={"ETag": '"always"'})
            event = on_both.turn(app)
            assert (event.outcome, event.new) == (Outcome.OK, 1)
        assert on_both.paper.requests[-1].headers["If-None-Match"] == '"always"'
        assert sorted(on_both.titles(app)) == [headline(number) for number in range(1, 7)]


def test_what_one_etag_hides_comes_after_eight_days(on_both: Newsroom) -> None:
    """Constant ETag: where the server compares it and says 304, it is asked without it in the end."""
    with on_both.open() as app:
        on_both.say(rss(1, 2), etag='"always"')
        assert on_both.turn(app).new == 2
        on_both.say(rss(1, 2, 3, 4), etag='"always"')
        outcomes = [on_both.turn(app, after=DAY).outcome for _ in range(8)]
        assert outcomes == [Outcome.NOT_MODIFIED] * 7 + [Outcome.OK]
        assert len(on_both.stored(app)) == 4


# Clock-skewed Retry-After


@pytest.mark.parametrize("skew", [-2 * HOUR, 2 * HOUR, -400 * DAY, None], ids=["behind", "ahead", "years", "no clock"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_date_counts_from_the_servers_own_clock(room: Newsroom, status: int, skew: timedelta | None) -> None:
    """Clock-skewed Retry-After: two hours off either way, three hours are three hours; not even by name is it asked."""
    with room.open() as app:
        room.begin(app)
        before = room.state(app)
        room.now = room.due(app)
        clock = room.now + (skew or timedelta())
        room.play(wires.busy(http_date(clock + 3 * HOUR), None if skew is None else clock, status))
        event = room.turn(app)
        assert (event.kind, event.severity) == (f"http-{status}", TEMPORARY)
        assert room.status(app).reason == "retry-after"
        assert abs(room.state(app).paused_until - room.now - 3 * HOUR) < timedelta(seconds=2)  # type: ignore[operator]
        assert 3 * HOUR - timedelta(seconds=2) <= room.wait(app) <= 3.3 * HOUR + timedelta(minutes=2)
        assert room.state(app).validators == before.validators
        asked = len(room.paper.requests)
        assert {event.feed for event in room.poll(app, after=2.9 * HOUR)} == {"steady"}
        assert room.held(app) == ("paper",)
        assert len(room.paper.requests) == asked
    with room.open() as app:
        room.recover(app)


BOUNDED: dict[str, tuple[timedelta, tuple[str, ...]]] = {
    "past": (HOUR, ("Fri, 20 Nov 2026 06:00:00 GMT", "0", "Thu, 01 Jan 1970 00:00:00 GMT")),
    "absurd": (DAY, ("Tue, 19 Jan 2038 03:14:07 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "315360000", "9" * 300)),
    "none": (2 * HOUR, ("soon", "-5", "1e9", "3.5", "", "Thu, 99 Foo 2026 25:61:61", "120, 60", "0x7f", "inf", "P1D",
                        "\u00b2\u00b3")),
}  # fmt: skip
"""What is said, and the wait that follows: the usual one, the longest, and that after a refusal without a time."""


@pytest.mark.parametrize("how", BOUNDED)
def test_a_time_that_is_past_or_absurd_or_none_is_bounded(room: Newsroom, how: str) -> None:
    """Clock-skewed Retry-After: past times ask for nothing, far ones for a day at most, and nonsense is not heard."""
    least, all_said = BOUNDED[how]
    room.polling = "learn = false"
    with room.open() as app:
        room.begin(app)
        for last, said in enumerate(all_said, start=3):
            room.now = room.due(app)
            room.play(wires.busy(said, room.now - 2 * HOUR))
            event = room.turn(app)
            assert (event.kind, event.severity, room.state(app).failures) == ("http-503", TEMPORARY, 0.25)
            assert within(room.wait(app), least), (said, room.wait(app), room.status(app).reason)
            room.recover(app, *range(1, last + 1))


def test_a_document_s_own_time_counts_from_the_servers_clock_too(room: Newsroom) -> None:
    """Clock-skewed Retry-After: so does an Expires of a good answer."""
    with room.open() as app:
        for skew in (-2 * HOUR, 2 * HOUR):
            clock = room.now + skew
            body = rss(1, 2)
            head = (
                f"HTTP/1.1 200 OK\r\nDate: {http_date(clock)}\r\nExpires: {http_date(clock + 3 * HOUR)}\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            ).encode()
            room.play(Answer(wire=lambda _, sent=head + body: (sent,)))
            assert room.turn(app).outcome is Outcome.OK
            assert within(room.wait(app), 3 * HOUR)


# Guid rotation


def rotated(*numbers: int, salt: str, **changed: Any) -> bytes:
    return rss(*(item(n, guid=f"{salt}-{n}", **{k: v(n) for k, v in changed.items()}) for n in numbers))


@pytest.mark.parametrize(
    "changed",
    [{}, {"link": lambda n: f"https://paper.example/new/{n}"}, {"date": lambda n: "Sun, 22 Nov 2026 06:30:00 GMT"}],
    ids=["guids", "guids and links", "guids and dates"],
)  # fmt: skip
def test_all_entries_under_other_guids_are_known_again(on_both: Newsroom, changed: dict[str, Any]) -> None:
    """Guid rotation: a new publishing system names all old entries anew; none is stored twice, none is news."""
    with on_both.open() as app:
        on_both.begin(app, *range(1, 11))
        before, judged = on_both.stored(app), on_both.judged(app)
        assert len(judged) == 10
        for salt in ("second", "third", "second"):
            on_both.say(rotated(*range(1, 11), salt=salt, **changed))
            event = on_both.turn(app)
            assert (event.outcome, event.new, event.repeats) == (Outcome.OK, 0, 10), event
    with on_both.open() as app:
        assert [entry.entry.title for entry in on_both.stored(app)] == [entry.entry.title for entry in before]
        assert [entry.id for entry in on_both.stored(app)] == [entry.id for entry in before]
        assert on_both.judged(app) == judged
        on_both.say(rotated(*range(2, 12), salt="second", **changed))
        assert on_both.turn(app).new == 1, "what is new among them is new"
        assert on_both.stored(app)[-1].announceable
        on_both.say(rss(*range(3, 13)))
        assert on_both.turn(app).new == 1, "and the first names are known still"


def test_guids_that_change_with_every_request_bring_no_entry_twice(on_both: Newsroom) -> None:
    """Guid rotation: at every poll, for weeks, with an entry coming and one going each time."""
    with on_both.open() as app:
        on_both.begin(app, *range(1, 6))
        for turn in range(2, 22):
            on_both.say(rotated(*range(turn, turn + 5), salt=f"at-{turn}"))
            event = on_both.turn(app)
            assert (event.new, event.repeats, event.gap) == (1, 4, False), event
        assert sorted(on_both.titles(app)) == sorted(headline(number) for number in range(1, 26))


@pytest.mark.parametrize(
    "changed",
    [
        {"date": lambda n: format_datetime(NOW + DAY + timedelta(minutes=n))},
        {"text": lambda n: f"Read more about this in part {n}."},
    ],
    ids=["dates of today", "other texts"],
)
def test_a_feed_s_past_that_comes_again_is_not_news(on_both: Newsroom, changed: dict[str, Any]) -> None:
    """Guid rotation: an archive under new guids and links is told apart, stored, and not announced."""
    with on_both.open() as app:
        on_both.begin(app, *range(1, 9))
        on_both.say(rss(*range(9, 17)))
        on_both.turn(app)
        judged = on_both.judged(app)
        moved = {"link": lambda n: f"https://paper.example/?p={n}", **changed}
        on_both.say(rotated(*range(1, 9), salt="archive", **moved))
        on_both.now = max(on_both.due(app), NOW + DAY + HOUR)
        event = on_both.turn(app)
        assert (event.new, event.quarantined) == (8, 8), event
        assert on_both.judged(app) == judged, "nothing of it is announced"
        on_both.say(rss(*range(10, 18)))
        assert on_both.turn(app).new == 1
        assert on_both.stored(app)[-1].announceable


# Reordering


def test_the_order_of_a_document_changes_nothing(on_both: Newsroom) -> None:
    """Reordering: by date, by title, at random; and oldest first, where new entries come at the end."""
    dice = random.Random(7)
    with on_both.open() as app:
        on_both.begin(app, *range(1, 21))
        before, judged = on_both.stored(app), on_both.judged(app)
        for _ in range(5):
            numbers = list(range(1, 21))
            dice.shuffle(numbers)
            on_both.say(rss(*numbers))
            event = on_both.turn(app)
            assert (event.new, event.repeats, event.edited, event.gap) == (0, 20, 0, False)
        assert on_both.stored(app) == before
        assert on_both.judged(app) == judged
        on_both.say(rss(*range(2, 22)))
        assert on_both.turn(app).new == 1


def test_an_order_that_changes_at_a_cap_brings_each_entry_once(on_both: Newsroom) -> None:
    """Reordering: where a document holds more than is taken of it, each order shows another part."""
    on_both.polling = "max_entries = 10"
    with on_both.open() as app:
        on_both.say(rss(*range(1, 21)), etag=False)
        event = on_both.turn(app)
        assert (event.new, event.cut) == (10, 10)
        on_both.say(rss(*range(20, 0, -1)), etag=False)
        event = on_both.turn(app)
        assert (event.new, event.cut) == (10, 10)
        on_both.say(rss(*range(1, 21, 2), *range(2, 21, 2)), etag=False)
        assert on_both.turn(app).new == 0
        assert len(on_both.titles(app)) == 20


def test_edits_make_new_versions_of_the_same_entries_wherever_they_stand(on_both: Newsroom) -> None:
    """Reordering: with edits among it; an edit is a version, and going back to the old words is another."""
    corrected = item(2, title="Correction: families of room 2 have their decision", text="The court ruled on Friday.")
    with on_both.open() as app:
        on_both.begin(app, 1, 2, 3)
        ids = [entry.id for entry in on_both.stored(app)]
        on_both.say(rss(3, 1, corrected))
        event = on_both.turn(app)
        assert (event.new, event.edited, event.repeats) == (0, 1, 3), event
    with on_both.open() as app:
        entry = on_both.stored(app)[1]
        assert (entry.entry.title, entry.version) == ("Correction: families of room 2 have their decision", 2)
        on_both.say(rss(1, 2, 3))
        assert on_both.turn(app).edited == 1
        entries = on_both.stored(app)
        assert [entry.id for entry in entries] == ids
        assert [(entry.entry.title, entry.version) for entry in entries] == [
            (headline(1), 1), (headline(2), 3), (headline(3), 1),
        ]  # fmt: skip


# 5xx storm


def test_a_server_that_is_down_for_days_is_asked_less_and_less_and_never_given_up(room: Newsroom) -> None:
    """5xx storm: thirty polls; the waits grow as the rule says, to a day at most, and one success forgives all."""
    statuses = [500, 502, 504, 507, 520, 599]
    with room.open() as app:
        room.begin(app)
        waits = []
        for turn in range(30):
            status = statuses[turn % len(statuses)]
            room.say(rss(1, 2, 3), status=status, etag='"error"')
            room.suffer(app, f"http-{status}", TEMPORARY, saying=f"the server answered {status}")
            waits.append(room.wait(app))
        assert all(later > earlier / 1.1 for earlier, later in pairwise(waits))
        assert waits[-1] >= DAY > waits[20] > 6 * HOUR
        assert len(room.paper.requests) == 31, "once a turn"
    with room.open() as app:
        room.recover(app)
        assert within(room.wait(app), HOUR), "as if nothing had been"
        room.say(b"", status=500)
        room.suffer(app, "http-500", TEMPORARY)
        assert within(room.wait(app), HOUR), "and counted from the beginning"


def test_a_server_that_is_busy_for_days_is_asked_every_six_hours_at_last(room: Newsroom) -> None:
    """5xx storm: a 503 without a time of its own; twice the usual wait at first, and six hours at most."""
    with room.open() as app:
        room.begin(app)
        room.say(b"", status=503)
        waits = []
        for turn in range(1, 25):
            event = room.turn(app)
            assert (event.kind, event.severity, room.state(app).failures) == ("http-503", TEMPORARY, 0.25 * turn)
            waits.append(room.wait(app))
            assert within(waits[-1], min(max(2 * HOUR, usual(0.25 * turn)), 6 * HOUR))
        assert waits[0] < 3 * HOUR
        assert waits[-1] >= 6 * HOUR
        room.recover(app)


# TLS failure


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    """What servers show. Without an `openssl` command its tests are skipped by name, and fail on CI."""
    if shutil.which("openssl") is None:
        reason = "no `openssl` command is there to make certificates"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def secure(room: Newsroom, certificate: certificates.Certificates, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    """A paper that is asked by https, and whose authority is one that clients trust."""
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", certificate.client)
    room.paper.tls = certificate.good
    room.url = room.paper.url("/feed.xml")
    return room


SAID = {
    "expired": "certificate has expired", "not yet valid": "certificate is not yet valid",
    "another's name": "certificate is not valid for", "self-signed": "self-signed certificate",
    "of an unknown authority": "unable to get local issuer certificate",
}  # fmt: skip


@pytest.mark.parametrize("bad", SAID)
def test_a_certificate_that_proves_nothing_is_not_believed(
    secure: Newsroom, certificate: certificates.Certificates, bad: str
) -> None:
    """TLS failure: nothing is asked nor sent, and what is wrong with the certificate is told."""
    with secure.open() as app:
        secure.begin(app)
        secure.say(rss(1, 2, item(66, title="From somebody else")))
        secure.paper.tls = certificate.bad[bad]
        asked = len(secure.paper.requests)
        for _ in range(2):
            secure.suffer(app, "tls", SOFT, saying=SAID[bad])
        assert len(secure.paper.requests) == asked, "no request, no key, no validators"
    secure.paper.tls = certificate.good
    with secure.open() as app:
        secure.recover(app)


def test_a_server_that_speaks_plain_http_where_tls_is_expected_gets_nothing(
    secure: Newsroom, certificate: certificates.Certificates
) -> None:
    """TLS failure: after an update the port speaks plain HTTP."""
    with secure.open() as app:
        secure.begin(app)
        secure.paper.tls = None
        secure.suffer(app, "tls", SOFT)
        secure.paper.tls = certificate.good
        secure.recover(app)


def test_a_server_with_which_no_cipher_is_shared_is_told_of(
    secure: Newsroom, certificate: certificates.Certificates, tmp_path: Path
) -> None:
    """TLS failure: the handshake comes to nothing."""
    odd = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    odd.maximum_version = ssl.TLSVersion.TLSv1_2
    odd.set_ciphers("ECDHE-RSA-AES256-GCM-SHA384")  # there is no RSA key for it
    with secure.open() as app:
        secure.begin(app)
        secure.paper.tls = odd
        secure.suffer(app, "tls", SOFT)
        secure.paper.tls = certificate.good
        secure.recover(app)


def test_a_server_that_wants_a_certificate_of_ours_is_told_of(
    secure: Newsroom, certificate: certificates.Certificates
) -> None:
    """TLS failure: with TLS 1.3 the refusal comes after the request was sent."""
    with secure.open() as app:
        secure.begin(app)
        certificate.good.verify_mode = ssl.CERT_REQUIRED
        try:
            event = secure.turn(app)
            assert (event.outcome, event.kind in {"tls", "connect"}) == (Outcome.FAILED, True), event
        finally:
            certificate.good.verify_mode = ssl.CERT_NONE
        secure.recover(app)


@pytest.mark.parametrize(("silent", "kind", "severity"), [(True, "timeout", TEMPORARY), (False, "connect", TEMPORARY)])
def test_a_handshake_that_does_not_come_is_bounded(
    secure: Newsroom, certificate: certificates.Certificates, silent: bool, kind: str, severity: Severity
) -> None:
    """TLS failure: the server takes the connection, and says nothing in it or closes it."""
    secure.timeout = "2s"
    port = secure.paper.port
    with secure.open() as app:
        secure.begin(app)
        secure.paper.close()
        with machine.listening(port, closes=not silent):
            secure.suffer(app, kind, severity)
    with FeedServer(port, certificate.good) as secure.paper, secure.open() as app:
        secure.recover(app)


# 200 with HTML


@pytest.mark.parametrize("what", INSTEAD)
def test_what_comes_instead_of_the_feed_is_named_and_takes_nothing_s_place(room: Newsroom, what: str) -> None:
    """200 with HTML: pages, challenges, parked domains, nothing and other things, whatever their server calls them."""
    body, kind, severity = INSTEAD[what]
    with room.open() as app:
        room.begin(app)
        for content_type in ("text/html", "application/rss+xml"):
            fresh = {"Cache-Control": "max-age=60"}
            room.say(body, content_type=content_type, etag='"page"', last_modified=NOW, headers=fresh)
            event = room.suffer(app, kind, severity)
            assert event.status == 200
            assert event.detail.isprintable()
    with room.open() as app:
        room.recover(app)


def test_a_page_that_shows_what_was_sent_does_not_bring_the_key_into_the_record(room: Newsroom) -> None:
    """200 with HTML: a debug page that repeats our headers."""
    with room.open() as app:
        room.begin(app)
        for body in (f"X-Key: {SECRET} is wrong, and so is the rest of it".encode(), page(f"Sign in, {SECRET}")):
            room.say(body)
            event = room.turn(app)
            assert event.outcome is Outcome.FAILED
            assert SECRET not in event.detail
            assert_discreet(app, room.steady.url(""))
        room.play(Answer(wire=lambda _: (f"HTTP/1.1 500 {SECRET}\r\nContent-Length: 0\r\n\r\n".encode(),)))
        room.suffer(app, "http-500", TEMPORARY)
        room.recover(app)


def settle(room: Newsroom, app: Any) -> None:
    """Bring five documents of six entries, after which nobody takes an empty one for the feed's usual state."""
    room.begin(app, *range(1, 7))
    for first in range(2, 6):
        room.say(rss(*range(first, first + 6)))
        assert room.turn(app).new == 1


def test_another_feed_at_the_same_address_is_not_taken_for_this_one(on_both: Newsroom) -> None:
    """200 with HTML: worse, with a good feed that is somebody else's; a domain changed hands, or a cache its sites."""
    casino = [item(n, title=f"Bonus number {n} for new players", link=f"https://casino.example/{n}") for n in (71, 72)]
    with on_both.open() as app:
        on_both.begin(app)
        on_both.say(rss(*casino, title="Lucky Wheel Daily"), etag='"casino"')
        for _ in range(2):
            on_both.suffer(app, "another-feed", SOFT, saying="Lucky Wheel Daily")
    with on_both.open() as app:
        on_both.recover(app)
        on_both.say(rss(1, 2, 3, 4, title="Quayside News"))
        event = on_both.turn(app)
        assert (event.outcome, event.new) == (Outcome.OK, 1), "its own entries prove that only its name is new"


def test_half_of_another_feed_is_not_taken_for_this_one_either(room: Newsroom) -> None:
    """200 with HTML: somebody else's feed that breaks off besides."""
    casino = [item(n, title=f"Bonus number {n} for new players", link=f"https://casino.example/{n}") for n in (71, 72)]
    with room.open() as app:
        room.begin(app)
        room.say(rss(*casino, title="Lucky Wheel Daily").removesuffix(b"</channel></rss>"))
        room.suffer(app, "another-feed", SOFT)
        room.recover(app)


def test_a_feed_that_has_nothing_all_at_once_is_not_believed_for_three_days(on_both: Newsroom) -> None:
    """200 with HTML: or with the feed itself, without entries, since the publisher's database is away."""
    with on_both.open() as app:
        settle(on_both, app)
        on_both.say(rss(), etag='"empty"')
        on_both.suffer(app, "collapse", TEMPORARY, saying="not one entry")
        on_both.suffer(app, "collapse", TEMPORARY)
    with on_both.open() as app:
        on_both.recover(app, *range(5, 12))
        on_both.say(rss(), etag='"empty"')
        on_both.suffer(app, "collapse", TEMPORARY)
        event = on_both.turn(app, after=3 * DAY)
        assert (event.outcome, event.entries, on_both.status(app).kind) == (Outcome.OK, 0, ""), "it is empty for good"
        on_both.say(rss(*range(6, 13)))
        assert on_both.turn(app).new == 1


# Wrong charset

FRENCH = "« Vingt-cinq enfants rapatriés » – l’accord coûte 3 € par tête"
RUSSIAN = "Двадцать пять детей вернулись домой из лагеря, сообщило министерство"


@pytest.mark.parametrize(
    ("said", "really", "title"),
    [
        ("utf-8", "windows-1252", FRENCH),
        ("utf-8", "koi8-r", RUSSIAN),
        ("utf-8", "windows-1251", RUSSIAN),
        ("utf-16", "utf-8", RUSSIAN),
        ("utf-16", "utf-8", FRENCH),
        ("iso-8859-1", "utf-8", RUSSIAN),
        ("iso-8859-1", "windows-1252", FRENCH),
        ("windows-1252", "utf-8", FRENCH),
        ("us-ascii", "utf-8", RUSSIAN),
        ("utf-8", "utf-16", RUSSIAN),
        ("utf-8", "utf-16-le", RUSSIAN),
        ("klingon-1", "utf-8", RUSSIAN),
        ("koi8-r", "koi8-r", RUSSIAN),
    ],
    ids=lambda value: value[:12],
)
def test_a_document_in_another_encoding_than_it_says_is_readable(
    room: Newsroom, said: str, really: str, title: str
) -> None:
    """Wrong charset: server and document say one, the bytes are in another; the words are those that were written."""
    with room.open() as app:
        room.begin(app)
        for number, (header, document) in enumerate(((said, ""), ("", said), (said, said)), start=1):
            words = f"{title} ({number})"
            told = f"; charset={header}" if header else ""
            room.say(declared(document, words, number).encode(really), content_type=f"application/rss+xml{told}")
            event = room.turn(app)
            assert (event.outcome, event.kind, event.new) == (Outcome.OK, "", 1), event
            assert room.stored(app)[-1].entry.title == words
            assert room.stored(app)[-1].entry.text.startswith(title)
        room.recover(app)


def declared(encoding: str, title: str, number: int) -> str:
    document = rss(item(50 + number, title=title, text=f"{title}. {title}."), 1).decode()
    return f'<?xml version="1.0" encoding="{encoding}"?>{document}' if encoding else document


def test_characters_that_no_database_takes_are_left_out_and_the_rest_is_stored(on_both: Newsroom) -> None:
    """Wrong charset: NULs, halves of surrogate pairs, control characters and bytes that mean nothing."""
    odd = item(3, title="A\x00B &#0; &#xD800; \x1b[2J &#xFFFF; C@D", text="One\x00 two @ three")
    with on_both.open() as app:
        on_both.begin(app)
        on_both.say(rss(odd).replace(b"@", b"\xff"))
        event = on_both.turn(app)
        assert (event.outcome, event.new) == (Outcome.OK, 1)
        entry = on_both.stored(app)[-1].entry
        assert entry.title.isprintable()
        assert entry.title.startswith("AB")
        assert entry.text.startswith("One two")
    with on_both.open() as app:
        on_both.recover(app, 1, 2, 4)


# 100,000 entries


def short(number: int) -> str:
    return f"<item><title>Notice {number}</title><link>https://paper.example/{number}</link></item>"


def test_a_document_of_a_hundred_thousand_entries_costs_no_more_than_what_is_taken(on_both: Newsroom) -> None:
    """100,000 entries: the first 500 are stored, the others counted, and the reading does not take seconds for them."""
    on_both.parser, on_both.parsing = None, 'deadline = "3s"'
    with on_both.open() as app:
        on_both.begin(app)
        on_both.say(rss(*map(short, range(100_000))))
        with machine.within_memory(200 * MIB):
            event = on_both.turn(app)
        assert (event.outcome, event.kind, event.new, event.cut) == (Outcome.OK, "", 500, 99_500), event
    with on_both.open() as app:
        assert len(on_both.stored(app)) == 502
        on_both.recover(app)


def test_what_the_cap_cuts_is_recorded_and_shown(on_both: Newsroom, caplog: pytest.LogCaptureFixture) -> None:
    """100,000 entries: of too many the first are taken, and who looks at the poll sees how many were not."""
    with on_both.open() as app, caplog.at_level("INFO", "monitor"):
        on_both.begin(app)
        on_both.say(rss(*map(short, range(3_000, 0, -1))))
        event = on_both.turn(app)
        assert (event.outcome, event.new, event.cut, event.gap) == (Outcome.OK, 500, 2_500, True)
        assert "cut=2500" in caplog.text
        with app.store.read() as connection:
            recorded = connection.scalar(text("SELECT sum(cut) FROM poll WHERE feed = 'paper'"))
        assert recorded == 2_500
        assert on_both.titles(app)[2:] == [f"Notice {number}" for number in range(3_000, 2_500, -1)]
        on_both.say(rss(*map(short, range(3_010, 10, -1))))
        event = on_both.turn(app)
        assert (event.new, event.repeats, event.cut) == (10, 490, 2_500), "what was cut is not taken later as news"


def test_who_polls_by_hand_is_told_what_the_cap_cut(
    room: Newsroom, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """100,000 entries: `monitor poll` says how many entries were left out, and of which feed."""
    room.polling = "max_entries = 3"
    room.say(rss(*range(1, 11)))
    room.open().close()
    monkeypatch.setattr(sys, "argv", ["monitor", "poll", "--config", str(room.folder / "config")])
    monkeypatch.setenv("PAPER_KEY", SECRET)
    with pytest.raises(SystemExit):
        main()
    assert re.search(r"paper.*\b7\b", "".join(capsys.readouterr()))


# Billion laughs


@pytest.mark.parametrize("made", [hostile.laughs, hostile.quadratic])
def test_entities_that_multiply_are_not_expanded(room: Newsroom, made: Callable[[str], bytes]) -> None:
    """Billion laughs: and quadratic blow-up; the entry has what it has without them, and the others are read."""
    with room.open() as app:
        room.begin(app)
        room.say(made(rss(item(3, title="@", text="Laughter in court"), 4, 2, 1).decode()))
        with machine.within_memory(64 * MIB, beside=room.parser.processes):
            event = room.turn(app)
        assert (event.outcome, event.new, event.repeats) == (Outcome.OK, 2, 2), event
        assert headline(4) in room.titles(app)
        assert "laughter laughter" not in str(room.stored(app))
        assert max(len(str(entry)) for entry in room.stored(app)) < 20_000
    with room.open() as app:
        room.recover(app, 1, 2, 4, 5)


@pytest.mark.parametrize("made", [hostile.external, hostile.external_type])
def test_nothing_that_a_document_names_is_read_for_it(
    room: Newsroom, tmp_path: Path, made: Callable[[str, str], bytes]
) -> None:
    """Billion laughs: external entities and types; no file and no address is opened, in the worker neither."""
    words = "the words of somebody else"
    told = tmp_path / "told.txt"
    told.write_text(words, encoding="utf-8")
    for server in (room.paper, room.steady):
        server.add("/told.txt", words.encode())
    with room.open() as app:
        room.begin(app)
        places = (told.as_uri(), "file:///etc/passwd", room.steady.url("/told.txt"), "/told.txt")
        for number, place in enumerate(places, start=3):
            room.say(made(rss(item(number, title=f"Before @ after {number}"), 2, 1).decode(), place))
            event = room.turn(app)
            assert (event.outcome, event.new, event.repeats) == (Outcome.OK, 1, 2), event
        shown = str(room.stored(app))
        assert words not in shown
        assert "root:" not in shown
        assert "/told.txt" not in {seen.path for seen in (*room.paper.requests, *room.steady.requests)}
        room.recover(app, 1, 2, 10)


@pytest.mark.parametrize("deep", hostile.DEEP)
def test_what_is_nested_without_end_holds_nobody_up(room: Newsroom, deep: str) -> None:
    """Billion laughs: its poor relations, by which a few hundred kilobytes hold a parser for long."""
    with room.open() as app:
        room.begin(app)
        room.say(rss(item(3, title=f"Before {hostile.DEEP[deep]} after"), 4, 2, 1))
        with machine.within_memory(100 * MIB, beside=room.parser.processes):
            event = room.turn(app)
        assert (event.outcome, event.new, event.repeats) == (Outcome.OK, 2, 2), event
        assert headline(4) in room.titles(app)
        assert any(title.startswith("Before ") for title in room.titles(app))
        room.recover(app, 1, 2, 5)


@pytest.mark.parametrize("open_", ["<!--", "<![CDATA["])
def test_what_is_opened_again_and_again_and_never_closed_is_bounded(room: Newsroom, open_: str) -> None:
    """Billion laughs: comments and sections, of which a search for each one's end would take for ever."""
    with room.open() as app:
        room.begin(app)
        room.say(rss(item(3, title=f"Before {open_ * 100_000} after"), 2, 1))
        with machine.within_memory(100 * MIB, beside=room.parser.processes):
            room.turn(app)
        assert set(room.titles(app)) >= {headline(1), headline(2)}
        room.say(rss(1, 2, 4))
        event = room.turn(app)
        assert (event.outcome, event.new, room.status(app).kind) == (Outcome.OK, 1, "")


def test_a_document_that_breaks_its_reader_is_put_aside_until_it_changes(on_both: Newsroom) -> None:
    """Billion laughs: what still takes too long is not read a second time, and what comes after it is."""
    on_both.parser, on_both.parsing = None, 'deadline = "1s"'
    monster = rss(item(3, title="<b " + " ".join(f"a{n}='x'" for n in range(60_000)) + "/>"))
    with on_both.open() as app:
        on_both.begin(app)
        on_both.say(monster, etag='"monster"')
        on_both.suffer(app, "killed", HARD, saying="not read within 1 s")
    with on_both.open() as app:
        on_both.suffer(app, "quarantined", SOFT, saying="not read again")
        on_both.recover(app)
