"""The policy tracker: what entries of one story say of a country's measure at a stage, told once, with its sources."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.domain.facts import Measure, Stage
from monitor.domain.telling import Attested, ToldMeasure


@dataclass(frozen=True, slots=True)
class Step(Attested):
    """A country's measure at one stage, as one story tells it; ``country`` None is an international body.

    ``negated``: it did not happen, or will not. ``told`` says so, the earliest first; ``otherwise`` are entries that
    say the opposite and nothing else.
    """

    measure: Measure
    country: str | None
    stage: Stage
    negated: bool
    told: tuple[ToldMeasure, ...]
    otherwise: tuple[ToldMeasure, ...] = ()


def steps(told: Iterable[ToldMeasure]) -> list[Step]:
    """Group what entries tell into steps, the newest first by when a step was told first.

    Of one story, country, measure and stage there is one step. Where entries contradict each other, what more sources
    say counts, and of as many what was told last.
    """
    groups: dict[tuple[int, Measure, str | None, Stage], list[ToldMeasure]] = defaultdict(list)
    for one in told:
        groups[one.by.story_id, one.fact.measure, one.fact.country, one.fact.stage].append(one)
    made = [_step(group) for group in groups.values()]
    return sorted(made, key=lambda step: (step.first, step.lead.story_id), reverse=True)


def _step(group: Sequence[ToldMeasure]) -> Step:
    by_time = sorted(group, key=lambda told: (told.by.told_at, told.by.id))
    sides = {negated: [told for told in by_time if told.fact.negated is negated] for negated in (False, True)}
    negated = max(sides, key=lambda side: _weight(sides[side]))
    mine = sides[negated]
    said = {told.by.id for told in mine}
    fact = mine[0].fact
    return Step(
        fact.measure, fact.country, fact.stage, negated, tuple(_once(mine)),
        tuple(told for told in _once(sides[not negated]) if told.by.id not in said),
    )  # fmt: skip


def _weight(side: Sequence[ToldMeasure]) -> tuple[int, float]:
    if not side:
        return 0, 0.0
    return len({told.by.source for told in side}), side[-1].by.told_at.timestamp()


def _once(told: Iterable[ToldMeasure]) -> list[ToldMeasure]:
    """Each entry once, by what it says first."""
    found: dict[int, ToldMeasure] = {}
    for one in told:
        found.setdefault(one.by.id, one)
    return list(found.values())
