"""Labels, their lines, and the one rule that turns scores into decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from monitor.domain.entry import WATCH, Score

_NONE: Mapping[str, bool] = MappingProxyType({})


class Band(StrEnum):
    """Where an entry stands for a label: in the digest, a near-miss that a person may look at, or out."""

    IN = "in"
    REVIEW = "review"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Cut:
    """Two lines of a label: in from ``threshold`` on, and a near-miss from ``review`` on (at most the threshold)."""

    threshold: float
    review: float

    @classmethod
    def single(cls, threshold: float) -> "Cut":
        """A line without near-misses."""
        return cls(threshold, threshold)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a label: for a language where it has its own, else for a source's tier, else for all.

    The language goes first, since scores run lower in some; the tier is a matter of taste.
    """

    default: Cut
    languages: Mapping[str, Cut] = field(default_factory=dict)
    tiers: Mapping[str, Cut] = field(default_factory=dict)

    def at(self, lang: str = "", tier: str = "") -> Cut:
        """The lines that hold for an entry of this language (ISO 639-1) and tier."""
        return self.languages.get(lang) or self.tiers.get(tier) or self.default

    @property
    def lowest(self) -> Cut:
        """Below these no entry can be in, or a near-miss, whatever its language and tier."""
        cuts = (self.default, *self.languages.values(), *self.tiers.values())
        return Cut(min(cut.threshold for cut in cuts), min(cut.review for cut in cuts))


@dataclass(frozen=True, slots=True)
class Label:
    """A class of the taxonomy with the lines that the user set for it; ``alert`` is the score worth an alert.

    ``titles`` are by language what ``title`` is in all others.
    """

    name: str
    title: str
    lines: Lines
    alert: float | None = None
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def threshold(self) -> float:
        """The line for all that have none of their own."""
        return self.lines.default.threshold


@dataclass(frozen=True, slots=True)
class Decision:
    """What one label says of one entry: its score against the lines that held for it.

    ``human`` is what a person said, which beats the score; None where nobody did. ``watched`` says that the entry
    names something on the watch-list.
    """

    label: str
    probability: float
    threshold: float
    review: float = 1.0
    human: bool | None = None
    watched: bool = False

    @property
    def margin(self) -> float:
        """How far over the line (negative: under it); what a person put in is ahead of everything."""
        return 1.0 if self.human else self.probability - self.threshold

    @property
    def passes(self) -> bool:
        return self.band is Band.IN

    @property
    def band(self) -> Band:
        """A person's word, else the score; what is watched is a near-miss at least."""
        if self.human is not None:
            return Band.IN if self.human else Band.OUT
        if self.probability >= self.threshold:
            return Band.IN
        return Band.REVIEW if self.watched or self.probability >= self.review else Band.OUT


def decide(
    scores: Mapping[str, Score], cuts: Mapping[str, Cut], *, human: Mapping[str, bool] = _NONE
) -> tuple[Decision, ...]:
    """Hold every scored label against its lines, the best margin first (ties by name).

    The one resolver: selection, presentation and evaluation all call it. ``cuts`` are the lines that hold for this
    entry; labels without one are passed over. A label that nobody scored and a person gave counts with score 0.
    """
    watched = WATCH in scores
    decisions = [
        Decision(label, scores[label].probability if label in scores else 0.0, cut.threshold, cut.review,
                 human.get(label), watched)
        for label, cut in cuts.items()
        if label in scores or label in human
    ]  # fmt: skip
    return tuple(sorted(decisions, key=lambda d: (-d.margin, d.label)))


def passing(
    scores: Mapping[str, Score], cuts: Mapping[str, Cut], *, human: Mapping[str, bool] = _NONE
) -> tuple[str, ...]:
    """Name the labels whose score reaches their line, the best margin first."""
    return tuple(d.label for d in decide(scores, cuts, human=human) if d.passes)


def cuts_for(lines: Mapping[str, Lines], lang: str = "", tier: str = "") -> dict[str, Cut]:
    """The lines of every label for an entry of this language and tier."""
    return {label: own.at(lang, tier) for label, own in lines.items()}
