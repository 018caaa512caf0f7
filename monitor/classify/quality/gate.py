"""The promotion gate: whether a model may go live in place of the one in use. Pure; `monitor.jobs.trial` feeds it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.classify.quality.bootstrap import average_precisions, draws, precisions_recalls_f1s
from monitor.classify.quality.evaluate import Scores, Truths, average_precision, precision_recall_f1

ENOUGH = 30
"""Positives, and negatives, without which nothing can be said of a label."""
MAX_LOSS = 0.01
"""What a label's average precision may fall by, if that is not sure."""
SPOKEN = 5
"""Positives of a label that make a language count."""
_HELD_OUT = 5  # one story in five
_RESAMPLES = 2_000
_TAILS = (0.025, 0.975)
_SAME = 1e-6  # weights are stored in 32 bits: a twin that was trained on another machine differs by less


@dataclass(frozen=True, slots=True)
class Side:
    """One model on the items of a label: its scores (n,) in [0, 1], and the threshold that it recommends."""

    scores: Scores
    threshold: float

    @property
    def found(self) -> Truths:
        """Which items it finds, (n,)."""
        return self.scores >= self.threshold


@dataclass(frozen=True, slots=True)
class Contest:
    """The held-out items of one label: truths (n,), languages (n,), and both models; None is one that does not know it.

    Where there is no model in use, the incumbent of every label is None.
    """

    truths: Truths
    languages: NDArray[np.str_]
    incumbent: Side | None
    challenger: Side | None


@dataclass(frozen=True, slots=True)
class Change:
    """A measure of both models, and the 95 % interval of its difference; None is what is not defined."""

    incumbent: float | None
    challenger: float | None
    low: float | None = None
    high: float | None = None

    @property
    def difference(self) -> float | None:
        """What the challenger gains."""
        return None if self.incumbent is None or self.challenger is None else self.challenger - self.incumbent

    @property
    def surely_worse(self) -> bool:
        """Say whether the whole interval of the difference lies below 0."""
        return self.high is not None and self.high < 0


@dataclass(frozen=True, slots=True)
class Figures:
    """One label's numbers; F1 is at the threshold that each model recommends."""

    items: int
    positives: int
    average_precision: Change
    f1: Change


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the challenger may go live, why not, and the numbers by label; a ``twin`` scores as the incumbent."""

    passed: bool
    reasons: tuple[str, ...]
    labels: Mapping[str, Figures] = field(default_factory=dict)
    twin: bool = False


def kept_out(story_id: int) -> bool:
    """Say whether what people said of a story is kept for measuring, and never trained on: one in five, by sha256."""
    digest = hashlib.sha256(str(story_id).encode()).digest()
    return int.from_bytes(digest[:8], "big") % _HELD_OUT == 0


def judge(held_out: Mapping[str, Contest], *, seed: int = 0) -> Verdict:
    """Judge a challenger by every label that either model knows. The same seed gives the same intervals.

    It passes if it gains average precision over all labels and is surely worse in none, or if it is a twin, and if it
    lost no label and no language. Of labels that the incumbent does not know only F1 and languages are looked at.
    """
    labels = {label: _measure(contest, seed) for label, contest in held_out.items()}
    twin = all(map(_same, held_out.values())) and any(len(contest.truths) for contest in held_out.values())
    reasons = [
        f"{label}: {why}" for label, contest in held_out.items() for why in _reasons(contest, labels[label])
    ]  # fmt: skip
    lost = [label for label, contest in held_out.items() if contest.challenger is None]
    reasons += [f"the new model does not know {', '.join(lost)} any more"] if lost else []
    reasons += [] if twin else _no_gain(labels)
    return Verdict(not reasons, tuple(reasons), labels, twin)


def numbers(labels: Mapping[str, Figures]) -> dict[str, Any]:
    """The numbers of a verdict as JSON knows them, rounded to four digits; null is what is not defined."""
    return {
        label: {
            "items": figures.items,
            "positives": figures.positives,
            "average_precision": _rounded(figures.average_precision),
            "f1": _rounded(figures.f1),
        }
        for label, figures in labels.items()
    }


def _rounded(change: Change) -> dict[str, float | None]:
    names = ("incumbent", "challenger", "difference", "low", "high")
    values = {name: getattr(change, name) for name in names}
    return {name: None if value is None else round(value, 4) for name, value in values.items()}


def _same(contest: Contest) -> bool:
    if contest.incumbent is None or contest.challenger is None:
        return False
    return np.allclose(contest.incumbent.scores, contest.challenger.scores, rtol=0.0, atol=_SAME)


def _measure(contest: Contest, seed: int) -> Figures:
    truths, before, after = contest.truths, contest.incumbent, contest.challenger
    gains = _gains(truths, before, after, seed) if before and after and truths.any() else None
    precision = Change(_precision(truths, before), _precision(truths, after))
    f1 = Change(_f1(truths, before), _f1(truths, after))
    if gains is not None:
        precision, f1 = _sure(precision, gains[0]), _sure(f1, gains[1])
    return Figures(len(truths), int(truths.sum()), precision, f1)


def _precision(truths: Truths, side: Side | None) -> float | None:
    return None if side is None else _defined(average_precision(truths, side.scores))


def _f1(truths: Truths, side: Side | None) -> float | None:
    return None if side is None else _defined(precision_recall_f1(truths, side.scores, side.threshold)[2])


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else value


def _gains(truths: Truths, before: Side, after: Side, seed: int) -> tuple[Scores, Scores]:
    """Draw items anew, the same for both models; return what each draw gains in average precision and in F1."""
    precision, f1 = [], []
    for drawn in draws(truths, _RESAMPLES, seed):
        precision.append(
            average_precisions(truths, after.scores, drawn) - average_precisions(truths, before.scores, drawn)
        )
        f1.append(
            precisions_recalls_f1s(truths, after.found, drawn)[2]
            - precisions_recalls_f1s(truths, before.found, drawn)[2]
        )
    return np.concatenate(precision), np.concatenate(f1)


def _sure(change: Change, gains: Scores) -> Change:
    """Add the difference with its percentile interval, as `monitor.classify.quality.bootstrap` draws it."""
    low, high = np.quantile(gains, _TAILS).tolist()
    return replace(change, low=low, high=high)


def _reasons(contest: Contest, figures: Figures) -> Iterator[str]:
    """Say what speaks against the challenger in one label."""
    if contest.challenger is None:
        return
    if contest.incumbent is not None:
        yield from _too_few(figures)
        yield from _worse(figures)
    if figures.positives and figures.f1.challenger == 0:
        yield f"F1 is 0: none of {figures.positives} is found"
    yield from _lost_languages(contest.truths, contest.languages, contest.incumbent, contest.challenger)


def _too_few(figures: Figures) -> Iterator[str]:
    for count, kind in ((figures.positives, "positives"), (figures.items - figures.positives, "negatives")):
        if count < ENOUGH:
            yield f"not enough labels ({count}/{ENOUGH}): too few {kind} to tell"


def _worse(figures: Figures) -> Iterator[str]:
    precision, f1 = figures.average_precision, figures.f1
    if precision.surely_worse:
        yield f"average precision is surely worse, {_told(precision)}"
    elif precision.difference is not None and precision.difference < -MAX_LOSS:
        yield f"average precision falls by more than {MAX_LOSS:g}, {_told(precision)}"
    if f1.surely_worse:
        yield f"F1 is surely worse, {_told(f1)}"


def _told(change: Change) -> str:
    interval_ = f" (95 % interval {change.low:+.3f} to {change.high:+.3f})" if change.low is not None else ""
    return f"{change.incumbent:.3f} -> {change.challenger:.3f}{interval_}"


def _lost_languages(truths: Truths, languages: NDArray[np.str_], before: Side | None, after: Side) -> Iterator[str]:
    """Say which languages the incumbent finds at least half in, and the challenger less than half of that.

    Without an incumbent a language is lost in which nothing at all is found.
    """
    for language in np.unique(languages[truths]).tolist():
        mine = truths & (languages == language)
        positives, now = int(mine.sum()), int((after.found & mine).sum())
        if positives < SPOKEN:
            continue
        if before is None:
            if not now:
                yield f"language {language}: none of {positives} is found"
            continue
        then = int((before.found & mine).sum())
        if 2 * then >= positives and 2 * now < then:
            yield f"language {language} is lost: {now} of {positives} are found, and were {then}"


def _no_gain(labels: Mapping[str, Figures]) -> Iterator[str]:
    gains = [f.average_precision.difference for f in labels.values() if f.average_precision.difference is not None]
    if gains and (mean := sum(gains) / len(gains)) <= 0:
        yield f"nothing is gained: average precision changes by {mean:+.4f} on average"
