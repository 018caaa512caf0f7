"""A trained model made of real scikit-learn objects, rebuilt from an artefact through their public attributes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from monitor.classify import features
from monitor.classify.artefact import Artefact, LabelWeights
from monitor.classify.evaluate import Scores, sigmoid
from monitor.classify.explain import Columns, terms
from monitor.classify.reading import Reading
from monitor.domain.entry import Term
from monitor.errors import ModelError


class LinearModel:
    """Features and one logistic regression a label."""

    def __init__(self, artefact: Artefact) -> None:
        """Rebuild the model.

        Raises:
            ModelError: the artefact counts on features that this program does not make.
        """
        if artefact.features != features.FEATURES or artefact.concepts != features.concept_names():
            raise ModelError(
                f"model {artefact.version} was trained for features {artefact.features}, this program makes "
                f"{features.FEATURES} with other concepts; run `monitor train`"
            )
        self._weights = artefact.labels
        words = features.vectoriser("word", artefact.words)
        words.idf_ = artefact.word_idf.astype(np.float64)
        pieces = features.vectoriser("gram", artefact.grams)
        pieces.idf_ = artefact.gram_idf.astype(np.float64)
        self._features = features.feature_union(words, pieces)
        self._regressions = [_regression(weights) for weights in artefact.labels.values()]
        self._columns = Columns(dict(words.vocabulary), dict(pieces.vocabulary), artefact.concepts)

    def score(self, readings: Sequence[Reading]) -> "Scored":
        """Score a batch; what comes back can explain itself."""
        matrix = self._features.transform(readings)
        probabilities = {
            label: sigmoid(regression.decision_function(matrix) * weights.slope + weights.offset)
            for (label, weights), regression in zip(self._weights.items(), self._regressions, strict=True)
        }
        return Scored(probabilities, csr_matrix(matrix), self._weights, self._columns)


@dataclass(frozen=True, slots=True)
class Scored:
    """Every label's calibrated probabilities, arrays of (readings,), and the features that they came from."""

    probabilities: Mapping[str, Scores]
    matrix: csr_matrix
    weights: Mapping[str, LabelWeights]
    columns: Columns

    def explain(
        self, at: int, label: str, item: tuple[str, str], reading: Reading, stopwords: frozenset[str]
    ) -> tuple[Term, ...]:
        """Name what moved one score of the batch, in the entry's own words."""
        span = slice(*self.matrix.indptr[at : at + 2])
        columns, weights = self.matrix.indices[span], self.weights[label]
        given = self.matrix.data[span] * weights.coefficients[columns] * weights.slope
        shares = dict(zip(columns.tolist(), given.tolist(), strict=True))
        return terms(item, reading, shares, self.columns, stopwords)


def _regression(weights: LabelWeights) -> LogisticRegression:
    regression = LogisticRegression(solver="liblinear")
    regression.coef_ = weights.coefficients.astype(np.float64).reshape(1, -1)
    regression.intercept_ = np.array([weights.intercept])
    regression.classes_ = np.array([False, True])
    return regression
