"""What a digest shows, as words: made once, laid out by each form. Every text in it is clean, short and not escaped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.digest import fact_words
from monitor.digest.coverage import Row, coverage_rows
from monitor.digest.names import RIGHT_TO_LEFT, concept, country, language
from monitor.digest.words import NAME, count, day, duration, line, long_day, minute, score, shown
from monitor.domain.digest import Digest, Section, Story
from monitor.domain.entry import StoredEntry, Term
from monitor.domain.labels import Decision
from monitor.normalise.url import canonical

TITLE = 300
EXCERPT = 280
_TERM = 60
_TERMS = 6
_SOURCES = 12
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
class StoryView:
    """One story. ``url`` is None where the feed gave no http(s) link; ``further`` names sources beside the lead's."""

    title: str
    url: str | None
    lang: str
    rtl: bool
    source: str
    further: tuple[str, ...]
    further_count: int
    facts: tuple[str, ...]  # when, language, countries
    told: tuple[str, ...]  # measures with who takes them and how far they are, and figures
    excerpt: str
    marks: tuple[Mark, ...]
    reasons: tuple[Reason, ...]
    rolled_over: bool


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
    coverage: tuple[Row, ...]


def look(digest: Digest) -> DigestView:
    """Put a digest into words."""
    subscription, zone = digest.subscription, digest.subscription.zone
    title = shown(subscription.title, NAME) or "Returns Monitor"
    sections = tuple(_section(section, zone) for section in digest.sections if section.stories)
    closed = (day if subscription.schedule.startswith("daily ") else minute)(digest.coverage.until, zone)
    stories = count(digest.stories, "story", "stories")
    counts = tally((section.label, section.count) for section in sections)
    return DigestView(
        title=title,
        subject=f"{title}: {f'{stories} ({counts})' if sections else 'nothing new'}, {closed}",
        day=long_day(digest.coverage.until, zone),
        zone=str(zone),
        summary=f"{stories}: {counts}" if sections else "Nothing new",
        notice="" if sections else "Nothing new passed a line.",
        late=f"Composed {duration(digest.late)} after its window closed." if digest.late else "",
        beyond_cap=_beyond_cap(digest.beyond_cap),
        sections=sections,
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


def _section(section: Section, zone: ZoneInfo) -> SectionView:
    label = shown(section.label, NAME)
    stories = tuple(_story(story, zone) for story in section.stories)
    return SectionView(label, shown(section.title, NAME) or label, len(stories), stories)


def _story(story: Story, zone: ZoneInfo) -> StoryView:
    lead = story.lead
    entry = lead.entry
    title = shown(entry.title, TITLE)
    body = "" if entry.text == entry.title else shown(entry.text, EXCERPT)
    further = story.sources[1:]
    # Taking out the controls again costs nothing, and `canonical` refuses whatever is not http or https.
    url = canonical(shown(entry.url, len(entry.url))) if entry.url else None
    return StoryView(
        title=title or body or "(no title)",
        url=url,
        lang=entry.lang if entry.lang.isascii() and entry.lang.isalpha() else "und",
        rtl=entry.lang in RIGHT_TO_LEFT,
        source=shown(story.sources[0], NAME),
        further=tuple(shown(source, NAME) for source in further[:_SOURCES]),
        further_count=len(further),
        facts=(*_facts(lead, zone), *(() if url else ("no link",))),
        told=_told((lead, *story.others)),
        excerpt=body if title else "",
        marks=tuple(_mark(decision) for decision in story.decisions),
        reasons=_reasons(story.terms),
        rolled_over=story.rolled_over,
    )


def _mark(decision: Decision) -> Mark:
    label, cut = shown(decision.label, NAME), line(decision.threshold)
    return Mark(label, score(decision.probability, len(cut.partition(".")[2])), cut, decision.human is True)


def _facts(lead: StoredEntry, zone: ZoneInfo) -> tuple[str, ...]:
    entry = lead.entry
    places = [shown(country(code), NAME) for code in lead.countries[:_COUNTRIES]]
    if len(lead.countries) > _COUNTRIES:
        places.append(f"{len(lead.countries) - _COUNTRIES} more")
    told = "" if entry.lang == "en" else shown(language(entry.lang), NAME)
    return tuple(fact for fact in (_when(entry.published, lead.first_seen, zone), told, ", ".join(places)) if fact)


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
