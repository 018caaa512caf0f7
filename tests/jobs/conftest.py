"""An office: a config folder, a clock, entries straight into the store, and real servers where digests arrive."""

import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from sqlalchemy import text

from monitor.app import App, build
from monitor.dedupe.story import story_keys
from monitor.domain.entry import ClassifiedEntry, Entry, Score, Term
from monitor.domain.feed import FeedUpdate, Outcome, PollEvent
from monitor.errors import Severity
from monitor.settings.load import load
from monitor.store import feeds as store_feeds
from monitor.store.feeds import Which
from tests.answering import Answer, Request, answering
from tests.mailing import stop

START = datetime(2026, 11, 22, 6, tzinfo=UTC)
DAY = timedelta(days=1)
PASSWORD = "correct-horse-battery"
TOKEN = "cccccccccccccccccccccccc"


def news(
    number: int, *, scorer: str = "2026.11+abc", young: bool = True, title: str = "", **scores: float
) -> ClassifiedEntry:
    """A new entry; ``scores`` are by label (none without a scorer)."""
    entry = Entry(
        key=f"g:{number}",
        guid=str(number),
        url=f"https://paper.example/{number}",
        title=title or f"Court hears returnee number {number} & others <today>",
        text=f"Hearing number {number} was held on Friday.",
        lang="en",
        published=START - timedelta(hours=2),
    )
    found = {label: Score(value, (Term("returnee", 1.5, "return"),)) for label, value in scores.items()}
    return ClassifiedEntry(entry, found if scorer else {}, scorer, ("FR",), story_keys(entry), young)


@dataclass
class Office:
    """One config and one database. ``channels``, ``subscriptions`` and ``labels`` are TOML; ``now`` is the clock."""

    folder: Path
    now: datetime = START
    feeds: list[str] = field(default_factory=lambda: ["paper", "wire"])
    channels: str = '[channels.files]\nurls = ["folder://digests"]\n'
    subscriptions: str = (
        '[subscriptions.morning]\nlabels = ["returns", "policy"]\nchannels = ["files"]\nnear_misses = 0\n'
    )
    labels: str = "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n"
    tiers: Mapping[str, str] = field(default_factory=dict)
    more: str = ""
    database: str = "sqlite:///monitor.db"
    environment: Mapping[str, str] = field(default_factory=dict)

    def app(self) -> App:
        config = self.folder / "config"
        config.mkdir(exist_ok=True)
        sources = "".join(
            f'[sources.{name}]\ntitle = "The {name}"\ntier = "{self.tiers.get(name, "news")}"\n'
            f'[sources.{name}.feeds]\n{name} = "http://127.0.0.1:9/{name}"\n'
            for name in self.feeds
        )
        files = {
            "monitor.toml": f'[database]\nurl = "{self.database}"\n{self.more}',
            "feeds.toml": sources,
            "labels.toml": self.labels,
            "channels.toml": self.channels,
            "subscriptions.toml": self.subscriptions,
        }
        for name, written in files.items():
            (config / name).write_text(written, encoding="utf-8")
        return build(load(config, self.environment), with_model=False)

    def clock(self) -> datetime:
        return self.now

    def bring(self, app: App, *new: ClassifiedEntry, feed: str = "paper", repeats: int = 0) -> None:
        """Write a poll that found ``new`` and some repeats, now."""
        event = PollEvent(
            feed, self.now, Outcome.OK, 200, entries=len(new) + repeats, new=len(new), repeats=repeats, seconds=0.1
        )
        self._apply(app, event, new)

    def fail(self, app: App, feed: str, kind: str = "http-503") -> None:
        self._apply(app, PollEvent(feed, self.now, Outcome.FAILED, 503, kind, Severity.SOFT, "it is down"), ())

    def _apply(self, app: App, event: PollEvent, new: Sequence[ClassifiedEntry]) -> None:
        store_feeds.sync(app.store, [app.settings.feeds[event.feed]], now=self.now)
        (state,) = store_feeds.claim(app.store, [event.feed], Which.NAMED, now=self.now, lease=DAY)
        failures = 1.0 if event.outcome is Outcome.FAILED else 0.0
        made = FeedUpdate(event, self.now + timedelta(hours=1), "interval", state.lease, failures, new=tuple(new))
        assert store_feeds.apply(app.store, made).new == len(new)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def rows(app: App) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the database holds, by table."""
    with app.store.read() as connection:
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")).all()
        return {name: [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{name}"'))] for name in names}


@pytest.fixture
def tables() -> Any:
    return rows


@pytest.fixture
def item() -> Any:
    return news


@dataclass
class Post:
    """An SMTP server. It answers 550 for the addresses ``refused`` and 451 for ``put_off``, and drops the line of those
    in ``dropped``; ``data`` is what it says to whole mails, in order, and ``asked`` whom it was asked to take mail for.
    """

    controller: Controller | None = None
    refused: set[str] = field(default_factory=set)
    put_off: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=lambda: ["250 2.0.0 taken"])
    mails: list[EmailMessage] = field(default_factory=list)

    @property
    def port(self) -> int:
        assert self.controller is not None
        assert self.controller.server is not None
        return int(self.controller.server.sockets[0].getsockname()[1])

    def url(self, to: str, *, user: str = "desk") -> str:
        return f"mailto://{user}:${{SMTP_PASSWORD}}@127.0.0.1:{self.port}?from=monitor@returns.example&to={to}&mode=insecure"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, to: str, _: list[str]) -> str:  # noqa: ARG002, N802 (aiosmtpd calls it so)
        self.asked.append(to)
        if to in self.dropped:
            server.transport.abort()
        if to in self.refused:
            return f"550 5.1.1 no such user here, {PASSWORD}"
        if to in self.put_off:
            return "451 4.7.1 greylisted, come back in five minutes"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 (aiosmtpd calls it so)
        content = envelope.content or b""
        mail = message_from_bytes(content if isinstance(content, bytes) else content.encode(), policy=default_policy)
        self.mails.append(mail)  # type: ignore[arg-type]
        return self.data.pop(0) if len(self.data) > 1 else self.data[0]


@pytest.fixture
def post() -> Iterator[Post]:
    made = Post()

    def authenticate(*given: Any) -> AuthResult:
        return AuthResult(success=given[4].password == PASSWORD.encode(), handled=False)

    class Listening(Controller):
        def _trigger_server(self) -> None:
            """Knock once, as the stock one does, at the port that the system chose."""
            with socket.create_connection(("127.0.0.1", made.port), timeout=10) as knock:
                knock.recv(100)

    made.controller = Listening(made, hostname="127.0.0.1", port=0, authenticator=authenticate, auth_require_tls=False)
    made.controller.start()
    yield made
    stop(made.controller)


@dataclass
class Hook:
    """An HTTP server. ``answers`` are given in order, the last one for ever; ``posts`` are (path, headers, body)."""

    port: int = 0
    answers: list[tuple[int, str]] = field(default_factory=lambda: [(200, "ok")])
    posts: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    @property
    def slack(self) -> str:
        return f"slack://T1AAAAAAA/B2BBBBBBB/${{SLACK_TOKEN}}?endpoint=http://127.0.0.1:{self.port}"

    @property
    def json(self) -> str:
        return f"json://desk:${{HOOK_PASSWORD}}@127.0.0.1:{self.port}/digests"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")

    def answer(asked: Request) -> Answer:
        state.posts.append((asked.path, dict(asked.headers), json.loads(asked.body)))
        return Answer(*(state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]))

    state = Hook()
    with answering(answer) as state.port:
        yield state


@pytest.fixture
def secrets(office: Office) -> tuple[str, ...]:
    """Put secrets into the office's environment, and name them."""
    office.environment = {"SMTP_PASSWORD": PASSWORD, "SLACK_TOKEN": TOKEN, "HOOK_PASSWORD": f"{PASSWORD}-2"}
    return (PASSWORD, TOKEN)
