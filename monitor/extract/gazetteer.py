"""Names to what they stand for: the notation of gazetteer files, and finding the names in the words of a text.

A term is one or more words; hyphens and apostrophes part words. Of each word:

    Syria       begins with a capital in the text too (Arabic has none); small letters fit any case
    UAE         all in capitals in the text too
    =US         exactly so, accents included, and not where the whole text is in capitals
    Syrien*     open to the right (compounds)
    français~   up to three more letters (inflection)
    сирийск+ий  with each ending of the class "ий" of the file's [endings]
    турк{а,и}   with each of these endings
"""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.errors import ModelError
from monitor.extract.reading import Reading
from monitor.extract.words import MAX_WORD, fold, tokens, variants

_INFLECTION = 3
_CACHE = 65_536  # words whose meaning is kept; a day's news has about as many
_BRACES = re.compile(r"\{([^{}]*)\}")
_FORM = re.compile(r"(=?)([^\W_]+)([*~]?)")

GAP = ".."
"""In a term without case: room for words of no matter."""
Endings = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Term:
    """A name, word by word as patterns, the target that it stands for, and what kind of name it is."""

    patterns: tuple[str, ...]
    target: str
    kind: str = ""

    @property
    def rank(self) -> tuple[int, int, int]:
        """Which of two terms that begin at one word counts: more words, then more letters, then a closed ending."""
        letters = sum(len(pattern.strip("*~=^!")) for pattern in self.patterns)
        return len(self.patterns), letters, -sum(pattern[-1] in "*~" for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Hit:
    """Where in a reading a term stands, from token ``start`` up to ``end``, and what it stands for."""

    target: str
    start: int
    end: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What one word of a text may be: the patterns that it fits, and the terms that it may begin, best first.

    ``seconds`` are the second words of those terms, and ``alone`` the best that is no longer: most words that may begin
    a term ("new", "la") stand before none of its others.
    """

    patterns: frozenset[str]
    terms: tuple[Term, ...]
    seconds: frozenset[str]
    alone: Term | None


_NOTHING = Known(frozenset(), (), frozenset(), None)


class Index:
    """The words of terms of all languages at once: a text's words are looked up without knowing its language."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Index the terms by their first word, and all their words by what a text's word must be to fit."""
        self._terms: dict[str, dict[Term, None]] = {}
        self._patterns: dict[str, list[str]] = {}
        self._longest = 0
        for term in terms:
            self._add(term)
        self.look_up = lru_cache(maxsize=_CACHE)(self._know)

    def known(self, reading: Reading) -> list[Known]:
        """Look up all words of a reading."""
        look_up, (loud_title, loud_text) = self.look_up, reading.shouted
        if loud_title == loud_text:
            return [look_up(word, loud_text) for word in reading.words]
        return [look_up(word, loud_title if at < reading.head else loud_text) for at, word in enumerate(reading.words)]

    def _add(self, term: Term) -> None:
        self._terms.setdefault(term.patterns[0], {})[term] = None
        for pattern in term.patterns:
            if pattern == GAP:
                continue
            stem = pattern if pattern[0] == "=" else pattern.strip("^!*~")
            self._longest = max(self._longest, len(stem))
            forms = self._patterns.setdefault(stem, [])
            if pattern not in forms:
                forms.append(pattern)

    def _know(self, token: str, shouted: bool) -> Known:
        token = token[:MAX_WORD]
        patterns: set[str] = set()
        if not shouted:
            patterns.update(self._patterns.get("=" + token.replace(".", ""), ()))
        for word in variants(fold(token)):
            for length in range(1, min(len(word), self._longest) + 1):
                forms = self._patterns.get(word[:length], ())
                patterns.update(form for form in forms if _matches(form, token, len(word) - length))
        terms = [term for pattern in patterns for term in self._terms.get(pattern, ())]
        terms.sort(key=lambda term: (term.rank, term.patterns), reverse=True)
        if not patterns:
            return _NOTHING
        seconds = frozenset(term.patterns[1] for term in terms if len(term.patterns) > 1)
        alone = next((term for term in terms if len(term.patterns) == 1), None)
        return Known(frozenset(patterns), tuple(terms), seconds, alone)


class Gazetteer:
    """Terms of which the longest counts where they overlap, and none stands for two things."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Index the terms; raises ModelError where one name stands for two targets."""
        seen: dict[tuple[str, ...], Term] = {}
        for term in terms:
            other = seen.setdefault(term.patterns, term).target
            if other != term.target:
                name = " ".join(term.patterns)
                raise ModelError(
                    f"gazetteer: {name!r} stands for {other!r} and for {term.target!r}; keep one, or make it a homonym"
                )
        self._index = Index(seen.values())

    def find(self, text: str) -> list[str]:
        """Find the targets of all names in a text, in order; where names overlap, the first and longest counts."""
        shouted = text.isupper()
        return [hit.target for hit in _walk([self._index.look_up(token, shouted) for token in tokens(text)])]

    def hits(self, reading: Reading) -> list[Hit]:
        """Find all names in a reading, in order; where names overlap, the first and longest counts."""
        return _walk(self._index.known(reading))


def _walk(known: Sequence[Known]) -> list[Hit]:
    found, free = [], 0
    for at, word in enumerate(known):
        if word.terms and at >= free and (term := _best(word, known, at)):
            free = at + len(term.patterns)
            found.append(Hit(term.target, at, free, term.kind))
    return found


def _best(word: Known, known: Sequence[Known], at: int) -> Term | None:
    """The best term that begins at a word: a longer one that fits comes before one of this word alone."""
    if not word.seconds or at + 1 == len(known) or word.seconds.isdisjoint(known[at + 1].patterns):
        return word.alone
    return next((term for term in word.terms if _fits(term, known, at)), None)


def _matches(pattern: str, token: str, more: int) -> bool:
    """Does a token, with ``more`` letters beyond the pattern's stem, have the case and the ending that is asked for?"""
    if (pattern[0] == "^" and not token[0].isupper()) or (pattern[0] == "!" and not token.isupper()):
        return False
    return more == 0 or pattern[-1] == "*" or (pattern[-1] == "~" and more <= _INFLECTION)


def _fits(term: Term, known: Sequence[Known], at: int) -> bool:
    """Do the words from ``at`` on fit the term? That the first one does is why it was looked at."""
    if at + len(term.patterns) > len(known):
        return False
    return all(term.patterns[place] in known[at + place].patterns for place in range(1, len(term.patterns)))


def parse(notation: str, target: str, endings: Endings, *, cased: bool = True, kind: str = "") -> list[Term]:
    """Read a term in the notation above; raises ModelError where it is none. Without ``cased`` capitals ask nothing."""
    words = notation.replace("-", " ").replace("'", " ").replace("’", " ").split()
    choices = [[_pattern(form, notation, cased) for form in _forms(word, notation, endings)] for word in words]
    if not choices:
        raise ModelError(f"gazetteer: an empty term for {target!r}; remove it or write its words")
    return [Term(patterns, target, kind) for patterns in itertools.product(*choices)]


def _forms(word: str, notation: str, endings: Endings) -> list[str]:
    """Write out the endings of a word."""
    braces = _BRACES.search(word)
    if braces:
        return [word[: braces.start()] + ending + word[braces.end() :] for ending in braces[1].split(",")]
    stem, plus, name = word.partition("+")
    if not plus:
        return [word]
    if name not in endings:
        raise ModelError(
            f"gazetteer: {notation!r}: no class {name!r} in [endings]; there are {', '.join(sorted(endings))}"
        )
    return [stem + ending for ending in endings[name]]


def _pattern(form: str, notation: str, cased: bool) -> str:
    if form == GAP and not cased:
        return GAP
    match = _FORM.fullmatch(form)
    if not match:
        raise ModelError(f"gazetteer: {notation!r}: {form!r} is not one word of letters and digits with =, * or ~")
    strict, word, tail = match.groups()
    if strict:
        return "=" + word
    if not cased:
        return fold(word) + tail
    case = "!" if word.isupper() and len(word) > 1 else "^" if word[0].isupper() else ""
    return case + fold(word) + tail
