"""Fit the weights by which an entry is told to be about travellers (monitor/extract/data/weights.toml).

    python -m tests.extract.fit_travellers

Prints them, with what they miss and let through in cross-validation. Looked at are those items of models/corpus
in the languages of extraction that would give figures if all did; ours are those with a label, or with people who left.
"""

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from monitor.extract.figures.read import counts_of
from monitor.extract.figures.scene import scene
from monitor.extract.figures.travellers import told_of
from monitor.extract.mentions import LANGUAGES, look
from monitor.extract.places.read import places
from monitor.extract.reading import read

CORPUS = Path(__file__).parents[2] / "models" / "corpus"
LEAST = 0.2
"""The probability from which an entry is taken: one label in twenty is lost, and half of the others are let through."""


def examples() -> Iterator[tuple[set[str], bool]]:
    """Give what each item tells, and whether it is about travellers."""
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            item = json.loads(line)
            if item["lang"] not in LANGUAGES:
                continue
            reading = read(item["title"], item["text"])
            named = look(reading)
            where = places(reading, named)
            if counts_of(reading, where, named):
                told = told_of(reading, scene(reading).cues, [place.country for place in where])
                yield told, bool(item["labels"]) or "recruitment_travel" in item["aspects"]


def main() -> int:
    """Fit, and print the weights as TOML."""
    told, ours = zip(*examples(), strict=True)
    names = sorted(set().union(*told))
    table = np.array([[name in one for name in names] for one in told], dtype=float)
    wanted = np.array(ours)
    model = LogisticRegression(C=0.5, max_iter=1000)
    chance = cross_val_predict(model, table, wanted, cv=5, method="predict_proba")[:, 1]
    taken = chance >= LEAST
    print(f"# {len(wanted)} items, {wanted.sum()} ours; {(taken & wanted).sum()} of them and "
          f"{(taken & ~wanted).sum()} of the others taken")  # fmt: skip
    model.fit(table, wanted)
    print("[travellers]")
    print(f"least = {math.log(LEAST / (1 - LEAST)) - model.intercept_[0]:.2f}")
    for name, weight in zip(names, model.coef_[0], strict=True):
        print(f'"{name}" = {weight:.2f}')
    return 0


if __name__ == "__main__":
    sys.exit(main())
