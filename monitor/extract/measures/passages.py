"""Passages of a reading and the cues in them: what the rules for measures look at, a title and a few sentences at once.

The words are data (measures.toml), and those of one language only are looked for in a text: "a" is "has" in French and
nothing in Spanish. The language is told by the script, else by small words.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from monitor.extract import phrases
from monitor.extract.gazetteer import Hit
from monitor.extract.phrases import Phrases
from monitor.extract.reading import Reading
from monitor.extract.shipped import data

SUBJECT = frozenset({"ours", "traveller", "camp", "other", "nothing"})
"""Classes of cues that tell whom a text is about; those of the title count for all of it."""
OURS = frozenset({"ours", "traveller", "camp"})
_SHORT = 5  # sentences that are read at once with the title among them: as many as an entry of a feed mostly has
_MOST = 4  # sentences of a passage of a longer text
_SAMPLE = 400  # characters in which a script shows
_SCRIPT = re.compile("([\u0400-\u04ff])|[\u0621-\u064a]")


@dataclass(frozen=True, slots=True)
class Passage:
    """Some sentences of a reading, by their numbers, with the cues of each in order; 0 is the title."""

    reading: Reading
    sentences: range
    cues: Mapping[int, Sequence[Hit]]

    @property
    def classes(self) -> frozenset[str]:
        """All classes of cues."""
        return frozenset(hit.target for hits in self.cues.values() for hit in hits)

    def of(self, targets: frozenset[str]) -> list[tuple[int, Hit]]:
        """List the cues of some classes with the number of their sentence."""
        return [(number, hit) for number, hits in self.cues.items() for hit in hits if hit.target in targets]


def passages(reading: Reading) -> Iterator[Passage]:
    """Part a reading in passages: all of a short one, else the title with the first paragraph, then each paragraph."""
    cues: dict[int, list[Hit]] = {}
    for hit in _cues(language(reading)).hits(reading):
        cues.setdefault(reading.sentence(hit.start), []).append(hit)
    subject = [hit for hit in cues.get(0, ()) if hit.target in SUBJECT]
    for part in _parts(reading):
        found: dict[int, Sequence[Hit]] = {number: cues[number] for number in part if number in cues}
        if found:
            yield Passage(reading, part, found if part.start == 0 else {0: subject} | found)


def _parts(reading: Reading) -> Iterator[range]:
    count = len(reading.sentences)
    if count <= _SHORT:
        yield range(count)
        return
    begin = 0
    for number in range(2, count):
        start = reading.sentences[number].start
        if "\n" in reading.between(start - 1, start) or number - begin > _MOST:
            yield range(begin, number)
            begin = number
    yield range(begin, count)


def language(reading: Reading) -> str:
    """Tell the language of a reading among those that the words are for; "" where its small words do not say."""
    script = _SCRIPT.search(reading.source, 0, _SAMPLE)
    if script:
        return "ru" if script[1] else "ar"
    small = _small()
    counts = Counter(name for word in reading.folded if word in small for name in small[word])
    (first, most), (_, others) = (*counts.most_common(2), ("", 0), ("", 0))[:2]
    return first if most > max(1, others) else ""


@cache
def _small() -> Mapping[str, Sequence[str]]:
    """Say of each small word in which languages it is one."""
    found: dict[str, list[str]] = {}
    for name, words in data("measures")["small"].items():
        for word in set(words):
            found.setdefault(word, []).append(name)
    return found


@cache
def _cues(name: str) -> Phrases:
    """Build the cues of one language, of all where it is not known."""
    tables = {
        target: terms if not name else {name: terms[name]}
        for target, terms in data("measures").items()
        if target != "small" and (not name or name in terms)
    }
    return phrases.build(tables, data("endings")["endings"])
