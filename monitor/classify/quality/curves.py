"""What is drawn of a model: precision over recall, and reliability on a set as it is, or as rare as in a stream."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.classify.quality.bootstrap import average_precisions, calibration_errors
from monitor.classify.quality.evaluate import Scores, Truths

BASE_RATE = 0.002
"""The share of a general stream of news that is positive."""
LOOK_ALIKES = 4.0
"""How many look-alikes such a stream has to one positive."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The items whose score is in [``low``, ``high``): their number, their share of the weight, what they say.

    ``mean_score`` and ``share_positive`` are weighted, and None where no item is in the bin.
    """

    low: float
    high: float
    count: int
    weight: float
    mean_score: float | None
    share_positive: float | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far scores are from shares: the calibration error (ECE), and the bins that it sums over."""

    calibration_error: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision over recall, from the highest score down; ``precision[i]`` holds up to ``recall[i]``.

    ``share`` is the precision of who says yes to all. ``at`` is (recall, precision) at the lines, None where nothing
    is found.
    """

    recall: tuple[float, ...]
    precision: tuple[float, ...]
    average_precision: float
    share: float
    at: tuple[float, float] | None


def reliability(truths: Truths, scores: Scores, weights: Scores | None = None, bins: int = 10) -> Reliability | None:
    """Compare mean score and share of positives in equal bins of the score; None where there is no item.

    ECE = sum over bins of W_b / W * |mean score - share of positives| (Naeini et al. 2015, Guo et al. 2017), where
    items count by their weights, all alike if none are given.
    """
    if not len(truths):
        return None
    weights = np.ones(len(truths)) if weights is None else weights
    order = np.lexsort((weights, truths, scores))  # sums are the same then, in whatever order items come
    truths, scores, weights = truths[order], scores[order], weights[order]
    places = np.minimum((scores * bins).astype(int), bins - 1)
    total = weights.sum()
    found = [
        _bin(place / bins, (place + 1) / bins, truths[places == place], scores[places == place],
             weights[places == place], total)
        for place in range(bins)
    ]  # fmt: skip
    return Reliability(float(calibration_errors(truths, scores, weights[None, :], bins)[0]), tuple(found))


def stream_weights(
    truths: Truths, look_alike: NDArray[np.bool_], base_rate: float = BASE_RATE, look_alikes: float = LOOK_ALIKES
) -> Scores | None:
    """Weigh items so that each kind is as frequent as in a stream; weights of mean 1.

    An item of a kind that makes n of N items and a share q of the stream weighs q N / n: importance weights for another
    prior (Saerens, Latinne and Decaestecker 2002). Positives have q = ``base_rate``, negatives that look like them
    ``look_alikes`` times as much, other negatives the rest; where there is no look-alike, its share is theirs. None
    where there is no positive, or no other negative.

    Raises:
        ValueError: the shares come to more than 1.
    """
    look_alike = look_alike & ~truths
    rest = ~truths & ~look_alike
    if not truths.any() or not rest.any():
        return None
    share = look_alikes * base_rate if look_alike.any() else 0.0
    if base_rate + share > 1:
        raise ValueError(f"{base_rate:g} positives and {share:g} look-alikes are more than a whole stream")
    weights = np.zeros(len(truths))
    for mask, wanted in ((truths, base_rate), (look_alike, share), (rest, 1 - base_rate - share)):
        if mask.any():
            weights[mask] = wanted * len(truths) / mask.sum()
    return weights


def stream_reliability(
    truths: Truths,
    scores: Scores,
    look_alike: NDArray[np.bool_],
    base_rate: float = BASE_RATE,
    look_alikes: float = LOOK_ALIKES,
) -> Reliability | None:
    """Take `reliability` under `stream_weights`: what a probability would be worth in a stream; None as there."""
    weights = stream_weights(truths, look_alike, base_rate, look_alikes)
    return None if weights is None else reliability(truths, scores, weights)


def precision_recall(truths: Truths, scores: Scores, found: Truths) -> Curve | None:
    """Draw the curve whose steps average precision sums; None where nothing is positive."""
    positives = int(truths.sum())
    if not positives:
        return None
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(truths[order])[ends]
    gaining = np.diff(hits, prepend=0) > 0  # where recall stands still there is no step
    hit = int((found & truths).sum())
    return Curve(
        recall=tuple((hits[gaining] / positives).tolist()),
        precision=tuple((hits[gaining] / (ends[gaining] + 1)).tolist()),
        average_precision=float(average_precisions(truths, scores, np.ones((1, len(truths))))[0]),
        share=positives / len(truths),
        at=(hit / positives, hit / int(found.sum())) if found.any() else None,
    )


def _bin(low: float, high: float, truths: Truths, scores: Scores, weights: Scores, total: float) -> Bin:
    weight = float(weights.sum())
    if not weight:
        return Bin(low, high, len(truths), 0.0, None, None)
    mean, share = float(weights @ scores) / weight, float(weights @ truths) / weight
    return Bin(low, high, len(truths), weight / float(total), mean, share)
