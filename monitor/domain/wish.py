"""What a subscription asks for beside its labels, and when it wants to be left alone."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from monitor.domain.facts import Measure, MeasureFact, Stage


@dataclass(frozen=True, slots=True)
class WantedMeasure:
    """A measure at one stage, or at any (None). What did not happen ("not adopted") is at no stage."""

    measure: Measure
    stage: Stage | None = None

    def meets(self, fact: MeasureFact) -> bool:
        """Say whether a fact is what is asked for."""
        return fact.measure is self.measure and (
            self.stage is None or (fact.stage is self.stage and not fact.negated)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class WordFilter:
    """Words and phrases that must all stand in an entry, and those of which none may; folded, single blanks between."""

    needed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


ANY_WORDS = WordFilter()
"""Asks for no words."""


class QuietMode(StrEnum):
    """What becomes of quiet hours: everything waits for their end, or what is critical passes."""

    HOLD = "hold"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``begin`` up to ``end``, local times; over midnight where the end is the earlier of the two."""

    begin: time
    end: time
    mode: QuietMode = QuietMode.HOLD
