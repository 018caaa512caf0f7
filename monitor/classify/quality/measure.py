"""Measure scores on items whose truth is known: by label, by group, and what is taken for what; pure functions."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from monitor.classify.quality.bootstrap import Estimate, estimates
from monitor.classify.quality.curves import Bin, Curve, Reliability, precision_recall, reliability, stream_reliability
from monitor.classify.quality.evalset import BORDERLINE, KINDS, EvalItem
from monitor.classify.quality.evaluate import Scores, Truths
from monitor.domain.entry import Score
from monitor.domain.labels import Lines, cuts_for, passing

LEAST = 30
"""With fewer positives, or negatives, no number of a label is worth telling, and no interval of a group."""
EXAMPLES = 10
UNKNOWN = "unknown"
"""The group of items that do not say to which they belong."""


@dataclass(frozen=True, slots=True)
class Measures:
    """One label on some items, at the lines; each measure with a 95 % interval where there are enough of both."""

    items: int
    positives: int
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    average_precision: Estimate
    calibration_error: Estimate


@dataclass(frozen=True, slots=True)
class Example:
    """An item that was decided wrongly."""

    id: str
    title: str
    lang: str
    score: float


@dataclass(frozen=True, slots=True)
class LabelEvaluation:
    """One label. ``refused`` says why there are no numbers, "" where there are.

    ``groups`` are by dimension (language, source, style, month, kind) and value. ``stream`` is reliability at the base
    rate of a stream, None where the set does not tell look-alikes from ordinary items.
    """

    items: int
    positives: int
    refused: str = ""
    overall: Measures | None = None
    groups: Mapping[str, Mapping[str, Measures]] = field(default_factory=dict)
    calibration: Reliability | None = None
    stream: Reliability | None = None
    false_alarms: tuple[Example, ...] = ()
    misses: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Confused:
    """How many items that carry exactly ``truth`` were given exactly ``decided``."""

    truth: tuple[str, ...]
    decided: tuple[str, ...]
    items: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A set measured. Borderline items are counted in ``borderline``, and measured in the group of their kind only."""

    items: int
    borderline: int
    resamples: int
    seed: int
    labels: Mapping[str, LabelEvaluation]
    confusion: tuple[Confused, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    """One label's truth, score and decision on the items that were asked for it."""

    items: tuple[EvalItem, ...]
    truths: Truths
    scores: Scores
    found: Truths

    def where(self, mask: NDArray[np.bool_]) -> "_Judged":
        items = tuple(self.items[at] for at in np.flatnonzero(mask))
        return _Judged(items, self.truths[mask], self.scores[mask], self.found[mask])

    @property
    def plain(self) -> "_Judged":
        """Without what is borderline."""
        return self.where(np.array([item.kind != BORDERLINE for item in self.items], dtype=bool))

    @property
    def enough(self) -> bool:
        return min(int(self.truths.sum()), int((~self.truths).sum())) >= LEAST


def measure(
    items: Sequence[EvalItem],
    scores: Mapping[str, Scores],
    lines: Mapping[str, Lines],
    *,
    resamples: int = 1_000,
    seed: int = 0,
) -> Evaluation:
    """Measure every label that has lines, on all items that are not borderline, and by group.

    ``scores`` are probabilities by label, each of shape (len(items),), 0 where an item has none. Equal items, scores,
    lines and seed give equal numbers, in any order. 1,000 items and two labels take about a second.

    Raises:
        ValueError: a label has not as many scores as there are items, or one that is no probability.
    """
    _check(items, scores)
    decided = _decided(items, scores, lines)
    labels = {}
    for label in lines:
        judged = _judged(items, scores.get(label, np.zeros(len(items))), decided, label)
        if label in scores:
            labels[label] = _label(judged, resamples, seed)
        else:
            labels[label] = LabelEvaluation(len(judged.plain.items), int(judged.plain.truths.sum()), "not scored")
    return Evaluation(
        items=len(items),
        borderline=sum(item.kind == BORDERLINE for item in items),
        resamples=resamples,
        seed=seed,
        labels=labels,
        confusion=_confusion(items, decided, [label for label in lines if label in scores]),
    )


def curves(items: Sequence[EvalItem], scores: Mapping[str, Scores], lines: Mapping[str, Lines]) -> dict[str, Curve]:
    """Draw the precision-recall curve of every label that `measure` gives numbers for."""
    decided = _decided(items, scores, lines)
    drawn = {}
    for label in lines:
        if label in scores:
            judged = _judged(items, scores[label], decided, label).plain
            curve = precision_recall(judged.truths, judged.scores, judged.found) if judged.enough else None
            if curve:
                drawn[label] = curve
    return drawn


def bins(evaluation: Evaluation, *, stream: bool = False) -> dict[str, tuple[Bin, ...]]:
    """The reliability bins of every label that has some, on the set as it is or at a stream's base rate."""
    found = {name: (label.stream if stream else label.calibration) for name, label in evaluation.labels.items()}
    return {name: shown.bins for name, shown in found.items() if shown}


def _check(items: Sequence[EvalItem], scores: Mapping[str, Scores]) -> None:
    for label, values in scores.items():
        if values.shape != (len(items),):
            raise ValueError(f"{label}: scores of shape {values.shape} for {len(items)} items")
        if not ((values >= 0) & (values <= 1)).all():
            raise ValueError(f"{label}: a score is no probability")


def _decided(
    items: Sequence[EvalItem], scores: Mapping[str, Scores], lines: Mapping[str, Lines]
) -> list[frozenset[str]]:
    """Decide as the program does, by the lines for the language and tier of each item."""
    listed = {label: scores[label].tolist() for label in lines if label in scores}
    return [
        frozenset(passing({label: Score(values[at]) for label, values in listed.items()},
                          cuts_for(lines, item.lang, item.tier)))
        for at, item in enumerate(items)
    ]  # fmt: skip


def _judged(items: Sequence[EvalItem], scores: Scores, decided: Sequence[frozenset[str]], label: str) -> _Judged:
    known = np.array([item.knows(label) for item in items], dtype=bool)
    truths = np.array([item.holds(label) for item in items], dtype=bool)
    found = np.array([label in labels for labels in decided], dtype=bool)
    return _Judged(tuple(items), truths, np.asarray(scores, dtype=np.float64), found).where(known)


def _label(every: _Judged, resamples: int, seed: int) -> LabelEvaluation:
    judged = every.plain
    positives = int(judged.truths.sum())
    shown = LabelEvaluation(
        items=len(judged.items),
        positives=positives,
        refused=f"not enough labels ({min(positives, len(judged.items) - positives)}/{LEAST})",
        false_alarms=_worst(judged.where(judged.found & ~judged.truths), highest=True),
        misses=_worst(judged.where(judged.truths & ~judged.found), highest=False),
    )
    if not judged.enough:
        return shown
    look_alike = np.array([item.group in {"trap", "named"} for item in judged.items], dtype=bool)
    told = any(item.kind for item in judged.items)
    return replace(
        shown,
        refused="",
        overall=_measures(judged, resamples, seed),
        groups=_groups(every, judged, resamples, seed),
        calibration=reliability(judged.truths, judged.scores),
        stream=stream_reliability(judged.truths, judged.scores, look_alike) if told else None,
    )


def _measures(judged: _Judged, resamples: int, seed: int) -> Measures:
    truths, found = judged.truths, judged.found
    return Measures(
        items=len(truths),
        positives=int(truths.sum()),
        true_positives=int((truths & found).sum()),
        false_positives=int((~truths & found).sum()),
        false_negatives=int((truths & ~found).sum()),
        true_negatives=int((~truths & ~found).sum()),
        **estimates(truths, judged.scores, found, resamples=resamples if judged.enough else 0, seed=seed),
    )


_DIMENSIONS: Mapping[str, Callable[[EvalItem], str]] = MappingProxyType(
    {
        "language": lambda item: item.lang,
        "source": lambda item: item.source,
        "style": lambda item: item.style,
        "month": lambda item: item.month,
    }
)


def _groups(every: _Judged, judged: _Judged, resamples: int, seed: int) -> dict[str, dict[str, Measures]]:
    """Measure by all that items say of themselves: the largest group first, months and kinds in their order."""
    found = {}
    for dimension, value_of in _DIMENSIONS.items():
        if any(value_of(item) for item in judged.items):
            split = _split(judged, [value_of(item) or UNKNOWN for item in judged.items], resamples, seed)
            by_name = dimension == "month"
            found[dimension] = dict(sorted(split.items(), key=lambda pair: (0 if by_name else -pair[1].items, pair[0])))
    if any(item.kind for item in every.items):
        split = _split(every, [item.group for item in every.items], resamples, seed)
        found["kind"] = {kind: split[kind] for kind in KINDS if kind in split}
    return found


def _split(judged: _Judged, values: Sequence[str], resamples: int, seed: int) -> dict[str, Measures]:
    keys = np.array(values)
    return {str(key): _measures(judged.where(keys == key), resamples, seed) for key in np.unique(keys)}


def _worst(wrong: _Judged, *, highest: bool) -> tuple[Example, ...]:
    found = [
        Example(item.id, item.title, item.lang, score)
        for item, score in zip(wrong.items, wrong.scores.tolist(), strict=True)
    ]
    found.sort(key=lambda example: (-example.score if highest else example.score, example.id))
    return tuple(found[:EXAMPLES])


def _confusion(
    items: Sequence[EvalItem], decided: Sequence[frozenset[str]], labels: Sequence[str]
) -> tuple[Confused, ...]:
    """Count pairs of sets of labels, on items that were asked for all of them; the most frequent first."""
    counts = Counter(
        (tuple(label for label in labels if item.holds(label)), tuple(label for label in labels if label in chosen))
        for item, chosen in zip(items, decided, strict=True)
        if item.kind != BORDERLINE and all(map(item.knows, labels))
    )
    return tuple(Confused(*pair, count) for pair, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
