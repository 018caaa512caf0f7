"""Reclassifying: what a run over stored entries is, where it stands, and what it has changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Span:
    """Entries of some feeds (None: of all), first seen between two times, both included."""

    since: datetime
    until: datetime
    feeds: frozenset[str] | None = None

    def reaches(self, later: "Span") -> bool:
        """Say whether a span that was asked for later, of the same feeds, begins in this one: what comes behind it
        makes it whole."""
        return self.feeds == later.feeds and self.since <= later.since <= self.until


@dataclass(frozen=True, slots=True)
class Flip:
    """An entry whose decision changed: its score before and after (None: the label had none), against its line.

    ``at`` is when it was published, or where nobody knows, first seen.
    """

    entry_id: int
    title: str
    source: str
    at: datetime
    before: float | None
    after: float | None
    line: float

    @property
    def gained(self) -> bool:
        """Say whether it is in now, and was not."""
        return self.after is not None and self.after >= self.line

    @property
    def moved(self) -> float:
        """How far its score went."""
        return abs((self.after or 0.0) - (self.before or 0.0))


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of one label: how many entries are in now and were not, the other way round, and how many are in, or
    out, as before. ``examples`` are those whose score moved most, of either way."""

    gained: int = 0
    lost: int = 0
    stay_in: int = 0
    stay_out: int = 0
    examples: tuple[Flip, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run has done so far: how many entries it looked at, and how many of them it scored (the others had other
    words by then). ``seconds`` is how long it was at work."""

    done: int = 0
    scored: int = 0
    seconds: float = 0.0
    labels: Mapping[str, Changes] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Job:
    """A run of stored entries through a model. ``counts`` says that its model is the one in use, so that decisions go
    by its scores; else they only stand beside. ``asked`` is what the range was asked for by: who asks for the same
    again goes on with what is not at its end. ``cursor`` is the last entry that was looked at; ``entries`` are those of
    the range, ``total`` those of them that the model had not scored. ``stopped`` says that somebody ended it before its
    end, and no process has it in hand."""

    id: int
    model: str
    scorer: str
    counts: bool
    asked: str
    span: Span
    created_at: datetime
    cursor: int = 0
    entries: int = 0
    total: int = 0
    tally: Tally = Tally()
    updated_at: datetime | None = None
    ended_at: datetime | None = None
    stopped: bool = False

    @property
    def rate(self) -> float | None:
        """Entries a second, while it was at work."""
        return self.tally.done / self.tally.seconds if self.tally.seconds > 0 else None

    @property
    def left(self) -> float | None:
        """Seconds that are left by the rate so far; None where nobody knows."""
        return max(0, self.total - self.tally.done) / self.rate if self.rate else None
