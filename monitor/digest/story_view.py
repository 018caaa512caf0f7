"""A story as words: its headline, where and when, what it tells, how it was scored, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.digest import fact_words, news_words
from monitor.digest.corrections import Mend, mend_of_story
from monitor.digest.fold_words import of_story
from monitor.digest.names import RIGHT_TO_LEFT, concept, country, flag, language
from monitor.digest.words import NAME, count, day, line, minute, score, shown
from monitor.domain.digest import Digest, News, Story
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
_ROLLED = "rolled over from the last digest"
_MENDS = {Mend.CORRECTION: "Corrected by its source", Mend.WITHDRAWAL: "Withdrawn by its source"}


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
    carried: str  # where it comes from, if not of this window: in small letters, as part of a line
    update: UpdateView | None
    mend: str = ""  # what its source says of what it told before
    only_mended: bool = False  # that alone brings it back

    @property
    def head(self) -> str:
        """What stands before the headline: "Update", "Corrected by its source"; "" where there is nothing."""
        return ", ".join(word for word in ("Update" if self.update and not self.only_mended else "", self.mend) if word)

    @property
    def carried_line(self) -> str:
        """Where it comes from, as a line of its own."""
        return self.carried[:1].upper() + self.carried[1:]

    @property
    def where(self) -> str:
        """The countries, without flags."""
        more = (f"{self.more_places} more",) if self.more_places else ()
        return ", ".join((*(name for _, name in self.places), *more))

    @property
    def about(self) -> str:
        """One line without flags: the source, when, the language, the countries, and remarks."""
        return " · ".join(part for part in (self.source, *self.facts, self.where, *self.remarks) if part)

    @property
    def judged(self) -> str:
        """One line: the scores against their lines, and the words that weighed most."""
        why = f"why: {', '.join(map(str, self.reasons))}" if self.reasons else ""
        return " · ".join((*map(str, self.marks), *((why,) if why else ())))

    @property
    def brief(self) -> str:
        """Less of the same for a story that takes one line: the source with how many more, when, the countries."""
        more = f" +{self.further.count:,}" if self.further else ""
        return " · ".join(part for part in (self.source + more, *self.facts[:1], self.where) if part)


def story_view(story: Story, digest: Digest) -> StoryView:
    """Put a story into words."""
    lead, zone = story.lead, digest.subscription.zone
    entry = lead.entry
    title = shown(entry.title, TITLE)
    body = "" if entry.text == entry.title else shown(entry.text, EXCERPT)
    update = _update(story.news, zone) if story.news else None
    mend = mend_of_story(story)
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
        carried=", ".join(filter(None, (_ROLLED if story.rolled_over else "", of_story(story.undelivered, zone)))),
        update=update,
        only_mended=story.news is not None and story.news.only_corrected,
        mend=_MENDS[mend] if mend else "",
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
