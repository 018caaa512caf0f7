"""What servers do to a digest under way, seen in the outbox: who has it, who gets it again, and when."""

import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from monitor.app import App
from monitor.domain.delivery import DeliveryState, Failure
from monitor.jobs import deliver, digest
from monitor.store import channels, deliveries, outbox
from tests.answering import Answer, Request, answering
from tests.jobs.conftest import Office, news

PATIENCE = 60.0
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
SLACK = "slack://T1AAAAAAA/B2BBBBBBB/cccccccccccc?endpoint=http://127.0.0.1:{port}"
NTFY = "ntfy://127.0.0.1:{port}/digests"
HOOK = "json://127.0.0.1:{port}/digests"


@dataclass
class Wire:
    """A mail server of which each address has its own manners: ``drop`` ends the line in the middle of a mail, ``late``
    takes a mail and says nothing. ``got`` are the whole mails: to whom, and the Message-ID."""

    manners: dict[str, str] = field(default_factory=dict)
    got: list[tuple[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def talk(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines, suppress(OSError):
            client.sendall(b"220 wire\r\n")
            to = ""
            while line := lines.readline():
                verb = line[:4].upper()
                if verb == b"RCPT":
                    to = line.partition(b"<")[2].partition(b"@")[0].decode()
                if verb == b"DATA":
                    client.sendall(b"354 go on\r\n")
                    if not self.take(to, lines, client):
                        return
                    continue
                client.sendall(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")

    def take(self, to: str, lines: Iterator[bytes], client: socket.socket) -> bool:
        """Take one mail; False where the line ends with it."""
        manner, mail = self.manners.get(to, ""), list[bytes]()
        for line in lines:
            if line == b".\r\n":
                break
            mail.append(line)
            if manner == "drop" and len(mail) == 20:
                return False
        self.got.append((to, message_from_bytes(b"".join(mail), policy=policy.default)["Message-ID"]))
        if manner == "late":
            self.over.wait(60)
            return False
        client.sendall(b"250 2.0.0 taken\r\n")
        return True


@contextmanager
def wired() -> Iterator[tuple[Wire, int]]:
    wire, threads = Wire(), list[threading.Thread]()

    def accept() -> None:
        with suppress(OSError):
            while True:
                threads.append(threading.Thread(target=wire.talk, args=(server.accept()[0],)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        accepting = threading.Thread(target=accept)
        accepting.start()
        yield wire, server.getsockname()[1]
        wire.over.set()
        server.shutdown(socket.SHUT_RDWR)
        accepting.join()
    for thread in threads:
        thread.join()


def subscribed(office: Office, **urls: str) -> None:
    """A channel a URL, all of one subscription."""
    office.channels = "".join(f"[channels.{name}]\nurls = [{url!r}]\n" for name, url in urls.items())
    names = ", ".join(f'"{name}"' for name in urls)
    office.subscriptions = f'[subscriptions.morning]\nlabels = ["returns"]\nchannels = [{names}]\n'


def test_a_line_that_drops_and_an_answer_that_does_not_come_repeat_that_mail_under_its_name_and_no_other(
    bureau: Office,
) -> None:
    with wired() as (wire, port):
        wire.manners = {"drop": "drop", "late": "late"}
        people = ("ana", "drop", "late", "bo")
        url = f"mailto://127.0.0.1:{port}?from=monitor@returns.example&to={{}}@team.example"
        subscribed(bureau, **{name: url.format(name) + ("&cto=0.5" if name == "late" else "") for name in people})
        with bureau.app() as app:
            bureau.bring(app, news(1, returns=0.9))
            digest.send(app, ["morning"], now=bureau.clock)
            first = {a.channel: (a.state, a.failure) for a in deliver.run(app, now=bureau.clock).attempts}
            assert first == {
                "ana": (DeliveryState.DELIVERED, None),
                "bo": (DeliveryState.DELIVERED, None),
                "drop": (DeliveryState.PENDING, Failure.UNKNOWN),
                "late": (DeliveryState.PENDING, Failure.UNKNOWN),
            }
            wire.manners = {}
            bureau.now += HOUR
            again = {a.channel: a.state for a in deliver.run(app, now=bureau.clock).attempts}
            assert again == dict.fromkeys(("drop", "late"), DeliveryState.DELIVERED)
            assert outbox.counts(app.store) == {DeliveryState.DELIVERED: 4}
    assert Counter(to for to, _ in wire.got) == {"ana": 1, "bo": 1, "drop": 1, "late": 2}
    assert len(set(wire.got)) == 4, "what came twice came under one Message-ID"


@pytest.mark.parametrize("url", [SLACK, NTFY, HOOK], ids=["slack", "ntfy", "json"])
def test_a_pause_that_is_asked_for_is_kept_to_the_second_and_then_the_digest_arrives_once(
    bureau: Office, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    answers, posts = [Answer(429, "ratelimited", {"Retry-After": "5400"})], list[str]()

    def answer(asked: Request) -> Answer:
        posts.append(asked.path)
        return answers.pop() if answers else Answer(200, "ok")

    with answering(answer) as port:
        subscribed(bureau, team=url.format(port=port))
        with bureau.app() as app:
            bureau.bring(app, news(1, returns=0.9))
            digest.send(app, ["morning"], now=bureau.clock)
            (refused,) = deliver.run(app, now=bureau.clock).attempts
            assert (refused.state, refused.code) == (DeliveryState.PENDING, "429")
            bureau.now += 5400 * SECOND - SECOND
            assert deliver.run(app, now=bureau.clock).attempts == ()
            bureau.now += SECOND
            (taken,) = deliver.run(app, now=bureau.clock).attempts
            assert taken.state is DeliveryState.DELIVERED
    assert len(posts) == 2


def test_of_a_digest_in_several_posts_a_retry_sends_those_that_have_not_arrived(
    bureau: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    answers = [Answer(200, "ok"), Answer(429, "ratelimited"), Answer(200, "ok"), Answer(500, "rollup_error")]
    posts = list[str]()

    def answer(asked: Request) -> Answer:
        said = answers.pop(0) if answers else Answer(200, "ok")
        if said.status == 200:
            posts.append(asked.body.decode())
        return said

    with answering(answer) as port:
        subscribed(bureau, team=SLACK.format(port=port))
        with bureau.app() as app:
            bureau.bring(app, *(news(n, returns=0.9, title=title) for n, title in enumerate(long_titles())))
            digest.send(app, ["morning"], now=bureau.clock)
            details = []
            for _ in range(3):
                (attempt,) = deliver.run(app, now=bureau.clock).attempts
                details.append(attempt.detail)
                bureau.now += HOUR
            assert outbox.counts(app.store) == {DeliveryState.DELIVERED: 1}
    total = int(details[2].removeprefix("ok, ").partition(" ")[0])
    assert total > 2
    assert details[0].startswith(f"post 2 of {total}: ")
    assert details[1].startswith(f"post 3 of {total}: ")
    numbers = [re.findall(r'\((\d+)/\d+\)"', post)[0] for post in posts]
    assert numbers == [str(number) for number in range(1, total + 1)], "each once, in their order"


@dataclass
class Rollcall:
    """A Slack server that takes every post, but answers the second one only when it is let go.

    ``posts`` are the numbers of those that arrived.
    """

    begun: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    posts: list[str] = field(default_factory=list)

    def answer(self, asked: Request) -> Answer:
        number = re.findall(r'\((\d+/\d+)\)"', asked.body.decode())[0]
        self.posts.append(number)
        if number.startswith("2/"):
            self.begun.set()
            self.go_on.wait(PATIENCE)
        return Answer(200, "ok")

    def let_go(self) -> None:
        self.go_on.set()
        for thread in threading.enumerate():
            if thread.name == "send":
                thread.join(PATIENCE)

    def each_once(self) -> bool:
        total = int(self.posts[0].partition("/")[2])
        return total > 2 and self.posts == [f"{number}/{total}" for number in range(1, total + 1)]


@contextmanager
def held(bureau: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Rollcall, App]]:
    """A digest in several posts, of which one attempt has run out of its time behind the second."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    calls = Rollcall()
    with answering(calls.answer) as port:
        bureau.more = '[deliver]\ntimeout = "2s"\n'
        subscribed(bureau, team=SLACK.format(port=port) + "&rto=120")
        with bureau.app() as app:
            bureau.bring(app, *(news(n, returns=0.9, title=title) for n, title in enumerate(long_titles())))
            digest.send(app, ["morning"], now=bureau.clock)
            (late,) = deliver.run(app, now=bureau.clock).attempts
            assert (late.state, late.failure, late.code) == (DeliveryState.PENDING, Failure.UNKNOWN, "timeout")
            assert calls.begun.is_set()
            bureau.now += HOUR
            yield calls, app
        calls.let_go()


def long_titles() -> Iterator[str]:
    return (f"Court hears witness {n} of " + " ".join(f"village{n}x{i}" for i in range(20)) for n in range(40))


def test_a_digest_of_which_one_post_is_answered_after_the_time_limit_arrives_once(
    bureau: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held(bureau, monkeypatch) as (calls, app):
        (waiting,) = deliver.run(app, now=bureau.clock).attempts
        assert (waiting.state, waiting.failure, waiting.code) == (DeliveryState.PENDING, Failure.TRANSIENT, "hangs")
        assert "still waits for its answer" in waiting.detail
        calls.let_go()
        bureau.now += HOUR
        (taken,) = deliver.run(app, now=bureau.clock).attempts
        assert taken.state is DeliveryState.DELIVERED
        (found,) = deliveries.listed(app.store)
        assert [one.code for one in deliveries.tried(app.store, found.id)] == ["timeout", "hangs", "200"]
    assert calls.each_once(), calls.posts


def test_what_is_answered_after_the_next_attempt_has_begun_is_not_sent_by_that_one(
    bureau: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The late posts arrive when the delivery is claimed already, and before it is asked whether it still hangs."""
    with held(bureau, monkeypatch) as (calls, app):
        frozen_hash = outbox.frozen_hash

        def meanwhile(*given: Any) -> str:
            calls.let_go()
            return frozen_hash(*given)

        monkeypatch.setattr(outbox, "frozen_hash", meanwhile)
        (taken,) = deliver.run(app, now=bureau.clock).attempts
        assert taken.state is DeliveryState.DELIVERED
    assert calls.each_once(), calls.posts


@pytest.mark.parametrize(
    ("status", "words", "state", "failure", "suspended"),
    [
        (200, "ok", DeliveryState.DELIVERED, None, False),
        (400, "invalid_blocks", DeliveryState.FAILED, Failure.PERMANENT, False),
        (404, "channel_not_found", DeliveryState.FAILED, Failure.PERMANENT, True),
        (429, "rate_limited", DeliveryState.PENDING, Failure.TRANSIENT, False),
        (500, "rollup_error", DeliveryState.PENDING, Failure.TRANSIENT, False),
    ],
)
def test_what_slack_says_decides_what_becomes_of_a_digest(
    bureau: Office,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    words: str,
    state: DeliveryState,
    failure: Failure | None,
    suspended: bool,
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with answering(lambda _: Answer(status, words)) as port:
        subscribed(bureau, team=SLACK.format(port=port))
        with bureau.app() as app:
            bureau.bring(app, news(1, returns=0.9))
            digest.send(app, ["morning"], now=bureau.clock)
            deliver.run(app, now=bureau.clock)
            (found,) = deliveries.listed(app.store)
            assert (found.state, found.failure, bool(channels.suspensions(app.store))) == (state, failure, suspended)
            (tried,) = deliveries.tried(app.store, found.id)
            assert words in tried.detail
