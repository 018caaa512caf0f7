"""Turn logits into probabilities, and probabilities into a recommended threshold."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from monitor.classify.quality.curves import LOOK_ALIKES
from monitor.classify.quality.evaluate import Scores, Truths, sigmoid

# In a stream ordinary news is far more than look-alikes, which are as many as positives in the corpus: ordinary items
# and counterfactuals count this many times.
ORDINARY_WEIGHT = 3.0
_CANDIDATES = np.round(np.arange(0.05, 0.951, 0.01), 2)


@dataclass(frozen=True, slots=True)
class Mix:
    """Logits that were made out of fold, with what is true of each and how much it counts; arrays of (n,)."""

    truths: Truths
    logits: Scores
    weights: Scores

    @property
    def base_rate(self) -> float:
        """The share of positives."""
        return float(np.average(self.truths, weights=self.weights))


def mix(truths: Truths, logits: Scores, ordinary: Scores, base_rate: float | None = None) -> Mix:
    """Mix the corpus' items with ordinary ones, negatives all, of which ``ordinary`` are the logits.

    Without ``base_rate`` ordinary ones count `ORDINARY_WEIGHT` times, of which a rate of about one in ten comes. With
    it, positives are that share of all, look-alikes (the corpus' negatives) `LOOK_ALIKES` times as many, and ordinary
    items the rest.
    """
    known = np.r_[truths, np.zeros(len(ordinary), dtype=bool)]
    if base_rate is None:
        weights = np.r_[np.ones(len(truths)), np.full(len(ordinary), ORDINARY_WEIGHT)]
    else:
        rare = (1 + LOOK_ALIKES) * base_rate
        shares = np.where(truths, base_rate / truths.sum(), LOOK_ALIKES * base_rate / (~truths).sum())
        weights = len(known) * np.r_[shares, np.full(len(ordinary), (1 - rare) / len(ordinary))]
    return Mix(known, np.r_[logits, ordinary], weights)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's sigmoid(``slope`` · logit + ``offset``), fitted where a share ``base_rate`` was positive."""

    slope: float
    offset: float
    base_rate: float

    def apply(self, logits: Scores) -> Scores:
        """Give probabilities."""
        return sigmoid(self.slope * logits + self.offset)


def fit_platt(mixed: Mix) -> Calibration:
    """Fit Platt's sigmoid (Platt 1999): probabilities are right at the mix' base rate.

    In a stream where positives are rarer, .5 is right less often; the order of entries, and so what a threshold can do,
    is the same.
    """
    # The penalty is made so weak that it does not matter: this is maximum likelihood.
    regression = LogisticRegression(C=1e6, solver="lbfgs", max_iter=1000)
    regression.fit(mixed.logits.reshape(-1, 1), mixed.truths, sample_weight=mixed.weights)
    return Calibration(float(regression.coef_[0, 0]), float(regression.intercept_[0]), mixed.base_rate)


def recommend(mixed: Mix, calibration: Calibration) -> float:
    """Recommend the threshold with the best F1 in a mix.

    The curve is flat around its best: the middle of what comes within .005 of it is taken, which moves less from one
    corpus to the next.
    """
    scores = calibration.apply(mixed.logits)
    values = np.array([_weighted_f(mixed, scores, line) for line in _CANDIDATES])
    good = _CANDIDATES[values >= values.max() - 0.005]
    return float(np.round(np.median(good), 2))


def _weighted_f(mixed: Mix, scores: Scores, line: float) -> float:
    found = scores >= line
    hits = float(mixed.weights[found & mixed.truths].sum())
    return 2 * hits / float(mixed.weights[found].sum() + mixed.weights[mixed.truths].sum())
