"""Measure scores against truths: pure functions on arrays, nothing but numpy.

Everywhere ``truths`` is an array of booleans and ``scores`` one of floats in [0, 1], of the same length (n,).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Truths = NDArray[np.bool_]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quality:
    """How good one label's scores are; nan where there is nothing to divide by."""

    items: int
    positives: int
    precision: float
    recall: float
    f1: float
    average_precision: float
    calibration_error: float


def average_precision(truths: Truths, scores: Scores) -> float:
    """Sum precision over the steps of recall; equal scores are one step (as scikit-learn defines it)."""
    positives = int(truths.sum())
    if not positives:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truths[order])
    ends = np.append(np.nonzero(np.diff(scores[order]))[0], len(scores) - 1)
    gained = np.diff(hits[ends], prepend=0)
    return float(np.sum(gained / positives * hits[ends] / (ends + 1)))


def precision_recall_f1(truths: Truths, scores: Scores, threshold: float) -> tuple[float, float, float]:
    """Count an item as found where its score reaches the threshold."""
    found = scores >= threshold
    hits = int((found & truths).sum())
    precision = hits / int(found.sum()) if found.any() else float("nan")
    recall = hits / int(truths.sum()) if truths.any() else float("nan")
    f1 = 2 * hits / (int(found.sum()) + int(truths.sum())) if found.any() or truths.any() else float("nan")
    return precision, recall, f1


def calibration_error(truths: Truths, scores: Scores, bins: int = 10) -> float:
    """Average |mean score - share of positives| over equal bins of the score, weighted by items (ECE)."""
    if not len(scores):
        return float("nan")
    places = np.minimum((scores * bins).astype(int), bins - 1)
    gap = np.bincount(places, weights=scores - truths, minlength=bins)
    return float(np.abs(gap).sum() / len(scores))


def threshold_at(background: Scores, per_thousand: float) -> float:
    """Find the lowest threshold that lets at most so many of 1,000 background items through."""
    allowed = int(len(background) * per_thousand / 1000)
    if allowed >= len(background):
        return 0.0
    return float(np.nextafter(np.sort(background)[::-1][allowed], np.inf))


def recall_at(truths: Truths, scores: Scores, background: Scores, per_thousand: float = 1.0) -> float:
    """Measure recall where at most so many of 1,000 background items are false alerts."""
    return precision_recall_f1(truths, scores, threshold_at(background, per_thousand))[1]


def quality(truths: Truths, scores: Scores, threshold: float = 0.5) -> Quality:
    """Measure everything at once."""
    precision, recall, f1 = precision_recall_f1(truths, scores, threshold)
    return Quality(
        items=len(truths),
        positives=int(truths.sum()),
        precision=precision,
        recall=recall,
        f1=f1,
        average_precision=average_precision(truths, scores),
        calibration_error=calibration_error(truths, scores),
    )


def sigmoid(logits: NDArray[Any]) -> Scores:
    """Turn logits into probabilities without overflow."""
    clipped = np.clip(logits, -60.0, 60.0)
    return np.asarray(1.0 / (1.0 + np.exp(-clipped)), dtype=np.float64)
