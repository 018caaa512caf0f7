"""Number words of seven languages, folded, for whoever reads numbers in texts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from monitor.normalise.folding import bare
from monitor.normalise.shipped import read

_FILE = Path(__file__).parent / "data" / "number_words.toml"


@dataclass(frozen=True, slots=True)
class NumberWords:
    """Numbers by their word: ``values`` by language, ``times`` the multipliers of all languages.

    ``vague`` are multipliers that tell no number where none stands before them ("millions of").
    ``duals`` are Arabic words that say "two" themselves, by whom they name.
    """

    values: Mapping[str, Mapping[str, int]]
    times: Mapping[str, int]
    vague: frozenset[str]
    duals: Mapping[str, tuple[str, ...]]


@cache
def number_words() -> NumberWords:
    """Return the shipped table; raises ModelError where it cannot be read."""
    file = read(_FILE)
    return NumberWords(
        {lang: _pairs(entries) for lang, entries in file["values"].items()},
        _pairs(file["times"]["words"]),
        frozenset(map(bare, file["times"]["vague"])),
        {of: tuple(map(bare, words)) for of, words in file["duals"].items()},
    )


def _pairs(entries: Iterable[str]) -> dict[str, int]:
    return {bare(word): int(value) for word, value in (entry.split() for entry in entries)}
