"""How sure a measure is: bootstrap intervals over all measures at once, in numpy alone.

``truths`` and ``found`` are arrays of booleans, ``scores`` of floats in [0, 1], all of shape (n,); ``weights`` of shape
(k, n) tells how often, or how much, each item counts in each of k samples. What cannot be divided is nan.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from monitor.classify.quality.evaluate import Scores, Truths

Weights = NDArray[np.float64]
MEASURES = ("precision", "recall", "f1", "average_precision", "calibration_error")
_CELLS = 1 << 20  # of a matrix of weights made at once: 8 MB


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure and its interval; None where nothing can be divided, or no interval was asked for."""

    value: float | None
    low: float | None = None
    high: float | None = None


UNKNOWN: Mapping[str, Estimate] = MappingProxyType(dict.fromkeys(MEASURES, Estimate(None)))
"""The measures of nothing."""


def estimates(
    truths: Truths, scores: Scores, found: Truths, *, resamples: int = 1_000, seed: int = 0, level: float = 0.95
) -> dict[str, Estimate]:
    """Estimate each of `MEASURES` with its percentile interval (Efron and Tibshirani 1993, chapter 13).

    Positives and negatives are drawn apart, so that every resample has as many of each as the set (Davison and Hinkley
    1997, section 3.2). The order of items does not matter. A percentile interval need not hold the value itself:
    drawing adds noise, and noise calibration error. It is widened to the value there. ``resamples`` 0: no intervals.
    """
    if not len(truths):
        return dict(UNKNOWN)
    order = np.lexsort((found, truths, -scores))
    truths, scores, found = truths[order], scores[order], found[order]
    values = measured(truths, scores, found, np.ones((1, len(truths))))
    drawn: dict[str, list[NDArray[np.float64]]] = {name: [] for name in MEASURES}
    for weights in draws(truths, resamples, seed):
        for name, sample in measured(truths, scores, found, weights).items():
            drawn[name].append(sample)
    return {name: _estimate(float(values[name][0]), drawn[name], level) for name in MEASURES}


def draws(truths: Truths, resamples: int, seed: int) -> Iterator[Weights]:
    """Draw resamples with replacement, positives and negatives apart, in pieces of (k, n) counts."""
    generator = np.random.default_rng(seed)
    strata = [stratum for stratum in (np.flatnonzero(truths), np.flatnonzero(~truths)) if len(stratum)]
    rows = max(1, _CELLS // len(truths))
    for begin in range(0, resamples, rows):
        count = min(rows, resamples - begin)
        weights = np.empty((count, len(truths)))
        for stratum in strata:
            weights[:, stratum] = _counts(generator, count, len(stratum))
        yield weights


def measured(truths: Truths, scores: Scores, found: Truths, weights: Weights) -> dict[str, NDArray[np.float64]]:
    """Take all `MEASURES` of k weighted samples, each of shape (k,)."""
    precision, recall, f1 = precisions_recalls_f1s(truths, found, weights)
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "average_precision": average_precisions(truths, scores, weights),
        "calibration_error": calibration_errors(truths, scores, weights),
    }


def precisions_recalls_f1s(truths: Truths, found: Truths, weights: Weights) -> tuple[NDArray[np.float64], ...]:
    """Precision TP/(TP+FP), recall TP/(TP+FN), F1 2TP/(2TP+FP+FN) (van Rijsbergen 1979), each of shape (k,)."""
    parts = np.stack([found & truths, found, truths], axis=1).astype(np.float64)
    hits, all_found, positives = (weights @ parts).T
    return _ratio(hits, all_found), _ratio(hits, positives), _ratio(2 * hits, all_found + positives)


def average_precisions(truths: Truths, scores: Scores, weights: Weights) -> NDArray[np.float64]:
    """Average precision, the sum of (R_i - R_(i-1)) P_i over the distinct scores from the highest (as scikit-learn)."""
    if not len(truths):
        return np.full(len(weights), np.nan)
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    ordered = weights[:, order]
    seen = np.cumsum(ordered, axis=1)[:, ends]
    hits = np.cumsum(ordered * truths[order], axis=1)[:, ends]
    gained = np.diff(hits, axis=1, prepend=0.0)
    steps = np.divide(gained * hits, seen, out=np.zeros_like(hits), where=seen > 0)
    return np.minimum(_ratio(steps.sum(axis=1), hits[:, -1]), 1.0)


def calibration_errors(truths: Truths, scores: Scores, weights: Weights, bins: int = 10) -> NDArray[np.float64]:
    """Calibration error (ECE), the sum over bins of |sum of w (s - y)| / sum of w (Guo et al. 2017, with weights)."""
    places = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = np.zeros((len(scores), bins))
    gaps[np.arange(len(scores)), places] = scores - truths
    return _ratio(np.abs(weights @ gaps).sum(axis=1), weights.sum(axis=1))


def _counts(generator: np.random.Generator, rows: int, size: int) -> NDArray[np.int64]:
    """Count how often each of ``size`` things is among ``size`` drawn with replacement, a row a resample."""
    drawn = generator.integers(0, size, (rows, size)) + np.arange(rows)[:, None] * size
    return np.bincount(drawn.ravel(), minlength=rows * size).reshape(rows, size)


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    ratio = np.full(len(whole), np.nan)
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio


def _estimate(value: float, drawn: list[NDArray[np.float64]], level: float) -> Estimate:
    if np.isnan(value):
        return Estimate(None)
    samples = np.concatenate(drawn) if drawn else np.empty(0)
    samples = samples[~np.isnan(samples)]
    if not len(samples):
        return Estimate(value)
    low, high = np.quantile(samples, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, min(float(low), value), max(float(high), value))
