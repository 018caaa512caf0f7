"""Digests: what a subscription wants, what was chosen for it, and what is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from monitor.domain.alert import NO_ALERTS, AlertWish
from monitor.domain.block import Block, Ledger, Tracker
from monitor.domain.entry import StoredEntry, Term
from monitor.domain.facts import Facts, Figure, MeasureFact
from monitor.domain.labels import Decision, Lines
from monitor.domain.wish import ANY_WORDS, QuietHours, WantedMeasure, WordFilter


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants what, when, and where.

    ``lines`` holds the lines of every label it wants. Empty ``countries``, ``languages``, ``sources`` and ``measures``
    mean all. ``schedule`` is as `monitor.digest.schedule` reads it, in ``zone``. A story that was told comes again when
    ``update_sources`` more sources tell it; 0: never for that. ``critical`` is the score that quiet hours and holidays
    do not hold; None: they hold everything. ``near_misses`` is how many stories below the line close a digest.
    ``headings`` is the language that digests and alerts are told in; ``languages`` are those of the entries.
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
    update_sources: int = 3
    blocks: tuple[Block, ...] = ()
    measures: tuple[WantedMeasure, ...] = ()
    words: WordFilter = ANY_WORDS
    quiet: QuietHours | None = None
    holidays: frozenset[date] = frozenset()
    critical: float | None = None
    near_misses: int = 0
    alert: AlertWish = NO_ALERTS
    headings: str = "en"

    def concerns(self, fact: MeasureFact | Figure) -> bool:
        """Say whether a fact is of the countries that are asked for, or of none: then it goes with its entry; and of a
        measure whether it is one that is asked for."""
        codes = {fact.country} if isinstance(fact, MeasureFact) else {*fact.origin, fact.to}
        named = {code for code in codes if code}
        if isinstance(fact, MeasureFact) and self.measures and not any(one.meets(fact) for one in self.measures):
            return False
        return not self.countries or not named or bool(named & self.countries)


class Verdict(StrEnum):
    """How a subscription judged an entry that it wanted; of those below the line only near-misses that were named."""

    SHOWN = "shown"  # rendered in a digest
    TOLD = "told"  # its story had been told before, and it brought nothing new
    CUT = "cut"  # over the line, beyond the cap: rolls over once
    DROPPED = "dropped"  # cut a second time: never returns
    ALERTED = "alerted"  # sent in an alert; the next digest names it
    NEAR = "near"  # below the line, and named as a near-miss once


@dataclass(frozen=True, slots=True)
class Judgement:
    """One line of the ledger; ``told`` are the facts of the entry that count as known from then on, None for none, and
    ``titles`` those of its titles that were shown, the newest last."""

    entry_id: int
    story_id: int
    verdict: Verdict
    decision: Decision
    told: Facts | None
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """What a subscription has heard of a story by one entry: a line of its ledger, with the publisher's name.

    ``titles`` are those of its titles that were shown; none of an entry that only stood behind another one's.
    """

    entry_id: int
    verdict: Verdict
    source: str
    facts: Facts
    at: datetime
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewMeasure:
    """A measure at a stage that was not told yet; ``before`` is what was told last of it, None where nothing was."""

    fact: MeasureFact
    before: MeasureFact | None = None


@dataclass(frozen=True, slots=True)
class NewFigure:
    """Another number of the same people than was told before."""

    figure: Figure
    before: Figure


@dataclass(frozen=True, slots=True)
class Retitled:
    """A title by which a source takes back or corrects what it told; ``before`` is what was shown, "" for nothing."""

    entry_id: int
    source: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class News:
    """Why a story comes again: what is new since it was told, at ``told_at`` for the last time."""

    measures: tuple[NewMeasure, ...]
    figures: tuple[NewFigure, ...]
    sources: tuple[str, ...]
    told_at: datetime
    corrections: tuple[Retitled, ...] = ()

    @property
    def only_corrected(self) -> bool:
        """Say whether it brings corrections of titles, and no new fact."""
        return bool(self.corrections) and not self.measures and not self.figures


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A digest, or an alert, that those who get another one now could not be sent in time; ``at`` is when its window
    closed."""

    key: str
    at: datetime
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """The entries that tell the same thing; ``lead`` is the one whose title is shown.

    ``news`` is what is new in a story that was told before, None in one that was not. ``span`` is when the first and
    the last entry of the story was first seen, also those that are not in this digest; None where nobody looked.
    ``undelivered`` is what told it last to others, None where nothing did.
    """

    id: int
    lead: StoredEntry
    others: tuple[StoredEntry, ...]
    decisions: tuple[Decision, ...]  # best margin first; the first names the section
    terms: tuple[Term, ...]
    rolled_over: bool = False
    news: News | None = None
    span: tuple[datetime, datetime] | None = None
    undelivered: Undelivered | None = None

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
    due: int | None = None  # enabled feeds whose time to be polled came in the window; None where nobody counted
    longest: Silence | None = None  # the feed that answers and has brought nothing new for longest


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything a renderer needs. ``late`` is how long after its window closed it was composed, if that matters.

    ``merged`` counts the windows before this one that it holds too: they were missed, or held. ``near`` are stories
    just below a line, the nearest first; their best decision does not pass. ``alerted`` are those that alerts told
    since the last digest, and of which nothing is new. ``alert`` says that this is one.
    """

    key: str  # unique a subscription: the local time its window closed, e.g. 2026-11-22T07:30+01:00
    subscription: Subscription
    made_at: datetime
    sections: tuple[Section, ...]
    coverage: Coverage
    beyond_cap: int = 0  # stories over the line that did not fit; they come first next time
    late: timedelta | None = None
    blocks: tuple[Tracker | Ledger, ...] = ()
    merged: int = 0
    near: tuple[Story, ...] = ()
    alerted: tuple[Story, ...] = ()
    alert: bool = False

    @property
    def stories(self) -> int:
        return sum(len(section.stories) for section in self.sections)

    @property
    def folded(self) -> Mapping[Undelivered, int]:
        """What could not be delivered and is told here, the oldest first, with how many stories of it there are."""
        told = [story.undelivered for section in self.sections for story in section.stories if story.undelivered]
        return {one: told.count(one) for one in sorted(set(told), key=lambda one: (one.at, one.key))}


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered digest, frozen: what is sent today is what a retry sends tomorrow, byte for byte.

    ``blocks`` holds Slack Block Kit messages, each a tuple of blocks that fits Slack's limits.
    ``key`` is unique a digest; channels make their Message-ID from it and the recipient.
    ``markdown`` and ``data`` (of which the short forms and the Atom feed are made) are empty in what is no digest.
    ``thread`` names the story where the message tells one alone, so that its updates can stand below it in a mail
    program. ``unsubscribe`` are links by the id of the recipient, where config asks for them. ``rest`` is a text file
    that goes with the HTML: what that has no room for.
    """

    key: str
    subject: str
    html: str
    text: str
    blocks: tuple[tuple[Mapping[str, object], ...], ...]
    markdown: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    thread: str = ""
    unsubscribe: Mapping[str, str] = field(default_factory=dict)
    rest: str = ""

    @property
    def forms(self) -> dict[str, Any]:
        """What it has beside subject, HTML, text and blocks, by name."""
        found = {name: getattr(self, name) for name in ("markdown", "data", "thread", "unsubscribe", "rest")}
        return {name: value for name, value in found.items() if value}
