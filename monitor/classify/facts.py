"""What a model's manifest tells of how it was made and how good it is; the card is written from it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from monitor.classify import corpus
from monitor.classify.artefact import Artefact
from monitor.classify.calibrate import Calibration
from monitor.classify.corpus import Item
from monitor.classify.quality import evalset
from monitor.classify.quality.curves import Bin
from monitor.classify.quality.evalset import EvalItem
from monitor.classify.quality.evaluate import Quality, Scores
from monitor.classify.quality.measure import Measures, measure
from monitor.classify.quality.plot import reliability_svg
from monitor.domain.labels import Cut, Lines

_MEASURES = ("precision", "recall", "f1", "average_precision", "calibration_error")
_GROUPS = ("language", "kind")


@dataclass(frozen=True, slots=True)
class Measured:
    """One label, judged by models that had not seen the items: at .5, and at the threshold that is recommended."""

    calibration: Calibration
    threshold: float
    overall: Quality
    by_language: Mapping[str, Quality]
    at_threshold: Quality


@dataclass(frozen=True, slots=True)
class Origin:
    """What a model was made from beside the corpus, and how."""

    seed: int
    folds: int
    annotated: int = 0
    ordinary: int = 0
    base_rate: float | None = None


def gather(
    made: Artefact, items: Sequence[Item], measured: Mapping[str, Measured], held_out: Mapping[str, Any] | None,
    reference: Mapping[str, Any],
    origin: Origin,
) -> Artefact:  # fmt: skip
    """Give an artefact its facts; numbers that are not defined become null.

    ``held_out`` is of `held_out_facts`, ``reference`` of `monitor.classify.drift.reference`.
    """
    kinds = [item.kind or ("labelled" if item.labels else "other") for item in items]
    languages = [item.lang for item in items]
    stream = {"annotated": origin.annotated, "ordinary": origin.ordinary, "base_rate": origin.base_rate}
    corpus_facts = {
        "sha256": corpus.fingerprint(items),
        "items": len(items),
        "kinds": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        "languages": {lang: languages.count(lang) for lang in sorted(set(languages))},
    }
    labels = {
        label: {
            "base_rate": round(m.calibration.base_rate, 4),
            "out_of_fold": _numbers(m.overall),
            "at_threshold": _numbers(m.at_threshold),
            "by_language": {lang: _numbers(q) for lang, q in m.by_language.items()},
        }
        for label, m in measured.items()
    }
    facts = {"corpus": corpus_facts, "stream": stream, "seed": origin.seed, "folds": origin.folds, "labels": labels}
    return replace(made, facts=facts | {"held_out": held_out, "reference": reference})


def read_held_out(folder: Path) -> list[EvalItem]:
    """Read the items that are kept out of training."""
    return evalset.read([folder])


def held_out_facts(
    items: Sequence[EvalItem], scores: Mapping[str, Scores], thresholds: Mapping[str, float]
) -> dict[str, Any]:
    """Measure a model on the items that were kept out, at the thresholds that it recommends."""
    found = measure(items, scores, {label: Lines(Cut.single(line)) for label, line in thresholds.items()})
    return {
        "sha256": evalset.fingerprint(items),
        "items": found.items,
        "borderline": found.borderline,
        "labels": {
            label: {
                "at_threshold": _told(of.overall) if of.overall else {"items": of.items, "positives": of.positives},
                "refused": of.refused,
                "intervals": _intervals(of.overall) if of.overall else {},
                "by": {by: {g: _told(m) for g, m in of.groups.get(by, {}).items()} for by in _GROUPS},
                "stream": asdict(of.stream) if of.stream else None,
            }
            for label, of in found.labels.items()
        },
    }


def reliability_plot(stored: Artefact) -> str | None:
    """Draw the reliability of every label at a stream's base rate, as SVG; None where nothing was held out."""
    held = stored.facts.get("held_out") or {"labels": {}}
    bins = {
        label: [Bin(**one) for one in told["stream"]["bins"]]
        for label, told in held["labels"].items()
        if told["stream"]
    }
    return reliability_svg(bins) if bins else None


def _told(measures: Measures) -> dict[str, float | int | None]:
    counts = {
        name: getattr(measures, name)
        for name in ("items", "positives", "true_positives", "false_positives", "false_negatives")
    }
    return counts | {name: _rounded(getattr(measures, name).value) for name in _MEASURES}


def _intervals(measures: Measures) -> dict[str, list[float | None]]:
    found = {name: getattr(measures, name) for name in _MEASURES}
    return {name: [_rounded(estimate.low), _rounded(estimate.high)] for name, estimate in found.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _numbers(measured: Quality) -> dict[str, float | None]:
    return {key: round(value, 4) if np.isfinite(value) else None for key, value in asdict(measured).items()}
