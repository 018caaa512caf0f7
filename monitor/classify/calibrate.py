"""Turn logits into probabilities, and probabilities into a recommended threshold."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from monitor.classify.evaluate import Scores, Truths, sigmoid

# A digest reader meets look-alikes as often as the corpus has them, and far more ordinary news: items that were written
# as look-alikes count once, ordinary ones and counterfactuals this many times.
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


def fit_platt(truths: Truths, logits: Scores, counterfactuals: Scores) -> Calibration:
    """Fit Platt's sigmoid to out-of-fold logits of items and of counterfactuals, which are negatives (Platt 1999).

    The probabilities are calibrated to the corpus with its counterfactuals, where one in four to six is positive and
    look-alikes are many. In a stream where few of a thousand entries are positive, .5 is right less often than half
    the time; the order of entries, and so what a threshold can do, is not changed.
    """
    known = np.r_[truths, np.zeros(len(counterfactuals), dtype=bool)]
    # The penalty is made so weak that it does not matter: this is maximum likelihood.
    regression = LogisticRegression(C=1e6, solver="lbfgs", max_iter=1000)
    regression.fit(np.r_[logits, counterfactuals].reshape(-1, 1), known)
    return Calibration(float(regression.coef_[0, 0]), float(regression.intercept_[0]), float(known.mean()))


def recommend(truths: Truths, scores: Scores, ordinary: Scores) -> float:
    """Recommend the threshold with the best F1 where ordinary news is weighted up (`ORDINARY_WEIGHT`).

    ``ordinary`` are the out-of-fold scores of ordinary items and counterfactuals, which ``scores`` may hold once
    already. F1 is flat around its best: the middle of what comes within .002 of it is taken, which moves less from one
    corpus to the next.
    """
    f1 = np.array([_weighted_f1(truths, scores, ordinary, line) for line in _CANDIDATES])
    good = _CANDIDATES[f1 >= f1.max() - 0.002]
    return float(np.round(np.median(good), 2))


def _weighted_f1(truths: Truths, scores: Scores, ordinary: Scores, line: float) -> float:
    found = scores >= line
    hits = float((found & truths).sum())
    false = float((found & ~truths).sum()) + ORDINARY_WEIGHT * float((ordinary >= line).sum())
    return 2 * hits / (hits + false + float(truths.sum()))
