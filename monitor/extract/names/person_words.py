"""What one word may be in a text about persons, from data/people.toml: first names, roles, verbs of saying."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from monitor.extract.shipped import data
from monitor.extract.words import fold, variants

_ARABIC = "\u0621", "\u064a"
_INITIAL = 1
_COMPOUND = 8
"""The most letters of a word that is no compound of a role."""
_SURNAME = (
    "ов",
    "ев",
    "ин",
    "ова",
    "ева",
    "ина",
    "скии",
    "ская",
    "ского",
    "енко",
    "швили",
    "дзе",
    "ян",
    "оглу",
    "баев",
    "чук",
)


class Sort:
    """What one word may be in a text about persons; plain bits, since enumerations are slow to combine."""

    NONE = 0
    CAPITAL = 1
    FIRST = 2
    DOUBTFUL = 4
    ROLE = 8
    HONORIFIC = 16
    AFTER = 32
    BEFORE = 64
    PARTICLE = 128
    STOP = 256
    INITIAL = 512
    SURNAME = 1024
    ARABIC = 2048
    TO = 4096
    THING = 8192


@dataclass(frozen=True, slots=True)
class Lists:
    """The words of people.toml, folded, by what they are, the open ones by their stems, compounds by their endings."""

    words: Mapping[str, int]
    stems: tuple[tuple[str, int], ...]
    roles: tuple[str, ...]
    arabic: Mapping[str, int]


@lru_cache(maxsize=65_536)
def sort(word: str) -> int:
    """Say what a word may be."""
    lists, folded = load(), fold(word)
    if _ARABIC[0] <= word[0] <= _ARABIC[1]:
        return _arabic(word, folded, lists)
    known = lists.words.get(folded, Sort.NONE)
    known |= next((kind for stem, kind in lists.stems if folded.startswith(stem)), Sort.NONE)
    known |= Sort.ROLE if folded.endswith(lists.roles) and len(folded) > _COMPOUND else Sort.NONE
    if word[0].isupper():
        known |= Sort.CAPITAL
        if len(word) == _INITIAL:
            known |= Sort.INITIAL
        if folded.endswith(_SURNAME) and len(folded) > 4 and "а" <= folded[0] <= "я":
            known |= Sort.SURNAME
    else:
        known &= ~(Sort.FIRST | Sort.DOUBTFUL)
    return known


def _arabic(word: str, folded: str, lists: Lists) -> int:
    known = lists.arabic.get(folded, Sort.NONE)
    if known & Sort.STOP and known & Sort.FIRST:  # "Ali" and "on" are told apart by the dots of their last letter
        known &= ~(Sort.FIRST if word.endswith("ى") else Sort.STOP)
    if not known:
        for form in variants(folded)[1:]:
            known |= lists.arabic.get(form, Sort.NONE) & (Sort.ROLE | Sort.STOP | Sort.THING)
    return known | Sort.ARABIC


@cache
def load() -> Lists:
    """Read the shipped lists, once a process; raises ModelError where they cannot be read."""
    return build(data("people"))


def build(file: Mapping[str, Any]) -> Lists:
    """Build the lists from a parsed file; its head explains the form."""
    first, verbs, roles, stops = file["first_names"], file["verbs"], file["roles"], file["stops"]
    particles, things = file["particles"], file["things"]
    latin = [
        (first["any"].split(), Sort.FIRST),
        (first["cyrillic"].split(), Sort.FIRST),
        (file["doubtful"]["any"], Sort.FIRST | Sort.DOUBTFUL),
        (roles["any"], Sort.ROLE),
        (file["honorifics"]["any"], Sort.HONORIFIC),
        (verbs["after"], Sort.AFTER),
        (verbs["before"], Sort.BEFORE),
        (verbs["to"], Sort.TO),
        (particles["any"], Sort.PARTICLE),
        (things["any"], Sort.THING),
        (stops["any"], Sort.STOP),
    ]
    arabic = [
        (first["arabic"].split(), Sort.FIRST),
        (roles["arabic"], Sort.ROLE),
        (verbs["arabic"], Sort.BEFORE),
        (particles["arabic"], Sort.PARTICLE),
        (things["arabic"], Sort.THING),
        (stops["arabic"], Sort.STOP),
    ]
    stems = [(word, kind) for listed, kind in latin for word in listed if word.endswith("*")]
    open_ones = tuple((fold(word[:-1]), kind) for word, kind in stems)
    return Lists(_sorted(latin), open_ones, tuple(roles["endings"]), _sorted(arabic))


def _sorted(tables: Sequence[tuple[Sequence[str], int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for listed, kind in tables:
        for word in listed:
            folded = fold(word.rstrip("*"))
            found[folded] = found.get(folded, Sort.NONE) | kind
    return found
