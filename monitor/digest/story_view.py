"""A story as words: its headline, where and when, what it tells, how it was scored, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.digest import fact_words, news_words
from monitor.digest.corrections import mend_of_story
from monitor.digest.fold_words import of_story
from monitor.digest.names import concept, flag
from monitor.digest.words import NAME, sentence, shown
from monitor.domain.digest import Digest, News, Story
from monitor.domain.entry import StoredEntry, Term
from monitor.domain.labels import Decision
from monitor.domain.story import State, state
from monitor.normalise.url import canonical
from monitor.tongue.direction import RIGHT_TO_LEFT
from monitor.tongue.tongue import Tongue

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
    """Words of the item, and the concept that they stand for ("" for plain words); ``said`` is both on one line."""

    text: str
    concept: str
    said: str

    def __str__(self) -> str:
        return self.said


@dataclass(frozen=True, slots=True)
class Mark:
    """A label's score against its line, each as shown; behind the line stands that a person put the entry in."""

    label: str
    score: str
    line: str

    def __str__(self) -> str:
        return f"{self.label} {self.score} {self.line}"


@dataclass(frozen=True, slots=True)
class Names:
    """Sources by their names, the first ones, and how many there are: "+4 sources: A, B, C, D".

    ``head`` and ``rest`` are what stands before and after the names, with its space.
    """

    shown: tuple[str, ...] = ()
    count: int = 0
    head: str = ""
    rest: str = ""
    comma: str = ""
    plus: str = ""  # "+4", where there is no room for names

    def __bool__(self) -> bool:
        return self.count > 0

    def __str__(self) -> str:
        return f"{self.head}{self.comma.join(self.shown)}{self.rest}"


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
    ``more_places`` ("" for none); ``remarks`` how old the story is, and what it lacks. ``told`` are measures with who
    takes them and how far they are, and figures. ``head`` stands before the headline: "Update", "Corrected by its
    source"; "" where there is nothing. ``where`` are the countries without flags, ``judged`` the scores against their
    lines with the words that weighed most, on one line.
    """

    title: str
    url: str | None
    lang: str
    rtl: bool
    source: str
    further: Names
    facts: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    more_places: str
    remarks: tuple[str, ...]
    told: tuple[str, ...]
    excerpt: str
    marks: tuple[Mark, ...]
    reasons: tuple[Reason, ...]
    carried: str  # where it comes from, if not of this window: in small letters, as part of a line
    update: UpdateView | None
    mend: str  # what its source says of what it told before
    head: str
    where: str
    judged: str
    brief: str  # less of the same for a story that takes one line: the source with how many more, when, the countries

    @property
    def carried_line(self) -> str:
        """Where it comes from, as a line of its own."""
        return self.carried[:1].upper() + self.carried[1:]

    @property
    def about(self) -> str:
        """One line without flags: the source, when, the language, the countries, and remarks."""
        return " · ".join(part for part in (self.source, *self.facts, self.where, *self.remarks) if part)


def story_view(story: Story, digest: Digest, tongue: Tongue) -> StoryView:
    """Put a story into words."""
    return _Words(tongue, digest.subscription.zone).story(story, digest.made_at)


@dataclass(frozen=True, slots=True)
class _Words:
    """How a story is said: in a language, with the times of a zone."""

    tongue: Tongue
    zone: ZoneInfo

    def story(self, story: Story, now: datetime) -> StoryView:
        say, entry, title, body = self.tongue.say, story.lead.entry, *_texts(story)
        update, mend = self.update(story.news) if story.news else None, mend_of_story(story)
        # Taking out the controls again costs nothing, and `canonical` refuses whatever is not http or https.
        url = canonical(shown(entry.url, len(entry.url))) if entry.url else None
        mended = say(f"story.{mend.value}") if mend else ""
        further, source = self.further(story), self.tongue.apart(shown(story.sources[0], NAME))
        facts, places, more_places = self.facts(story.lead), self.places(story.lead), self.more_places(story.lead)
        where = self.tongue.listed([*(name for _, name in places), *filter(None, (more_places,))])
        marks, reasons = tuple(map(self.mark, story.decisions)), self.reasons(story.terms)
        more = f" {further.plus}" if further else ""
        return StoryView(
            title=title or body or say("story.no_title"),
            url=url,
            lang=entry.lang if entry.lang.isascii() and entry.lang.isalpha() else "und",
            rtl=entry.lang in RIGHT_TO_LEFT,
            source=source,
            further=further,
            facts=facts,
            places=places,
            more_places=more_places,
            remarks=(*self.age(story, now), *(() if url else (say("story.no_link"),))),
            told=self.told((story.lead, *story.others)),
            excerpt=body if title else "",
            marks=marks,
            reasons=reasons,
            carried=self.carried(story),
            update=update,
            mend=mended,
            head=self.head(story, mended),
            where=where,
            judged=self.judged(marks, reasons),
            brief=" · ".join(part for part in (source + more, *facts[:1], where) if part),
        )

    def head(self, story: Story, mended: str) -> str:
        """``Update, corrected by its source``: not an update, where a source only corrects what it told."""
        update = story.news is not None and not story.news.only_corrected
        return self.tongue.listed(filter(None, (self.tongue.say("story.update") if update else "", mended)))

    def carried(self, story: Story) -> str:
        """Where a story comes from that is not of this window."""
        rolled = self.tongue.say("story.rolled_over") if story.rolled_over else ""
        return self.tongue.listed(filter(None, (rolled, of_story(story.undelivered, self.zone, self.tongue))))

    def update(self, news: News) -> UpdateView:
        since = self.tongue.say("story.told_last", day=self.tongue.day(news.told_at, self.zone))
        return UpdateView(news_words.facts(news, self.tongue), self.names(news.sources, again=False), since)

    def further(self, story: Story) -> Names:
        """The sources beside the lead's; of a story that comes again those that told it before."""
        named = [source for source in story.sources[1:] if not story.news or source not in story.news.sources]
        return self.names(named, again=story.news is not None)

    def names(self, sources: Sequence[str], *, again: bool) -> Names:
        shown_ = tuple(self.tongue.apart(shown(source, NAME)) for source in sources[:_SOURCES])
        head = self.tongue.say("story.again") if again else self.tongue.count("story.more_sources", len(sources))
        left = len(sources) - len(shown_)
        rest = f" {self.tongue.count('digest.more', left)}" if left else ""
        plus = self.tongue.count("story.plus", len(sources))
        return Names(shown_, len(sources), f"{head} ", rest, self.tongue.say("form.comma"), plus)

    def age(self, story: Story, now: datetime) -> tuple[str, ...]:
        """Say since when a story is told, once it is older than a day, and whether something may still come."""
        if story.span is None or now - story.span[0] <= _FRESH:
            return ()
        first, last = story.span
        key = "story.developing" if state(last, now) is State.DEVELOPING else "story.settled"
        return (self.tongue.say(key, day=self.tongue.day(first, self.zone)),)

    def mark(self, decision: Decision) -> Mark:
        word = self.tongue.apart(shown(self.tongue.label(decision.label), NAME))
        reached = self.tongue.score(decision.probability, decision.threshold)
        return Mark(word, reached, self.tongue.against(decision.threshold, by_hand=decision.human is True))

    def judged(self, marks: Sequence[Mark], reasons: Sequence[Reason]) -> str:
        why = f"{self.tongue.say('story.why')} {self.tongue.listed(map(str, reasons))}" if reasons else ""
        return " · ".join((*map(str, marks), *filter(None, (why,))))

    def facts(self, lead: StoredEntry) -> tuple[str, ...]:
        entry, own = lead.entry, lead.entry.lang == self.tongue.code
        told = "" if own else self.tongue.apart(shown(self.tongue.language(entry.lang), NAME))
        return tuple(fact for fact in (self.when(entry.published, lead.first_seen), told) if fact)

    def when(self, published: datetime | None, seen: datetime) -> str:
        if published:
            return self.tongue.minute(published, self.zone)
        return self.tongue.say("story.undated", when=self.tongue.minute(seen, self.zone))

    def places(self, lead: StoredEntry) -> tuple[tuple[str, str], ...]:
        codes = lead.countries[:_COUNTRIES]
        return tuple((flag(code), self.tongue.apart(shown(self.tongue.country(code), NAME))) for code in codes)

    def more_places(self, lead: StoredEntry) -> str:
        more = len(lead.countries) - _COUNTRIES
        return self.tongue.count("story.more_places", more) if more > 0 else ""

    def told(self, entries: Sequence[StoredEntry]) -> tuple[str, ...]:
        """What the entries of a story tell, each once, the lead's first."""
        measures = dict.fromkeys(fact_words.step(m, self.tongue) for entry in entries for m in entry.facts.measures)
        figures = dict.fromkeys(fact_words.count(f, self.tongue) for entry in entries for f in entry.facts.figures)
        found = [*list(measures)[:_MEASURES], *list(figures)[:_FIGURES]]
        return tuple(sentence(told, NAME) for told in found)

    def reasons(self, terms: Sequence[Term]) -> tuple[Reason, ...]:
        """Keep what spoke for the story, strongest as given, each wording once."""
        found: dict[str, Reason] = {}
        for term in terms:
            text = shown(term.text, _TERM)
            if term.weight > 0 and text and text.casefold() not in found:
                named = shown(concept(term.concept, self.tongue), NAME)
                quoted = self.tongue.say("form.quoted", text=self.tongue.apart(text))
                said = self.tongue.say("form.in_brackets", text=quoted, inside=named) if named else quoted
                found[text.casefold()] = Reason(text, named, said)
        return tuple(found.values())[:_TERMS]


def _texts(story: Story) -> tuple[str, str]:
    """The title, and the text where it is another one."""
    entry = story.lead.entry
    return shown(entry.title, TITLE), "" if entry.text == entry.title else shown(entry.text, EXCERPT)
