"""What words mean in any of seven languages: concepts and numbers, from tables in data/."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from monitor.dedupe.words import fold
from monitor.normalise.number_words import number_words
from monitor.normalise.shipped import read

_DATA = Path(__file__).parent / "data"
_SHORTEST = 3  # letters of a pattern that is open to the right
_CACHE = 65_536


@dataclass(frozen=True, slots=True)
class Meanings:
    """Patterns by the concept they stand for: whole words, beginnings and endings.

    ``calendar`` are the names of days and months.
    """

    whole: Mapping[str, str]
    beginnings: Mapping[str, str]
    endings: Mapping[str, str]
    calendar: frozenset[str]

    def concept(self, folded: str) -> str:
        """Return the concept of a folded word, by the longest pattern; "" for none."""
        if folded in self.whole:
            return self.whole[folded]
        for length in range(len(folded), _SHORTEST - 1, -1):
            if folded[:length] in self.beginnings:
                return self.beginnings[folded[:length]]
        for length in range(len(folded) - 1, _SHORTEST - 1, -1):
            if folded[-length:] in self.endings:
                return self.endings[folded[-length:]]
        return ""


@lru_cache(maxsize=_CACHE)
def concept(folded: str) -> str:
    """Return the concept of a folded word in the shipped table; "" for none."""
    return load().concept(folded)


def numbers(folded: Iterable[str], lang: str) -> list[str]:
    """List the numbers that folded words tell, by digits or by words: "18 тысяч", "18.000" and "eighteen thousand".

    Words count in their own language, in a text of a language without a table those of all.
    """
    values, times = _values(lang), _times()
    found: list[str] = []
    after = False
    for word in folded:
        if word[0].isdigit():
            found.append(word)
        elif after and word in times and _is_whole(found[-1]):
            found[-1] = str(int(found[-1]) * times[word])
        elif word in values:
            found.append(str(values[word]))
        else:
            after = False
            continue
        after = True
    return found


def _is_whole(number: str) -> bool:
    return number.isdecimal() and len(number) < 7


@cache
def load() -> Meanings:
    """Read the shipped tables, once a process; raises ModelError where they cannot be read."""
    return build(read(_DATA / "concepts.toml"), read(_DATA / "calendar.toml"))


def build(concepts: Mapping[str, Any], calendar: Mapping[str, Any]) -> Meanings:
    """Build the tables from parsed files (their heads explain the form)."""
    kinds: dict[str, dict[str, str]] = {"=": {}, "": {}, "-": {}}
    for group in concepts.values():
        for name, patterns in group.items():
            for pattern in patterns.split():
                mark = pattern[0] if pattern[0] in "=-" else ""
                kinds[mark].setdefault(fold(pattern.lstrip("=-")), name)
    return Meanings(
        whole=kinds["="],
        beginnings=kinds[""],
        endings=kinds["-"],
        calendar=frozenset(calendar["names"].split()),
    )


@cache
def _values(lang: str) -> dict[str, int]:
    table = number_words()
    if lang in table.values:
        listed = dict(table.values[lang])
    else:
        listed = {word: value for values in table.values.values() for word, value in values.items()}
    listed |= {word: value for word, value in table.times.items() if word not in table.vague}
    listed |= {word: 2 for words in table.duals.values() for word in words}
    return {fold(word): value for word, value in listed.items()}


@cache
def _times() -> dict[str, int]:
    return {fold(word): value for word, value in number_words().times.items()}
