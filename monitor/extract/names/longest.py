"""Of the names of one institution the longest: an acronym, a part and a common word give way to what they stand for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from monitor.extract.shipped import data
from monitor.extract.words import fold, tokens

Words = tuple[str, ...]
_PLACED = 2
"""Words of a common word with its place."""
_SMALL = 3
"""Letters of words that an acronym may pass over."""


def longest(names: Iterable[str]) -> tuple[str, ...]:
    """Keep of the names of a text, in order, each institution once and under its longest form."""
    seen: dict[str, str] = {}
    for name in names:
        seen.setdefault(name.casefold(), name)
    once = list(seen.values())
    words = {name: _words(name) for name in once}
    kept = [name for name in once if not any(_yields(name, other, words) for other in once if other != name)]
    rest = [words[name] for name in kept]
    return tuple(name for at, name in enumerate(kept) if not _gives_way(rest[at], rest[:at], rest[at + 1 :]))


def _words(name: str) -> Words:
    """Give the folded words of a name, long forms as their short ones."""
    text = f" {' '.join(fold(token) for token in tokens(name))} "
    for long, short in _load().aliases.items():
        text = text.replace(f" {long} ", f" {short} ")
    return tuple(text.split())


def _yields(name: str, other: str, words: Mapping[str, Words]) -> bool:
    if words[name] == words[other]:
        return len(name) < len(other)
    return _shorter(words[name], words[other])


def _shorter(name: Words, other: Words) -> bool:
    """Is a name a part of the other, or its acronym?"""
    if len(name) >= len(other):
        return False
    if any(other[at : at + len(name)] == name for at in range(len(other) - len(name) + 1)):
        return True
    return len(name) == 1 and _spells(name[0], other)


def _spells(acronym: str, words: Words) -> bool:
    """Do the first letters of the words, small ones or not, make the acronym?"""
    letters = "".join(word[0] for word in words)
    return acronym in (letters, "".join(word[0] for word in words if len(word) > _SMALL))


def _gives_way(name: Words, before: Sequence[Words], after: Sequence[Words]) -> bool:
    """Is a name a common word ("parliament", "Baghdad court") where another of its class says more, or comes later?"""
    known = _load()
    if len(name) == 1 and name[0] in known.parliament:
        return any(not known.parliaments.isdisjoint(other) for other in (*before, *after))
    if len(name) == _PLACED and not known.court.isdisjoint(name):
        courts = [other for other in (*before, *after) if any(word.endswith(known.courts) for word in other)]
        return any(len(other) > _PLACED or known.court.isdisjoint(other) or other in after for other in courts)
    return False


@dataclass(frozen=True, slots=True)
class _Classes:
    """From [longest] of names.toml: short for long forms, and common and proper words for courts and parliaments."""

    aliases: Mapping[str, str]
    parliament: frozenset[str]
    parliaments: frozenset[str]
    court: frozenset[str]
    courts: tuple[str, ...]


@cache
def _load() -> _Classes:
    table = data("names")["longest"]
    aliases = {" ".join(map(fold, long.split())): fold(short) for long, short in table["aliases"].items()}
    common, proper, court = (frozenset(map(fold, table[name])) for name in ("parliament", "parliaments", "court"))
    return _Classes(aliases, common, proper, court, tuple(map(fold, table["courts"])))
