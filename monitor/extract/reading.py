"""A title and a text read once, for all that is looked for in them: words with their place, and sentences."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from monitor.extract.shipped import data
from monitor.extract.words import fold, spans, split
from monitor.normalise.folding import unify

MARKS = frozenset(',;:!?()[]،؛؟«»“”"|.\n')
"""The tokens that are no words. A line break stands between title and text."""
_END = re.compile("[.!?…؟]+[\"'»”’)\\]]*(?=\\s)|\\n+")
_fold = lru_cache(maxsize=65_536)(fold)


@dataclass(frozen=True)
class Reading:
    """A title and a text as one sequence of words and marks.

    ``source`` is what all places in characters refer to: title, line break, text, in the compatible composed form of
    Unicode and without invisible characters; the text begins at ``shift``. ``words``, ``folded``, ``starts`` and
    ``ends`` go together, one a token. ``sentences`` are ranges of tokens that cover all; the first is the title, of
    ``head`` tokens, empty where there is none. ``shouted`` says of title and text whether they are all in capitals.

    Most entries are only looked through for countries, by their words: the rest is worked out where it is asked for.
    """

    source: str
    shift: int
    words: tuple[str, ...]
    head: int
    shouted: tuple[bool, bool]

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The words folded."""
        return tuple(map(_fold, self.words))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each token begins in the source."""
        return tuple([start for start, _ in self._places])

    @cached_property
    def ends(self) -> tuple[int, ...]:
        """Where each token ends in the source."""
        return tuple([end for _, end in self._places])

    @cached_property
    def sentences(self) -> tuple[range, ...]:
        """The sentences as ranges of tokens."""
        return _sentences(self.source, self.starts, self.words, self.head, self.shift)

    @cached_property
    def _places(self) -> list[tuple[int, int]]:
        before, text = self.shift - 1, self.source[self.shift :]
        found = spans(self.source[:before])
        if found and text:
            found.append((before, self.shift))
        return found + [(start + self.shift, end + self.shift) for start, end in spans(text)]

    def surface(self, start: int, end: int) -> str:
        """Give the text of the tokens from ``start`` up to ``end``, with all that stands between them."""
        return self.source[self.starts[start] : self.ends[end - 1]] if start < end else ""

    def between(self, left: int, right: int) -> str:
        """Give what stands between the end of token ``left`` and the begin of token ``right``."""
        return self.source[self.ends[left] : self.starts[right]]

    def sentence(self, at: int) -> int:
        """Say in which sentence the token stands, by its number; the title's is 0."""
        return bisect_right(self.sentences, at, key=_start) - 1


def read(title: str, text: str) -> Reading:
    """Read a title and a text: tokens, their places, and sentences."""
    title, text = unify(title).replace("\n", " "), unify(text)
    words = split(title)
    if words and text:
        words.append("\n")
    head = len(words)
    words += split(text)
    return Reading(f"{title}\n{text}", len(title) + 1, tuple(words), head, (title.isupper(), text.isupper()))


def _start(sentence: range) -> int:
    return sentence.start


def _sentences(source: str, starts: Sequence[int], words: Sequence[str], head: int, shift: int) -> tuple[range, ...]:
    """Part the tokens: the title, with the break after it (``head``), and each sentence of the text."""
    begin = head
    found = [range(head)]
    for end in _END.finditer(source, shift):
        at = bisect_right(starts, end.end() - 1)
        if at > begin and at < len(words) and (source[end.start()] == "\n" or _ends(end, words, at)):
            found.append(range(begin, at))
            begin = at
    if begin < len(words):
        found.append(range(begin, len(words)))
    return tuple(found)


def _ends(end: re.Match[str], words: Sequence[str], at: int) -> bool:
    """Does a mark end a sentence? ``at`` is the token after it."""
    if words[at][0].islower():
        return False
    if end[0][0] != "." or len(end[0]) > 1:
        return True
    back = at - 1
    while back > 0 and words[back] in MARKS:
        back -= 1
    last, rules = words[back], _rules()
    if last.isdigit() and len(last) <= 2:
        return not (_fold(words[back - 1]) in rules["before_ordinal"] or _fold(words[at]) in rules["after_ordinal"])
    folded = _fold(last)
    if folded in rules["abbreviations"] or (folded in rules["before_number"] and words[at][0].isdigit()):
        return False
    return not ((len(last) == 1 and last.isupper()) or "." in last)


@cache
def _rules() -> dict[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in data("sentences").items()}
