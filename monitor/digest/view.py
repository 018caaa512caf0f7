"""What a digest shows, as words: made once, laid out by each form. Every text in it is clean, short and not escaped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.digest import fact_words, news_words
from monitor.digest.block_view import BlockView, block_views
from monitor.digest.coverage import Row, coverage_rows
from monitor.digest.names import RIGHT_TO_LEFT, concept, country, flag, language
from monitor.digest.words import NAME, count, day, duration, line, long_day, minute, score, shown
from monitor.domain.digest import Digest, News, Section, Story
from monitor.domain.entry import StoredEntry, Term
from monitor.domain.labels import Decision
from monitor.domain.story import State, state
from monitor.normalise.url import canonical

TITLE = 300
EXCERPT = 280
_TERM = 60
_TERMS = 6
_SOURCES = 12
_FRESH = timedelta(hours=24)  # how old a story is before it is worth saying since when it is told
_COUNTRIES = 6
_MEASURES, _FIGURES = 3, 4


@dataclass(frozen=True, slots=True)
class Reason:
    """Words of the item, and the concept that they stand for ("" for plain words)."""

    text: str
    concept: str

    def __str__(self) -> str:
        return f"“{self.text}” ({self.concept})" if self.concept else f"“{self.text}”"


@dataclass(frozen=True, slots=True)
class Mark:
    """A label's score against its line, each as shown; ``by_hand`` where a person put the entry in."""

    label: str
    score: str
    line: str
    by_hand: bool = False

    def __str__(self) -> str:
        return f"{self.label} {self.score} / line {self.line}{', put in by hand' if self.by_hand else ''}"


@dataclass(frozen=True, slots=True)
class Names:
    """Sources by their names, the first ones, and how many there are: "+4 sources: A, B, C, D".

    ``again``: they told the story before.
    """

    shown: tuple[str, ...] = ()
    count: int = 0
    again: bool = False

    @property
    def head(self) -> str:
        return "told again by " if self.again else f"+{count(self.count, 'source')}: "

    @property
    def rest(self) -> str:
        return f" and {self.count - len(self.shown):,} more" if self.count > len(self.shown) else ""

    def __bool__(self) -> bool:
        return self.count > 0

    def __str__(self) -> str:
        return f"{self.head}{', '.join(self.shown)}{self.rest}"


@dataclass(frozen=True, slots=True)
class UpdateView:
    """What is new in a story that was told before: facts first, then sources; ``since`` says when it was told."""

    facts: tuple[str, ...]
    sources: Names
    since: str

    @property
    def lines(self) -> tuple[str, ...]:
        return (*self.facts, *((str(self.sources),) if self.sources else ()))


@dataclass(frozen=True, slots=True)
class StoryView:
    """One story. ``url`` is None where the feed gave no http(s) link; ``further`` are sources beside the lead's.

    ``facts`` are when, and the language; ``places`` the flag and name of each country, with how many more there are in
    ``more_places``; ``remarks`` how old the story is, and what it lacks. ``told`` are measures with who takes them and
    how far they are, and figures.
    """

    title: str
    url: str | None
    lang: str
    rtl: bool
    source: str
    further: Names
    facts: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    more_places: int
    remarks: tuple[str, ...]
    told: tuple[str, ...]
    excerpt: str
    marks: tuple[Mark, ...]
    reasons: tuple[Reason, ...]
    rolled_over: bool
    update: UpdateView | None

    @property
    def about(self) -> str:
        """One line without flags: the source, when, the language, the countries, and remarks."""
        more = (f"{self.more_places} more",) if self.more_places else ()
        where = ", ".join((*(name for _, name in self.places), *more))
        return " · ".join(part for part in (self.source, *self.facts, where, *self.remarks) if part)


@dataclass(frozen=True, slots=True)
class SectionView:
    """The stories of one label; ``count`` stays the whole number where a form has room for some only."""

    label: str
    title: str
    count: int
    stories: tuple[StoryView, ...]


@dataclass(frozen=True, slots=True)
class DigestView:
    """One digest. ``notice``, ``late`` and ``beyond_cap`` are sentences, or "" where there is nothing to say."""

    title: str
    subject: str
    day: str
    zone: str
    summary: str
    notice: str
    late: str
    beyond_cap: str
    sections: tuple[SectionView, ...]
    blocks: tuple[BlockView, ...]
    coverage: tuple[Row, ...]


def look(digest: Digest) -> DigestView:
    """Put a digest into words."""
    subscription, zone = digest.subscription, digest.subscription.zone
    title = shown(subscription.title, NAME) or "Returns Monitor"
    sections = tuple(_section(section, digest) for section in digest.sections if section.stories)
    closed = (day if subscription.schedule.startswith("daily ") else minute)(digest.coverage.until, zone)
    stories = count(digest.stories, "story", "stories")
    counts = tally((section.label, section.count) for section in sections)
    return DigestView(
        title=title,
        subject=f"{title}: {f'{stories} ({counts})' if sections else 'nothing new'}, {closed}",
        day=long_day(digest.coverage.until, zone),
        zone=str(zone),
        summary=f"{stories}{_updates(digest)}: {counts}" if sections else "Nothing new",
        notice="" if sections else "Nothing new passed a line.",
        late=f"Composed {duration(digest.late)} after its window closed." if digest.late else "",
        beyond_cap=_beyond_cap(digest.beyond_cap),
        sections=sections,
        blocks=block_views(digest),
        coverage=coverage_rows(digest),
    )


def tally(counts: Iterable[tuple[str, int]]) -> str:
    """``4 returns, 3 policy``."""
    return ", ".join(f"{number:,} {label}" for label, number in counts)


def _beyond_cap(number: int) -> str:
    if not number:
        return ""
    verbs = "was over the line and comes" if number == 1 else "were over the line and come"
    return f"{count(number, 'more story', 'more stories')} {verbs} first in the next digest."


def _updates(digest: Digest) -> str:
    """`` (1 update)``, where there is one."""
    number = sum(story.news is not None for section in digest.sections for story in section.stories)
    return f" ({count(number, 'update')})" if number else ""


def _section(section: Section, digest: Digest) -> SectionView:
    label = shown(section.label, NAME)
    stories = tuple(_story(story, digest) for story in section.stories)
    return SectionView(label, shown(section.title, NAME) or label, len(stories), stories)


def _story(story: Story, digest: Digest) -> StoryView:
    lead, zone = story.lead, digest.subscription.zone
    entry = lead.entry
    title = shown(entry.title, TITLE)
    body = "" if entry.text == entry.title else shown(entry.text, EXCERPT)
    update = _update(story.news, zone) if story.news else None
    further = [source for source in story.sources[1:] if not story.news or source not in story.news.sources]
    # Taking out the controls again costs nothing, and `canonical` refuses whatever is not http or https.
    url = canonical(shown(entry.url, len(entry.url))) if entry.url else None
    return StoryView(
        title=title or body or "(no title)",
        url=url,
        lang=entry.lang if entry.lang.isascii() and entry.lang.isalpha() else "und",
        rtl=entry.lang in RIGHT_TO_LEFT,
        source=shown(story.sources[0], NAME),
        further=replace(_names(further), again=story.news is not None),
        facts=_facts(lead, zone),
        places=tuple((flag(code), shown(country(code), NAME)) for code in lead.countries[:_COUNTRIES]),
        more_places=max(0, len(lead.countries) - _COUNTRIES),
        remarks=(*_age(story, digest), *(() if url else ("no link",))),
        told=_told((lead, *story.others)),
        excerpt=body if title else "",
        marks=tuple(_mark(decision) for decision in story.decisions),
        reasons=_reasons(story.terms),
        rolled_over=story.rolled_over,
        update=update,
    )


def _update(news: News, zone: ZoneInfo) -> UpdateView:
    return UpdateView(news_words.facts(news), _names(news.sources), f"told last {day(news.told_at, zone)}")


def _names(sources: Sequence[str]) -> Names:
    return Names(tuple(shown(source, NAME) for source in sources[:_SOURCES]), len(sources))


def _age(story: Story, digest: Digest) -> tuple[str, ...]:
    """Say since when a story is told, once it is older than a day, and whether something may still come."""
    if story.span is None or digest.made_at - story.span[0] <= _FRESH:
        return ()
    first, last = story.span
    since = day(first, digest.subscription.zone)
    developing = state(last, digest.made_at) is State.DEVELOPING
    return (f"developing since {since}" if developing else f"settled, first seen {since}",)


def _mark(decision: Decision) -> Mark:
    label, cut = shown(decision.label, NAME), line(decision.threshold)
    return Mark(label, score(decision.probability, len(cut.partition(".")[2])), cut, decision.human is True)


def _facts(lead: StoredEntry, zone: ZoneInfo) -> tuple[str, ...]:
    entry = lead.entry
    told = "" if entry.lang == "en" else shown(language(entry.lang), NAME)
    return tuple(fact for fact in (_when(entry.published, lead.first_seen, zone), told) if fact)


def _told(entries: Sequence[StoredEntry]) -> tuple[str, ...]:
    """What the entries of a story tell, each once, the lead's first."""
    measures = dict.fromkeys(fact_words.step(measure) for entry in entries for measure in entry.facts.measures)
    figures = dict.fromkeys(fact_words.count(figure) for entry in entries for figure in entry.facts.figures)
    found = [*list(measures)[:_MEASURES], *list(figures)[:_FIGURES]]
    return tuple(shown(told, NAME) for told in found)


def _when(published: datetime | None, seen: datetime, zone: ZoneInfo) -> str:
    return minute(published, zone) if published else f"undated, seen {minute(seen, zone)}"


def _reasons(terms: Sequence[Term]) -> tuple[Reason, ...]:
    """Keep what spoke for the story, strongest as given, each wording once."""
    found: dict[str, Reason] = {}
    for term in terms:
        text = shown(term.text, _TERM)
        if term.weight > 0 and text:
            found.setdefault(text.casefold(), Reason(text, shown(concept(term.concept), NAME)))
    return tuple(found.values())[:_TERMS]
