"""A stream that can drift: a model that knows a few words, two sources, weeks of entries whose scores are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from monitor.app import App, build
from monitor.classify import artefact, features
from monitor.classify.artefact import Artefact, LabelWeights
from monitor.domain.entry import ClassifiedEntry, Entry, Score
from monitor.domain.feed import FeedUpdate, Outcome, PollEvent
from monitor.settings.load import load
from monitor.store import feeds as store_feeds
from monitor.store.feeds import Which

NOW = datetime(2026, 11, 29, 6, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
KNOWN = tuple(f"known{letter}" for letter in "abcdefghijklmnopqrst")
STRANGE = tuple(f"outo{letter}" for letter in "abcdefghijklmnopqrst")
SHARE = 0.25
"""Of the words of an ordinary text that the model does not know."""
REFERENCE: Mapping[str, Any] = {
    "languages": {lang: {"items": 800, "unknown_words": SHARE, "no_text": 0.1} for lang in ("en", "de")},
    "upper": {},
    "ordinary": 1600,
}
LABELS = "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n"
RULES = '[labels.returns]\nthreshold = 0.5\nrule = { terms = { "al-Hol" = 1 } }\n'


def write_model(folder: Path, facts: Mapping[str, Any]) -> None:
    """A model that knows the words of `KNOWN` and gives every text the same score; it is put in use."""
    concepts = features.concept_names()
    weights = LabelWeights(np.zeros(len(KNOWN) + len(concepts), np.float32), -4.0, 1.0, 0.0, 0.5)
    made = Artefact(
        version="toy",
        features=features.FEATURES,
        concepts=concepts,
        words=KNOWN,
        word_idf=np.ones(len(KNOWN), np.float32),
        grams=(),
        gram_idf=np.ones(0, np.float32),
        labels={"returns": weights, "policy": weights},
        aspects={"camp": weights},
        lexicon_sha256="",
        scikit_learn=artefact.installed_scikit_learn(),
        languages=("de", "en"),
        facts=facts,
    )
    artefact.write(folder, made)
    artefact.activate(folder, "toy")


@dataclass(frozen=True)
class Piece:
    """An entry to come; ``strange`` is the share of its words that the model does not know."""

    score: float = 0.01
    lang: str = "en"
    strange: float = SHARE
    title: str = ""
    text: bool = True
    scorer: str = ""


@dataclass
class Stream:
    """A config folder, its model, and what comes. Without ``facts`` there is no model."""

    base: Path
    facts: Mapping[str, Any] | None = field(default_factory=lambda: {"reference": REFERENCE})
    labels: str = LABELS
    now: datetime = NOW
    count: int = 0
    random: Random = field(default_factory=lambda: Random(7))

    @property
    def config(self) -> Path:
        return self.base / "config"

    def app(self) -> App:
        self.write()
        return build(load(self.config, {}))

    def write(self) -> None:
        self.config.mkdir(exist_ok=True)
        if self.facts is not None:
            write_model(self.base / "models", self.facts)
        files = {
            "monitor": '[database]\nurl = "sqlite:///monitor.db"\n[model]\ndirectory = "models"\n',
            "feeds": "".join(
                f'[sources.{name}]\ntitle = "The {name}"\n[sources.{name}.feeds]\n{name} = "http://127.0.0.1:9/{name}"\n'
                for name in ("paper", "wire")
            ),
            "labels": self.labels,
            "channels": '[channels.files]\nurls = ["folder://digests"]\n',
            "subscriptions": "",
        }
        for name, text in files.items():
            (self.config / f"{name}.toml").write_text(text, encoding="utf-8")

    def bring(self, app: App, pieces: Sequence[Piece], *, age: timedelta = DAY, feed: str = "paper") -> list[int]:
        """Let entries come ``age`` before now; returns their ids."""
        assert app.model.classifier is not None
        new = [self._entry(piece, app.model.classifier.scorer) for piece in pieces]
        at = self.now - age
        store_feeds.sync(app.store, [app.settings.feeds[feed]], now=at)
        (state,) = store_feeds.claim(app.store, [feed], Which.NAMED, now=at, lease=DAY)
        event = PollEvent(feed, at, Outcome.OK, 200, entries=len(new), new=len(new), seconds=0.1)
        made = FeedUpdate(event, at + timedelta(hours=1), "interval", state.lease, 0.0, new=tuple(new))
        assert store_feeds.apply(app.store, made).new == len(new)
        return list(range(self.count - len(new) + 1, self.count + 1))

    def weeks(self, app: App, *, past: int = 2, a_week: int = 300, now: bool = True) -> None:
        """Ordinary entries of both sources, a week as the other: in English and German, two of 100 over the line."""
        for week in range(0 if now else 1, past + 1):
            for feed in ("paper", "wire"):
                self.bring(app, self.ordinary(a_week), age=week * WEEK + DAY, feed=feed)

    def ordinary(self, number: int, **fields: Any) -> list[Piece]:
        return [
            Piece(
                **{
                    "score": 0.6 + self.random.random() / 3 if at % 50 == 0 else self.random.random() ** 4 / 3,
                    "lang": "de" if at % 3 == 0 else "en",
                    "text": at % 10 > 0,
                    **fields,
                }
            )
            for at in range(number)
        ]

    def _entry(self, piece: Piece, scorer: str) -> ClassifiedEntry:
        self.count += 1
        name = str(self.count)
        words = [self.random.choice(STRANGE if self.random.random() < piece.strange else KNOWN) for _ in range(24)]
        entry = Entry(
            key=f"g:{name}", guid=name, url=f"https://paper.example/{name}",
            title=piece.title or " ".join(words[:8]), text=" ".join(words[8:]) if piece.text else "", lang=piece.lang,
            published=self.now,
        )  # fmt: skip
        scores = {"returns": Score(piece.score), "policy": Score(self.random.random() / 9)}
        return ClassifiedEntry(entry, scores, piece.scorer or scorer, (), (f"u:{name}",), False)
