"""Blocks at the end of a digest: what its window adds to the policy tracker, and to the figures ledger."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.domain.facts import Figure, MeasureFact
from monitor.domain.telling import Teller


class Block(StrEnum):
    """What a subscription may want below its stories."""

    TRACKER = "tracker"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class StepRow:
    """A country's measure at a stage; ``lead`` stands for those that tell it, ``against`` are who says the opposite."""

    fact: MeasureFact
    first: datetime
    lead: Teller
    sources: tuple[str, ...]
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CountRow:
    """A count, as `StepRow` is a step; ``against`` are other numbers for the same people, with who gives them."""

    figure: Figure
    first: datetime
    lead: Teller
    sources: tuple[str, ...]
    against: tuple[tuple[Figure, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """A count of one of the field's reports; ``published`` is a year, month or day, ``group`` who is counted."""

    figure: Figure
    report: str
    published: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Tracker:
    """The steps that were told in a window for the first time, the newest first."""

    rows: tuple[StepRow, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The counts that were given in a window for the first time, the newest first, and what reports counted alike."""

    rows: tuple[CountRow, ...]
    reference: tuple[ReferenceRow, ...] = ()
