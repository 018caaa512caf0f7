"""Fit the weights of roles to annotated items: logistic regression with L2, one for each role.

    python -m tests.extract.role_fitting FILE... > monitor/extract/data/role_weights.toml

Scores by ten-fold cross-validation over items go to standard error.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from monitor.extract.mentions import look
from monitor.extract.places.role_features import features
from monitor.extract.places.roles import ROLES
from monitor.extract.reading import read

from .scoring import Item, read_items

Matrix = npt.NDArray[np.float64]
PENALTY = 10.0
"""Half the weight of the squared weights; .1 as C of scikit-learn."""
LEAST = 5
"""In how many places a feature must be."""
_FOLDS = 10
_STEPS = 12
_HEAD = """# How much the features of monitor/extract/places/role_features.py tell that a country is origin, event and
# actor, in this order, in hundredths of log-odds. Written by tests/extract/role_fitting.py; not to be edited.

[weights]
"""


def rows(items: Iterable[Item]) -> list[tuple[str, frozenset[str], tuple[bool, ...]]]:
    """Give the places of items: the item's id, the features, and which roles a reader saw."""
    found = []
    for item in items:
        expected = {place["country"]: place["roles"] for place in item["places"]}
        reading = read(item["title"], item["text"])
        for country, names in features(reading, look(reading).mentions).items():
            roles = expected.get(country, ())
            found.append((item["id"], names, tuple(role.value in roles for role in ROLES)))
    return found


def fit(samples: Sequence[frozenset[str]], truths: Sequence[tuple[bool, ...]]) -> dict[str, tuple[int, ...]]:
    """Fit the weights of features by Newton's method."""
    counts = Counter(name for names in samples for name in names)
    vocabulary = {name: at for at, name in enumerate(sorted(name for name, count in counts.items() if count >= LEAST))}
    table = np.zeros((len(samples), len(vocabulary)))
    for row, names in enumerate(samples):
        table[row, [vocabulary[name] for name in names if name in vocabulary]] = 1
    columns = [_newton(table, np.array([truth[role] for truth in truths], dtype=float)) for role in range(len(ROLES))]
    return {name: tuple(round(100 * float(column[at])) for column in columns) for name, at in vocabulary.items()}


def _newton(table: Matrix, truth: Matrix) -> Matrix:
    weights = np.zeros(table.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        slope = table.T @ (chance - truth) + PENALTY * weights
        curve = (table * (chance * (1 - chance))[:, None]).T @ table + PENALTY * np.eye(table.shape[1])
        weights -= np.linalg.solve(curve, slope)
    return weights


def score(
    weights: dict[str, tuple[int, ...]], tests: Iterable[tuple[frozenset[str], tuple[bool, ...]]]
) -> Counter[str]:
    """Count what was expected, found, and both."""
    counts: Counter[str] = Counter()
    for names, truth in tests:
        sums = [sum(weights[name][role] for name in names if name in weights) for role in range(len(ROLES))]
        for expected, total in zip(truth, sums, strict=True):
            counts.update(expected=expected, found=total > 0, both=expected and total > 0)
    return counts


def main(paths: Sequence[str]) -> int:
    """Write the weights that all items teach, and how items score that were left out."""
    samples = rows(item for path in paths for item in read_items(Path(path)))
    ids = sorted({name for name, _, _ in samples})
    random.Random(0).shuffle(ids)
    fold = {name: at % _FOLDS for at, name in enumerate(ids)}
    counts: Counter[str] = Counter()
    for left_out in range(_FOLDS):
        taught = [(names, truth) for name, names, truth in samples if fold[name] != left_out]
        weights = fit([names for names, _ in taught], [truth for _, truth in taught])
        counts += score(weights, ((names, truth) for name, names, truth in samples if fold[name] == left_out))
    print(
        f"F1 {2 * counts['both'] / (counts['expected'] + counts['found']):.3f} of {len(samples)} places",
        file=sys.stderr,
    )
    weights = fit([names for _, names, _ in samples], [truth for _, _, truth in samples])
    told = {name: values for name, values in weights.items() if any(values)}
    print(_HEAD + "\n".join(f'"{name}" = [{", ".join(map(str, values))}]' for name, values in told.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
