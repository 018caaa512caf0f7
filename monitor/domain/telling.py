"""Facts with the entries that tell them: what the policy tracker and the figures ledger are made of."""

from dataclasses import dataclass
from datetime import datetime

from monitor.domain.facts import Figure, MeasureFact


@dataclass(frozen=True, slots=True)
class Teller:
    """An entry without its text; ``source`` is the publisher's name for people.

    ``near`` says that it is a near-miss only, by the lines that hold for it.
    """

    id: int
    story_id: int
    feed: str
    source: str
    title: str
    url: str | None
    lang: str
    published: datetime | None
    first_seen: datetime
    near: bool = False

    @property
    def told_at(self) -> datetime:
        """When it was told: its own date, which cannot be later than when we saw it."""
        return self.first_seen if self.published is None else min(self.published, self.first_seen)


@dataclass(frozen=True, slots=True)
class ToldMeasure:
    """One entry's word on a measure."""

    by: Teller
    fact: MeasureFact


@dataclass(frozen=True, slots=True)
class ToldFigure:
    """One entry's count."""

    by: Teller
    fact: Figure
