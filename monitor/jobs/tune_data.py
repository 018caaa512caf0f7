"""What a line is tuned on: the user's own stream, what people said of it, and the held-out set. Reads only."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import numpy as np

from monitor.app import App
from monitor.classify import artefact
from monitor.classify.classifier import RULES, Classifier
from monitor.classify.corpus import LABELS
from monitor.classify.quality import evalset
from monitor.classify.quality.evalset import BORDERLINE, EvalItem
from monitor.classify.quality.gate import kept_out
from monitor.classify.tune import Evidence, Stream
from monitor.domain.entry import WATCH
from monitor.domain.labels import Cut, Lines
from monitor.normalise import language
from monitor.settings.bundled import bundled_models
from monitor.settings.read import KeyPath
from monitor.store import stream as store_stream
from monitor.store.annotations import labelled
from monitor.store.stream import Held, Seen

_PAGE = 1_000  # entries scored at once
_DAY = timedelta(days=1)

Progress = Callable[[int, int], None]
"""Told how many entries are scored, of how many."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The entries that go by one line of a label: those of a language, of a tier, or all that have no line of their
    own (`Lines.at`)."""

    label: str
    lines: Lines
    lang: str = ""
    tier: str = ""

    def holds(self, lang: str, tier: str) -> bool:
        """Say whether an entry of this language and tier goes by the line."""
        return self.reads(lang) and (
            bool(self.lang) or (tier == self.tier if self.tier else tier not in self.lines.tiers)
        )

    def reads(self, lang: str) -> bool:
        """The same of an item that has no tier."""
        return lang == self.lang if self.lang else lang not in self.lines.languages

    @property
    def cut(self) -> Cut:
        """The line that holds now."""
        return self.lines.at(self.lang, self.tier)

    @property
    def path(self) -> KeyPath:
        """Where the line stands in labels.toml."""
        own = ("languages", self.lang) if self.lang else ("tiers", self.tier) if self.tier else ()
        return ("labels", self.label, *own)

    def __str__(self) -> str:
        return f"{self.label}{f' in {self.lang}' if self.lang else f' of tier {self.tier}' if self.tier else ''}"


@dataclass(frozen=True, slots=True)
class Came:
    """The stream of the last days that goes by the line. ``days`` counts 24-hour stretches in which anything came."""

    seen: tuple[Seen, ...]
    days: float
    now: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What is known for certain: ``human`` labels of people and ``heldout`` items, of a set with that ``sha256``.

    ``learnt`` says that the model was trained on what people said: then only stories that were kept out count.
    """

    evidence: Evidence
    human: int
    heldout: int
    sha256: str
    learnt: bool


def came(app: App, scope: Scope, *, days: int, now: datetime) -> Came:
    """Read what came in the last ``days``."""
    found = store_stream.seen(app.store, since=now - days * _DAY, until=now)
    mine = tuple(seen for seen in found if scope.holds(seen.lang, _tier(app, seen.feed)))
    return Came(mine, _days([_age(seen, now) for seen in found]), now)


def _age(seen: Seen, now: datetime) -> float:
    return (now - seen.first_seen) / _DAY


def _days(ages: Sequence[float]) -> float:
    """How many 24-hour stretches back from now brought anything: in the others nobody polled.

    The oldest may be cut by the beginning of the monitor. It counts from its first entry, or by how many it has beside
    the others, which tells of those who poll once a day.
    """
    counts = Counter(map(math.floor, ages))
    if not counts:
        return 0.0
    oldest = counts.pop(math.floor(max(ages)))
    usual = median(counts.values()) if counts else math.inf
    return round(len(counts) + min(1.0, max(max(ages) % 1, oldest / usual)), 2)


def stream_of(app: App, classifier: Classifier, scope: Scope, came: Came, progress: Progress) -> Stream:
    """Score what came; what this scorer has not scored yet is scored here, and not written."""
    said = {one.entry.id: one.labels[scope.label] for one in labelled(app.store) if scope.label in one.labels}
    found = came.seen
    scores = _scored(app, classifier, [seen.id for seen in found], scope.label, progress)
    kept = [seen for seen in found if seen.id in scores]  # one may have been pruned meanwhile
    return Stream(
        ids=np.array([seen.id for seen in kept], dtype=np.int64),
        story=np.array([seen.story_id for seen in kept], dtype=np.int64),
        day=np.array([math.floor(_age(seen, came.now)) for seen in kept], dtype=np.int64),
        scores=np.array([scores[seen.id].probability for seen in kept], dtype=np.float64),
        said=np.array([int(said.get(seen.id, -1)) for seen in kept], dtype=np.int64),
        watched=np.array([scores[seen.id].watched for seen in kept], dtype=bool),
        days=came.days,
    )


def known(app: App, classifier: Classifier, scope: Scope, progress: Progress) -> tuple[Known, Known]:
    """Return what people said together with the held-out set, and the held-out set alone.

    Borderline items of the held-out set are left out: careful readers differ on them.
    """
    items, sha256 = _held_out(app, scope)
    scores = classifier.classify([(item.title, item.text) for item in items], [_lang(item) for item in items])
    truths = [item.holds(scope.label) for item in items]
    values = [found[scope.label].probability if scope.label in found else 0.0 for found in scores]
    learnt = _learnt_from_a_store(app, classifier)
    alone = _known(truths, values, [-1 - at for at in range(len(items))], 0, sha256, learnt=learnt)
    mine = [
        one
        for one in labelled(app.store)
        if scope.label in one.labels and scope.holds(one.entry.entry.lang, _tier(app, one.entry.feed))
        if not learnt or kept_out(one.entry.story_id)
    ]
    held = _scored(app, classifier, [one.entry.id for one in mine], scope.label, progress)
    mine = [one for one in mine if one.entry.id in held]
    truths += [one.labels[scope.label] for one in mine]
    values += [held[one.entry.id].probability for one in mine]
    groups = [*alone.evidence.groups.tolist(), *(one.entry.story_id for one in mine)]
    return _known(truths, values, groups, len(mine), sha256, learnt=learnt), alone


def _known(
    truths: Sequence[bool], scores: Sequence[float], groups: Sequence[int], human: int, sha256: str, *, learnt: bool
) -> Known:
    arrays = np.array(truths, dtype=bool), np.array(scores, dtype=np.float64), np.array(groups, dtype=np.int64)
    return Known(Evidence(*arrays), human, len(truths) - human, sha256, learnt)


def _learnt_from_a_store(app: App, classifier: Classifier) -> bool:
    if classifier.version == RULES:
        return False
    stored = artefact.read(app.settings.models, classifier.version)
    return stored.learnt_from_a_store


def _held_out(app: App, scope: Scope) -> tuple[list[EvalItem], str]:
    """The items that go by the line, of the set beside the models or else that of the program, with its sha256.

    None where the set says nothing of the label, or there is no set.
    """
    folders = (app.settings.models / "heldout", bundled_models() / "heldout")
    folder = next((folder for folder in folders if any(folder.glob("*.jsonl"))), None)
    items = evalset.read([folder]) if folder else []
    told = scope.label in LABELS or any(item.holds(scope.label) for item in items)
    mine = [item for item in items if told and item.kind != BORDERLINE and scope.reads(_lang(item))]
    return mine, evalset.fingerprint(items) if items else ""


def _lang(item: EvalItem) -> str:
    return item.lang or language.detect(f"{item.title}\n{item.text}")


def _scored(app: App, classifier: Classifier, ids: Sequence[int], label: str, progress: Progress) -> Mapping[int, Held]:
    """The scores of this scorer, those that it has not made yet made here."""
    found = store_stream.held(app.store, ids, classifier.scorer, label)
    missing = [id_ for id_ in ids if id_ not in found]
    for start in range(0, len(missing), _PAGE):
        words = store_stream.words(app.store, missing[start : start + _PAGE])
        scores = classifier.classify(
            [(title, text) for title, text, _ in words.values()], [w[2] for w in words.values()]
        )
        for id_, given in zip(words, scores, strict=True):
            found[id_] = Held(given[label].probability if label in given else 0.0, WATCH in given)
        progress(min(start + _PAGE, len(missing)), len(missing))
    return found


def _tier(app: App, feed: str) -> str:
    known_feed = app.settings.feeds.get(feed)
    return known_feed.source.tier.value if known_feed else ""
