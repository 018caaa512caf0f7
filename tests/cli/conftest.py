"""The command line: in this process where only the verb matters, as a process where the process does."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.main import main
from monitor.demo.server import FeedServer
from monitor.domain.entry import ClassifiedEntry
from monitor.domain.feed import Feed, FeedUpdate, Outcome, PollEvent, Source
from monitor.observe import redaction
from monitor.store import feeds as store_feeds
from monitor.store.database import open_store
from monitor.store.feeds import Which

TITLES = (
    "Twelve children flown home from al-Hol camp, ministry says",
    "Суд лишил гражданства боевика, вернувшегося из Сирии",
    "Bakery on the harbour wins a prize for its rye bread",
)


@dataclass(frozen=True)
class Result:
    """How a call of the command line ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Run the command line in this process."""
    root, ours = logging.getLogger(), logging.getLogger("monitor")
    before = root.handlers[:], root.level, ours.level, redaction.secrets

    def run(*args: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["monitor", *map(str, args)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        code = ended.value.code
        return Result(code if isinstance(code, int) else 0 if code is None else 1, captured.out, captured.err)

    yield run
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])
    redaction.secrets = before[3]


@pytest.fixture(scope="session")
def process() -> Callable[..., Result]:
    """Run the command line as a process."""

    def run(*args: object, stdin: bytes = b"", cwd: Path | None = None, **environment: str) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "monitor", *map(str, args)],
            input=stdin,
            capture_output=True,
            cwd=cwd,
            env={**os.environ, **environment},
            timeout=120,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


def rss(*titles: str) -> bytes:
    date = format_datetime(datetime.now(UTC) - timedelta(hours=1))
    items = "".join(
        f"<item><guid>{number}</guid><link>https://paper.example/{number}</link><title>{title}</title>"
        f"<pubDate>{date}</pubDate><description>Told on Friday.</description></item>"
        for number, title in enumerate(titles, 1)
    )
    return f'<rss version="2.0"><channel><title>The Paper</title>{items}</channel></rss>'.encode()


@dataclass
class Desk:
    """A config folder that is rewritten file by file."""

    base: Path
    files: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.base / "config"

    def write(self, **files: str) -> None:
        self.config.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (self.config / f"{name}.toml").write_text(text, encoding="utf-8")


def fill(desk: Desk, feeds: dict[str, Any]) -> Desk:
    lines = "".join(f"{name} = {value}\n" for name, value in feeds.items())
    desk.write(
        monitor='timezone = "Europe/Brussels"\n[fetch]\nallow_private_hosts = true\ntimeout = "5s"\n',
        feeds=f'[sources.paper]\ntitle = "The Paper"\n[sources.paper.feeds]\n{lines}',
        labels='[labels.returns]\ntitle = "Returns"\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n',
        channels='[channels.files]\nurls = ["folder://var/digests"]\n',
        subscriptions='[subscriptions.morning]\nlabels = ["returns", "policy"]\nchannels = ["files"]\n',
    )
    return desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A valid config whose only feed nobody serves."""
    return fill(Desk(tmp_path), {"daily": '"http://127.0.0.1:9/feed.xml"'})


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Desk]:
    """A valid config of a good feed, a dead one, and a disabled one."""
    with FeedServer() as server:
        server.add("/daily.xml", rss(*TITLES))
        server.add("/dead.xml", b"", status=404)
        feeds = {name: f'"{server.url(f"/{name}.xml")}"' for name in ("daily", "dead")}
        feeds["resting"] = f'{{ url = "{server.url("/resting.xml")}", enabled = false }}'
        yield fill(Desk(tmp_path), feeds)


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory, process: Callable[..., Result]) -> Desk:
    """A config whose feed was polled, once for all the tests of a module that only look."""
    with FeedServer() as server:
        server.add("/daily.xml", rss(*TITLES))
        made = fill(Desk(tmp_path_factory.mktemp("polled")), {"daily": f'"{server.url("/daily.xml")}"'})
        done = process("poll", "--config", made.config)
    assert done.code == 0, done.err
    return made


@pytest.fixture(scope="session")
def titles() -> tuple[str, ...]:
    return TITLES


@pytest.fixture
def stocked(desk: Desk, classified: Callable[..., ClassifiedEntry]) -> Callable[..., Desk]:
    """Put entries straight into the store: ``stocked({"title": "…", "returns": 0.9}, …)``; their ids count from 1."""

    def stock(*entries: dict[str, Any]) -> Desk:
        now = datetime.now(UTC)
        feed = Feed("daily", "http://127.0.0.1:9/feed.xml", Source("paper", "The Paper"))
        made = [
            replace(classified(str(n), **{k: v for k, v in given.items() if k != "scores"}), **_scores(given))
            for n, given in enumerate(entries, 1)
        ]
        with open_store(f"sqlite:///{desk.base / 'var' / 'monitor.db'}") as store:
            store_feeds.sync(store, [feed], now=now)
            (state,) = store_feeds.claim(store, ["daily"], Which.NAMED, now=now, lease=timedelta(minutes=5))
            event = PollEvent("daily", now, Outcome.OK, 200, entries=len(made), new=len(made))
            store_feeds.apply(store, FeedUpdate(event, now, "interval", state.lease, 0.0, new=tuple(made)))
        return desk

    return stock


def _scores(given: dict[str, Any]) -> dict[str, Any]:
    """Scores with terms, where an entry names them: ``scores={"returns": Score(…)}``."""
    return {"scores": given["scores"]} if "scores" in given else {}
