"""Fit features and regressions to readings, once or in folds."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from monitor.classify.corpus import Item
from monitor.classify.counterfactual import without_subject
from monitor.classify.evaluate import Scores, Truths
from monitor.classify.reading import Reading
from monitor.classify.vectorise import feature_union

# Inverse strength of regularisation; 1 to 20 differ by less than .01 in average precision on real items.
STRENGTH = 3.0
# A positive without its subject is our own invention: it counts less than a written item. From .1 to 1, false alerts on
# ordinary news fall, and so does precision among look-alikes.
COUNTERFACTUAL_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Fitted:
    """Fitted features, and one regression a label."""

    union: FeatureUnion
    regressions: Mapping[str, LogisticRegression]

    def logits(self, readings: Sequence[Reading]) -> dict[str, Scores]:
        """Give every label's logits before calibration, an array of (readings,)."""
        if not readings:
            return {label: np.empty(0) for label in self.regressions}
        matrix = self.union.transform(readings)
        return {label: regression.decision_function(matrix) for label, regression in self.regressions.items()}


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Logits by label from models that had not seen the item; ``counterfactuals`` are those of the positives."""

    items: Mapping[str, Scores]
    counterfactuals: Mapping[str, Scores]


def fit(readings: Sequence[Reading], truths: Mapping[str, Truths], seed: int) -> Fitted:
    """Fit to readings and to the counterfactuals of the positives among them; the vocabulary comes from the former."""
    masked = counterfactuals(readings, truths)
    union = feature_union().fit(readings)
    matrix = union.transform([*readings, *masked])
    weights = np.r_[np.ones(len(readings)), np.full(len(masked), COUNTERFACTUAL_WEIGHT)]
    regressions = {}
    for label, known in truths.items():
        regression = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=seed)
        target = np.r_[known, np.zeros(len(masked), dtype=bool)]
        regressions[label] = regression.fit(matrix, target, sample_weight=weights)
    return Fitted(union, regressions)


def out_of_fold(
    readings: Sequence[Reading],
    truths: Mapping[str, Truths],
    folds: NDArray[np.int_],
    seed: int,
    progress: Callable[[str], None],
) -> OutOfFold:
    """Score every fold by a model fitted to the others; ``folds`` names the fold of each reading."""
    logits = {label: np.full(len(readings), np.nan) for label in truths}
    masked: dict[str, list[Scores]] = {label: [] for label in truths}
    for fold in np.unique(folds):
        progress(f"measuring, fold {fold + 1} of {len(np.unique(folds))}")
        inside = folds == fold
        fitted = fit(*_part(readings, truths, ~inside), seed)
        held_out, known = _part(readings, truths, inside)
        for label, values in fitted.logits(held_out).items():
            logits[label][inside] = values
        for label, values in fitted.logits(counterfactuals(held_out, known)).items():
            masked[label].append(values)
    return OutOfFold(logits, {label: np.concatenate(parts) for label, parts in masked.items()})


def _part(
    readings: Sequence[Reading], truths: Mapping[str, Truths], chosen: Truths
) -> tuple[list[Reading], dict[str, Truths]]:
    part = [reading for reading, kept in zip(readings, chosen, strict=True) if kept]
    return part, {label: known[chosen] for label, known in truths.items()}


def counterfactuals(readings: Sequence[Reading], truths: Mapping[str, Truths]) -> list[Reading]:
    """Make the counterfactuals of all readings that have a label."""
    labelled = np.any(list(truths.values()), axis=0)
    masked = (without_subject(reading) for reading, known in zip(readings, labelled, strict=True) if known)
    return [reading for reading in masked if reading is not None]


def assign_folds(items: Sequence[Item], folds: int, seed: int) -> NDArray[np.int_]:
    """Deal items out to folds so that each has its share of every language and set of labels.

    The order comes from a hash of seed and id, so it depends on no library's random numbers.
    """
    order = sorted(
        range(len(items)),
        key=lambda at: (
            items[at].lang,
            sorted(items[at].labels),
            hashlib.sha256(f"{seed}:{items[at].id}".encode()).digest(),
        ),
    )
    assigned = np.empty(len(items), dtype=np.int_)
    assigned[order] = np.arange(len(items)) % folds
    return assigned
