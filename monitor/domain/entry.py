"""Entries: as a feed gave them, cleaned, and judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.domain.facts import NOTHING, Facts, Place
from monitor.domain.packed import Packed


class Origin(StrEnum):
    """How an entry came: a poll has seen it, or only a backfill found it. Origin is not news: whether an entry may be
    announced is a column of its own."""

    LIVE = "live"
    BACKFILL = "backfill"


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An item as the feed gave it: texts may hold HTML, dates are the strings of the feed.

    ``link`` is the one to the entry itself, ``other_link`` any other (``self``, ``via``, ``enclosure`` …).
    ``published_hint`` is what the parser made of the date (aware UTC), for `normalise.date` to weigh; the same holds
    for ``updated``, the feed's claim that it changed the item since.
    """

    guid: str | None
    link: str | None
    title: str
    summary: str
    published: str | None = None
    published_hint: datetime | None = None
    language: str | None = None
    other_link: str | None = None
    updated: str | None = None
    updated_hint: datetime | None = None


@dataclass(frozen=True, slots=True)
class DocumentHints:
    """What a document says about when to come back: RSS ttl, sy:updatePeriod over updateFrequency, and when not to.

    ``skip_hours`` are hours of the day in UTC (0–23), ``skip_days`` days of the week (0 is Monday).
    """

    ttl: timedelta | None = None
    every: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed feed document. ``cut`` counts the entries beyond the cap; they are not in ``entries``.

    ``complete`` is False where the document breaks off before its end: its last entry is left out, and its validators
    must not be kept, or a 304 would hide the missing rest for ever. ``recovered`` says what had to be mended before it
    could be read, "" where nothing. ``older`` is the address of the page with the entries before these, "" where the
    document leads to none; of a page of WordPress's posts it is the site's own time of the last one. ``whole`` says
    that the document holds all entries there are (RFC 5005).
    """

    version: str
    title: str
    language: str | None
    entries: tuple[RawEntry, ...]
    cut: int = 0
    hints: DocumentHints = DocumentHints()
    complete: bool = True
    recovered: str = ""
    older: str = ""
    whole: bool = False


class Trust(StrEnum):
    """By what the entries of a feed are told apart: its guids, or less, once too many of those proved to be none."""

    GUID = "guid"
    LINK = "link"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Entry(Packed):
    """An item cleaned: plain text, canonical link, aware UTC dates.

    ``key`` identifies it in its feed: ``g:`` and the guid, ``u:`` and the canonical URL with its fragment, or ``h:``
    and a hash of title and text. ``published`` is None where the feed gave no date that can be true; it is never
    set to "now". ``published_raw`` is the claim in the feed's words, ``date_confidence`` how sure its reading is
    (`normalise.date.Confidence`). ``updated`` is when the feed says that it changed the item.
    """

    key: str
    guid: str | None
    url: str | None
    title: str
    text: str
    lang: str
    published: datetime | None
    published_raw: str | None = None
    date_confidence: str = ""
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Term(Packed):
    """Something of the entry's own words that moved a score; ``weight`` is its share of the logit, signed.

    ``concept`` names the lexicon concept that the words stand for ("" for plain words).
    """

    text: str
    weight: float
    concept: str = ""


BY_RULES = "rules"
"""What stands in place of a model's version in a scorer that has no model (``rules+HASH``)."""
WATCH = "watch"
"""A pseudo-label: its score is 1 and its terms are what an entry names of the user's watch-list; else it is absent."""


@dataclass(frozen=True, slots=True)
class Score(Packed):
    """A calibrated probability in [0, 1] that a label holds, with the terms that weighed most for it."""

    probability: float
    terms: tuple[Term, ...] = ()


TITLE_MARK = "t:"
"""How a story mark begins that only proves an equal title; `monitor.dedupe.story` tells what each kind proves."""
TITLE_WINDOW = timedelta(days=7)
"""How long an equal title joins entries of different feeds to one story (Media Cloud's seven days)."""


@dataclass(frozen=True, slots=True)
class ClassifiedEntry:
    """A new entry with everything that is stored about it.

    ``scorer`` is model version and lexicon hash; it is "" and ``scores`` is empty where no model could be loaded:
    the entry is then classified by a later poll. ``story_keys`` are the marks by which two entries are one story.
    ``news`` says whether it is young enough to be announced. ``wants_article`` asks for the text of its page. ``facts``
    are those of an entry that may be ours; of another only its ``countries`` are known. ``joins`` is a stored entry
    that tells of the same event, ``copy_of`` one that says nearly the same; by ``index_keys`` later ones find it.
    """

    entry: Entry
    scores: Mapping[str, Score]
    scorer: str
    countries: tuple[str, ...]
    story_keys: tuple[str, ...]
    news: bool
    origin: Origin = Origin.LIVE
    wants_article: bool = False
    facts: Facts = NOTHING
    joins: int | None = None
    copy_of: int | None = None
    index_keys: tuple[str, ...] = ()

    @property
    def told(self) -> Facts:
        """All that is known of what it tells."""
        if self.facts.places or not self.countries:
            return self.facts
        return replace(self.facts, places=tuple(map(Place, self.countries)))


MAX_VERSIONS = 24
"""An entry that changes more often is a page that counts its visitors (lemon24/reader has the same number)."""


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """What the store has of an entry that a document brings again; a pruned one has no texts any more.

    ``fingerprint`` is that of what the feed gave last; ``article`` says whether the text comes from the article's page.
    """

    id: int
    key: str
    url: str | None
    title: str
    text: str
    published: datetime | None
    fingerprint: str
    version: int
    article: str
    announceable: bool
    pruned: bool
    first_seen: datetime | None = None
    origin: Origin = Origin.LIVE


@dataclass(frozen=True, slots=True)
class Revision:
    """A new version of a stored entry, replacing number ``replaces``.

    ``scored`` is None where the change is not material: the scores of the version before then go on to count.
    ``fingerprint`` is that of what the feed gave, None where the feed had no part in it. ``news`` says whether it is
    still young enough for subscriptions to judge it anew. ``why`` is ``feed``, ``article`` or
    ``replay``.
    """

    entry_id: int
    replaces: int
    entry: Entry
    scored: ClassifiedEntry | None
    fingerprint: str | None
    news: bool
    why: str


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as the store gives it back, with the newest score a label has, and what people said of its labels."""

    id: int
    feed: str
    source: str
    entry: Entry
    first_seen: datetime
    origin: Origin
    announceable: bool
    story_id: int
    countries: tuple[str, ...]
    scores: Mapping[str, Score]
    scorer: str
    version: int = 1
    human: Mapping[str, bool] = field(default_factory=dict)
    facts: Facts = NOTHING
    copy_of: int | None = None
