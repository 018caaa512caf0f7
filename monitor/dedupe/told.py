"""An entry made ready for comparing: everything that near-duplicates and stories look at, computed once."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from monitor.dedupe.ages import ages
from monitor.dedupe.meaning import concept, numbers
from monitor.dedupe.titles import telling, template
from monitor.dedupe.weights import Vector, Weights
from monitor.dedupe.words import TELLING_SOUNDS, fold, skeleton, stem, tokens
from monitor.domain.facts import Facts, Role

LEAD = 80
"""Words of a text that are looked at: events stand at the beginning, boilerplate at the end."""
THEATRE = frozenset({"SY", "IQ"})
"""Where it all happened: these countries are named with every event of the field, so they part none."""
_SUBJECT = frozenset(
    f"={concept}"
    for concept in (
        *("fighter", "jihad", "is", "camp", "terror", "returnee", "repatriation", "yazidi", "citizenship", "kurdish"),
    )
)
"""Concepts by which an entry is of the field, so that its country says more than that of any other."""
_BODIES = frozenset({"=un", "=eu", "=echr"})
"""Concepts of bodies that part events where an entry names no country, as countries do."""
_ACRONYMS = {"IS": "=is", "UN": "=un"}
"""What in capitals is a name and else a common word of another language."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_RARE = 5.0  # idf of a word that fewer than one text in 150 has
_SHORTEST_NAME = 4
_LATIN = re.compile("[a-z]+")
_CACHE = 65_536


@dataclass(frozen=True, slots=True)
class Told:
    """One entry as comparing sees it; ``at`` is when it was published, or first seen, aware UTC.

    ``title`` and ``text`` are folded words, the text cut at `LEAD`; ``template`` is the title without numbers and
    dates. ``words`` is the TF-IDF vector of their stems, ``meaning`` that of what needs no language: concepts, names,
    numbers and countries. The idf is given of the text's words (``proof``), of rare stems, of all that has a meaning
    (``marks``; ``mass`` is their sum), of names and numbers (``rare``), of numbers that are no years, of concepts, and
    of the countries, or else bodies, that can part events. ``actors`` are the countries that act, ``persons`` the
    surnames in the title, ``ages`` what the text gives as such. ``subject`` says whether it is of the field,
    ``telling`` whether the title alone can tell an event.
    """

    id: int
    feed: str
    lang: str
    at: datetime
    title: tuple[str, ...]
    template: tuple[str, ...]
    text: tuple[str, ...]
    words: Vector
    meaning: Vector
    proof: Mapping[str, float]
    stems: Mapping[str, float]
    marks: Mapping[str, float]
    mass: float
    rare: Mapping[str, float]
    numbers: Mapping[str, float]
    concepts: Mapping[str, float]
    countries: Mapping[str, float]
    actors: frozenset[str]
    measures: frozenset[str]
    figures: Mapping[str, frozenset[int]]
    persons: frozenset[str]
    ages: frozenset[int]
    subject: bool
    telling: bool

    def is_issue_beside(self, other: "Told") -> bool:
        """Say whether two different titles are one template: nothing but numbers and the calendar's names differs."""
        return self.template == other.template and self.title != other.title


def tell(
    weights: Weights, facts: Facts, *, number: int, feed: str, lang: str, title: str, text: str, at: datetime
) -> Told:
    """Make an entry ready for comparing: at first sight about 0.3 ms, so a caller keeps those of its window."""
    heads, bodies = tokens(title), tokens(text)[:LEAD]
    title_words, text_words = tuple(map(fold, heads)), tuple(map(fold, bodies))
    fixed = template(title_words)
    head, body = _marks(heads, title_words, lang), _marks(bodies, text_words, lang)
    stems = tuple(map(stem, (*title_words, *text_words)))
    meant = [*head, *body, *sorted(_fact_marks(facts))]
    idf = {mark: weights.idf(mark) for mark in meant}
    return Told(
        id=number,
        feed=feed,
        lang=lang,
        at=at,
        title=title_words,
        template=fixed,
        text=text_words,
        words=weights.vector(stems, lead=map(stem, title_words)),
        meaning=weights.vector(meant),
        proof={word: weights.idf(stem(word)) for word in text_words},
        stems={word: rare for word in stems if not word[0].isdigit() and (rare := weights.idf(word)) > _RARE},
        marks=idf,
        mass=math.fsum(idf.values()),
        rare=_beginning("~'#", idf),
        numbers={mark: rare for mark, rare in _beginning("#", idf).items() if not _YEAR.fullmatch(mark[1:])},
        concepts=_beginning("=", idf),
        countries=_parting(facts, idf),
        actors=_acting(facts) - THEATRE,
        measures=frozenset(fact.measure.value for fact in facts.measures),
        figures=_counted(facts),
        persons=frozenset(_surname(name) for name in facts.persons if _surname(name) in title_words),
        ages=ages(title, text),
        subject=bool(facts.measures or THEATRE & set(facts.countries)) or not _SUBJECT.isdisjoint({*head, *body}),
        telling=telling(fixed, weights),
    )


def marks(title: str, text: str, lang: str, facts: Facts) -> frozenset[str]:
    """List the terms of an entry that document frequencies are counted of."""
    found = _fact_marks(facts)
    for part in (tokens(title), tokens(text)[:LEAD]):
        folded = tuple(map(fold, part))
        found.update(map(stem, folded))
        found.update(_marks(part, folded, lang))
    return frozenset(found)


def _marks(written: Sequence[str], folded: Sequence[str], lang: str) -> list[str]:
    """List concepts, names and numbers of words; a year is a number as any other, and common."""
    found = [f"#{number}" for number in numbers(folded, lang) if number not in {"0", "1"}]
    for word, plain in zip(written, folded, strict=True):
        if word in _ACRONYMS:
            found.append(_ACRONYMS[word])
        elif not plain[0].isdigit():
            found += _word_marks(plain, not word[0].islower())
    return found


@lru_cache(maxsize=_CACHE)
def _word_marks(plain: str, may_be_name: bool) -> tuple[str, ...]:
    """What one word stands for: its concept, or its consonants where it may be a name."""
    meant = concept(plain)
    if meant:
        return (f"={meant}",)
    if not may_be_name or len(plain) < _SHORTEST_NAME:
        return ()
    sounds = skeleton(plain)
    if len(sounds) >= TELLING_SOUNDS:
        return (f"~{sounds}",)
    return (f"'{stem(plain)}",) if _LATIN.fullmatch(plain) else ()


def _fact_marks(facts: Facts) -> set[str]:
    return {f"@{country}" for country in facts.countries} | {f"!{fact.measure.value}" for fact in facts.measures}


def _beginning(kinds: str, idf: Mapping[str, float]) -> dict[str, float]:
    return {mark: rare for mark, rare in idf.items() if mark[0] in kinds}


def _parting(facts: Facts, idf: Mapping[str, float]) -> dict[str, float]:
    """Weigh the countries that can part events; where there are none, bodies; else the state of the theatre that acts.

    Syria, where all happened, stands last: what Iraq does in Syria is an event of Iraq.
    """
    lands = set(facts.countries) - THEATRE
    bodies = _BODIES & idf.keys()
    if not lands and bodies:
        return {body: idf[body] for body in bodies}
    own = _acting(facts) & THEATRE
    return {land: idf.get(f"@{land}", 0.0) for land in lands or own - {"SY"} or own}


def _acting(facts: Facts) -> frozenset[str]:
    places = {place.country for place in facts.places if Role.ACTOR in place.roles}
    return frozenset(places | {fact.country for fact in facts.measures if fact.country})


def _counted(facts: Facts) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for figure in facts.figures:
        if figure.low is not None and figure.low == figure.high:
            found.setdefault(figure.of.value, set()).add(figure.low)
    return {kind: frozenset(values) for kind, values in found.items()}


def _surname(name: str) -> str:
    parts = tokens(name)
    return fold(parts[-1]) if parts else ""
