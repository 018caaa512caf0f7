"""The names and common words for institutions, and how names grow in each language, from data/names.toml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from monitor.errors import ModelError
from monitor.extract.gazetteer import Gazetteer, Term, parse
from monitor.extract.shipped import data
from monitor.extract.words import fold

KINDS = ("fixed", "noun", "owned", "seated", "qualified", "head", "none")


@dataclass(frozen=True, slots=True)
class Grammar:
    """How names grow in a language; all words are folded. names.toml explains the parts."""

    left: str = ""
    direct: bool = False
    small: bool = False
    town: bool = False
    of: frozenset[str] = frozenset()
    seat: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    join: frozenset[str] = frozenset()
    possessive: frozenset[str] = frozenset()
    number: frozenset[str] = frozenset()
    adjectives: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    complements: frozenset[str] = frozenset()

    def adjective(self, folded: str) -> bool:
        """Is this a word that names of institutions have before or after their head?"""
        return folded in self.adjectives or (bool(self.stems) and folded.startswith(self.stems))


@dataclass(frozen=True, slots=True)
class Names:
    """The known names and heads; targets are "kind:language", as are the values of ``suffixes``, by how words end."""

    gazetteer: Gazetteer
    grammars: Mapping[str, Grammar]
    stops: frozenset[str]
    follow: frozenset[str]
    first: frozenset[str]
    suffixes: Mapping[str, str]
    endings: tuple[str, ...]
    compounds: frozenset[str]


@cache
def load() -> Names:
    """Build the shipped names, once a process; raises ModelError where they cannot be read."""
    return build(data("names"), data("endings")["endings"])


def build(file: Mapping[str, Any], endings: Mapping[str, Sequence[str]]) -> Names:
    """Build the names from parsed tables (the head of names.toml explains them); raises ModelError at what is wrong."""
    found: dict[tuple[str, ...], tuple[str, list[str]]] = {}
    for kind in ("none", *KINDS[:-1]):
        for language, notations in file.get(kind, {}).items():
            languages = ["en"] if language == "any" else [language]
            if languages[0] not in file["grammar"]:
                raise ModelError(f"names.toml: [{kind}] has {language!r}, which has no [grammar.{language}]; add it")
            for notation in notations:
                for term in parse(notation, kind, endings):
                    other, listed = found.setdefault(term.patterns, (kind, []))
                    if other == kind and languages[0] not in listed:
                        listed += languages
    terms = [Term(patterns, f"{kind}:{'+'.join(languages)}") for patterns, (kind, languages) in found.items()]
    complements = file.get("complements", {})
    grammars = {language: _grammar(table, complements.get(language, ())) for language, table in file["grammar"].items()}
    words = {name: frozenset(listed) for name, listed in file["words"].items()}
    first = frozenset(term.patterns[0].strip("^!=*~") for term in terms)
    suffixes = {
        fold(ending): f"{kind}:{language}"
        for kind, table in file.get("suffixes", {}).items()
        for language, endings_of in table.items()
        for ending in endings_of
    }
    return Names(
        Gazetteer(terms), grammars, words["stops"], words["follow"], first,
        suffixes, tuple(suffixes), frozenset(fold(word) for word in words.get("compounds", ())),
    )  # fmt: skip


def _grammar(table: Mapping[str, Any], complements: Sequence[str]) -> Grammar:
    adjectives = [word for entry in table.get("adjectives", ()) for word in entry.split()]
    sets = {
        name: frozenset(fold(word) for word in table.get(name, ()))
        for name in ("of", "seat", "articles", "join", "possessive", "number")
    }
    return Grammar(
        left=table.get("left", ""),
        direct=table.get("direct", False),
        town=table.get("town", False),
        small=table.get("small", False),
        adjectives=frozenset(fold(word) for word in adjectives if not word.endswith("*")),
        stems=tuple(fold(word.rstrip("*")) for word in adjectives if word.endswith("*")),
        complements=frozenset(fold(word) for entry in complements for word in entry.split()),
        **sets,
    )
