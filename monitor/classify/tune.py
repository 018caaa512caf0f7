"""Find the line that meets a goal: pure functions on arrays, nothing but numpy.

A line is one of `LINES`, so what is proposed can be written with two decimals and still meets its goal. Everywhere 0
stands for "only letting everything in would do", and 1 for "only letting nothing in would".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.classify.options import GoalOptions
from monitor.classify.quality.evaluate import Scores, Truths
from monitor.errors import UsageError

LINES: Scores = np.arange(1, 100) / 100
"""What can be proposed: 0.01 to 0.99."""
Interval = tuple[float, float]
Integers = NDArray[np.int64]

_DRAWS = 400
_LEVEL = (2.5, 97.5)
_BAND = 5  # times as many stories pass the review line
_ANCHOR, _SEEN = 0.95, 0.2  # precision and least recall where what is over a line is taken for positive
_EXACT = 1e-9  # what sums of floats may be off


@dataclass(frozen=True, slots=True)
class Goal:
    """What a line is to do. ``value`` is entries a day, a share, or what a miss costs in false alerts, by ``mode``."""

    mode: str
    value: float

    def __str__(self) -> str:
        return f"{self.mode} {self.value:g}{' a day' if self.mode == 'budget' else ''}"


def goal_of(options: GoalOptions) -> Goal:
    """The goal that labels.toml sets."""
    values = {"budget": options.per_day, "cost": options.cost_miss}
    return Goal(options.mode, values.get(options.mode, options.target))


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Items of which the truth is known, arrays of shape (n,). Items of one group (a story) are drawn together."""

    truths: Truths
    scores: Scores
    groups: Integers

    @property
    def fewer(self) -> int:
        """How many positives or negatives there are, whichever are fewer."""
        return int(min(self.truths.sum(), (~self.truths).sum()))


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """The entries of some days, arrays of shape (n,).

    ``day`` counts 24-hour stretches back from now; ``days`` is how many of them there were.
    ``said`` is what a person said: 1 in, 0 out, -1 nothing. ``watched`` entries are near-misses at least.
    """

    ids: Integers
    story: Integers
    day: Integers
    scores: Scores
    said: Integers
    watched: Truths
    days: float

    def over(self, line: float) -> Truths:
        """Which entries are in at a line; a person's word stands."""
        return np.where(self.said >= 0, self.said == 1, self.scores >= line)

    def near(self, line: float, review: float) -> Truths:
        """Which entries are near-misses."""
        return (self.said < 0) & (self.scores < line) & (self.watched | (self.scores >= review))

    def stories_over(self, line: float) -> int:
        """Count the stories with an entry that is in."""
        return len(np.unique(self.story[self.over(line)]))

    def histogram(self, *, judged: bool = True) -> NDArray[Any]:
        """Count stories by day and by how many lines their best entry reaches: shape (days, 100).

        What a person let in reaches them all; stories of which a person said that they are out are not counted, and
        with ``judged`` False none that a person let in either.
        """
        worth = np.where(self.said >= 0, np.where(self.said == 1, 2.0, -1.0), self.scores)
        _, at = np.unique(self.story, return_inverse=True)
        size = int(at.max()) + 1 if len(at) else 0
        best, first = np.full(size, -1.0), np.zeros(size, dtype=np.int64)
        np.maximum.at(best, at, worth)
        np.maximum.at(first, at, self.day)
        counts = (best >= 0) & (judged | (best < 2))
        return _table(first[counts], best[counts])


def line(goal: Goal, evidence: Evidence, stream: Stream) -> float:
    """Find the line that meets a goal; 0 or 1 where none of `LINES` does.

    budget: the lowest that at most ``value`` stories a day of the stream reach. precision: the lowest at which that
    share of what is over it is right; recall: the highest that reaches it. cost: the one with the least false alerts
    + ``value`` · misses in the stream (`_costs`), the lowest of equals.
    """
    return float(_solver(goal, evidence, stream)(None)[0])


def interval(goal: Goal, evidence: Evidence, stream: Stream, *, seed: int = 0) -> Interval:
    """Give where 95 % of the lines lie that are found on resampled data (bootstrap by story, and by day of the stream).

    An end of 0 or 1 says that in some of the draws no line met the goal.
    """
    return _bounds(_solver(goal, evidence, stream)(np.random.default_rng(seed)))


def demand(found: float, goal: Goal, evidence: Evidence) -> None:
    """Refuse a line that would let everything in or nothing; raises UsageError with the reason."""
    everything = {
        "budget": f"all that came is no more than {goal.value:g} a day, so only 0 would be the lowest line",
        "precision": f"a share of {goal.value:g} of all that is known is positive, so only 0 would be the lowest line",
        "recall": f"even 0.01 does not find a share of {goal.value:g}; only 0 would",
        "cost": "0 would cost least",
    }
    nothing = {
        "budget": f"more than {goal.value:g} a day reach 0.99, the highest line, or were put in by people",
        "precision": f"no line up to 0.99 comes to {goal.value:g}; {_best(evidence)}",
        "cost": "1 would cost least: what is over any line is wrong too often",
    }
    if found <= 0:
        raise UsageError(f"no line for {goal}: {everything[goal.mode]}, and that lets everything in")
    if found >= 1:
        raise UsageError(f"no line for {goal}: {nothing[goal.mode]}; a line of 1 lets nothing in")


def _best(evidence: Evidence) -> str:
    positives, negatives = _halves(_drawn(_by_group(evidence), None))
    right, wrong = _over(positives)[0], _over(negatives)[0]
    share = right / np.maximum(right + wrong, 1)
    return f"the best is {share.max():.2f}, at {LINES[np.argmax(share)]:.2f}"


def review_line(stream: Stream, threshold: float) -> float | None:
    """Find the lowest line that at most five times as many stories reach as the threshold, and never one over it.

    None where the stream is empty.
    """
    if not len(stream.ids):
        return None
    fits = _over(stream.histogram().sum(axis=0)) <= _BAND * max(stream.stories_over(threshold), 1)
    return min(float(LINES[np.argmax(fits)]) if fits.any() else threshold, threshold)


@dataclass(frozen=True, slots=True)
class Measured:
    """Precision and recall at a line with their 95 % intervals; None where there is nothing to divide by."""

    precision: float | None
    recall: float | None
    precision_interval: Interval | None
    recall_interval: Interval | None


def measure(evidence: Evidence, threshold: float, *, seed: int = 0) -> Measured:
    """Measure a line on known truths, the intervals by bootstrap over groups."""
    found = evidence.scores >= threshold
    _, at = np.unique(evidence.groups, return_inverse=True)
    size = int(at.max()) + 1 if len(at) else 0
    parts = [np.bincount(at, which, minlength=size) for which in (found & evidence.truths, found, evidence.truths)]
    drawn = _drawn(np.stack(parts, axis=1), np.random.default_rng(seed)) if size else np.zeros((1, 3))
    hits, over, positives = (np.array([part.sum()]) for part in parts)
    exact = [_share(hits, below) for below in (over, positives)]
    spread = [_share(drawn[:, 0], drawn[:, below]) for below in (1, 2)]
    precision, recall = (None if np.isnan(share[0]) else float(share[0]) for share in exact)
    bounds = [_bounds(share[~np.isnan(share)]) if not np.isnan(share).all() else None for share in spread]
    return Measured(precision, recall, *bounds)


_Solver = Callable[[np.random.Generator | None], Scores]


def _solver(goal: Goal, evidence: Evidence, stream: Stream) -> _Solver:
    """Prepare the search: the result gives one line, or with a generator the lines of `_DRAWS` resampled data."""
    if goal.mode == "budget":
        days = stream.histogram()
        return lambda rng: _budget(_drawn(days, rng), goal.value * stream.days)
    truths = _by_group(evidence)
    if goal.mode == "precision":
        return lambda rng: _precision(*_halves(_drawn(truths, rng)), goal.value)
    if goal.mode == "recall":
        return lambda rng: _recall(_halves(_drawn(truths, rng))[0], goal.value)
    unjudged = stream.histogram(judged=False)
    return lambda rng: _cheapest(_costs(*_halves(_drawn(truths, rng)), _drawn(unjudged, rng), goal.value))


def _budget(counts: NDArray[Any], allowed: float) -> Scores:
    fits = _over(counts) <= allowed + _EXACT
    found = np.where(fits.any(axis=1), LINES[np.argmax(fits, axis=1)], 1.0)
    return np.where(counts.sum(axis=1) <= allowed + _EXACT, 0.0, found)


def _precision(positives: NDArray[Any], negatives: NDArray[Any], target: float) -> Scores:
    right, wrong = _over(positives), _over(negatives)
    meets = (right + wrong > 0) & (right >= (target - _EXACT) * (right + wrong))
    all_right, everything = positives.sum(axis=1), (positives + negatives).sum(axis=1)
    found = np.where(meets.any(axis=1), LINES[np.argmax(meets, axis=1)], 1.0)
    return np.where((everything > 0) & (all_right >= (target - _EXACT) * everything), 0.0, found)


def _recall(positives: NDArray[Any], target: float) -> Scores:
    meets = _over(positives) >= (target - _EXACT) * np.maximum(positives.sum(axis=1, keepdims=True), 1)
    return np.where(meets.any(axis=1), LINES[np.maximum(meets.sum(axis=1), 1) - 1], 0.0)


def _costs(positives: NDArray[Any], negatives: NDArray[Any], counts: NDArray[Any], cost_miss: float) -> NDArray[Any]:
    """What each line from 0 to 1 would cost in the stream: shape (draws, 101).

    A share r(t) of positives is over a line t, by the evidence. How many there are in the stream is told from where
    what is over a line is hardly ever wrong: over(t) · precision(t) / r(t) (the adjusted count of Forman 2008,
    "Quantifying counts and costs via classification", without its false positives: known negatives are look-alikes,
    and of ordinary news they say nothing). Of what is over a line, what is not positive is a false alert.
    """
    right, wrong, over = _over(positives), _over(negatives), _over(counts)
    found = right / np.maximum(positives.sum(axis=1, keepdims=True), 1)
    precise = right / np.maximum(right + wrong, 1)
    good = precise >= _ANCHOR
    best = np.argmax(np.where(found >= _SEEN, precise, 0), axis=1)
    anchor = np.where(good.any(axis=1), np.argmax(good, axis=1), best)
    rows, total = np.arange(len(found)), counts.sum(axis=1)
    ours = over[rows, anchor] * precise[rows, anchor] / np.maximum(found[rows, anchor], _EXACT)
    ours = np.minimum(ours, total)[:, None]
    share = np.pad(np.pad(found, ((0, 0), (1, 0)), constant_values=1), ((0, 0), (0, 1)))
    reach = np.concatenate([total[:, None], over, np.zeros((len(over), 1))], axis=1)
    return np.asarray(np.maximum(reach - ours * share, 0) + cost_miss * ours * (1 - share))


def _cheapest(costs: NDArray[Any]) -> Scores:
    return np.asarray(np.r_[0.0, LINES, 1.0][np.argmin(costs.round(9), axis=1)], dtype=np.float64)


def _table(rows: Integers, scores: Scores) -> NDArray[Any]:
    """Count scores by row and by how many of `LINES` they reach: shape (rows, 100)."""
    size = int(rows.max()) + 1 if len(rows) else 1
    cells = np.searchsorted(LINES, scores, side="right")
    return np.bincount(rows * 100 + cells, minlength=size * 100).reshape(size, 100)


def _by_group(evidence: Evidence) -> NDArray[Any]:
    """Positives and negatives by group, side by side: shape (groups, 200)."""
    _, at = np.unique(evidence.groups, return_inverse=True)
    size = int(at.max()) + 1 if len(at) else 1
    halves = []
    for which in (evidence.truths, ~evidence.truths):
        table = _table(at[which], evidence.scores[which])
        halves.append(np.pad(table, ((0, size - len(table)), (0, 0))))
    return np.concatenate(halves, axis=1)


def _halves(counts: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    return counts[:, :100], counts[:, 100:]


def _over(counts: NDArray[Any]) -> NDArray[Any]:
    """How many reach each line, from how many reach just so many lines."""
    return np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1][..., 1:]


def _drawn(counts: NDArray[Any], rng: np.random.Generator | None) -> NDArray[Any]:
    """Add the rows up; with a generator `_DRAWS` times, of as many rows drawn with replacement, empty ones left out."""
    held = counts[counts.any(axis=1)].astype(float)  # integers would be multiplied without BLAS, ten times as slowly
    rows = len(held)
    if rng is None:
        return np.asarray(held.sum(axis=0, keepdims=True))
    if not rows:
        return np.zeros((_DRAWS, counts.shape[1]))
    return np.asarray(rng.multinomial(rows, np.full(rows, 1 / rows), size=_DRAWS).astype(float) @ held)


def _share(part: NDArray[Any], whole: NDArray[Any]) -> Scores:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def _bounds(values: Scores) -> Interval:
    low, high = np.percentile(values, _LEVEL)
    return float(low), float(high)
