"""Labels, thresholds, and the one rule that turns scores into decisions."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.entry import Score


@dataclass(frozen=True, slots=True)
class Label:
    """A class of the taxonomy with the cut that the user set for it."""

    name: str
    title: str
    threshold: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What one label says of one entry: its score against the line that held for it."""

    label: str
    probability: float
    threshold: float

    @property
    def margin(self) -> float:
        """How far over the line (negative: under it)."""
        return self.probability - self.threshold

    @property
    def passes(self) -> bool:
        return self.probability >= self.threshold


def decide(scores: Mapping[str, Score], thresholds: Mapping[str, float]) -> tuple[Decision, ...]:
    """Hold every scored label against its line, the best margin first (ties by name).

    The one resolver: selection, presentation and evaluation all call it. Labels without a threshold are passed over.
    """
    decisions = [
        Decision(label, score.probability, thresholds[label]) for label, score in scores.items() if label in thresholds
    ]
    return tuple(sorted(decisions, key=lambda d: (-d.margin, d.label)))


def passing(scores: Mapping[str, Score], thresholds: Mapping[str, float]) -> tuple[str, ...]:
    """Name the labels whose score reaches their line, the best margin first."""
    return tuple(d.label for d in decide(scores, thresholds) if d.passes)
