"""A reading with all that its counts are read by: cues by where they begin and end, and places."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from monitor.extract.gazetteer import Hit
from monitor.extract.phrases import load
from monitor.extract.reading import MARKS, Reading
from monitor.extract.shipped import data
from monitor.extract.words import fold

_SOFT = frozenset('«»“”"')


@dataclass(frozen=True, slots=True)
class Scene:
    """A reading, the cues of figures.toml in it, its places with country codes as targets, and its institutions."""

    reading: Reading
    cues: Sequence[Hit]
    places: Sequence[Hit]
    begins: dict[int, list[Hit]]
    ends: dict[int, list[Hit]]
    bodies: Sequence[tuple[range, str]] = ()

    def beginning(self, at: int, *groups: str) -> Hit | None:
        """Give the longest cue of the groups that begins at a token."""
        return _longest(hit for hit in self.begins.get(at, ()) if hit.target.partition(":")[0] in groups)

    def ending(self, at: int, *groups: str) -> Hit | None:
        """Give the longest cue of the groups that ends before a token."""
        return _longest(hit for hit in self.ends.get(at, ()) if hit.target.partition(":")[0] in groups)

    def word(self, at: int) -> str:
        """Give a folded token, "" beside the reading."""
        return self.reading.folded[at] if 0 <= at < len(self.reading.folded) else ""

    def place(self, at: int) -> Hit | None:
        """Give the place that begins at a token."""
        return next((hit for hit in self.places if hit.start == at), None)

    def within(self, tokens: range, *groups: str) -> Iterator[Hit]:
        """Give the cues of the groups that begin within a range of tokens."""
        low = bisect_left(self.cues, tokens.start, key=_start)
        for hit in self.cues[low:]:
            if hit.start >= tokens.stop:
                return
            if hit.target.partition(":")[0] in groups:
                yield hit

    def sentence(self, at: int) -> range:
        """Give the sentence of a token."""
        return self.reading.sentences[self.reading.sentence(at)]

    def marks(self, left: int, right: int) -> list[str]:
        """List the marks of clauses between two tokens; quotes are none."""
        return [word for word in self.reading.words[left:right] if word in MARKS and word not in _SOFT]


@cache
def words(name: str) -> frozenset[str]:
    """Give the folded words of a list of [near] in numbers.toml."""
    return frozenset(map(fold, data("numbers")["near"][name]))


def scene(reading: Reading) -> Scene:
    """Find the cues of figures in a reading; its places are left to be filled in."""
    cues = load("figures").hits(reading)
    begins: dict[int, list[Hit]] = {}
    ends: dict[int, list[Hit]] = {}
    for hit in cues:
        begins.setdefault(hit.start, []).append(hit)
        ends.setdefault(hit.end, []).append(hit)
    return Scene(reading, cues, (), begins, ends)


def _longest(hits: Iterable[Hit]) -> Hit | None:
    return max(hits, key=_length, default=None)


def _length(hit: Hit) -> int:
    return hit.end - hit.start


def _start(hit: Hit) -> int:
    return hit.start
