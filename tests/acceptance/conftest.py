"""Acceptance tests: the program as publishers meet it. They mirror no room, but go through the jobs' front doors.

A desk is a config folder, a feed server on loopback, and a clock that stands until it is moved.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.app import App, build
from monitor.demo.server import FeedServer
from monitor.jobs import poll
from monitor.jobs.poll import PollReport
from monitor.settings.load import load
from monitor.store import views
from monitor.store.feeds import Which
from monitor.store.views import FeedStatus
from tests.cli.conftest import call  # noqa: F401 - a fixture
from tests.jobs.conftest import PASSWORD, Office, hook, post  # noqa: F401 - two are fixtures

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)  # a Sunday


def item(number: int) -> str:
    link = f"https://paper.example/{number}"
    date = format_datetime(NOW - timedelta(hours=1))
    return f"<item><guid>{link}</guid><link>{link}</link><title>Item {number}</title><pubDate>{date}</pubDate></item>"


class Desk:
    """A config, a feed server, and a clock."""

    def __init__(self, folder: Path, server: FeedServer) -> None:
        self.folder = folder / "config"
        self.server = server
        self.now = NOW
        self.feeds: dict[str, str] = {}
        self.poll_table = ""
        self.fetch_table = ""
        self.folder.mkdir()

    def app(self) -> App:
        """Open the program, as a start of it does: its memory is the database in the folder. No model is loaded."""
        feeds = "".join(f'"{name}" = "{url}"\n' for name, url in self.feeds.items())
        texts = {
            "monitor.toml": f'[poll]\n{self.poll_table}\n[fetch]\nallow_private_hosts = true\ntimeout = "5s"\n'
            f"{self.fetch_table}\n",
            "feeds.toml": f'[sources.paper]\ntitle = "Paper"\nlanguage = "en"\n[sources.paper.feeds]\n{feeds}',
            "labels.toml": "[labels.returns]\nthreshold = 0.5\n",
        }
        for name, text in texts.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        return build(load(self.folder, {}), with_model=False)

    def rss(self, *numbers: int, head: str = "") -> bytes:
        """A feed of items with these numbers, all an hour old; ``head`` is XML in its channel."""
        items = "".join(map(item, numbers))
        return f'<rss version="2.0"><channel><title>Paper</title>{head}{items}</channel></rss>'.encode()

    def serve(self, name: str, body: bytes | Callable[[], bytes] | None = None, **options: object) -> None:
        """Let the feed ``name`` answer in one way from now on; without a body, with one item."""
        path = f"/{name}.xml"
        self.server.add(path, self.rss(1) if body is None else body, **options)  # type: ignore[arg-type]
        self.feeds[name] = self.server.url(path)

    def poll(self, app: App, *names: str, after: timedelta = timedelta()) -> PollReport:
        """Poll what is due, or what is named, due or not, after some time."""
        self.now += after
        return poll.run(app, names=names or None, which=Which.NAMED if names else Which.DUE, now=lambda: self.now)

    def state(self, app: App, name: str = "paper") -> FeedStatus:
        (state,) = views.feeds(app.store, [name])
        return state

    def wait(self, app: App, name: str = "paper") -> timedelta:
        """How long the feed is left alone from now on."""
        due = self.state(app, name).next_poll_at
        assert due is not None
        return due - self.now

    def visits(self, app: App, count: int, name: str = "paper") -> list[timedelta]:
        """Poll a feed ``count`` times, each time as soon as it is due; returns the waits after each."""
        waits: list[timedelta] = []
        for _ in range(count):
            self.poll(app, after=waits[-1] if waits else timedelta())
            waits.append(self.wait(app, name))
        return waits

    def sent(self, name: str) -> list[str | None]:
        """What each request so far said in a header."""
        return [request.headers[name] for request in self.server.requests]


class Doorway:
    """A feed's body that notes how many requests are inside at once: each waits a while for others to come in."""

    def __init__(self, body: bytes, patience: float) -> None:
        self.most = 0
        self._body = body
        self._patience = patience
        self._inside = 0
        self._lock = threading.Lock()
        self._company = threading.Event()

    def __call__(self) -> bytes:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
            if self._inside > 1:
                self._company.set()
        self._company.wait(self._patience)
        with self._lock:
            self._inside -= 1
        return self._body


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with FeedServer() as server:
        yield Desk(tmp_path, server)


@pytest.fixture
def doorway(desk: Desk) -> Callable[[float], Doorway]:
    """``doorway(patience)``: a body that waits so many seconds for company."""
    return lambda patience: Doorway(desk.rss(1), patience)


@pytest.fixture
def public_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Public names, so that domains count, that all lead to the feed server."""
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **named: real("127.0.0.1", *rest, **named))


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that knows no name, and says so at once; addresses it passes on."""
    real = socket.getaddrinfo

    def ask(host: str, *rest: Any, **named: Any) -> Any:
        if host.endswith(".example"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", ask)


@pytest.fixture
def bureau(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office on each kind of database, with what mail needs to log in."""
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    return Office(tmp_path, database=store_url, environment={"SMTP_PASSWORD": PASSWORD})
