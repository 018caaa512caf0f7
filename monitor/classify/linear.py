"""A trained model at work: TF-IDF, concepts and one logistic regression a label, as scikit-learn has them, by numpy.

Training is scikit-learn's (`monitor.classify.vectorise`). To score with its objects took 1 s and 70 MB for the import,
and 230 µs an item instead of 33; a test holds the two to the same numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from monitor.classify import features
from monitor.classify.artefact import Artefact
from monitor.classify.explain import Columns, terms
from monitor.classify.quality.evaluate import Scores, sigmoid
from monitor.classify.reading import Reading
from monitor.domain.entry import Term
from monitor.errors import ModelError

Values = NDArray[np.float64]
Places = NDArray[np.int64]
_KINDS = 3  # words, pieces, concepts


class LinearModel:
    """Features and one logistic regression a label."""

    def __init__(self, artefact: Artefact) -> None:
        """Lay the weights out.

        Raises:
            ModelError: the artefact counts on features that this program does not make.
        """
        if artefact.features != features.FEATURES or artefact.concepts != features.concept_names():
            raise ModelError(
                f"model {artefact.version} was trained for features {artefact.features}, this program makes "
                f"{features.FEATURES} with other concepts; run `monitor train`"
            )
        self.weights = artefact.labels
        self._aspects = artefact.aspects
        self._aspect_weights = np.array([w.coefficients for w in artefact.aspects.values()])
        self.columns = Columns(artefact.words, artefact.grams, artefact.concepts)
        self._width = self.columns.first_concept + len(artefact.concepts)
        concepts = np.full(len(artefact.concepts), features.CONCEPT_SCALE)
        self._idf = np.concatenate([artefact.word_idf, artefact.gram_idf, concepts]).astype(np.float64)
        self._kind = np.repeat(np.arange(_KINDS), [len(artefact.words), len(artefact.grams), len(artefact.concepts)])

    def score(self, readings: Sequence[Reading]) -> "Scored":
        """Score a batch; what comes back can explain itself."""
        columns = [self._listed(reading) for reading in readings]
        lengths = np.fromiter(map(len, columns), np.int64, len(columns))
        listed = np.fromiter(chain.from_iterable(columns), np.int64, int(lengths.sum()))
        rows = np.repeat(np.arange(len(columns)), lengths)
        cells, counts = np.unique(rows * self._width + listed, return_counts=True)
        rows, places = np.divmod(cells, self._width)
        values = self._weighed(rows, places, counts)
        logits = {
            label: np.asarray(
                np.bincount(rows, values * weights.coefficients[places], len(columns)) + weights.intercept, np.float64
            )
            for label, weights in self.weights.items()
        }
        starts = np.searchsorted(rows, np.arange(len(columns) + 1))
        return Scored(logits, starts, places, values, self)

    def aspects_of(self, places: Places, values: Values) -> dict[str, float]:
        """Score the aspects of one reading from its features."""
        if not self._aspects:
            return {}
        logits = self._aspect_weights[:, places] @ values
        return {
            name: float(sigmoid(np.array((logit + weights.intercept) * weights.slope + weights.offset)))
            for logit, (name, weights) in zip(logits.tolist(), self._aspects.items(), strict=True)
        }

    def _weighed(self, rows: Places, places: Places, counts: Places) -> Values:
        """Sublinear TF-IDF; the words of a reading have length 1 together, and so have its pieces."""
        values = (np.log(counts) + 1.0) * self._idf[places]
        parts = rows * _KINDS + self._kind[places]
        lengths = np.sqrt(np.bincount(parts, values * values))
        lengths[_KINDS - 1 :: _KINDS] = 1.0  # concepts weigh the same however many there are
        return np.asarray(values / lengths[parts])

    def _listed(self, reading: Reading) -> list[int]:
        """The columns of all features of a reading, one as often as it occurs."""
        columns, column = self.columns, self.columns.words.get
        listed = [at for feature in features.word_features(reading) if (at := column(feature)) is not None]
        listed.extend(chain.from_iterable(map(columns.pieces, reading.words)))
        listed.extend(columns.first_concept + column for column in features.concept_columns(reading))
        return listed


@dataclass(frozen=True, slots=True)
class Scored:
    """Every label's logits before calibration, arrays of (readings,), and the features that they came from.

    Reading ``at`` has the columns ``places[starts[at]:starts[at + 1]]``, and ``values`` there.
    """

    logits: Mapping[str, Values]
    starts: Places
    places: Places
    values: Values
    model: LinearModel

    @property
    def probabilities(self) -> dict[str, Scores]:
        """Every label's calibrated probabilities, arrays of (readings,)."""
        weights = self.model.weights
        return {label: sigmoid(z * weights[label].slope + weights[label].offset) for label, z in self.logits.items()}

    def aspects(self, at: int) -> dict[str, float]:
        """The probability of every aspect of one reading, if it is ours."""
        span = slice(self.starts[at], self.starts[at + 1])
        return self.model.aspects_of(self.places[span], self.values[span])

    def shares(self, at: int, label: str) -> dict[int, float]:
        """What each feature of one reading gave to a logit, by its column; with the intercept they are the logit."""
        span = slice(self.starts[at], self.starts[at + 1])
        columns = self.places[span]
        given = self.values[span] * self.model.weights[label].coefficients[columns]
        return dict(zip(columns.tolist(), given.tolist(), strict=True))

    def explain(
        self, at: int, label: str, item: tuple[str, str], reading: Reading, stopwords: frozenset[str]
    ) -> tuple[Term, ...]:
        """Name what moved one score of the batch, in the entry's own words."""
        slope = self.model.weights[label].slope
        shares = {column: share * slope for column, share in self.shares(at, label).items()}
        return terms(item, reading, shares, self.model.columns, stopwords)
