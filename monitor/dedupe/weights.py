"""How much a word proves: document frequencies, and texts as sparse TF-IDF vectors.

Terms are told apart by how they begin: stems of words (no mark), ``=`` concepts, ``~`` and ``'`` names, ``#`` numbers,
``@`` countries, ``!`` measures. There is no list of stop words: what is common has a small idf.

The shipped table (data/frequencies.txt) was made from models/corpus by ``python -m tests.dedupe.frequencies``.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from monitor.dedupe.words import fold, stem, tokens
from monitor.errors import ModelError

TABLE = Path(__file__).parent / "data" / "frequencies.txt"
DOCUMENTS = 10_000
"""Documents that the shipped table is scaled to."""

Vector = Mapping[str, float]
"""A sparse vector of length 1: the weight of each of its terms, none below 0."""


class Weights:
    """Inverse document frequencies. To add those of the running stream changes next to nothing: docs/performance.md."""

    def __init__(self, counts: Mapping[str, int], documents: int) -> None:
        """Take document counts by term, out of so many documents."""
        self._counts = counts
        self._log = math.log(documents + 1)
        self._idf: dict[str, float] = {}

    def idf(self, term: str) -> float:
        """Return log((N + 1) / (n + 1)), at least 0: nothing for a term that every document has."""
        found = self._idf.get(term)
        if found is None:
            found = self._idf[term] = max(0.0, self._log - math.log(self._counts.get(term, 0) + 1))
        return found

    def vector(self, terms: Iterable[str], *, lead: Iterable[str] = ()) -> Vector:
        """Weigh terms as (1 + log tf) · idf, scaled to length 1; the terms of ``lead`` count once more.

        After Salton and Buckley (1988), "ltc" weighting.
        """
        counts = Counter(terms)
        counts.update(lead)
        weighed = {term: (1.0 + math.log(n)) * self.idf(term) for term, n in counts.items()}
        length = math.sqrt(sum(weight * weight for weight in weighed.values()))
        return {term: weight / length for term, weight in weighed.items() if weight} if length else {}


def cosine(one: Vector, other: Vector) -> float:
    """Return the cosine of two vectors of length 1, in [0, 1]; 0.0 where either is empty."""
    if len(other) < len(one):
        one, other = other, one
    product = math.fsum([weight * other[term] for term, weight in one.items() if term in other])
    return min(1.0, product)


def terms(text: str) -> list[str]:
    """List the stems of a text's words, in order and as often as they come; numbers are kept."""
    return [stem(fold(token)) for token in tokens(text)]


def default() -> Weights:
    """Return the weights of the shipped table."""
    return _shipped()


@cache
def _shipped() -> Weights:
    return Weights(shipped_counts(), DOCUMENTS)


@cache
def shipped_counts() -> Mapping[str, int]:
    """Read the shipped table, once a process; raises ModelError where it cannot be read."""
    counts: dict[str, int] = {}
    try:
        for line in TABLE.read_text(encoding="utf-8").splitlines():
            number, *words = line.split(" ")
            counts.update(dict.fromkeys(words, int(number)))
    except (OSError, ValueError) as error:
        raise ModelError(f"{TABLE.name} cannot be read: {error}; install the package again", TABLE) from error
    return counts
