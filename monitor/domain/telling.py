"""Facts with the entries that tell them: what the policy tracker and the figures ledger are made of."""

from dataclasses import dataclass
from datetime import datetime

from monitor.domain.entry import StoredEntry
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


def teller(stored: StoredEntry) -> Teller:
    """Leave out the text of an entry."""
    entry = stored.entry
    return Teller(
        stored.id, stored.story_id, stored.feed, stored.source, entry.title, entry.url, entry.lang, entry.published,
        stored.first_seen,
    )  # fmt: skip


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


class Attested:
    """What one entry or several say alike; ``told`` are their words, the earliest first."""

    __slots__ = ()
    told: tuple[ToldMeasure, ...] | tuple[ToldFigure, ...]

    @property
    def lead(self) -> Teller:
        """The entry that stands for it: the earliest that is not a mere near-miss, else the earliest."""
        return min((told.by for told in self.told), key=lambda teller: (teller.near, teller.told_at, teller.id))

    @property
    def first(self) -> datetime:
        """When it was told first."""
        return self.told[0].by.told_at

    @property
    def last(self) -> datetime:
        """When it was told last."""
        return self.told[-1].by.told_at

    @property
    def sources(self) -> tuple[str, ...]:
        """Who says so, each once, the lead's source first."""
        return tuple(dict.fromkeys([self.lead.source, *(told.by.source for told in self.told)]))
