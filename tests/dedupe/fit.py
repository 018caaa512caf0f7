"""Fit the weights of `monitor.dedupe.likeness`: ``python -m tests.dedupe.fit [FILE ...]``, by default build and more.

A pair is an entry and one of its candidates, as `tests.dedupe.scoring` finds them, with the events as they were
published and spread over 300 to 10 days, so that chance has its share. Copies, pairs of one feed and pairs that never
are one event are left out: rules decide these. Fitted is a logistic regression; with two files also one on each, with
the precision and recall it has on the other.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from monitor.dedupe.likeness import NEVER, WEIGHTS, evidence, likeness
from monitor.dedupe.near import near_duplicate

from .scoring import found_by_keys, rows

EVENTS = Path(__file__).parent / "events"
SPREADS = ((0.0, 1), (300.0, 1), (100.0, 2), (30.0, 3), (30.0, 4), (10.0, 5))
"""Days within which events are moved, with the seed of chance; 0 leaves them where they are."""
_STRENGTH = 0.5  # of regularisation, as scikit-learn's C; between .1 and 3 nothing changes by more than .01

Pairs = tuple[NDArray[np.float64], NDArray[np.bool_]]
"""The evidence of each pair, in the order of `WEIGHTS`, and whether it is of one event."""


def pairs(path: Path) -> Pairs:
    """Gather the pairs of a file of told events."""
    found: list[list[float]] = []
    same: list[bool] = []
    for days, seed in SPREADS:
        stream = rows(path, days, seed)
        for number, tolds, others in found_by_keys(stream):
            new = tolds[number]
            for other in others:
                old = tolds[other]
                if old.feed == new.feed or near_duplicate(old, new) or likeness(old, new) == NEVER:
                    continue
                weighed = evidence(old, new)
                found.append([weighed.get(name, 0.0) for name in WEIGHTS])
                same.append(stream[other]["event"] == stream[number]["event"])
    return np.array(found), np.array(same)


def fitted(sets: Sequence[Pairs]) -> NDArray[np.float64]:
    """Return the weights for pairs, in the order of `WEIGHTS`, whose first is what every pair has."""
    evidences, same = np.vstack([found for found, _ in sets]), np.concatenate([same for _, same in sets])
    model = LogisticRegression(C=_STRENGTH, max_iter=4000).fit(evidences[:, 1:], same)
    weights: NDArray[np.float64] = np.concatenate([model.intercept_, model.coef_[0]])
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*", default=[EVENTS / "build.jsonl", EVENTS / "more.jsonl"])
    sets = [pairs(path) for path in parser.parse_args().files]
    columns = [fitted(sets), *([fitted([one]) for one in sets] if len(sets) > 1 else [])]
    for name, shipped, *weights in zip(WEIGHTS, WEIGHTS.values(), *columns, strict=True):
        print(f"{name:16} {shipped:6.2f}   " + " ".join(f"{weight:6.2f}" for weight in weights))
    if len(sets) == 2:
        for weights, (found, same) in zip(columns[1:], reversed(sets), strict=True):
            print(f"average precision on the other file: {average_precision_score(same, found @ weights):.3f}")


if __name__ == "__main__":
    main()
