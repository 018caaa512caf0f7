"""Where a text names countries: by names, peoples, capitals, places and institutions, in seven languages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from monitor.errors import ModelError
from monitor.extract.gazetteer import Endings, Gazetteer, Hit, Term, parse
from monitor.extract.reading import Reading
from monitor.extract.shipped import data
from monitor.extract.words import fold

LANGUAGES = ("en", "fr", "de", "ru", "ar", "nl", "es")
"""The languages in which every country has at least its name."""
NAME, PEOPLE, CAPITAL, PLACE, BODY = "name", "people", "capital", "place", "body"
"""The kinds of names: of the country, of its people, of its capital and great cities, of others, of who acts for it."""
_KEYS = frozenset({*LANGUAGES, "places"})
_HYPHENS = ("-", "‐", "‑", "–")
# How a name that is not the first of its language is told from a word for the people: capitals, or a land's ending.
_LAND = re.compile(
    r"=.*|[A-Z]{2,}|.*(land|lands|stan|stans|ien|ië|ia|land|isme|reich|rijk|Kingdom|States|Federation)\W*\w?$"
)
_PEOPLE_EN = re.compile(
    r".*(an|ans|ese|ish|i|is|ch|ic|ss|m\{a,e\}n|ders|er|ers|s|z|zs|k|ks|h|hs|ton|tons|ne|nes|z|o|os)$"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A country at a place of a reading: tokens ``start`` up to ``end``, and by what ``kind`` of name."""

    country: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Homonym:
    """A name of more than one thing: ``country``, or ``instead`` ("" for none) in a text that has one of ``unless``."""

    country: str
    instead: str
    unless: Gazetteer
    given: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """The gazetteer: its targets are country codes, keys of ``homonyms``, or "" for what only looks like a country.

    ``prefixes`` are first parts of compounds ("franco-") with their country, ``no_surname`` what may follow a homonym
    that is a given name too without making it one, ``names`` the folded names of countries that are one word.
    """

    gazetteer: Gazetteer
    homonyms: Mapping[str, Homonym]
    prefixes: Mapping[str, str]
    no_surname: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Named:
    """What a reading names: all names of the gazetteer as written, and the countries that they stand for, in order."""

    hits: Sequence[Hit]
    mentions: Sequence[Mention]


def look(reading: Reading) -> Named:
    """Find where countries are named; homonyms are resolved, what is no country is no mention."""
    hits = load().gazetteer.hits(reading)
    return Named(hits, _mentions(reading, hits))


def _mentions(reading: Reading, hits: Sequence[Hit]) -> list[Mention]:
    places = load()
    found = [*hits, *_prefixes(reading, places)]
    known: dict[str, str] = {}
    for hit in found:
        if hit.target not in known:
            known[hit.target] = _resolve(hit.target, places, reading, found)
    named = [
        Mention(known[hit.target], _written(hit, reading, places), hit.start, hit.end)
        for hit in found
        if known[hit.target]
    ]
    return sorted(named, key=lambda mention: mention.start)


def _written(hit: Hit, reading: Reading, places: Places) -> str:
    """Tell a country from a people of another language: "Syrien" is German, "syrien" French."""
    name = hit.kind == PEOPLE and reading.words[hit.start][0].isupper() and reading.folded[hit.start] in places.names
    return NAME if name else hit.kind


def _prefixes(reading: Reading, places: Places) -> Iterator[Hit]:
    """Find first parts of compounds: a word that ends in o, with a hyphen behind it."""
    if places.prefixes.keys().isdisjoint(reading.folded):
        return
    for at, word in enumerate(reading.folded):
        if word in places.prefixes and reading.source.startswith(_HYPHENS, reading.ends[at]):
            yield Hit(places.prefixes[word], at, at + 1, PEOPLE)


def _resolve(target: str, places: Places, reading: Reading, found: list[Hit]) -> str:
    homonym = places.homonyms.get(target)
    if homonym is None:
        return target
    if homonym.given and any(hit.target == target and _named(hit, reading, places.no_surname) for hit in found):
        return ""
    return homonym.instead if homonym.unless.hits(reading) else homonym.country


def _named(hit: Hit, reading: Reading, no_surname: frozenset[str]) -> bool:
    """Does a surname follow? A word with one capital, and no title in which all words have one."""
    if hit.end >= len(reading.words) or reading.between(hit.end - 1, hit.end) != " ":
        return False
    word = reading.words[hit.end]
    if not word.istitle() or word in no_surname:
        return False
    sentence = reading.sentences[reading.sentence(hit.start)]
    others = [
        reading.words[at] for at in sentence if not hit.start <= at <= hit.end and len(reading.words[at]) > _SHORT
    ]
    return not others or any(other.islower() for other in others)


_SHORT = 4  # letters of words that stay small in titles


@cache
def load() -> Places:
    """Build the shipped gazetteer, once a process; raises ModelError where it cannot be read."""
    more = {"cities": data("cities"), "institutions": data("institutions")}
    return build(data("endings") | data("places") | data("towns") | more)


def build(file: Mapping[str, Any]) -> Places:
    """Build the gazetteer from parsed files (their heads explain the form); raises ModelError at what is wrong."""
    endings: Endings = file["endings"]
    terms = [term for code, names in file["countries"].items() for term in _country(code, names, endings)]
    terms += [term for name in file["nothing"]["terms"] for term in parse(name, "", endings)]
    homonyms = {}
    for key, entry in file["homonyms"].items():
        kind = entry.get("kind", NAME)
        terms += [term for name in entry["terms"] for term in parse(name, key, endings, kind=kind)]
        context = [term for name in entry["unless"] for term in parse(name, key, endings)]
        homonyms[key] = Homonym(entry["country"], entry["instead"], Gazetteer(context), entry.get("given", False))
    for table, kind in (("institutions", BODY), ("cities", PLACE), ("towns", PLACE), ("people", PEOPLE)):
        for code, names in file.get(table, {}).items():
            if code not in file["countries"]:
                raise ModelError(f"gazetteer: {code!r} of [{table}] is none of [countries]; mend the code")
            terms += [term for name in names for term in parse(name, code, endings, kind=_town_kind(name, kind))]
    prefixes = {word: code for code, words in file.get("prefixes", {}).items() for word in words}
    no_surname = frozenset(file.get("names", {}).get("no_surname", ()))
    firsts = {term.patterns[0].strip("^*~") for term in terms if term.kind == NAME and len(term.patterns) == 1}
    return Places(Gazetteer(terms), homonyms, prefixes, no_surname, frozenset(firsts))


def _country(code: str, names: Mapping[str, list[str]], endings: Endings) -> list[Term]:
    unknown, missing = names.keys() - _KEYS, [language for language in LANGUAGES if not names.get(language)]
    if unknown or missing:
        wrong = f"unknown {', '.join(sorted(unknown))}" if unknown else f"no name in {', '.join(missing)}"
        raise ModelError(
            f"gazetteer: [countries.{code}]: {wrong}; give a list of terms for each of {', '.join(LANGUAGES)}"
        )
    return [
        term
        for key, group in names.items()
        for at, name in enumerate(group)
        for term in parse(name, code, endings, kind=_kind(key, at, name, names))
    ]


def _town_kind(name: str, kind: str) -> str:
    """Tell who lives in a town, and its adjective, from the town: one word in small letters."""
    return PEOPLE if kind == PLACE and name[0].islower() and " " not in name else kind


def _kind(language: str, at: int, name: str, names: Mapping[str, list[str]]) -> str:
    """Tell names of a country from words for its people, by how they are written."""
    if language == "places":
        return CAPITAL
    if at == 0 and name[0].isupper():
        return NAME
    if language == "ar":
        return PEOPLE if "+" in name else NAME
    if name[0].islower():
        return PEOPLE
    if language in {"ru", "fr", "es"}:
        return NAME
    return NAME if _LAND.fullmatch(name) or fold(name.rstrip("*~")) == fold(names[language][0].rstrip("*~")) else PEOPLE
