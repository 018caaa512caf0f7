"""Features as scikit-learn sees them: for training; `monitor.classify.linear` makes the same numbers without it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from monitor.classify.features import CONCEPT_SCALE, concept_columns, concept_names, gram_features, word_features
from monitor.classify.reading import Reading

# Pruning by document frequency. Of 2/3, 3/5, 4/8, 4/12, 6/12 and 8/20 this one tells real items apart best (average
# precision of policy .91 instead of .90 at 2/3), with a third of the features.
MIN_WORDS = 4
MIN_GRAMS = 12


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
        return csr_matrix(
            (np.full(len(indices), CONCEPT_SCALE), indices, ends), shape=(len(rows), len(concept_names()))
        )

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:  # noqa: ARG002
        """Name the columns."""
        return np.asarray(concept_names(), dtype=object)


def feature_union() -> FeatureUnion:
    """Join the three kinds of features, fresh."""
    return FeatureUnion(
        [
            ("word", _vectoriser(word_features, MIN_WORDS)),
            ("gram", _vectoriser(gram_features, MIN_GRAMS)),
            ("concept", ConceptFeatures()),
        ]
    )


def _vectoriser(listed: Callable[[Reading], list[str]], least: int) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer=listed, min_df=least, sublinear_tf=True, dtype=np.float64)
