"""The catalogues: data/CODE.toml, each read once and held against the English one."""

import string
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

Forms = Mapping[str, str]
"""The forms of one key by what they go with: a number's category, a gender, a country; ``other`` goes with the rest."""

OTHER = "other"
AFTER = "after_"
"""Before a number's category: the form after a preposition such as "about", where that is another one."""
CODES = ("ar", "de", "en", "es", "fr", "nl", "ru")
_OPEN = ("languages.", "countries.")
"""Keys that each language has as it needs them: where CLDR's name reads badly."""


def check(code: str) -> str:
    """Accept a language that there are words in; raises ValueError that names what there is."""
    if code not in CODES:
        raise ValueError(f'"{code}" is no language that headings come in; there are: {", ".join(CODES)}')
    return code


@cache
def catalogue(code: str) -> Mapping[str, Forms]:
    """Read a language's words by their key, ``table.key``; raises ValueError where they are not those of English."""
    words = read((files("monitor.tongue") / "data" / f"{code}.toml").read_text("utf-8"))
    if code != "en" and (faults := compare(words, catalogue("en"))):
        raise ValueError(f"monitor/tongue/data/{code}.toml: {'; '.join(faults)}")
    return words


def read(text: str) -> Mapping[str, Forms]:
    """Read a catalogue as it is written."""
    found = {
        f"{table}.{key}": {OTHER: value} if isinstance(value, str) else dict(value)
        for table, rows in tomllib.loads(text).items()
        for key, value in rows.items()
    }
    return MappingProxyType(found)


def compare(words: Mapping[str, Forms], english: Mapping[str, Forms]) -> list[str]:
    """Say what keys and placeholders a catalogue lacks, or has beside those of the English one."""
    mine, theirs = _closed(words), _closed(english)
    faults = [f"no words for {key}" for key in sorted(theirs.keys() - mine.keys())]
    faults += [f"{key} is no key" for key in sorted(mine.keys() - theirs.keys())]
    for key in sorted(mine.keys() & theirs.keys()):
        known = set().union(*map(placeholders, theirs[key].values()))
        if OTHER not in mine[key]:
            faults.append(f"{key} has no form for the rest")
        for name, form in mine[key].items():
            used = placeholders(form)
            # A form may say its number in words: "two stories"; all else that English tells must be told.
            if used - known or known - used - {"n"}:
                faults.append(f"{key} ({name}) has {sorted(used)}, where English has {sorted(known)}")
    return faults


def placeholders(form: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(form) if name is not None}


def _closed(words: Mapping[str, Forms]) -> dict[str, Forms]:
    return {key: forms for key, forms in words.items() if not key.startswith(_OPEN)}


def rows(words: Mapping[str, Forms], table: str) -> Iterator[tuple[str, Forms]]:
    """The rows of one table, by their key in it."""
    return ((key.removeprefix(f"{table}."), forms) for key, forms in words.items() if key.startswith(f"{table}."))


def plain(words: Mapping[str, Forms], table: str) -> dict[str, str]:
    """The rows of a table that have one form."""
    return {key: forms[OTHER] for key, forms in rows(words, table)}
