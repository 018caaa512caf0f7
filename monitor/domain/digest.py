"""Digests: what a subscription wants, what was chosen for it, and what is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitor.domain.entry import StoredEntry, Term
from monitor.domain.labels import Decision, Lines


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants what, when, and where.

    ``lines`` holds the lines of every label it wants. Empty ``countries``, ``languages`` and ``sources`` mean all.
    ``schedule`` is ``daily HH:MM`` or a cron expression of five fields (Monday is 1), read in ``zone``.
    """

    name: str
    title: str
    lines: Mapping[str, Lines]
    schedule: str
    zone: ZoneInfo
    channels: tuple[str, ...]
    countries: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    max_stories: int = 40
    empty_digests: bool = False


class Verdict(StrEnum):
    """How a subscription judged an entry that it wanted; entries below the line leave no row."""

    SHOWN = "shown"  # rendered in a digest
    TOLD = "told"  # its story had been shown before
    CUT = "cut"  # over the line, beyond the cap: rolls over once
    DROPPED = "dropped"  # cut a second time: never returns


@dataclass(frozen=True, slots=True)
class Judgement:
    """One line of the ledger."""

    entry_id: int
    story_id: int
    verdict: Verdict
    decision: Decision


@dataclass(frozen=True, slots=True)
class Story:
    """The entries that tell the same thing; ``lead`` is the one whose title is shown."""

    id: int
    lead: StoredEntry
    others: tuple[StoredEntry, ...]
    decisions: tuple[Decision, ...]  # best margin first; the first names the section
    terms: tuple[Term, ...]
    rolled_over: bool = False

    @property
    def label(self) -> str:
        return self.decisions[0].label

    @property
    def sources(self) -> tuple[str, ...]:
        """The titles of the sources that tell it, the lead's first, each once."""
        return tuple(dict.fromkeys(stored.source for stored in (self.lead, *self.others)))


@dataclass(frozen=True, slots=True)
class Section:
    """The stories of one label, strongest first."""

    label: str
    title: str
    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True)
class FeedFault:
    """A feed that failed at its last poll in the window, and since when no poll of it went well."""

    feed: str
    kind: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Silence:
    """A feed that answers but has brought nothing new for longer than its source's look-back."""

    feed: str
    last_new: datetime | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was looked at in a digest's window, so that "nothing" is information."""

    since: datetime
    until: datetime
    feeds: int  # enabled in config
    polled: int  # asked at least once in the window
    failed: tuple[FeedFault, ...]
    silent: tuple[Silence, ...]
    seen: int  # entries in the documents that came, repeats included
    new: int  # entries first seen in the window
    unclassified: int  # of these, stored without a score because no model could be loaded
    over_line: int  # of these, over a line of this subscription
    scorers: tuple[str, ...]  # the model versions whose scores were used
    gaps: tuple[str, ...] = ()  # feeds of which a document held nothing known: entries may have come and gone unseen


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything a renderer needs. ``late`` is how long after its window closed it was composed, if that matters."""

    key: str  # unique a subscription: the local time its window closed, e.g. 2026-11-22T07:30+01:00
    subscription: Subscription
    made_at: datetime
    sections: tuple[Section, ...]
    coverage: Coverage
    beyond_cap: int = 0  # stories over the line that did not fit; they come first next time
    late: timedelta | None = None

    @property
    def stories(self) -> int:
        return sum(len(section.stories) for section in self.sections)


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered digest, frozen: what is sent today is what a retry sends tomorrow, byte for byte.

    ``blocks`` holds Slack Block Kit messages, each a tuple of blocks that fits Slack's limits.
    ``key`` is unique a digest; channels make their Message-ID from it and the recipient.
    """

    key: str
    subject: str
    html: str
    text: str
    blocks: tuple[tuple[Mapping[str, object], ...], ...]
