"""From readings to numbers: words, pieces of words, and concepts with their conjunctions."""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from monitor.classify.reading import Reading

# Raise it when the meaning of a feature changes: artefacts of another number are refused.
FEATURES = 1
GRAM = 4
# Small, so that what the words say still counts beside a concept.
CONCEPT_SCALE = 0.25
# Pruning by document frequency: five times smaller and 1.6 times faster than all features, at the same quality.
MIN_WORDS = 2
MIN_GRAMS = 3

# Law, family, courts, terror, citizenship and return are everywhere in the news: alone they are no features, or
# ordinary news about them passes (for policy 15 instead of 2 of 1,000 real items). They count beside other concepts.
_ALONE = ("fighter", "camp", "group", "strip", "off_topic")
_DOMAIN = frozenset({"fighter", "camp", "group"})
_PAIRS = (
    "fighter return", "fighter justice", "fighter policy", "fighter citizenship", "fighter family", "fighter travel",
    "fighter rehabilitation", "camp return", "camp family", "camp policy", "group return", "group family",
    "group justice", "group travel", "group policy", "conflict return", "conflict family", "conflict travel",
    "conflict justice", "citizenship strip", "citizenship policy", "citizenship terror", "terror policy",
    "terror justice", "strip off_topic", "domain return", "domain policy", "domain family", "domain travel",
    "domain justice", "domain off_topic", "domain rehabilitation", "domain citizenship", "domain strip",
    "domain refuse",
)  # fmt: skip
_TRIPLES = (
    "domain return policy", "domain return family", "domain return refuse", "domain return justice",
    "domain citizenship strip", "domain travel justice", "domain family justice", "domain justice policy",
    "domain return off_topic", "terror citizenship strip", "terror policy law", "conflict return family",
    "conflict travel justice", "conflict return policy", "citizenship strip justice", "domain refuse policy",
)  # fmt: skip
_TITLE = (
    "fighter", "camp", "group", "strip", "off_topic", "domain return", "domain policy", "domain family",
    "domain justice", "citizenship strip", "conflict return",
)  # fmt: skip


def word_features(reading: Reading) -> list[str]:
    """List the words and the pairs of neighbours."""
    tokens = reading.words
    return [*tokens, *(f"{left} {right}" for left, right in pairwise(tokens))]


@lru_cache(maxsize=65536)
def grams(word: str) -> tuple[str, ...]:
    """Cut one word, with its edges, into pieces of `GRAM` characters; single letters have none."""
    if len(word) < 2:
        return ()
    edged = f" {word} "
    return tuple(edged[at : at + GRAM] for at in range(len(edged) - GRAM + 1))


def gram_features(reading: Reading) -> list[str]:
    """List the pieces of all words; none reaches across two words."""
    return [gram for word in reading.words for gram in grams(word)]


def concept_names() -> tuple[str, ...]:
    """Name the concept features in order: conjunctions joined by ``+``, and ``title:`` before what the title must hold.

    ``domain`` is a fighter, camp or group; ``no_domain`` is none of them.
    """
    joined = tuple(names.replace(" ", "+") for names in (*_PAIRS, *_TRIPLES))
    return (*_ALONE, "domain", "no_domain", *joined, *(f"title:{names.replace(' ', '+')}" for names in _TITLE))


def _with_domain(concepts: Iterable[str]) -> frozenset[str]:
    found = set(concepts)
    found.add("no_domain" if _DOMAIN.isdisjoint(found) else "domain")
    return frozenset(found)


@cache
def _needs() -> tuple[tuple[bool, frozenset[str]], ...]:
    """Say for every concept feature whether the title must hold it, and which concepts it takes."""
    return tuple(
        (name.startswith("title:"), frozenset(name.removeprefix("title:").split("+"))) for name in concept_names()
    )


@lru_cache(maxsize=4096)
def _columns(anywhere: frozenset[str], in_title: frozenset[str]) -> tuple[int, ...]:
    return tuple(column for column, (title, needs) in enumerate(_needs()) if needs <= (in_title if title else anywhere))


def concept_columns(reading: Reading) -> tuple[int, ...]:
    """List the concept features that a reading has, as places in `concept_names`."""
    anywhere = _with_domain(match.concept for match in reading.matches)
    in_title = _with_domain(match.concept for match in reading.matches if match.start < reading.title_length)
    return _columns(anywhere, in_title)


class ConceptFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Binary features of the concepts found, scaled; counts would let one long text outweigh a clear one."""

    def fit(self, readings: Sequence[Reading], y: object = None) -> "ConceptFeatures":  # noqa: ARG002
        """Learn nothing: the features are given."""
        return self

    def transform(self, readings: Sequence[Reading]) -> csr_matrix:
        """Make a matrix of (readings, concept features)."""
        rows = [concept_columns(reading) for reading in readings]
        ends = np.cumsum([0, *map(len, rows)])
        indices = np.fromiter((column for row in rows for column in row), dtype=np.int32, count=int(ends[-1]))
        return csr_matrix((np.full(len(indices), CONCEPT_SCALE), indices, ends), shape=(len(rows), len(_needs())))

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:  # noqa: ARG002
        """Name the columns."""
        return np.asarray(concept_names(), dtype=object)


def feature_union(words: Any = None, pieces: Any = None) -> FeatureUnion:
    """Join the three kinds of features; give rebuilt vectorisers to use them instead of fresh ones."""
    return FeatureUnion(
        [
            ("word", words or vectoriser("word")),
            ("gram", pieces or vectoriser("gram")),
            ("concept", ConceptFeatures()),
        ]
    )


def vectoriser(kind: str, vocabulary: Sequence[str] | None = None) -> TfidfVectorizer:
    """Make the TF-IDF vectoriser of ``word`` or ``gram`` features, fresh or on a known vocabulary."""
    listed, min_df = (word_features, MIN_WORDS) if kind == "word" else (gram_features, MIN_GRAMS)
    if vocabulary is None:
        return TfidfVectorizer(analyzer=listed, min_df=min_df, sublinear_tf=True, dtype=np.float64)
    known = {term: column for column, term in enumerate(vocabulary)}

    def listed_known(reading: Reading) -> list[str]:
        # What the vocabulary lacks costs scikit-learn an exception each.
        return [feature for feature in listed(reading) if feature in known]

    return TfidfVectorizer(analyzer=listed_known, vocabulary=known, sublinear_tf=True, dtype=np.float64)
