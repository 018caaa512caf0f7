"""What words mean in any of seven languages: concepts and numbers, from tables in data/."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from monitor.dedupe.words import fold
from monitor.errors import ModelError

_DATA = Path(__file__).parent / "data"
_SHORTEST = 3  # letters of a pattern that is open to the right
_CACHE = 65_536


@dataclass(frozen=True, slots=True)
class Meanings:
    """Patterns by the concept they stand for: whole words, beginnings and endings; and the words of numbers.

    ``numbers`` has keys such as "ten", or "es:once" where the word is a number in that language only.
    ``calendar`` are the names of days and months.
    """

    whole: Mapping[str, str]
    beginnings: Mapping[str, str]
    endings: Mapping[str, str]
    numbers: Mapping[str, int]
    times: Mapping[str, int]
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
    """List the numbers that folded words tell, by digits or by words: "18 тысяч", "18.000" and "eighteen thousand"."""
    meanings = load()
    found: list[str] = []
    after = False
    for word in folded:
        if word[0].isdigit():
            found.append(word)
        elif after and word in meanings.times and _is_whole(found[-1]):
            found[-1] = str(int(found[-1]) * meanings.times[word])
        elif (value := meanings.numbers.get(word) or meanings.numbers.get(f"{lang}:{word}")) is not None:
            found.append(str(value))
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
    try:
        concepts = tomllib.loads((_DATA / "concepts.toml").read_text(encoding="utf-8"))
        counts = tomllib.loads((_DATA / "numbers.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"the tables in {_DATA} cannot be read: {error}; install the package again", _DATA) from error
    return build(concepts, counts)


def build(concepts: Mapping[str, Any], counts: Mapping[str, Any]) -> Meanings:
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
        numbers=_values(counts["numbers"]),
        times=_values(counts["times"]),
        calendar=frozenset(counts["calendar"]["names"].split()),
    )


def _values(table: Mapping[str, str]) -> dict[str, int]:
    return {word: int(value) for value, words in table.items() for word in words.split()}
