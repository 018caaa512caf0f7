"""Turn logits into probabilities, and probabilities into a recommended threshold."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from monitor.classify.evaluate import Scores, Truths, sigmoid

# In a stream ordinary news is far more than look-alikes, which are as many as positives in the corpus: ordinary items
# and counterfactuals count this many times.
ORDINARY_WEIGHT = 3.0
_CANDIDATES = np.round(np.arange(0.20, 0.801, 0.01), 2)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's sigmoid(``slope`` · logit + ``offset``), fitted where a share ``base_rate`` was positive."""

    slope: float
    offset: float
    base_rate: float

    def apply(self, logits: Scores) -> Scores:
        """Give probabilities."""
        return sigmoid(self.slope * logits + self.offset)


def fit_platt(truths: Truths, logits: Scores, ordinary: Scores) -> Calibration:
    """Fit Platt's sigmoid to out-of-fold logits (Platt 1999), ordinary news weighted up (`ORDINARY_WEIGHT`).

    ``ordinary`` are logits of ordinary items and counterfactuals, all negatives. Probabilities are right at the
    ``base_rate`` that comes of this, about one in ten, with many look-alikes. In a stream where few of a thousand
    entries are positive, .5 is right less often; the order of entries, and so what a threshold can do, is the same.
    """
    known = np.r_[truths, np.zeros(len(ordinary), dtype=bool)]
    weights = np.r_[np.ones(len(truths)), np.full(len(ordinary), ORDINARY_WEIGHT)]
    # The penalty is made so weak that it does not matter: this is maximum likelihood.
    regression = LogisticRegression(C=1e6, solver="lbfgs", max_iter=1000)
    regression.fit(np.r_[logits, ordinary].reshape(-1, 1), known, sample_weight=weights)
    base_rate = float(np.average(known, weights=weights))
    return Calibration(float(regression.coef_[0, 0]), float(regression.intercept_[0]), base_rate)


def recommend(truths: Truths, scores: Scores, ordinary: Scores) -> float:
    """Recommend the threshold with the best F0.5 where ordinary news is weighted up (`ORDINARY_WEIGHT`).

    F0.5, because a digest that is often wrong is not read: precision counts twice. ``ordinary`` are the out-of-fold
    scores of ordinary items and counterfactuals, which ``scores`` may hold once already. The curve is flat around its
    best: the middle of what comes within .005 of it is taken, which moves less from one corpus to the next.
    """
    values = np.array([_weighted_f(truths, scores, ordinary, line) for line in _CANDIDATES])
    good = _CANDIDATES[values >= values.max() - 0.005]
    return float(np.round(np.median(good), 2))


def _weighted_f(truths: Truths, scores: Scores, ordinary: Scores, line: float, beta: float = 0.5) -> float:
    found = scores >= line
    hits = float((found & truths).sum())
    false = float((found & ~truths).sum()) + ORDINARY_WEIGHT * float((ordinary >= line).sum())
    missed = float(truths.sum()) - hits
    return (1 + beta**2) * hits / ((1 + beta**2) * hits + beta**2 * missed + false)
