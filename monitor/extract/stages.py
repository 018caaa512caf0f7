"""How far a measure has come, by the cues that stand around its words in a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.domain.facts import Measure, Stage
from monitor.extract.gazetteer import Hit
from monitor.extract.reading import MARKS, Reading

Cues = Mapping[str, Sequence[Hit]]
LAWS = (Stage.PROPOSED, Stage.DEBATED, Stage.ADOPTED)
"""The way of a law, of which the last station reached counts."""


@dataclass(frozen=True, slots=True)
class Said:
    """A stage, and whether it is said that it did not come or will not.

    ``plain``: no cue says so, it is the default.
    """

    stage: Stage
    negated: bool = False
    plain: bool = False


_ALL = ("struck_down", "challenged", "debated", "adopted", "withdrawn", "proposed")
_ORDER: Mapping[Measure, tuple[str, ...]] = {
    Measure.CITIZENSHIP: _ALL,
    Measure.CRIMINAL_LAW: ("struck_down", "withdrawn", "debated", "adopted", "challenged", "proposed"),
    Measure.REPATRIATION: ("debated", "adopted", "proposed"),
    Measure.REFUSAL: ("struck_down", "challenged", "withdrawn", "in_force"),
    Measure.TRAVEL_CONTROL: (*_ALL, "in_force"),
    Measure.ADMINISTRATIVE_CONTROL: _ALL,
    Measure.LISTING: ("struck_down", "challenged", "withdrawn", "debated", "adopted", "proposed"),
    Measure.AMNESTY: ("struck_down", "debated", "adopted", "proposed"),
    Measure.REINTEGRATION: ("adopted", "withdrawn", "proposed", "habit", "in_force"),
    Measure.DETENTION: ("proposed",),
    Measure.PROSECUTION: (),
}
"""Which cues shift the stage of a measure, the strongest first."""
_IMPOSED = frozenset({Measure.ADMINISTRATIVE_CONTROL, Measure.TRAVEL_CONTROL})
"""What people must do or bear where it is applied."""
_STAGES = {stage.value: stage for stage in Stage} | {"habit": Stage.IN_FORCE}
_NEAR = 9
_FAR = 14
_UNSHAKEN = frozenset({Stage.STRUCK_DOWN, Stage.CHALLENGED, Stage.IN_FORCE})


def stage_of(measure: Measure, start: int, end: int, cues: Cues, reading: Reading) -> Said:
    """Say the stage of a measure that the tokens from ``start`` up to ``end`` say, by the cues of their sentence."""
    negated = governs(cues.get("negation", ()), start, end, reading, before=6, after=2)
    if measure is Measure.AMNESTY and governs(cues.get("refuse", ()), start, end, reading, before=4, after=0):
        return Said(Stage.APPLIED, negated=True)
    for cue in _ORDER[measure]:
        if any(_beside(hit, start, end, cue) for hit in cues.get(cue, ())):
            stage = _STAGES[cue]
            if stage in {Stage.CHALLENGED, Stage.STRUCK_DOWN} and cues.get("upheld"):
                return Said(Stage.APPLIED)
            return Said(stage, negated and stage not in _UNSHAKEN)
    ahead = cues.get("future", ())
    if measure not in _IMPOSED:
        ahead = [*ahead, *cues.get("must", ())]
    if governs(ahead, start, end, reading, before=8, after=4):
        if negated and measure is not Measure.REPATRIATION:
            return Said(Stage.APPLIED, negated=True)
        return Said(Stage.PROPOSED, negated)
    return Said(Stage.APPLIED, negated, plain=not negated)


def _beside(hit: Hit, start: int, end: int, cue: str) -> bool:
    """Does a cue stand near the words, and not inside them?"""
    gap = max(hit.start - end, start - hit.end)
    return 0 <= gap <= (_FAR if cue in {"struck_down", "debated"} else _NEAR)


def governs(hits: Sequence[Hit], start: int, end: int, reading: Reading, *, before: int, after: int) -> bool:
    """Does one of the cues stand within so many words before the words, or after, with no mark between?"""
    for hit in hits:
        if hit.end <= start:
            near = start - hit.end < before and not MARKS.intersection(reading.words[hit.end : start])
        elif hit.start >= end:
            near = hit.start - end < after and not MARKS.intersection(reading.words[end : hit.start])
        else:
            near = True
        if near:
            return True
    return False
