"""Servers that hang, or that never come to an end: nobody else waits for them, and neither does the process."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.app import App, build
from monitor.deliver.channel import send
from monitor.domain.delivery import DeliveryState, Recipient
from monitor.domain.digest import Message
from monitor.domain.entry import ClassifiedEntry
from monitor.domain.feed import Feed, FeedUpdate, Outcome, PollEvent, Source
from monitor.errors import DeliveryError
from monitor.jobs import deliver, digest
from monitor.settings.load import load
from monitor.store import feeds as store_feeds
from monitor.store.database import Store
from monitor.store.feeds import Which
from tests.answering import Answer, Request, answering

MANY = 40
"""More than as many sends as there are at once, and than Apprise has threads on a machine of up to 32 cores."""
PATIENCE = 60.0


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@contextmanager
def dripping() -> Iterator[int]:
    """Serve HTTP answers that begin, and of which a byte comes now and then for ever; gives the port."""
    over = threading.Event()
    threads: list[threading.Thread] = []

    def drip(client: socket.socket) -> None:
        with client, suppress(OSError):
            client.recv(65_536)
            client.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not over.wait(0.1):
                client.sendall(b"-")

    def accept() -> None:
        with suppress(OSError):
            while True:
                threads.append(threading.Thread(target=drip, args=(server.accept()[0],)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        accepting = threading.Thread(target=accept)
        accepting.start()
        yield server.getsockname()[1]
        over.set()
        server.shutdown(socket.SHUT_RDWR)
        accepting.join()
    for thread in threads:
        thread.join()


def bring(store: Store, at: datetime, *new: ClassifiedEntry) -> None:
    """Store entries, as a poll does."""
    store_feeds.sync(store, [Feed("paper", "http://127.0.0.1:9/feed", Source("paper", "The Paper"))], now=at)
    (state,) = store_feeds.claim(store, ["paper"], Which.NAMED, now=at, lease=timedelta(minutes=5))
    event = PollEvent("paper", at, Outcome.OK, 200, entries=len(new), new=len(new))
    store_feeds.apply(store, FeedUpdate(event, at, "interval", state.lease, 0.0, new=new))


def opened(config: Path, at: datetime, *new: ClassifiedEntry) -> App:
    app = build(load(config, {}), with_model=False)
    bring(app.store, at, *new)
    return app


def by_channel(attempts: Sequence[deliver.Attempt]) -> dict[str, set[DeliveryState]]:
    return {name: {one.state for one in attempts if one.channel == name} for name in {one.channel for one in attempts}}


def test_who_stands_behind_servers_that_hang_is_not_kept_waiting(
    store_url: str,
    config_folder: Callable[..., Path],
    classified: Callable[..., ClassifiedEntry],
    now: datetime,
) -> None:
    arrived = threading.Event()
    heard: list[bool] = []

    def hang(_: Request) -> Answer:
        heard.append(arrived.wait(PATIENCE))
        return Answer()

    def take(_: Request) -> Answer:
        arrived.set()
        return Answer()

    with ExitStack() as stack:
        one, two, good = (stack.enter_context(answering(how)) for how in (hang, hang, take))
        channels = {
            "slow": [f"json://127.0.0.1:{port}/{n}?rto=120" for port in (one, two) for n in range(12)],
            "well": [f"json://127.0.0.1:{good}/last"],
        }
        config = config_folder(channels=channels, database=store_url, monitor='[deliver]\ntimeout = "5m"\n')
        with opened(config, now, classified("a")) as app:
            digest.send(app, ["desk"], now=lambda: now)
            report = deliver.run(app, now=lambda: now)
    assert by_channel(report.attempts) == {"slow": {DeliveryState.DELIVERED}, "well": {DeliveryState.DELIVERED}}
    assert heard == [True] * 24, "each of those that hung saw that the last of all had arrived meanwhile"


def test_what_becomes_due_while_something_hangs_is_sent_by_the_same_run(
    config_folder: Callable[..., Path], classified: Callable[..., ClassifiedEntry], now: datetime
) -> None:
    began, arrived = threading.Event(), threading.Event()
    heard: list[bool] = []

    def hang(_: Request) -> Answer:
        began.set()
        heard.append(arrived.wait(PATIENCE))
        return Answer()

    def take(_: Request) -> Answer:
        arrived.set()
        return Answer()

    with answering(hang) as slow, answering(take) as good:
        channels = {"slow": [f"json://127.0.0.1:{slow}/a?rto=120"], "well": [f"json://127.0.0.1:{good}/a"]}
        subscriptions = "".join(
            f'[subscriptions.{name}]\nlabels = ["returns"]\nchannels = ["{name}"]\n' for name in channels
        )
        config = config_folder(channels=channels, subscriptions=subscriptions, monitor='[deliver]\ntimeout = "5m"\n')
        with opened(config, now, classified("a")) as app:
            digest.send(app, ["slow"], now=lambda: now)
            running = threading.Thread(target=lambda: deliver.run(app, now=lambda: now))
            running.start()
            assert began.wait(PATIENCE)
            digest.send(app, ["well"], now=lambda: now)
            running.join(PATIENCE)
            assert not running.is_alive()
    assert heard == [True]


def test_sends_that_never_come_to_an_end_take_no_place_from_others(
    config_folder: Callable[..., Path], classified: Callable[..., ClassifiedEntry], now: datetime
) -> None:
    with ExitStack() as stack:
        ports = [stack.enter_context(dripping()) for _ in range(MANY // deliver.HANDFUL)]
        channels = {
            "drip": [f"json://127.0.0.1:{port}/{n}?rto=120" for port in ports for n in range(deliver.HANDFUL)],
            "files": ["folder://digests"],
        }
        config = config_folder(channels=channels, monitor='[deliver]\ntimeout = "2s"\n')
        with opened(config, now, classified("a")) as app:
            digest.send(app, ["desk"], now=lambda: now)
            report = deliver.run(app, now=lambda: now)
            assert {one.code for one in report.attempts if one.channel == "drip"} == {"timeout"}
            assert by_channel(report.attempts) == {"drip": {DeliveryState.PENDING}, "files": {DeliveryState.DELIVERED}}
            later = now + timedelta(hours=2)
            again = deliver.run(app, now=lambda: later)
            assert {one.code for one in again.attempts} == {"hangs"}, "a second one would only hang beside it"
            assert {one.failure.value for one in again.attempts if one.failure} == {"transient"}


def test_a_recipient_is_sent_to_again_once_what_hung_has_ended(
    one_recipient: Callable[[str], Recipient], letter: Message
) -> None:
    with dripping() as port:
        recipient = one_recipient(f"json://127.0.0.1:{port}/a?rto=120")
        for code in ("timeout", "hangs"):
            with pytest.raises(DeliveryError) as caught:
                send(recipient, letter, timeout=0.2)
            assert caught.value.code == code
    for thread in threading.enumerate():
        if thread.name == "send":
            thread.join(PATIENCE)
    with answering(lambda _: Answer()) as port:
        well = replace(recipient, url=f"json://127.0.0.1:{port}/a")
        assert send(well, letter, timeout=PATIENCE).code == "200"


def test_a_process_does_not_wait_at_its_end_for_what_hangs(
    config_folder: Callable[..., Path], classified: Callable[..., ClassifiedEntry], now: datetime
) -> None:
    with dripping() as port:
        config = config_folder(
            channels={"drip": [f"json://127.0.0.1:{port}/a?rto=120"]}, monitor='[deliver]\ntimeout = "2s"\n'
        )
        opened(config, now, classified("a")).close()
        done = subprocess.run(
            [sys.executable, "-m", "monitor", "digest", "send", "--config", str(config)],
            env={**os.environ, "NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
            timeout=PATIENCE * 2,
            check=False,
        )
    assert done.returncode == 1, done.stderr
    assert "not finished within 2 s; the message may have arrived" in " ".join(done.stderr.split())


@pytest.fixture
def letter() -> Message:
    return Message("desk 2026-03-02T07:30+00:00", "Desk: 1 story", "<p>One</p>", "One\n", ())


@pytest.fixture
def one_recipient() -> Callable[[str], Recipient]:
    from monitor.deliver.recipients import recipients

    return lambda url: recipients("team", [url], [url])[0]
