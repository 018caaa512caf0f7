"""The concept lexicon: what words stand for, in every language, as data (``lexicon/<language>.toml``).

A term is one or more words. ``stem*`` is open to the right, ``*stem`` to the left, ``*stem*`` on both sides
(compounds). ``..`` between words leaves room for up to three others (separable verbs). ``=IS`` holds for that case
only, and not in a text that is all capitals. A file's ``proclitics`` are letters that may stand before any word
(Arabic conjunctions, prepositions and the article).

Users add words of their own (`monitor.classify.words`): a known concept's, which have its weights at once, or concepts
of their own, which no model knows.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from monitor.classify.text import fold, unify, words
from monitor.errors import ModelError

_GAP = 3
_EDGE = 3
_CACHE_LIMIT = 100_000  # words, most of them without meaning to us: about 10 MB
_FOLDER = Path(__file__).parent / "lexicon"


@dataclass(frozen=True, slots=True)
class Match:
    """Words ``start`` to ``end`` (exclusive) stand for ``concept``."""

    concept: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Term:
    """A term as patterns, each with the number of words that may come before it."""

    concept: str
    patterns: tuple[str, ...]
    gaps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the lexicon says of one word: its patterns, the concepts it names alone, the terms it may begin.

    ``next_to`` are those terms whose second word follows at once, by that word's pattern: most words that may begin a
    term stand before none of them. ``spaced`` are the others.
    """

    patterns: frozenset[str]
    concepts: tuple[str, ...]
    next_to: Mapping[str, tuple[_Term, ...]]
    spaced: tuple[_Term, ...]


_NOTHING = _Known(frozenset(), (), {}, ())


class Lexicon:
    """All languages at once: an entry's words are looked up without knowing its language."""

    def __init__(self, sources: Mapping[str, Mapping[str, object]], own: Iterable[tuple[str, str]] = ()) -> None:
        """Build from parsed files by language, and (concept, term) pairs of the user's; `load` reads the shipped ones.

        Raises:
            ModelError: a term is none; the message names it and its file.
        """
        self._terms: dict[str, list[_Term]] = {}
        self._shapes: dict[str, dict[str, list[str]]] = {"exact": {}, "prefix": {}, "suffix": {}, "inside": {}}
        self._edges: dict[str, dict[str, tuple[int, ...]]] = {}
        self._inside: re.Pattern[str] | None = None
        self._proclitics: tuple[str, ...] = ()
        self._memory: dict[str, _Known] = {}
        stopwords: set[str] = set()
        for language in sorted(sources):
            source, where = sources[language], f"lexicon {language}.toml"
            stopwords.update(fold(unify(word)) for word in _strings(source.get("stopwords", []), where))
            self._proclitics += tuple(fold(p) for p in _strings(source.get("proclitics", []), where))
            for concept, terms in _concepts(source, where):
                for term in terms:
                    self._add(_parse(term, concept, where))
        for concept, term in own:
            self._add(_parse(term, concept, "labels.toml"))
        self._index()
        self.stopwords = frozenset(stopwords)
        self.concepts = tuple(sorted({term.concept for terms in self._terms.values() for term in terms}))
        self.sha256 = _digest(self._terms, self.stopwords, self._proclitics)

    def find(self, tokens: Sequence[str]) -> list[Match]:
        """Find every concept in the unified words of one text, in order of appearance."""
        found: list[Match] = []
        memory = self._memory
        known = [memory.get(token) or self._look_up(token) for token in tokens]
        for at, word in enumerate(known):
            if word is _NOTHING:
                continue
            found.extend(Match(concept, at, at + 1) for concept in word.concepts)
            for term in _begun(word, known[at + 1] if at + 1 < len(known) else _NOTHING):
                end = _ending(term, known, at)
                if end:
                    found.append(Match(term.concept, at, end))
        return found

    def _add(self, term: _Term) -> None:
        self._terms.setdefault(term.patterns[0], []).append(term)
        for pattern in term.patterns:
            shape, stem = _shape(pattern)
            keys = self._shapes[shape].setdefault(stem, [])
            if pattern not in keys:
                keys.append(pattern)

    def _index(self) -> None:
        """Note which stems begin or end with which letters, and how long they are: most words have none.

        Three letters tell more apart than two; the few stems of two have a key of their own.
        """
        for shape in ("prefix", "suffix"):
            lengths: dict[str, set[int]] = {}
            for stem in self._shapes[shape]:
                edge = stem[:_EDGE] if shape == "prefix" else stem[-_EDGE:]
                lengths.setdefault(edge, set()).add(len(stem))
            self._edges[shape] = {letters: tuple(sorted(found)) for letters, found in lengths.items()}
        if self._shapes["inside"]:
            self._inside = re.compile("|".join(map(re.escape, self._shapes["inside"])))

    def _look_up(self, token: str) -> _Known:
        known = self._memory.get(token)
        if known is None:
            if len(self._memory) >= _CACHE_LIMIT:
                self._memory.clear()
            known = self._memory[token] = self._know(token)
        return known

    def _know(self, token: str) -> _Known:
        patterns = set(self._shapes["exact"].get("=" + token, ()))
        for word in _variants(fold(token), self._proclitics):
            patterns.update(self._patterns(word))
        if not patterns:
            return _NOTHING
        terms = [term for pattern in sorted(patterns) for term in self._terms.get(pattern, ())]
        alone = tuple(dict.fromkeys(term.concept for term in terms if len(term.patterns) == 1))
        next_to: dict[str, list[_Term]] = {}
        for term in terms:
            if len(term.patterns) > 1 and not term.gaps[1]:
                next_to.setdefault(term.patterns[1], []).append(term)
        spaced = tuple(term for term in terms if len(term.patterns) > 1 and term.gaps[1])
        follows = {pattern: tuple(listed) for pattern, listed in next_to.items()}
        return _Known(frozenset(patterns), alone, follows, spaced)

    def _patterns(self, word: str) -> Iterable[str]:
        yield from self._shapes["exact"].get(word, ())
        for edge in (word[:_EDGE], word[: _EDGE - 1]):
            for length in self._edges["prefix"].get(edge, ()):
                yield from self._shapes["prefix"].get(word[:length], ()) if length <= len(word) else ()
        for edge in (word[-_EDGE:], word[1 - _EDGE :]):
            for length in self._edges["suffix"].get(edge, ()):
                yield from self._shapes["suffix"].get(word[-length:], ()) if length <= len(word) else ()
        if self._inside is not None and self._inside.search(word):
            for stem, patterns in self._shapes["inside"].items():
                if stem in word:
                    yield from patterns


def _begun(word: _Known, following: _Known) -> Iterable[_Term]:
    """The terms that a word may begin before the one that follows it."""
    if word.next_to and following.patterns:
        for pattern in word.next_to.keys() & following.patterns:
            yield from word.next_to[pattern]
    yield from word.spaced


def _ending(term: _Term, known: Sequence[_Known], at: int) -> int:
    """Follow a term from its first word; return where it ends, or 0 where it does not go on."""
    end = at + 1
    for pattern, gap in zip(term.patterns[1:], term.gaps[1:], strict=True):
        if not gap:
            if end == len(known) or pattern not in known[end].patterns:
                return 0
            end += 1
            continue
        window = range(end, min(end + gap + 1, len(known)))
        end = next((place + 1 for place in window if pattern in known[place].patterns), 0)
        if not end:
            return 0
    return end


def _variants(word: str, proclitics: tuple[str, ...]) -> list[str]:
    """List the word itself and what stays of it when a proclitic comes off; three letters must stay."""
    if not word.startswith(proclitics):
        return [word]
    return [word, *(word[len(p) :] for p in proclitics if word.startswith(p) and len(word) >= len(p) + 3)]


def _parse(term: str, concept: str, where: str) -> _Term:
    patterns: list[str] = []
    gaps: list[int] = []
    gap = 0
    for piece in unify(term).replace("-", " ").replace("'", " ").split():
        if piece == "..":
            gap = _GAP
            continue
        patterns.append(_pattern(piece, term, where))
        gaps.append(gap)
        gap = 0
    if not patterns:
        raise ModelError(f"{where}: a term of {concept!r} is empty; remove it or write its words")
    return _Term(concept, tuple(patterns), tuple(gaps))


def _pattern(piece: str, term: str, where: str) -> str:
    core = piece.strip("*").removeprefix("=")
    if words(core) != [core]:
        raise ModelError(f"{where}: {term!r}: {piece!r} is not one word of letters and digits")
    if piece.startswith("="):
        return piece
    return ("*" if piece[0] == "*" else "") + fold(core) + ("*" if piece[-1] == "*" else "")


def _shape(pattern: str) -> tuple[str, str]:
    if pattern[0] == "*":
        return ("inside", pattern[1:-1]) if pattern[-1] == "*" else ("suffix", pattern[1:])
    return ("prefix", pattern[:-1]) if pattern[-1] == "*" else ("exact", pattern)


def _concepts(source: Mapping[str, object], where: str) -> Iterable[tuple[str, list[str]]]:
    table = source.get("concepts", {})
    if not isinstance(table, Mapping):
        raise ModelError(f"{where}: concepts must be tables such as [concepts.return]")
    for concept, body in table.items():
        if not isinstance(body, Mapping):
            raise ModelError(f"{where}: [concepts.{concept}] must be a table with a list `terms`")
        yield concept, _strings(body.get("terms", []), where)


def _strings(value: object, where: str) -> list[str]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(value)
    raise ModelError(f"{where}: {value!r} must be a list of strings")


def _digest(terms: Mapping[str, list[_Term]], stopwords: Iterable[str], proclitics: Iterable[str]) -> str:
    """Hash what the lexicon means, so that comments and order of the files do not count."""
    flat = sorted([term.concept, *term.patterns, *map(str, term.gaps)] for group in terms.values() for term in group)
    content = json.dumps([flat, sorted(stopwords), sorted(proclitics)], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def read_sources(folder: Path = _FOLDER) -> dict[str, dict[str, object]]:
    """Parse every ``<language>.toml`` of a folder.

    Raises:
        ModelError: a file is not valid TOML, or there is none.
    """
    sources: dict[str, dict[str, object]] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            sources[path.stem] = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ModelError(f"lexicon {path.name} cannot be read: {error}; repair the file", path) from error
    if not sources:
        raise ModelError(f"no lexicon in {folder}: the installation is incomplete; install the package again", folder)
    return sources


@cache
def load(own: tuple[tuple[str, str], ...] = ()) -> Lexicon:
    """Build the shipped lexicon with the (concept, term) pairs of the user's, once a process.

    Raises:
        ModelError: a term is none.
    """
    return Lexicon(read_sources(), own)


def check(term: str) -> None:
    """Raise ModelError where this is no term."""
    _parse(term, "", "labels.toml")
