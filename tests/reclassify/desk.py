"""A config with three model versions, a clock, and entries as polls of an older model stored them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from monitor.app import App, build, words_of
from monitor.classify import artefact
from monitor.classify.classifier import Classifier
from monitor.dedupe.story import story_keys
from monitor.domain.entry import ClassifiedEntry, Entry, Score, StoredEntry
from monitor.domain.feed import FeedUpdate, Outcome, PollEvent
from monitor.domain.reclassify import Span
from monitor.jobs import deliver, digest
from monitor.jobs.reclassify import run as reclassify
from monitor.jobs.reclassify.run import Report, Wanted
from monitor.settings.bundled import bundled_models
from monitor.settings.load import load
from monitor.store import feeds as store_feeds
from monitor.store import views
from monitor.store.feeds import Which

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OLD = "2025.01+old"
OURS = (
    "Six women and 16 children flown home from Roj camp, ministry says",
    "Court strips a man who fought for Islamic State in Syria of his citizenship",
    "Repatriation of fighters' families from al-Hol resumes after a year",
    "Parliament adopts a law on returning foreign fighters and their children",
)
ORDINARY = (
    "Bakery on the harbour wins a prize for its rye bread",
    "Harvest festival draws a record crowd to the valley",
    "Ferry to the islands sails again after the storm",
    "School choir sings at the opening of the library",
)


def versions(folder: Path) -> Path:
    """Write three versions of the shipped model: ``steady`` scores as it does, ``bold`` higher, ``shy`` lower."""
    stored = artefact.read(bundled_models())
    for version, shift in (("steady", 0.0), ("bold", 12.0), ("shy", -12.0)):
        labels = {name: replace(own, offset=own.offset + shift) for name, own in stored.labels.items()}
        artefact.write(folder, replace(stored, version=version, labels=labels))
    use(folder, "steady")
    return folder


def use(folder: Path, version: str) -> None:
    (folder / "ACTIVE").write_text(f"{version}\n", encoding="utf-8")


@dataclass
class Desk:
    base: Path
    models: Path
    database: str = ""
    more: str = ""
    labels: str = "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n"
    subscription: str = "near_misses = 0\n"
    now: datetime = NOW
    count: int = 0
    sources: Sequence[str] = field(default_factory=lambda: ["paper", "wire"])

    @property
    def folder(self) -> Path:
        return self.base / "config"

    def write(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        feeds = "".join(
            f'[sources.{name}]\ntitle = "The {name}"\n[sources.{name}.feeds]\n{name} = "http://127.0.0.1:9/{name}"\n'
            for name in self.sources
        )
        database = f'[database]\nurl = "{self.database}"\n' if self.database else ""
        for name, content in {
            "monitor": f'{database}[model]\ndirectory = "{self.models}"\n{self.more}',
            "feeds": feeds,
            "labels": self.labels,
            "channels": '[channels.files]\nurls = ["folder://var/digests"]\n',
            "subscriptions": '[subscriptions.desk]\nlabels = ["returns", "policy"]\nchannels = ["files"]\n'
            + self.subscription,
        }.items():
            (self.folder / f"{name}.toml").write_text(content, encoding="utf-8")
        return self.folder

    def app(self) -> App:
        return build(load(self.write(), {}))

    def clock(self) -> datetime:
        return self.now

    def bring(
        self, app: App, titles: Iterable[str], *, feed: str = "paper", scorer: str = OLD, news: bool = True,
        returns: float = 0.2, policy: float = 0.1,
    ) -> None:  # fmt: skip
        """Write a poll that found entries, now, which ``scorer`` scored ("": nobody)."""
        self.now += timedelta(minutes=1)
        new = tuple(self._entry(title, scorer, returns, policy, news=news) for title in titles)
        store_feeds.sync(app.store, [app.settings.feeds[feed]], now=self.now)
        (state,) = store_feeds.claim(app.store, [feed], Which.NAMED, now=self.now, lease=HOUR)
        event = PollEvent(feed, self.now, Outcome.OK, 200, entries=len(new), new=len(new))
        store_feeds.apply(app.store, FeedUpdate(event, self.now + HOUR, "interval", state.lease, 0.0, new=new))

    def _entry(self, title: str, scorer: str, returns: float, policy: float, *, news: bool) -> ClassifiedEntry:
        self.count += 1
        url = f"https://paper.example/{self.count}"
        entry = Entry(
            f"g:{self.count}", str(self.count), url, title, f"Told in part {self.count}.", "en", self.now - HOUR
        )
        scores = {"returns": Score(returns), "policy": Score(policy)} if scorer else {}
        return ClassifiedEntry(entry, scores, scorer, (), story_keys(entry), news)

    def run(self, app: App, version: str | None = None, **more: Any) -> Report:
        """Reclassify, by the model in use or another."""
        self.now += timedelta(minutes=1)
        calls = {name: more.pop(name) for name in ("progress", "stop") if name in more}
        given = more.pop("span", Span(LONG_AGO, self.now))
        chosen = self.model(app, version) if version else app.model.classifier
        assert chosen is not None
        return reclassify.run(app, chosen, Wanted(given, **more), now=self.clock, **calls)

    def model(self, app: App, version: str) -> Classifier:
        return Classifier.load(app.settings.models, version, words_of(app.settings))

    def digest(self, app: App) -> str:
        """All that digests said, once the windows of the next day are closed and delivered."""
        self.now += DAY
        digest.run(app, now=self.clock)
        deliver.run(app, now=self.clock)
        return "\n".join(file.read_text(encoding="utf-8") for file in sorted(self.base.rglob("digests/**/*.txt")))


def many(count: int, *, every: int = 3) -> list[str]:
    """Titles, one in ``every`` about our subject."""
    return [
        f"{(OURS if n % every == 0 else ORDINARY)[n % 4]}, part {n}" for n in range(count)
    ]  # fmt: skip


def scores(app: App) -> dict[str, float]:
    """What every entry scores for returns, as people see it."""
    return {one.entry.title: one.scores["returns"].probability for one in views.items(app.store, limit=0)}


def stored(app: App) -> dict[str, StoredEntry]:
    return {one.entry.title: one for one in views.items(app.store, limit=0)}


def scorers(app: App) -> dict[str, int]:
    """How many scores of returns each scorer has made, those that do not count among them."""
    with app.store.read() as connection:
        rows = connection.execute(text("SELECT scorer FROM prediction WHERE label = 'returns'"))
        return dict(Counter(row.scorer.rpartition("+")[0] for row in rows))


def tables(app: App, *, without: Callable[[str], bool] = lambda name: False) -> dict[str, list[tuple[Any, ...]]]:
    """All that is stored, by table; of a run's row not its times."""
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if app.store.dialect == "sqlite"
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    found = {}
    with app.store.read() as connection:
        for name in sorted(connection.scalars(text(names))):
            if not without(name):
                rows = connection.execute(text(f'SELECT * FROM "{name}"'))
                found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found
