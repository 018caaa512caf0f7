"""How measures are told to people: names, numbers, intervals, and the table of what was taken for what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from monitor.classify.quality.bootstrap import Estimate
from monitor.classify.quality.measure import Confused, Measures
from monitor.domain.labels import Lines

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "precision": "precision",
        "recall": "recall",
        "f1": "F1",
        "average_precision": "avg. precision",
        "calibration_error": "calib. error",
    }
)
"""Each measure as it is headed in a table."""
NOTHING = "–"
_WIDEST = 8  # sets of labels a side; a larger table is not read


@dataclass(frozen=True, slots=True)
class Matrix:
    """True sets of labels against decided ones: ``rows`` are (name, a count a column)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]


def value(measures: Measures, name: str) -> str:
    """A measure as a number; `NOTHING` where it could not be divided."""
    found: Estimate = getattr(measures, name)
    return _number(found.value, name)


def interval(measures: Measures, name: str) -> str:
    """A measure's interval, "" where it has none."""
    found: Estimate = getattr(measures, name)
    return "" if found.low is None else f"{_number(found.low, name)}–{_number(found.high, name)}"


def counts_of(measures: Measures) -> str:
    """What was decided rightly and wrongly, in words."""
    right, left = measures.true_positives, measures.true_negatives
    wrong, missed = measures.false_positives, measures.false_negatives
    alarms = "false alarm" if wrong == 1 else "false alarms"
    return f"{right} found (TP), {wrong} {alarms} (FP), {missed} missed (FN), {left} rightly left out (TN)"


def lines_of(lines: Lines) -> str:
    """The thresholds of a label: "0.51", or "0.51, ru 0.4, tier analysis 0.6"."""
    own = [f"{code} {cut.threshold:g}" for code, cut in sorted(lines.languages.items())]
    own += [f"tier {tier} {cut.threshold:g}" for tier, cut in sorted(lines.tiers.items())]
    return ", ".join([f"{lines.default.threshold:g}", *own])


def matrix(confusion: Sequence[Confused]) -> Matrix | None:
    """Lay the counts out as a table; None where there are none, or too many sets of labels."""
    truths, decided = _ordered(pair.truth for pair in confusion), _ordered(pair.decided for pair in confusion)
    every = _ordered([*truths, *decided])
    if not confusion or len(every) > _WIDEST:
        return None
    counts = {(pair.truth, pair.decided): pair.items for pair in confusion}
    rows = tuple((joined(truth), tuple(counts.get((truth, column), 0) for column in every)) for truth in truths)
    return Matrix(tuple(map(joined, every)), rows)


def mistaken(confusion: Sequence[Confused]) -> tuple[Confused, ...]:
    """The pairs that differ."""
    return tuple(pair for pair in confusion if pair.truth != pair.decided)


def joined(labels: Sequence[str]) -> str:
    """A set of labels for people."""
    return " + ".join(labels) or "none"


def _ordered(sets: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Each set once: none first, then the smaller ones, in the order in which they come."""
    return sorted(dict.fromkeys(sets), key=len)


def _number(number: float | None, name: str) -> str:
    if number is None:
        return NOTHING
    return f"{number:.3f}" if name == "calibration_error" else f"{number:.2f}"
