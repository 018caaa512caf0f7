"""A newsroom with two sources: ``paper``, which gets into trouble, and ``steady`` beside it, which never does.

Each is asked when it is due, by the poll job over a real config, store and pipeline.
The clock stands until it is moved.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from time import monotonic

from sqlalchemy import text

from monitor.app import App, Model, build
from monitor.demo.answer import Answer
from monitor.demo.server import FeedServer
from monitor.domain.entry import StoredEntry
from monitor.domain.feed import FeedState, Outcome, PollEvent
from monitor.errors import Severity
from monitor.fetch.schedule import WEIGHT
from monitor.jobs import poll
from monitor.parse.workers import ParserPool
from monitor.settings.load import load
from monitor.store import feeds as store_feeds
from monitor.store import views
from monitor.store.feeds import Which
from monitor.store.views import FeedStatus

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)  # a Sunday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAPER, STEADY = "paper", "steady"
SECRET = "k3y-of-the-desk"
"""What config sends to the paper only, and no record may show."""
PATIENCE = 10.0
"""Seconds in which a run is over whatever a server does: its time, and what a busy machine needs beside."""
_JITTER, _OFF_ROUND = 1.1, timedelta(minutes=2)


def item(number: int, **changed: str) -> str:
    """An RSS item, an hour old at NOW; ``guid``, ``link``, ``title``, ``date`` and ``text`` may be given."""
    parts = {
        "guid": f"paper-{number}",
        "link": f"https://paper.example/story/{number}",
        "title": headline(number),
        "date": format_datetime(NOW - HOUR - timedelta(minutes=number)),
        "text": f"The court in room {number} heard two lawyers and one witness about the return of {number} families.",
    } | changed
    return (
        f"<item><guid isPermaLink='false'>{parts['guid']}</guid><link>{parts['link']}</link>"
        f"<title>{parts['title']}</title><pubDate>{parts['date']}</pubDate>"
        f"<description>{parts['text']}</description></item>"
    )


def headline(number: int) -> str:
    return f"Families of room {number} wait for a decision on their return"


def rss(*items: int | str, title: str = "The Harbour Paper", head: str = "") -> bytes:
    """A feed of items, given by their numbers or as `item` makes them."""
    made = "".join(item(one) if isinstance(one, int) else one for one in items)
    return f'<rss version="2.0"><channel><title>{title}</title>{head}{made}</channel></rss>'.encode()


@dataclass
class Newsroom:
    """``request``, ``fetch``, ``polling`` and ``parsing`` are lines of TOML for the tables of these names.

    ``timeout`` is that of one document, ``took`` is how many seconds the last poll took.
    """

    folder: Path
    paper: FeedServer
    steady: FeedServer
    model: Model
    parser: ParserPool | None
    database: str
    timeout: str = "5s"
    url: str = ""
    request: str = "allow_private = true"
    fetch: str = ""
    polling: str = ""
    parsing: str = ""
    now: datetime = NOW
    took: float = 0.0
    _steady: Iterator[int] = field(default_factory=lambda: itertools.count(901))
    _came: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.url = self.url or self.paper.url("/feed.xml")
        self.steady.add("/feed.xml", lambda: rss(*self._came, title="The Steady Wire"))

    def open(self) -> App:
        """Start the program, as after a restart: all its memory is the database."""
        config = self.folder / "config"
        config.mkdir(exist_ok=True)
        texts = {
            "monitor.toml": f'[database]\nurl = "{self.database}"\n[poll]\n{self.polling}\n[parse]\n{self.parsing}\n'
            f'[fetch]\ntimeout = "{self.timeout}"\nconnect_timeout = "{self.timeout}"\n{self.fetch}\n',
            "feeds.toml": f'[sources.paper]\ntitle = "The Harbour Paper"\nlanguage = "en"\n'
            f'[sources.paper.request]\nheaders = {{ X-Key = "${{PAPER_KEY}}" }}\n{self.request}\n'
            f'[sources.paper.feeds]\n{PAPER} = "{self.url}"\n'
            f'[sources.steady]\ntitle = "The Steady Wire"\nlanguage = "en"\n'
            f"[sources.steady.request]\nallow_private = true\n[sources.steady.feeds]\n"
            f'{STEADY} = {{ url = "{self.steady.url("/feed.xml")}", interval = "1m" }}\n',
            "labels.toml": "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n",
        }
        for name, written in texts.items():
            (config / name).write_text(written, encoding="utf-8")
        return replace(build(load(config, {"PAPER_KEY": SECRET}), with_model=False), model=self.model)

    def say(self, body: bytes | Callable[[], bytes] = b"", **options: object) -> None:
        """Let the paper answer in one way from now on; the options are those of `Answer`."""
        self.paper.add("/feed.xml", body, **options)  # type: ignore[arg-type]

    def play(self, *answers: Answer) -> None:
        """Let the paper give these answers, the last one for ever."""
        self.paper.play("/feed.xml", *answers)

    def turn(self, app: App, *, after: timedelta | None = None) -> PollEvent:
        """Let time pass until the paper is due, or ``after`` so long, and poll what is due; returns the paper's poll.

        The steady source has one more entry each time, which must be stored whatever befalls the paper.
        """
        (event,) = (event for event in self.poll(app, after=after) if event.feed == PAPER)
        return event

    def poll(self, app: App, *, after: timedelta | None = None) -> Sequence[PollEvent]:
        """As `turn`, for when the paper may not be asked."""
        self.now = self.due(app) if after is None else self.now + after
        self._came = [next(self._steady), *self._came][:20]
        began = monotonic()
        events = poll.run(app, now=lambda: self.now, parser=self.parser).events
        self.took = monotonic() - began
        assert self.took < PATIENCE
        beside = {event.feed: event for event in events}[STEADY]
        assert (beside.outcome, beside.new) == (Outcome.OK, 1), beside
        assert headline(self._came[0]) in {entry.entry.title for entry in self.stored(app, STEADY)}
        return events

    def due(self, app: App) -> datetime:
        """When the paper is due; now, where it is not known yet."""
        states = views.feeds(app.store, [PAPER])
        return max(self.now, (states[0].next_poll_at or self.now) if states else self.now)

    def begin(self, app: App, *items: int | str) -> PollEvent:
        """Bring the paper's first, good document, with validators."""
        self.say(rss(*(items or (1, 2))), last_modified=NOW - HOUR)
        event = self.turn(app)
        assert (event.outcome, event.new) == (Outcome.OK, len(items or (1, 2))), event
        return event

    def stored(self, app: App, feed: str = PAPER) -> list[StoredEntry]:
        """The entries of a source, in the order in which they were stored."""
        found = [entry for entry in views.items(app.store, limit=0) if entry.feed == feed]
        return sorted(found, key=lambda entry: entry.id)

    def titles(self, app: App) -> list[str]:
        """The titles of the paper's entries, in order of storing."""
        return [entry.entry.title for entry in self.stored(app)]

    def held(self, app: App) -> tuple[str, ...]:
        """Ask for the paper by its name; returns the names of what was not asked all the same."""
        return poll.run(app, names=[PAPER], which=Which.NAMED, now=lambda: self.now, parser=self.parser).held

    def judged(self, app: App) -> list[tuple[int, int]]:
        """The paper's entries that subscriptions get to judge: ids and places in the queue, which is in their order."""
        ready = "SELECT id, announce_seq FROM entry WHERE feed = :paper AND announce_seq IS NOT NULL ORDER BY 2"
        with app.store.read() as connection:
            return [(row.id, row.announce_seq) for row in connection.execute(text(ready), {"paper": PAPER})]

    def status(self, app: App) -> FeedStatus:
        """What `monitor status` shows of the paper."""
        (found,) = views.feeds(app.store, [PAPER])
        return found

    def state(self, app: App) -> FeedState:
        """What the next poll will know of the paper."""
        found = store_feeds.due(app.store, [PAPER], Which.NAMED, now=self.now + 1000 * DAY)
        return found[0] if found else FeedState(PAPER)

    def wait(self, app: App) -> timedelta:
        """How long the paper is left alone from now on."""
        return self.due(app) - self.now

    def suffer(self, app: App, kind: str, severity: Severity, *, saying: str = "") -> PollEvent:
        """Ask the paper while it fails, and hold what is true of every failure; returns its poll."""
        before, entries = self.state(app), self.stored(app)
        event = self.turn(app)
        assert (event.outcome, event.kind, event.severity) == (Outcome.FAILED, kind, severity), event
        assert saying in event.detail
        assert event.detail
        assert event.new == event.entries == 0
        assert self.stored(app) == entries, "nothing came of it"
        after = self.state(app)
        assert after.validators == before.validators, "the last good document is what is asked about"
        assert after.polled_at == before.polled_at
        assert after.failures == before.failures + WEIGHT[severity]
        shown = self.status(app)
        assert (shown.kind, shown.detail) == (kind, event.detail)
        assert shown.failing_since == (before.failing_since or self.now)
        assert within(self.wait(app), usual(after.failures)), (self.wait(app), after.failures)
        assert_discreet(app, self.steady.url(""))
        return event

    def recover(self, app: App, *items: int | str, new: int = 1, **options: object) -> PollEvent:
        """Let the paper be well again: what it had meanwhile comes, once, and the failure is forgotten."""
        self.say(rss(*(items or (1, 2, 3))), last_modified=NOW, **options)
        before = self.state(app)
        lapsed = before.memory.whole_at is not None and self.due(app) - before.memory.whole_at >= 8 * DAY
        event = self.turn(app)
        assert (event.outcome, event.kind, event.new) == (Outcome.OK, "", new), event
        about = None if lapsed else before.validators.etag
        assert self.paper.requests[-1].headers["If-None-Match"] == about, "asked about the last good document"
        shown, after = self.status(app), self.state(app)
        assert (shown.kind, shown.detail, shown.failing_since) == ("", "", None)
        assert (after.failures, after.paused_until, after.polled_at) == (0.0, None, self.now)
        assert after.validators.etag != before.validators.etag
        titles = self.titles(app)
        assert len(titles) == len(set(titles)), "nothing twice"
        return event


def usual(failures: float) -> timedelta:
    """The wait after failures that add up to this, in the words of the specification: 30 min · 2^(n-1), at least the
    usual interval and at most a day."""
    return min(max(HOUR, timedelta(minutes=30) * 2 ** (failures - 1)), DAY)


def within(wait: timedelta, least: timedelta) -> bool:
    """Say whether a wait is what it should be, but for its jitter."""
    return least <= wait <= min(least * _JITTER, least + timedelta(minutes=30)) + _OFF_ROUND


def assert_discreet(app: App, stranger: str) -> None:
    """Hold that no row about the paper shows the secret that is sent to it, nor the other source's address."""
    with app.store.read() as connection:
        for table in ("feed", "poll"):
            column = "name" if table == "feed" else "feed"
            for row in connection.execute(text(f"SELECT * FROM {table} WHERE {column} = :paper"), {"paper": PAPER}):
                assert SECRET not in str(tuple(row))
                assert stranger not in str(tuple(row))
