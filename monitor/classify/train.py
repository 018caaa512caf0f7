"""Fit a model to the corpus, measure it out of fold, and write it as a version."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from monitor.classify import artefact, corpus, features, lexicon
from monitor.classify.calibrate import Calibration, fit_platt, recommend
from monitor.classify.card import render
from monitor.classify.corpus import Item
from monitor.classify.evaluate import Quality, Scores, Truths, quality
from monitor.classify.fit import Fitted, OutOfFold, assign_folds, fit, out_of_fold
from monitor.classify.reading import read
from monitor.errors import UsageError

FOLDS = 5


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What training made, from what, and how good it is out of fold: at .5, by label, and by label and language."""

    version: str
    sha256: str
    corpus_sha256: str
    items: int
    features: int
    seed: int
    quality: Mapping[str, Quality]
    by_language: Mapping[str, Mapping[str, Quality]]
    thresholds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Measured:
    """One label, judged by models that had not seen the items."""

    calibration: Calibration
    threshold: float
    overall: Quality
    by_language: Mapping[str, Quality]
    at_threshold: Quality


def train(
    corpus_folder: Path, out: Path, *, version: str, seed: int = 0, progress: Callable[[str], None] | None = None
) -> TrainReport:
    """Train on every ``*.jsonl`` of a folder and write ``<out>/<version>/``; `artefact.activate` puts it in use.

    Same corpus, lexicon, seed and scikit-learn give the same weights. Borderline items are left out: reasonable
    readers differ on them, and with them real items were told apart no better.

    Raises:
        UsageError: the corpus is faulty (file and line), or too small to be measured.
        ModelError: the version is no version name.
    """
    say = progress or _silent
    say("reading the corpus")
    items = [item for item in corpus.read(corpus_folder) if item.kind != "borderline"]
    readings = [read(item.title, item.text, lexicon.load()) for item in items]
    truths = {label: np.array([label in item.labels for item in items]) for label in corpus.LABELS}
    _check_enough(truths)
    held_out = out_of_fold(readings, truths, assign_folds(items, FOLDS, seed), seed, say)
    measured = {label: _measure(items, truths[label], held_out, label) for label in truths}
    say("fitting on all items")
    fitted = fit(readings, truths, seed)
    facts = _facts(items, measured, seed)
    stored = _artefact(version, fitted, measured, facts)
    digest = artefact.write(out, stored)
    artefact.write_card(out, version, render(stored, digest))
    return _report(stored, digest, measured)


def _silent(_: str) -> None:
    """Report progress to nobody."""


def _check_enough(truths: Mapping[str, Truths]) -> None:
    for label, known in truths.items():
        for count, kind in ((int(known.sum()), "with"), (int((~known).sum()), "without")):
            if count < 2 * FOLDS:
                raise UsageError(f"not enough items: {count} {kind} {label!r}, {2 * FOLDS} are needed; write more")


def _measure(items: Sequence[Item], truths: Truths, held_out: OutOfFold, label: str) -> _Measured:
    logits = held_out.items[label]
    easy = np.array([item.kind == "easy" for item in items])
    ordinary = np.r_[logits[easy], held_out.counterfactuals[label]]
    calibration = fit_platt(truths, logits, ordinary)
    scores = calibration.apply(logits)
    threshold = recommend(truths, scores, calibration.apply(ordinary))
    return _Measured(
        calibration=calibration,
        threshold=threshold,
        overall=quality(truths, scores),
        by_language=_by_language(items, truths, scores),
        at_threshold=quality(truths, scores, threshold),
    )


def _by_language(items: Sequence[Item], truths: Truths, scores: Scores) -> dict[str, Quality]:
    languages = np.array([item.lang for item in items])
    return {str(lang): quality(truths[languages == lang], scores[languages == lang]) for lang in np.unique(languages)}


def _facts(items: Sequence[Item], measured: Mapping[str, _Measured], seed: int) -> dict[str, Any]:
    """Gather what the card tells; numbers that are not defined become null."""
    labels = {
        label: {
            "base_rate": round(m.calibration.base_rate, 4),
            "out_of_fold": _numbers(m.overall),
            "at_threshold": _numbers(m.at_threshold),
            "by_language": {lang: _numbers(q) for lang, q in m.by_language.items()},
        }
        for label, m in measured.items()
    }
    kinds = [item.kind or ("labelled" if item.labels else "other") for item in items]
    return {
        "corpus": {
            "sha256": corpus.fingerprint(items),
            "items": len(items),
            "kinds": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        },
        "seed": seed,
        "folds": FOLDS,
        "labels": labels,
    }


def _numbers(measured: Quality) -> dict[str, float | None]:
    return {key: round(value, 4) if np.isfinite(value) else None for key, value in asdict(measured).items()}


def _artefact(
    version: str, fitted: Fitted, measured: Mapping[str, _Measured], facts: dict[str, Any]
) -> artefact.Artefact:
    words = fitted.union.named_transformers["word"]
    pieces = fitted.union.named_transformers["gram"]
    weights = {}
    for label, regression in fitted.regressions.items():
        weights[label] = artefact.LabelWeights(
            coefficients=regression.coef_[0].astype(np.float32),
            intercept=float(regression.intercept_[0]),
            slope=measured[label].calibration.slope,
            offset=measured[label].calibration.offset,
            threshold=measured[label].threshold,
        )
    return artefact.Artefact(
        version=version,
        features=features.FEATURES,
        concepts=features.concept_names(),
        words=tuple(words.get_feature_names_out()),
        word_idf=words.idf_.astype(np.float32),
        grams=tuple(pieces.get_feature_names_out()),
        gram_idf=pieces.idf_.astype(np.float32),
        labels=weights,
        lexicon_sha256=lexicon.load().sha256,
        scikit_learn=artefact.installed_scikit_learn(),
        facts=facts,
    )


def _report(stored: artefact.Artefact, digest: str, measured: Mapping[str, _Measured]) -> TrainReport:
    return TrainReport(
        version=stored.version,
        sha256=digest,
        corpus_sha256=stored.facts["corpus"]["sha256"],
        items=stored.facts["corpus"]["items"],
        features=len(stored.words) + len(stored.grams) + len(stored.concepts),
        seed=stored.facts["seed"],
        quality={label: m.overall for label, m in measured.items()},
        by_language={label: m.by_language for label, m in measured.items()},
        thresholds={label: m.threshold for label, m in measured.items()},
    )
