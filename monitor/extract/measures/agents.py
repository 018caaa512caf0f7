"""Who takes a measure: each country of an entry is weighed by its roles and its place in the text, and none beside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.domain.facts import Measure, Place, Role
from monitor.extract.measures import weights
from monitor.extract.measures.kinds import OWN
from monitor.extract.measures.passages import Passage
from monitor.extract.measures.weights import Weights
from monitor.extract.mentions import PEOPLE, Mention

_THEATRE = frozenset({"SY", "IQ", "AF", "SO", "YE", "LY", "ML"})
"""Where people joined: such a state acts only where it is said to."""
_THIRD = frozenset({"TR", "IQ", "SY", "LB", "LY", "PK", "AF", "EG", "AE", "IR", "SD", "ML", "SO", "JO", "US"})
"""Where travellers are caught and held, and sent on from."""
_JOINERS = frozenset({",", "،", "and", "y", "e", "et", "und", "en", "и", "و"})
_CLOSE = 3
_FIRST = 3
_WORD, _BEFORE_THAT, _CUE = 0.7, 0.5, 0.7  # what single words say less than roles do


@dataclass(frozen=True, slots=True)
class Countries:
    """The countries of one entry with their roles, and where they are named."""

    places: Sequence[Place]
    mentions: Sequence[Mention]


def countries_of(passage: Passage, measure: Measure, named: Countries, fitted: Weights) -> list[str | None]:
    """List who takes a measure that a passage tells: the likeliest, and whoever else is more likely than not."""
    weighed = [
        (weights.score(found, fitted.country), country) for country, found in candidates(passage, measure, named)
    ]
    best = max(score for score, _ in weighed)
    chosen = [country for score, country in weighed if score == best or (score > fitted.sure and country)]
    return chosen + _listed(chosen, passage, _here(passage, named).mentions)


def _listed(chosen: Sequence[str | None], passage: Passage, mentions: Sequence[Mention]) -> list[str | None]:
    """List the countries that stand in one list with a chosen one ("Israel, Australia and Bahrain")."""
    found: list[str | None] = []
    for run in _lists(passage, mentions):
        if not {*chosen}.isdisjoint(run):
            found += [code for code in run if code not in {*chosen, *found}]
    return found


def _lists(passage: Passage, mentions: Sequence[Mention]) -> Iterator[list[str]]:
    """Part the mentions of countries in lists, most of which have one."""
    run: list[str] = []
    for before, mention in zip((None, *mentions), mentions, strict=False):
        if before is not None and not _joined(passage, before, mention):
            yield run
            run = []
        run.append(mention.country)
    yield run


def _joined(passage: Passage, one: Mention, other: Mention) -> bool:
    between = passage.reading.folded[one.end : other.start]
    return PEOPLE not in {one.kind, other.kind} and len(between) > 0 and _JOINERS.issuperset(between)


def candidates(passage: Passage, measure: Measure, named: Countries) -> Iterator[tuple[str | None, dict[str, float]]]:
    """Yield each country with its signs, None last."""
    here = _here(passage, named)
    acting = [place.country for place in here.places if Role.ACTOR in place.roles]
    home = [place.country for place in here.places if place.country not in _THEATRE]
    for rank, place in enumerate(here.places):
        mentions = [mention for mention in here.mentions if mention.country == place.country]
        found = weights.present((
            "bias",
            *_by_role(place, acting, home, alone=len(here.places) == 1),
            f"rank {min(rank, _FIRST)}",
            *_by_place(passage, mentions),
            *_by_words(passage, measure, mentions),
        ))  # fmt: skip
        found |= {f"{measure}|{sign}": 1.0 for sign in found}
        yield place.country, found | _by_neighbours(passage, mentions)
    yield None, weights.present(_none(passage, measure, acting, home, len(here.places)))


def _here(passage: Passage, named: Countries) -> Countries:
    """Keep the countries that the passage names, all where it names none."""
    mentions = [mention for mention in named.mentions if passage.reading.sentence(mention.start) in passage.sentences]
    codes = {mention.country for mention in mentions}
    places = [place for place in named.places if place.country in codes]
    return Countries(places, mentions) if places else named


def _by_role(place: Place, acting: Sequence[str], home: Sequence[str], *, alone: bool) -> Iterator[str]:
    yield from (role.value for role in place.roles)
    country = place.country
    if not acting:
        yield "nobody acts"
    elif acting[0] == country:
        yield "acts first"
        if len(acting) == 1:
            yield "acts alone"
    if country in _THEATRE:
        yield "theatre"
    if country in _THIRD:
        yield "third"
    if country in {"SY", "US"}:
        yield country
    if alone:
        yield "alone"
    if home[:1] == [country]:
        yield "home first"
        if len(home) == 1:
            yield "home alone"


def _by_place(passage: Passage, mentions: Sequence[Mention]) -> Iterator[str]:
    reading = passage.reading
    for mention in mentions:
        yield f"kind {mention.kind}"
        number = reading.sentence(mention.start)
        if number == 0:
            yield "title"
            if mention.start == 0:
                yield "title begins"
        if mention.start == reading.sentences[number].start:
            yield "sentence begins"


def _by_words(passage: Passage, measure: Measure, mentions: Sequence[Mention]) -> Iterator[str]:
    """Say how a country stands to the words that name the measure."""
    words = passage.of(OWN[measure])
    numbers = {number for number, _ in words}
    gaps = []
    for mention in mentions:
        number = passage.reading.sentence(mention.start)
        if number in numbers:
            yield "same sentence"
        gaps += [
            (max(mention.start - hit.end, hit.start - mention.end), mention.start < hit.start)
            for other, hit in words
            if other == number
        ]
    if gaps:
        gap, before = min(gaps)
        side = "before" if before else "after"
        yield side
        if gap <= _CLOSE:
            yield f"close {side}"


def _by_neighbours(passage: Passage, mentions: Sequence[Mention]) -> dict[str, float]:
    """Note the words and cues right beside a country."""
    reading, found = passage.reading, {}
    for mention in mentions:
        before = reading.folded[mention.start - 1] if mention.start else "^"
        found[f"<{before}"] = _WORD
        if mention.start > 1:
            found[f"<<{reading.folded[mention.start - 2]}"] = _BEFORE_THAT
        found[f">{reading.folded[mention.end] if mention.end < len(reading.folded) else '$'}"] = _BEFORE_THAT
        for hit in passage.cues.get(reading.sentence(mention.start), ()):
            if 0 <= max(mention.start - hit.end, hit.start - mention.end) <= 1:
                found[f"{'<' if hit.start < mention.start else '>'}:{hit.target}"] = _CUE
    return found


def _none(passage: Passage, measure: Measure, acting: Sequence[str], home: Sequence[str], count: int) -> Iterator[str]:
    """Say what speaks for no state at all: a body of states, or no country that could be."""
    yield "none"
    yield f"{measure}|none"
    for target in ("international", "parliament", "court", "government", "police", "opinion"):
        if target in passage.classes:
            yield f"none:{target}"
    if any(hit.target == "international" for hit in passage.cues.get(0, ())):
        yield "none:international title"
        yield f"{measure}|none:international title"
    if "international" in passage.classes:
        yield f"{measure}|none:international"
    yield f"none of {min(count, 3)}"
    yield f"none of home {min(len(home), 2)}"
    if acting:
        yield "none acting"
