"""A config with one feed, a clock, and the backfill job over a real store and real sites on loopback."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from sqlalchemy import text

from monitor.app import App, build
from monitor.domain.backfill import Job, RouteName, Span
from monitor.domain.entry import StoredEntry
from monitor.jobs import poll
from monitor.jobs.backfill import run as backfill
from monitor.jobs.backfill.run import Wanted
from monitor.parse.workers import ParserPool
from monitor.settings.load import load
from monitor.store import backfill as store_backfill
from monitor.store import views
from monitor.store.feeds import Which

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
DAY = timedelta(days=1)
SPAN = Span(datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
SUBJECT = "Foreign fighters' families repatriated from al-Hol camp in Syria, ministry says"


@dataclass
class Desk:
    """``feeds`` are names with addresses, all of one source; ``more`` is TOML behind [fetch], ``subscribed`` behind the
    subscription."""

    parser: ClassVar[ParserPool | None] = None
    base: Path
    feeds: dict[str, str] = field(default_factory=dict)
    more: str = ""
    subscribed: str = ""
    now: datetime = NOW

    @property
    def folder(self) -> Path:
        return self.base / "config"

    def write(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(f'"{name}" = "{url}"\n' for name, url in self.feeds.items())
        for name, content in {
            "monitor": f'[fetch]\nallow_private_hosts = true\ntimeout = "5s"\n{self.more}',
            "feeds": f'[sources.paper]\ntitle = "Paper"\nlanguage = "en"\n[sources.paper.feeds]\n{lines}',
            "labels": "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n",
            "channels": '[channels.files]\nurls = ["folder://var/digests"]\n',
            "subscriptions": '[subscriptions.desk]\nlabels = ["returns", "policy"]\nchannels = ["files"]\n'
            + self.subscribed,
        }.items():
            (self.folder / f"{name}.toml").write_text(content, encoding="utf-8")
        return self.folder

    def app(self) -> App:
        return build(load(self.write(), {}))

    def poll(self, app: App, *, after: timedelta = timedelta()) -> poll.PollReport:
        self.now += after
        names = list(self.feeds)
        return poll.run(app, names=names, which=Which.NAMED, now=lambda: self.now, parser=self.parser)

    def plan(self, app: App, *, span: Span = SPAN, route: RouteName | None = None, **more: object) -> list[Job | None]:
        feeds = [app.settings.feeds[name] for name in self.feeds]
        wanted = Wanted(span, route, **more)  # type: ignore[arg-type]
        return [one.job for one in backfill.plan(app, feeds, wanted, now=lambda: self.now, parser=self.parser)]

    def begin(self, app: App, **wanted: object) -> list[Job]:
        planned = [job for job in self.plan(app, **wanted) if job is not None]  # type: ignore[arg-type]
        return backfill.begin(app, planned, now=lambda: self.now)

    def run(self, app: App, jobs: Sequence[Job], stop: Callable[[], bool] = lambda: False) -> list[Job]:
        return backfill.run(app, jobs, now=lambda: self.now, rest=self.rest, stop=stop, parser=self.parser)

    def rest(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def backfill(self, app: App, **wanted: object) -> Job:
        """Plan, begin and do the only job there is."""
        (job,) = self.run(app, self.begin(app, **wanted))
        return job


def titles(app: App) -> list[str]:
    """What is stored, each as often as it is, ascending."""
    return sorted(stored.entry.title for stored in views.items(app.store, limit=0))


def stored(app: App) -> dict[str, StoredEntry]:
    return {one.entry.title: one for one in views.items(app.store, limit=0)}


def months(app: App, job: Job) -> dict[str, int]:
    return dict(backfill.stated(app, job).by_month)


def doubles(app: App) -> list[str]:
    """Titles that are stored more than once."""
    return [title for title, times in Counter(titles(app)).items() if times > 1]


def tables(app: App) -> dict[str, list[tuple[object, ...]]]:
    """All that is stored, but for the jobs' own times and what only says how a run went."""
    left_out = {"alembic_version", "backfill", "asked", "counter", "heartbeat", "poll"}
    found = {}
    with app.store.read() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars()
        for name in sorted(set(names) - left_out):
            rows = connection.execute(text(f'SELECT * FROM "{name}"'))
            found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found


def job_of(app: App, id_: int) -> Job:
    found = store_backfill.get(app.store, id_)
    assert found is not None
    return found
