"""Hold the entries of the last days against those before them, and against what the model's training saw."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from monitor.app import App, words_of
from monitor.classify import artefact, lexicon
from monitor.classify.artefact import LabelWeights
from monitor.classify.classifier import RULES, Classifier
from monitor.classify.drift import Values, known_to
from monitor.classify.drift_alarms import LEAST, Drift, compare
from monitor.classify.drift_rows import Places, Read, Sides, Training, Window
from monitor.classify.features import UNNAMED, concept_columns, concept_names
from monitor.classify.lexicon import Lexicon, Match
from monitor.classify.quality.evaluate import Truths
from monitor.classify.reading import Reading, read
from monitor.domain.labels import Cut, cuts_for
from monitor.errors import ModelError
from monitor.observe import fields, log
from monitor.store import drift as store_drift
from monitor.store.drift import Seen, Span

PAST = 4
"""The past is so many times as long as the days that are held against it."""
_TEXTS = 10_000  # texts read of each side at most: shares need no more
_GLANCE_DAYS = 7
_GLANCE_ENTRIES, _GLANCE_TEXTS = 2_500, 500  # what a glance reads of each side at most, and of texts

Progress = Callable[[int, int], None]
"""Told how many texts are read, of how many."""


@dataclass(frozen=True, slots=True)
class Example:
    """An entry that shows an alarm."""

    id: int
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What was held against what, and what came of it.

    Entries first seen after ``since`` up to ``until``, against those after ``past_since`` up to ``since``.
    ``training`` says whether training has left what to compare with; where not, ``note`` says why. ``left_out`` counts
    entries of both times that another model has scored, or none. ``examples`` are the entries that the alarms name.
    """

    days: int
    past_since: datetime
    since: datetime
    until: datetime
    scorer: str
    training: bool
    note: str
    left_out: int
    drift: Drift
    examples: Mapping[int, Example]


class Seems(StrEnum):
    """What a glance sees."""

    STABLE = "none seen"
    ALARMS = "alarms"
    TOO_FEW = "not enough entries"
    NO_MODEL = "no model"


@dataclass(frozen=True, slots=True)
class Glance:
    """Drift by a cheap look. ``entries`` are those of the last ``days`` that the model has scored (about, where only a
    part was read), of which ``needed`` would be enough."""

    state: Seems
    days: int = _GLANCE_DAYS
    entries: int = 0
    needed: int = LEAST
    alarms: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Model:
    """What makes the scores: its labels with a line, what it knows, and what its training left."""

    classifier: Classifier
    labels: tuple[str, ...]
    weights: Mapping[str, LabelWeights]
    vocabulary: frozenset[str] | None
    training: Training | None
    note: str


def run(app: App, *, days: int, now: datetime, progress: Progress = lambda done, total: None) -> DriftReport:
    """Compare the last days with `PAST` times as many before them. Reads only; the same store gives the same report.

    Raises:
        ModelError: nothing scores entries, neither a model nor a rule.
    """
    model, length = _model(app), timedelta(days=days)
    since, past_since = now - length, now - (PAST + 1) * length
    seen, past = (
        store_drift.seen(app.store, span, model.classifier.scorer, model.labels)
        for span in (Span(since, now), Span(past_since, since))
    )
    reader = _Reader(app, model, lexicon.load(words_of(app.settings).own))
    most = _TEXTS if len(seen) >= LEAST else 0
    chosen, chosen_past = _spread(len(seen), most), _spread(len(past), most)
    first, total = len(chosen), len(chosen) + len(chosen_past)
    sides = Sides(
        _window(app, model, seen, reader.read(seen, chosen, lambda done: progress(done, total))),
        _window(app, model, past, reader.read(past, chosen_past, lambda done: progress(first + done, total))),
        model.training,
        model.classifier.languages,
    )
    found = compare(sides)
    log.info(fields("drift", entries=found.entries, before=found.entries_before, alarms=len(found.alarms)))
    return DriftReport(
        days, past_since, since, now, model.classifier.scorer, model.training is not None, model.note,
        store_drift.size(app.store, Span(past_since, now)) - len(seen) - len(past), found, _examples(app, found),
    )  # fmt: skip


def glance(app: App, *, now: datetime) -> Glance:
    """Look at the last week cheaply: stored scores, and the words of a few entries, which are held against training."""
    if app.model.classifier is None:
        return Glance(Seems.NO_MODEL, note=app.model.problem)
    model, week = _model(app), timedelta(days=_GLANCE_DAYS)
    since = now - week
    (entries, seen), (_, past) = (
        _some(app, model, span) for span in (Span(since, now), Span(now - (PAST + 1) * week, since))
    )
    if len(seen) < LEAST:
        return Glance(Seems.TOO_FEW, entries=entries, note=model.note)
    reader = _Reader(app, model, None)
    sides = Sides(
        _window(app, model, seen, reader.read(seen, _spread(len(seen), _GLANCE_TEXTS))),
        _window(app, model, past, reader.read(past, _spread(len(past), 0))),
        model.training,
        model.classifier.languages,
    )
    alarms = len(compare(sides).alarms)
    return Glance(Seems.ALARMS if alarms else Seems.STABLE, entries=entries, alarms=alarms, note=model.note)


def _some(app: App, model: _Model, span: Span) -> tuple[int, list[Seen]]:
    """About how many entries of a span the model has scored, and as many of them as a glance reads."""
    size = store_drift.size(app.store, span)
    part = Span(span.since, span.until, min(1000, -(-1000 * _GLANCE_ENTRIES // max(1, size))))
    found = store_drift.seen(app.store, part, model.classifier.scorer, model.labels)
    return min(size, round(1000 * len(found) / part.per_mille)), found


def _model(app: App) -> _Model:
    classifier = app.model.classifier
    if classifier is None:
        raise ModelError(f"nothing scores entries, so nothing can drift: {app.model.problem}")
    labels = tuple(label for label in classifier.labels if label in app.settings.labels)
    if classifier.version == RULES:
        note = "only the rules of labels.toml are in use: no training to compare with, only the past"
        return _Model(classifier, labels, {}, None, None, note)
    stored = artefact.read(app.settings.models, classifier.version)
    training = Training.of_facts(stored.facts)
    note = "" if training else f"model {stored.version} does not say what its training saw: only the past is compared"
    return _Model(classifier, labels, stored.labels, frozenset(stored.words), training, note)


def _spread(entries: int, most: int) -> Places:
    """Choose at most so many places, spread evenly."""
    return np.arange(0, entries if most else 0, max(1, -(-entries // max(1, most))), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads texts: for concepts too where it has a lexicon, for words alone without."""

    app: App
    model: _Model
    lexicon: Lexicon | None

    def read(self, seen: Sequence[Seen], places: Places, progress: Callable[[int], None] = lambda done: None) -> Read:
        """Read the texts of the entries at some places; one that was emptied meanwhile is as one without words."""
        texts: dict[int, Reading] = {}
        words = self.lexicon or _Blind({})
        for page in store_drift.texts(self.app.store, [seen[at].id for at in places]):
            for id_, title, text in page:
                texts[id_] = read(title, text, words)
            progress(len(texts))
        readings = [texts.get(seen[at].id, Reading((), 0, ())) for at in places]
        lengths = np.array([len(reading.words) for reading in readings], dtype=np.int64)
        vocabulary = self.model.vocabulary
        unknown = None if vocabulary is None else lengths - known_to(vocabulary)(readings)
        return Read(places, lengths, unknown, None if self.lexicon is None else _named(readings))


class _Blind(Lexicon):
    """A lexicon that looks for nothing, where only the words count: half the time for texts that are read once."""

    def find(self, tokens: Sequence[str]) -> list[Match]:  # noqa: ARG002
        """Find nothing."""
        return []


def _named(readings: Sequence[Reading]) -> Truths:
    unnamed = concept_names().index(UNNAMED)
    return np.array([unnamed not in concept_columns(reading) for reading in readings], dtype=np.bool_)


def _window(app: App, model: _Model, seen: Sequence[Seen], found: Read) -> Window:
    scores = np.array([entry.scores for entry in seen], dtype=np.float64).reshape(len(seen), len(model.labels))
    over, near = _over(app, model, seen, scores)
    titles = store_drift.sources(app.store)
    return Window(
        ids=np.array([entry.id for entry in seen], dtype=np.int64),
        sources=np.array([titles[entry.feed] for entry in seen], dtype=np.str_),
        langs=np.array([entry.lang for entry in seen], dtype=np.str_),
        no_text=np.array([entry.no_text for entry in seen], dtype=np.bool_),
        over=over,
        near=near,
        best=np.nan_to_num(scores).max(axis=1, initial=0.0),
        logits={label: _logits(scores[:, at], model.weights.get(label)) for at, label in enumerate(model.labels)},
        read=found,
    )


def _over(app: App, model: _Model, seen: Sequence[Seen], scores: Values) -> tuple[Truths, Truths]:
    """Which entries are over a line of their language and tier, and which over a review line at least."""
    lines = {label: app.settings.labels[label].lines for label in model.labels}
    tiers = {name: str(feed.source.tier) for name, feed in app.settings.feeds.items()}
    kinds: dict[tuple[str, str], int] = {}
    at = np.array([kinds.setdefault((s.lang, tiers.get(s.feed, "")), len(kinds)) for s in seen], dtype=np.int64)
    cuts = [cuts_for(lines, lang, tier) for lang, tier in kinds]
    shape = (len(cuts), len(model.labels))

    def reached(line: Callable[[Cut], float]) -> Truths:
        table = np.array([[line(cut[label]) for label in model.labels] for cut in cuts]).reshape(shape)
        return np.asarray((scores >= table[at]).any(axis=1))

    return reached(lambda cut: cut.threshold), reached(lambda cut: cut.review)


def _logits(probabilities: Values, weights: LabelWeights | None) -> Values:
    """Undo a label's calibration, so that scores can be held against those of training."""
    clipped = np.clip(probabilities, 1e-9, 1 - 1e-9)
    logits = np.log(clipped / (1 - clipped))
    return logits if weights is None or not weights.slope else (logits - weights.offset) / weights.slope


def _examples(app: App, found: Drift) -> dict[int, Example]:
    ids = sorted({id_ for alarm in found.alarms for id_ in alarm.examples})
    return {id_: Example(id_, title, source) for id_, title, source in store_drift.titles(app.store, ids)}
