"""Weights of signs: what each sign of a text adds to the score of a decision.

Fitted by ``python -m tests.extract.measure_fitting --write``.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from monitor.errors import ModelError
from monitor.extract.shipped import FOLDER

FILE = FOLDER / "measures.json"


@dataclass(frozen=True, slots=True)
class Weights:
    """What signs add to the scores of three decisions.

    ``told``: by sign, one number for each measure in their order; told where the sum is above 0. ``stage``: by sign,
    one number for each stage. ``country``: by sign; the highest sum is taken, and every other above ``sure``.
    """

    told: Mapping[str, Sequence[float]]
    stage: Mapping[str, Sequence[float]]
    country: Mapping[str, float]
    sure: float


@cache
def load() -> Weights:
    """Read the shipped weights, once a process; raises ModelError where they cannot be read."""
    try:
        return Weights(**json.loads(FILE.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{FILE.name} cannot be read: {error}; install the package again", FILE) from error


def score(signs: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Sum what the signs add; a sign that has no weight adds nothing."""
    return sum(value * weights[sign] for sign, value in signs.items() if sign in weights)


def scores(signs: Mapping[str, float], weights: Mapping[str, Sequence[float]], count: int) -> list[float]:
    """Sum what the signs add to each of ``count`` choices, those of one strength together: most have the same."""
    rows: dict[float, list[Sequence[float]]] = {}
    for sign, value in signs.items():
        if sign in weights:
            rows.setdefault(value, []).append(weights[sign])
    total = [0.0] * count
    for value, alike in rows.items():
        total = [so_far + value * sum(column) for so_far, column in zip(total, zip(*alike, strict=True), strict=True)]
    return total


def present(signs: Iterable[str]) -> dict[str, float]:
    """Make signs of what is there or not."""
    return dict.fromkeys(signs, 1.0)
