"""A newsroom whose scores are known: rules that score by words such as ``w85``, a held-out set, days of entries."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.app import App, build
from monitor.domain.entry import ClassifiedEntry, Entry, Score
from monitor.domain.feed import FeedUpdate, Outcome, PollEvent
from monitor.settings.load import load
from monitor.store import annotations
from monitor.store import feeds as store_feeds
from monitor.store.annotations import NewAnnotation
from monitor.store.feeds import Which

NOW = datetime(2026, 11, 29, 6, tzinfo=UTC)
DAY = timedelta(days=1)
_STEPS = range(5, 100, 10)
WORDS = {f"w{step:02}": (step + 0.5) / 100 for step in _STEPS}
"""The words that the rules of both labels know, with the score that each makes."""
_TERMS = ", ".join(f"{word} = {score / (1 - score)}" for word, score in WORDS.items())
LABELS = (
    "# Lines of the newsroom.\n"
    '[labels.returns]\ntitle = "Returns"\nthreshold = 0.5   # since spring\n'
    f"rule = {{ terms = {{ {_TERMS} }} }}\n\n"
    f"[labels.policy]\nthreshold = 0.5\nrule = {{ terms = {{ {_TERMS} }} }}\n"
)


@dataclass(frozen=True)
class Piece:
    """An entry to come: its score as it is stored, or a word in its title by which it is scored afresh."""

    score: float | None = None
    word: str = ""
    lang: str = "en"
    story: str = ""
    watched: bool = False
    news: bool = True


@dataclass
class Newsroom:
    """A config folder with models/heldout beside it. ``feeds`` are name and tier of sources of their own."""

    base: Path
    labels: str = LABELS
    more: str = ""
    feeds: dict[str, str] = field(default_factory=lambda: {"paper": "news", "review": "analysis"})
    subscriptions: str = ""
    now: datetime = NOW
    count: int = 0

    @property
    def config(self) -> Path:
        return self.base / "config"

    def write(self) -> "Newsroom":
        self.config.mkdir(exist_ok=True)
        (self.base / "models" / "heldout").mkdir(parents=True, exist_ok=True)
        files = {
            "monitor": f'timezone = "Europe/Brussels"\n[model]\ndirectory = "models"\n{self.more}',
            "feeds": "".join(
                f'[sources.{name}]\ntitle = "{name}"\ntier = "{tier}"\n[sources.{name}.feeds]\n'
                f'{name} = "http://127.0.0.1:9/{name}"\n'
                for name, tier in self.feeds.items()
            ),
            "labels": self.labels,
            "channels": '[channels.files]\nurls = ["folder://digests"]\n',
            "subscriptions": self.subscriptions,
        }
        for name, text in files.items():
            (self.config / f"{name}.toml").write_text(text, encoding="utf-8")
        return self

    def app(self) -> App:
        return build(load(self.config, {}))

    def hold_out(self, positives: Iterable[str], negatives: Iterable[str], *, lang: str = "en", note: str = "") -> None:
        """Write held-out items for ``returns``, each with a word that scores it."""
        folder = self.base / "models" / "heldout"
        words = [*((word, ["returns"]) for word in positives), *((word, []) for word in negatives)]
        name = f"{lang}-{note.partition(':')[0] or 'a'}"
        lines = [
            {"id": f"{name}-{at}", "lang": lang, "title": f"{word} item {at}", "text": "", "labels": labels,
             "aspects": [], "style": "wire", "note": note}
            for at, (word, labels) in enumerate(words)
        ]  # fmt: skip
        (folder / f"{name}.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")

    def bring(
        self, app: App, pieces: Sequence[Piece], *, age: timedelta, feed: str = "paper", scorer: str | None = None
    ) -> list[int]:
        """Let entries come ``age`` before now; returns their ids."""
        assert app.model.classifier is not None
        by = app.model.classifier.scorer if scorer is None else scorer
        new = [self._entry(piece, by) for piece in pieces]
        at = self.now - age
        store_feeds.sync(app.store, [app.settings.feeds[feed]], now=at)
        (state,) = store_feeds.claim(app.store, [feed], Which.NAMED, now=at, lease=DAY)
        event = PollEvent(feed, at, Outcome.OK, 200, entries=len(new), new=len(new), seconds=0.1)
        made = FeedUpdate(event, at + timedelta(hours=1), "interval", state.lease, 0.0, new=tuple(new))
        assert store_feeds.apply(app.store, made).new == len(new)
        return list(range(self.count - len(new) + 1, self.count + 1))

    def _entry(self, piece: Piece, scorer: str) -> ClassifiedEntry:
        self.count += 1
        name = str(self.count)
        entry = Entry(
            key=f"g:{name}", guid=name, url=f"https://paper.example/{name}", title=f"{piece.word} Note {name}".strip(),
            text="", lang=piece.lang, published=self.now - 31 * DAY,
        )  # fmt: skip
        scores = {"returns": Score(piece.score or 0.0), "policy": Score(0.01)}
        if piece.watched:
            scores["watch"] = Score(1.0)
        marks = (f"u:{piece.story or name}",)
        return ClassifiedEntry(entry, scores if scorer else {}, scorer, (), marks, piece.news)

    def week(self, app: App, *, a_day: int = 200, high: Sequence[float] = (0.9, 0.8, 0.7, 0.6)) -> None:
        """Seven whole days, each with entries of these scores and ordinary ones that score .02."""
        for day in range(7):
            ordinary = [Piece(0.02)] * (a_day - len(high))
            self.bring(app, [*(Piece(score) for score in high), *ordinary], age=(day + 1) * DAY - timedelta(seconds=9))

    def say(self, app: App, ids: Iterable[int], value: bool | None, label: str = "returns") -> None:
        """Let a person give or refuse entries a label."""
        annotations.add(
            app.store, [NewAnnotation(id_, label, value) for id_ in ids], who="ana", via="cli", now=self.now
        )
