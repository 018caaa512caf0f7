"""Fit a model to the corpus, measure it out of fold and on what was kept out, and write it as a version."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.classify import artefact, corpus, features, lexicon
from monitor.classify.calibrate import fit_platt, mix, recommend
from monitor.classify.card import render
from monitor.classify.corpus import Item
from monitor.classify.drift import known_to_others, reference
from monitor.classify.facts import Measured, Origin, gather, held_out_facts, read_held_out, reliability_plot
from monitor.classify.fit import Fitted, OutOfFold, Sample, assign_folds, fit, fit_aspects, out_of_fold
from monitor.classify.quality.evaluate import Quality, Scores, Truths, quality
from monitor.classify.reading import Reading, read
from monitor.classify.vectorise import MIN_WORDS
from monitor.errors import UsageError

FOLDS = 5
# A person's label says more of the user's stream than an item of ours: once to thrice was tried by the experiment.
PERSON_WEIGHT = 2.0
# Ordinary items of a stream are negatives by presumption only.
STREAM_WEIGHT = 1.0
_MIN_ASPECT = 30
_MIN_LANGUAGE = 10
_LEAST = 0.02


@dataclass(frozen=True, slots=True)
class Annotated:
    """A stored item, and by label what a person said of it."""

    title: str
    text: str
    labels: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Stream:
    """What a user's own store adds to the corpus.

    ``annotated`` are people's labels. ``ordinary`` are (title, text) of unlabelled items that score low, presumed
    negative; ``recent`` newer ones of the same kind, which nothing is fitted to: with them scores are calibrated to
    ``base_rate``, the share of positives that the stream has, None for the corpus' own mix.
    """

    annotated: Sequence[Annotated] = ()
    ordinary: Sequence[tuple[str, str]] = ()
    recent: Sequence[tuple[str, str]] = ()
    base_rate: float | None = None


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What training made, from what, and how good it is out of fold: at .5, by label, and by label and language.

    ``held_out`` are the measures at the recommended thresholds on what was kept out, empty where there is nothing.
    """

    version: str
    sha256: str
    corpus_sha256: str
    items: int
    features: int
    seed: int
    quality: Mapping[str, Quality]
    by_language: Mapping[str, Mapping[str, Quality]]
    thresholds: Mapping[str, float]
    held_out: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    annotated: int = 0
    ordinary: int = 0


def train(
    corpus_folder: Path,
    out: Path,
    *,
    version: str,
    seed: int = 0,
    stream: Stream | None = None,
    held_out: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> TrainReport:
    """Train on every ``*.jsonl`` of a folder and write ``<out>/<version>/``; `artefact.activate` puts it in use.

    Same corpus, stream, lexicon, seed and scikit-learn give the same weights. Borderline items are left out: reasonable
    readers differ on them, and with them real items were told apart no better. ``held_out`` is a folder of the same
    form that the model is measured on and never sees.

    Raises:
        UsageError: the corpus is faulty (file and line), or too small to be measured.
        ModelError: the version is no version name.
    """
    say, stream = progress or _silent, stream or Stream()
    say("reading the corpus")
    items = [item for item in corpus.read(corpus_folder) if item.kind != "borderline"]
    truths = {label: np.array([label in item.labels for item in items]) for label in corpus.LABELS}
    _check_enough(truths)
    sample = Sample.of_corpus(_read([(item.title, item.text) for item in items]), truths)
    beside = _beside(stream)
    folds = out_of_fold(sample, beside, assign_folds(items, FOLDS, seed), seed, say)
    say("fitting on all items")
    fitted = fit(sample.joined(beside) if beside else sample, seed)
    recent = fitted.logits(_read(stream.recent))
    measured = {label: _measure(items, truths[label], folds, recent[label], stream, label) for label in truths}
    made = _assemble(version, fitted, measured, _aspects(items, sample, fitted, seed), _languages(items))
    say("measuring what was kept out")
    held = _held_out(held_out, fitted, measured) if held_out else None
    origin = Origin(seed, FOLDS, len(stream.annotated), len(stream.ordinary), stream.base_rate)
    stored = gather(made, items, measured, held, _reference(items, sample, folds), origin)
    digest = artefact.write(out, stored)
    artefact.write_card(out, version, render(stored, digest), reliability_plot(stored))
    return _report(stored, digest, measured)


def _silent(_: str) -> None:
    """Report progress to nobody."""


def _read(texts: Sequence[tuple[str, str]]) -> list[Reading]:
    return [read(title, text, lexicon.load()) for title, text in texts]


def _check_enough(truths: Mapping[str, Truths]) -> None:
    for label, known in truths.items():
        for count, kind in ((int(known.sum()), "with"), (int((~known).sum()), "without")):
            if count < 2 * FOLDS:
                raise UsageError(f"not enough items: {count} {kind} {label!r}, {2 * FOLDS} are needed; write more")


def _beside(stream: Stream) -> Sample | None:
    """What the store adds; a label that nobody spoke of has no weight."""
    texts = [*((item.title, item.text) for item in stream.annotated), *stream.ordinary]
    if not texts:
        return None
    ordinary = len(stream.ordinary)
    truths = {
        label: np.array([item.labels.get(label, False) for item in stream.annotated] + [False] * ordinary)
        for label in corpus.LABELS
    }
    weights = {
        label: np.array(
            [PERSON_WEIGHT if label in item.labels else 0.0 for item in stream.annotated] + [STREAM_WEIGHT] * ordinary
        )
        for label in corpus.LABELS
    }
    return Sample(_read(texts), truths, weights, 0)


def _measure(
    items: Sequence[Item], truths: Truths, folds: OutOfFold, recent: Scores, stream: Stream, label: str
) -> Measured:
    """Calibrate and measure one label on logits of models that had not seen the items."""
    logits = folds.items[label]
    easy = np.array([item.kind == "easy" for item in items])
    if stream.base_rate is None:
        mixed = mix(truths, logits, np.r_[logits[easy], folds.counterfactuals[label]])
    else:
        mixed = mix(truths[~easy], logits[~easy], np.r_[logits[easy], recent], stream.base_rate)
    calibration = fit_platt(mixed)
    scores = calibration.apply(logits)
    threshold = recommend(mixed, calibration)
    return Measured(
        calibration=calibration,
        threshold=threshold,
        overall=quality(truths, scores),
        by_language=_by_language(items, truths, scores),
        at_threshold=quality(truths, scores, threshold),
    )


def _by_language(items: Sequence[Item], truths: Truths, scores: Scores) -> dict[str, Quality]:
    languages = np.array([item.lang for item in items])
    return {str(lang): quality(truths[languages == lang], scores[languages == lang]) for lang in np.unique(languages)}


def _aspects(items: Sequence[Item], sample: Sample, fitted: Fitted, seed: int) -> dict[str, artefact.LabelWeights]:
    """Fit what our items are about; an aspect with under `_MIN_ASPECT` items on either side is left out."""
    ours = np.array([bool(item.labels) for item in items])
    chosen = [item for item in items if item.labels]
    known = {
        aspect: np.array([aspect in item.aspects for item in chosen])
        for aspect in sorted({aspect for item in chosen for aspect in item.aspects})
    }
    enough = {a: k for a, k in known.items() if min(k.sum(), (~k).sum()) >= _MIN_ASPECT}
    part = sample.part(ours)
    fits = fit_aspects(fitted, Sample(part.readings, enough, {}, 0), seed)
    return {
        aspect: artefact.LabelWeights(_halved(r.coef_[0]), float(r.intercept_[0]), 1.0, 0.0, 0.5)
        for aspect, r in fits.items()
    }


def _halved(coefficients: Scores) -> NDArray[np.float32]:
    """Keep an aspect's weights in half precision, without the least: a third of the size, and the same decisions."""
    kept = np.where(np.abs(coefficients) < _LEAST, 0.0, coefficients)
    return kept.astype(np.float16).astype(np.float32)


def _reference(items: Sequence[Item], sample: Sample, folds: OutOfFold) -> dict[str, Any]:
    """What is held against later news (`monitor.classify.drift`): the corpus' items without a label."""
    chosen = [at for at, item in enumerate(items) if not item.labels]
    return reference(
        [sample.readings[at] for at in chosen],
        [items[at].lang for at in chosen],
        [not items[at].text for at in chosen],
        {label: logits[chosen] for label, logits in folds.items.items()},
        known_to_others(sample.readings, MIN_WORDS),
        [items[at].kind == "easy" for at in chosen],
    )


def _languages(items: Sequence[Item]) -> tuple[str, ...]:
    """The languages with enough items of ours to be learnt."""
    ours = [item.lang for item in items if item.labels]
    return tuple(sorted({lang for lang in ours if ours.count(lang) >= _MIN_LANGUAGE}))


def _held_out(folder: Path, fitted: Fitted, measured: Mapping[str, Measured]) -> dict[str, Any]:
    items = read_held_out(folder)
    logits = fitted.logits(_read([(item.title, item.text) for item in items]))
    scores = {label: m.calibration.apply(logits[label]) for label, m in measured.items()}
    return held_out_facts(items, scores, {label: m.threshold for label, m in measured.items()})


def _assemble(
    version: str,
    fitted: Fitted,
    measured: Mapping[str, Measured],
    aspects: Mapping[str, artefact.LabelWeights],
    languages: tuple[str, ...],
) -> artefact.Artefact:
    words = fitted.union.named_transformers["word"]
    pieces = fitted.union.named_transformers["gram"]
    return artefact.Artefact(
        version=version,
        features=features.FEATURES,
        concepts=features.concept_names(),
        words=tuple(words.get_feature_names_out()),
        word_idf=words.idf_.astype(np.float32),
        grams=tuple(pieces.get_feature_names_out()),
        gram_idf=pieces.idf_.astype(np.float32),
        labels={
            label: artefact.LabelWeights(
                coefficients=regression.coef_[0].astype(np.float32),
                intercept=float(regression.intercept_[0]),
                slope=measured[label].calibration.slope,
                offset=measured[label].calibration.offset,
                threshold=measured[label].threshold,
            )
            for label, regression in fitted.regressions.items()
        },
        lexicon_sha256=lexicon.load().sha256,
        scikit_learn=artefact.installed_scikit_learn(),
        aspects=aspects,
        languages=languages,
    )


def _report(stored: artefact.Artefact, digest: str, measured: Mapping[str, Measured]) -> TrainReport:
    facts = stored.facts
    held = facts["held_out"] or {"labels": {}}
    return TrainReport(
        version=stored.version,
        sha256=digest,
        corpus_sha256=facts["corpus"]["sha256"],
        items=facts["corpus"]["items"],
        features=len(stored.words) + len(stored.grams) + len(stored.concepts),
        seed=facts["seed"],
        quality={label: m.overall for label, m in measured.items()},
        by_language={label: m.by_language for label, m in measured.items()},
        thresholds={label: m.threshold for label, m in measured.items()},
        held_out={label: told["at_threshold"] for label, told in held["labels"].items()},
        annotated=facts["stream"]["annotated"],
        ordinary=facts["stream"]["ordinary"],
    )
