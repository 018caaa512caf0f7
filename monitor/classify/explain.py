"""Say in the entry's own words what moved a score.

A logit is a sum over features, so every feature's share is known exactly. A share of a pair of words is halved, a
piece of a word goes to the words that hold it, a conjunction of concepts is split among its concepts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

from monitor.classify.features import NO_DOMAIN, UNNAMED, concept_columns, grams
from monitor.classify.lexicon import Match
from monitor.classify.reading import Reading, surface
from monitor.domain.entry import Term

ABSENT = "absent"
"""The concept under which stands what an item lost or gained by what it does not hold."""
MAX_TERMS = 6
# Below this, single words of a model trained on a small corpus are noise ("month", "from").
_MIN_WORD = 0.25
_MIN_CONCEPT = 0.05
_DOMAIN = ("fighter", "camp", "group")
_CACHE = 100_000  # words whose pieces are kept: about as many as a day's news has, in all languages


@dataclass(frozen=True, slots=True)
class Part:
    """Something of an item with its share of the logit: words as they stand there, and what they stand for.

    ``concept`` is "" for plain words, and `ABSENT` for what the item does not hold; ``text`` says what that is.
    """

    text: str
    concept: str
    share: float


class Columns:
    """Where features stand: words, then pieces of words, then concepts."""

    def __init__(self, words: Iterable[str], grams: Iterable[str], concepts: tuple[str, ...]) -> None:
        """Number the features in the order given."""
        self.words: Mapping[str, int] = {word: at for at, word in enumerate(words)}
        first = len(self.words)
        self.grams: Mapping[str, int] = {gram: first + at for at, gram in enumerate(grams)}
        self.concepts = concepts
        self.first_concept = first + len(self.grams)
        self.pieces = lru_cache(maxsize=_CACHE)(self._pieces)

    def _pieces(self, word: str) -> tuple[int, ...]:
        """The columns of a word's pieces, one as often as it occurs; what the model does not know has none."""
        return tuple(self.grams[gram] for gram in grams(word) if gram in self.grams)


def terms(
    item: tuple[str, str],
    reading: Reading,
    shares: Mapping[int, float],
    columns: Columns,
    stopwords: frozenset[str],
) -> tuple[Term, ...]:
    """Name what weighed most: concepts first, then words, each by the size of its share; at most `MAX_TERMS`.

    ``item`` is the (title, text) that was read; ``shares`` maps the columns of its features to shares of the logit.
    """
    shown: list[Term] = []
    covered: set[int] = set()
    for concept, share in _strongest(concept_shares(reading, shares, columns), _MIN_CONCEPT):
        match = _longest(reading.matches, concept)
        shown.extend(_term(item, reading, match, share))
        covered.update(range(match.start, match.end))
    for word, share in _strongest(word_shares(reading, shares, columns), _MIN_WORD):
        place = reading.words.index(word)
        if word not in stopwords and place not in covered:
            shown.extend(_term(item, reading, Match("", place, place + 1), share))
    return tuple(shown[:MAX_TERMS])


def parts(item: tuple[str, str], reading: Reading, shares: Mapping[int, float], columns: Columns) -> tuple[Part, ...]:
    """Split a logit wholly: the shares of all parts and the intercept add up to it. The largest come first."""
    found = [
        Part(surface(item, reading, match.start, match.end) or concept, concept, share)
        for concept, share in concept_shares(reading, shares, columns).items()
        for match in [_longest(reading.matches, concept)]
    ]
    found += [
        Part(name, ABSENT, shares[columns.first_concept + column])
        for column in concept_columns(reading)
        if (name := columns.concepts[column]) in (NO_DOMAIN, UNNAMED)
    ]
    for word, share in word_shares(reading, shares, columns).items():
        place = reading.words.index(word)
        found.append(Part(surface(item, reading, place, place + 1) or word, "", share))
    return tuple(sorted((part for part in found if part.share), key=lambda part: (-abs(part.share), part.text)))


def _strongest(shares: Mapping[str, float], least: float) -> list[tuple[str, float]]:
    kept = [(name, share) for name, share in shares.items() if abs(share) >= least]
    return sorted(kept, key=lambda pair: (-abs(pair[1]), pair[0]))


def _term(item: tuple[str, str], reading: Reading, match: Match, share: float) -> list[Term]:
    """Make a term, or none where the entry's own characters cannot be located."""
    words = surface(item, reading, match.start, match.end)
    return [Term(words, share, match.concept)] if words else []


def concept_shares(reading: Reading, shares: Mapping[int, float], columns: Columns) -> dict[str, float]:
    """Split what the concept features gave among the concepts that were found; absence of one belongs to none."""
    found = {match.concept for match in reading.matches}
    domain = [concept for concept in _DOMAIN if concept in found]
    totals: dict[str, float] = defaultdict(float)
    for column in concept_columns(reading):
        names = columns.concepts[column].removeprefix("title:").split("+")
        share = shares.get(columns.first_concept + column, 0.0) / len(names)
        for name in names:
            for concept in domain if name == "domain" else [name]:
                totals[concept] += share / (len(domain) if name == "domain" else 1)
    return {concept: share for concept, share in totals.items() if concept in found}


def word_shares(reading: Reading, shares: Mapping[int, float], columns: Columns) -> dict[str, float]:
    """Give every word what it, its pairs with neighbours, and its pieces gave."""
    counts = Counter(reading.words)
    totals = {word: shares.get(columns.words.get(word, -1), 0.0) for word in counts}
    for left, right in set(pairwise(reading.words)):
        share = shares.get(columns.words.get(f"{left} {right}", -1), 0.0) / 2
        totals[left] += share
        totals[right] += share
    held = Counter(chain.from_iterable(map(columns.pieces, reading.words)))
    for word, count in counts.items():
        for column in columns.pieces(word):
            totals[word] += shares.get(column, 0.0) * count / held[column]
    return totals


def _longest(matches: tuple[Match, ...], concept: str) -> Match:
    """Choose the words to show: the most telling are the longest, the earliest among equals."""
    return max((match for match in matches if match.concept == concept), key=lambda m: (m.end - m.start, -m.start))
