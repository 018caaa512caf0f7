"""How far what comes has moved from what was: the measures, and what training leaves behind to be held against.

The population stability index is Σ (a - e) · ln(a / e) over the shares of bins, a now and e before (Siddiqi, Credit
Risk Scorecards, 2006, with the thresholds of .1 and .25). Over all scores it is nearly blind here, since 999 of 1,000
entries score near 0. So the bins are the deciles of the upper `UPPER` of before, and shares are counted in units of
what lay above the first of them: .25 means there what it means elsewhere, and that more score high counts too.
"""

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.classify.reading import Reading

Values = NDArray[np.float64]
Counts = NDArray[np.int64]
Known = Callable[[Sequence[Reading]], Counts]
"""Counts for each reading how many of its words are known: an array of (readings,)."""

UPPER = 0.05
_DECILES = np.arange(1, 10) / 10
_WATCH, _ACT = 0.1, 0.25
# A bin is taken to hold this share at least: an empty one would be infinitely far from any other.
_FLOOR = 0.005
# Of samples of one kind, the index over (1/n + 1/m) is about chi-squared (Yurdakul and Naranjo, Statistical
# Properties of the Population Stability Index, 2020). These are its .95 and .999 quantiles, by degrees of freedom: less
# is chance, whatever the thresholds say.
_CHANCE = {1: (3.841, 10.828), 9: (16.919, 27.877)}


class State(StrEnum):
    """What an index says: nothing moved, keep an eye on it, do something."""

    STABLE = "stable"
    WATCH = "watch"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Shift:
    """A share, or a distribution, now and before: the index, and what it says.

    ``against`` is "past", "training", or "" where there is nothing to hold it against. Of scores ``now`` and ``before``
    are the shares of entries that score as high as the upper ones did.
    """

    now: float
    before: float | None = None
    index: float | None = None
    state: State = State.STABLE
    against: str = ""


def psi(before: Values, now: Values) -> float:
    """Compute the population stability index of two arrays of shares (bins,).

    0 where they are equal, never negative, and the same with the two exchanged.
    """
    e, a = np.maximum(before, _FLOOR), np.maximum(now, _FLOOR)
    return float(np.sum((a - e) * np.log(a / e)))


def shift_of_share(now: float, items: int, before: float, items_before: int, against: str) -> Shift:
    """Hold a share (0 to 1) of something harmful against the one that it was: only a rise is more than stable."""
    index = psi(np.array([before, 1 - before]), np.array([now, 1 - now]))
    state = _state(index, 1, items, items_before) if now > before else State.STABLE
    return Shift(now, before, index, state, against)


def shift_of_scores(now: Values, before: Values) -> Shift:
    """Hold logits, an array of (entries,), against those of the past, another such array; neither may be empty."""
    edges = np.quantile(upper(before), _DECILES)
    return _shift_of_upper(now, edges, _counted(before, edges) / len(before), len(before), "past")


def shift_from_training(now: Values, edges: Sequence[float], items: int) -> Shift:
    """Hold logits against the nine deciles that training left, of the upper `UPPER` of so many items."""
    return _shift_of_upper(now, np.asarray(edges, dtype=np.float64), np.full(9, UPPER / 10), items, "training")


def upper(logits: Values) -> Values:
    """Keep the highest `UPPER` of an array, one at least, in order."""
    return np.sort(logits)[len(logits) - max(1, round(len(logits) * UPPER)) :]


def _shift_of_upper(now: Values, edges: Values, expected: Values, items: int, against: str) -> Shift:
    shares, before = _counted(now, edges) / len(now), float(expected.sum())
    index = psi(expected / before, shares / before)
    state = _state(index, 9, len(now) * before, items * before)
    return Shift(float(shares.sum()), before, index, state, against)


def _counted(values: Values, edges: Values) -> Values:
    """Count the values at or over the first edge, by the edges: an array of (edges,)."""
    return np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)[1:].astype(np.float64)


def _state(index: float, degrees: int, items: float, items_before: float) -> State:
    chance = 1 / max(items, 1) + 1 / max(items_before, 1)
    watch, act = (quantile * chance for quantile in _CHANCE[degrees])
    if index > max(_ACT, act):
        return State.ACT
    return State.WATCH if index > max(_WATCH, watch) else State.STABLE


def chance_of_counts(count: int, entries: int, count_before: int, entries_before: int) -> float:
    """Say how likely two counts are to lie so far apart, or farther, if they come from one rate: p, two-sided.

    The counts are Poisson; given their sum, the first is binomial (Przyborowski and Wilenski, Biometrika 31, 1940), so
    that a reference of a few entries is trusted no further than it goes.
    """
    total = count + count_before
    if not total:
        return 1.0
    share = entries / (entries + entries_before)
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total + 1)))])
    k = np.arange(total + 1)
    logs = factorials[total] - factorials - factorials[::-1] + k * np.log(share) + (total - k) * np.log1p(-share)
    chances = np.exp(logs)
    return float(min(1.0, 2 * min(chances[: count + 1].sum(), chances[count:].sum())))


def known_to(vocabulary: Container[str]) -> Known:
    """Count the words that a model's vocabulary holds."""

    def count(readings: Sequence[Reading]) -> Counts:
        return np.array([sum(word in vocabulary for word in reading.words) for reading in readings], dtype=np.int64)

    return count


def known_to_others(corpus: Sequence[Reading], least: int) -> Known:
    """Count the words that a model fitted to the rest of the corpus would know: in ``least`` other readings or more.

    The words of what a model was fitted to are known to it better than any that comes later. Meant for readings that
    are of the corpus.
    """
    held_by = Counter(chain.from_iterable(set(reading.words) for reading in corpus))
    return known_to({word for word, readings in held_by.items() if readings > least})


def reference(
    readings: Sequence[Reading],
    langs: Sequence[str],
    texts_empty: Sequence[bool],
    logits: Mapping[str, Values],
    known: Known,
    ordinary: Sequence[bool] | None = None,
) -> dict[str, Any]:
    """Describe what training saw of items without a label, for a manifest: plain JSON, rounded.

    All are of the same length. ``logits`` are before calibration, by label, from models that had not seen the item.
    ``known`` should not profit from the item itself either (`known_to_others`). The deciles of the upper `UPPER` are of
    the items that are ``ordinary`` (None: of all), which hard negatives are not. A label without logits has none.
    """
    words = np.array([len(reading.words) for reading in readings], dtype=np.int64)
    unknown = words - np.asarray(known(readings))
    empty, languages = np.asarray(texts_empty, dtype=np.bool_), np.asarray(langs, dtype=np.str_)
    chosen = np.ones(len(readings), dtype=np.bool_) if ordinary is None else np.asarray(ordinary, dtype=np.bool_)
    by_language = {}
    for lang in np.unique(languages):
        mine = languages == lang
        by_language[str(lang)] = {
            "items": int(mine.sum()),
            "unknown_words": round(float(unknown[mine].sum() / max(1, words[mine].sum())), 4),
            "no_text": round(float(empty[mine].mean()), 4),
        }
    uppers = {label: upper(values[chosen]) for label, values in sorted(logits.items()) if chosen.any()}
    return {
        "languages": by_language,
        "upper": {label: _rounded(np.quantile(values, _DECILES)) for label, values in uppers.items()},
        "ordinary": int(chosen.sum()),
    }


def _rounded(values: Values) -> list[float]:
    return [round(float(value), 4) for value in values]
