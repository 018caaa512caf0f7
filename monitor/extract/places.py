"""The countries that a text names, by a gazetteer of names, demonyms, capitals and places in seven languages."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from monitor.errors import ModelError
from monitor.extract.gazetteer import Endings, Gazetteer, Term, parse

LANGUAGES = ("en", "fr", "de", "ru", "ar", "nl", "es")
"""The languages in which every country has at least its name."""
_FILE = Path(__file__).parent / "data" / "places.toml"
_KEYS = frozenset({*LANGUAGES, "places"})


@dataclass(frozen=True, slots=True)
class Homonym:
    """A name of more than one thing: ``country``, or ``instead`` ("" for none) in a text that has one of ``unless``."""

    country: str
    instead: str
    unless: Gazetteer


@dataclass(frozen=True, slots=True)
class Places:
    """The gazetteer: its targets are country codes, keys of ``homonyms``, or "" for what only looks like a country."""

    gazetteer: Gazetteer
    homonyms: Mapping[str, Homonym]


def countries(title: str, text: str) -> tuple[str, ...]:
    """List the countries that a text names, each once, in order of first mention.

    They are ISO 3166 alpha-2 codes, and XK for Kosovo. Nationals, capitals and known places count for their country.
    The text's case counts: in Latin and Cyrillic script a name begins with a capital letter.
    """
    places = load()
    found = dict.fromkeys([*places.gazetteer.find(title), *places.gazetteer.find(text)])
    codes = (_resolve(target, places, title, text) for target in found)
    return tuple(dict.fromkeys(code for code in codes if code))


def _resolve(target: str, places: Places, title: str, text: str) -> str:
    homonym = places.homonyms.get(target)
    if homonym is None:
        return target
    return homonym.instead if homonym.unless.find(title) or homonym.unless.find(text) else homonym.country


@cache
def load() -> Places:
    """Build the shipped gazetteer, once a process; raises ModelError where it cannot be read."""
    try:
        return build(tomllib.loads(_FILE.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{_FILE.name} cannot be read: {error}; install the package again", _FILE) from error


def build(data: Mapping[str, Any]) -> Places:
    """Build the gazetteer from a parsed file (its head explains the form); raises ModelError at what is wrong."""
    endings: Endings = data["endings"]
    terms = [term for code, names in data["countries"].items() for term in _country(code, names, endings)]
    terms += [term for name in data["nothing"]["terms"] for term in parse(name, "", endings)]
    homonyms = {}
    for key, entry in data["homonyms"].items():
        terms += [term for name in entry["terms"] for term in parse(name, key, endings)]
        context = [term for name in entry["unless"] for term in parse(name, key, endings)]
        homonyms[key] = Homonym(entry["country"], entry["instead"], Gazetteer(context))
    return Places(Gazetteer(terms), homonyms)


def _country(code: str, names: Mapping[str, list[str]], endings: Endings) -> list[Term]:
    unknown, missing = names.keys() - _KEYS, [language for language in LANGUAGES if not names.get(language)]
    if unknown or missing:
        wrong = f"unknown {', '.join(sorted(unknown))}" if unknown else f"no name in {', '.join(missing)}"
        raise ModelError(
            f"gazetteer: [countries.{code}]: {wrong}; give a list of terms for each of {', '.join(LANGUAGES)}"
        )
    return [term for group in names.values() for name in group for term in parse(name, code, endings)]
