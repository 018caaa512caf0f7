"""Fit the weights of measures (monitor/extract/data/measures.json) on annotated items, and say how well they do.

    python -m tests.extract.measure_fitting [--folds 8] [--write]

With --folds each part of the items is read by weights that were fitted on the others. The held-out items are never
used. Words that occur in one item alone are left out, of the fit and of the cross-validation: many a word was written
down for the item that it stands in, and weights that trust it read new texts worse (F1 .60 instead of .64 for kinds,
.37 instead of .42 for all, on 157 items that no word was taken from).

Three decisions are fitted, all held near their start by a squared penalty: whether an item tells a measure (logistic,
with weights that measures share beside weights of their own), its stage (softmax, from what classes of cues say by
their names), and its country (logistic, each country of the item apart).
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from monitor.domain.facts import Measure, Place
from monitor.extract.gazetteer import Hit
from monitor.extract.measures.agents import Countries, candidates
from monitor.extract.measures.kinds import common, own
from monitor.extract.measures.passages import Passage, passages
from monitor.extract.measures.read import told_by
from monitor.extract.measures.stages import STAGES, signs
from monitor.extract.measures.weights import FILE, Weights
from monitor.extract.mentions import LANGUAGES, Named, look
from monitor.extract.places.read import places
from monitor.extract.reading import Reading, read

from .scoring import Item, read_items

ITEMS = Path(__file__).parent / "items"
CORPUS = Path(__file__).parents[2] / "models" / "corpus"
TOLD, TOLD_LINE, STAGE, COUNTRY, COUNTRY_SURE = 8.0, 0.39, 16.0, 3.0, 0.6
"""Penalties, and the probabilities above which a measure is told and a further country named; by cross-validation."""
RARE = 0.1
_SEEN = 3  # items that a sign must be seen in
_SMALL = 0.02  # weights that are left out
_OF_ONE = 2.0  # how much more a weight of one measure is held down than one that all share

SAYS: Mapping[str, tuple[str, float]] = {
    "future": ("proposed", 0.8), "proposed": ("proposed", 1.1), "want": ("proposed", 0.4), "must": ("proposed", 0.4),
    "expert": ("proposed", 0.3), "prosecution.proposed": ("proposed", 4.5), "debated": ("debated", 1.8),
    "parliament": ("debated", 0.3), "adopted": ("adopted", 1.8), "in_force": ("in_force", 0.8),
    "habit": ("in_force", 0.4), "rulegroup": ("in_force", 0.2), "refusal.in_force": ("in_force", 4.5),
    "travel_control.in_force": ("in_force", 4.5), "done": ("applied", 0.3), "case_one": ("applied", 0.3),
    "upheld": ("applied", 1.0), "appeal_lost": ("applied", 2.0), "headline": ("applied", 2.0),
    "challenged": ("challenged", 2.8), "prosecution.challenged": ("challenged", 9.0),
    "struck_down": ("struck_down", 2.8), "prosecution.struck_down": ("struck_down", 9.0),
    "citizenship.struck_down": ("struck_down", 9.0), "withdrawn": ("withdrawn", 2.4),
    "prosecution.withdrawn": ("withdrawn", 9.0), "refusal.withdrawn": ("withdrawn", 9.0),
    "give_back": ("withdrawn", 0.6),
}  # fmt: skip
"""What stage a class of cues speaks for by its name, and how strongly: where the fit of stages starts."""
PLACES = {"any": 0.2, "same": 0.4, "before": 0.56, "after": 0.56, "title": 0.28, "says": 1.0}


@dataclass(frozen=True, slots=True)
class Sample:
    """An item as the rules see it: its reading, its first passage, and what is expected of it."""

    item: Item
    reading: Reading
    named: Named
    where: Sequence[Place]
    passage: Passage

    @property
    def expected(self) -> dict[str, list[Mapping[str, Any]]]:
        """Sort the expected measures by kind."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for measure in self.item["measures"]:
            found.setdefault(measure["measure"], []).append(measure)
        return found


def samples(items: Iterable[Item]) -> list[Sample]:
    """Read items as the rules do."""
    found = []
    for item in items:
        reading = read(item["title"], item["text"])
        named = look(reading)
        found.append(
            Sample(
                item, reading, named, places(reading, named), next(passages(reading), Passage(reading, range(0), {}))
            )
        )
    return found


def thin(sets: Mapping[str, Sequence[Sample]]) -> dict[str, list[Sample]]:
    """Take the cues out of samples that no other text has, of the items and of the classifier's corpus."""
    texts = {sample.item["id"]: (sample.item["title"], sample.item["text"]) for of in sets.values() for sample in of}
    texts |= {item["id"]: (item["title"], item["text"]) for item in corpus().values() if item["lang"] in LANGUAGES}
    seen = Counter(
        form
        for title, text in texts.values()
        for form in {
            _form(passage, hit)
            for passage in passages(read(title, text))
            for hits in passage.cues.values()
            for hit in hits
        }
    )
    return {name: [_thinned(sample, seen) for sample in of] for name, of in sets.items()}


def _thinned(sample: Sample, seen: Mapping[tuple[str, str], int]) -> Sample:
    passage = sample.passage
    cues = {number: [hit for hit in hits if seen[_form(passage, hit)] > 1] for number, hits in passage.cues.items()}
    return replace(sample, passage=replace(passage, cues=cues))


def _form(passage: Passage, hit: Hit) -> tuple[str, str]:
    return hit.target, " ".join(passage.reading.folded[hit.start : hit.end])


def fit(of: Sequence[Sample]) -> Weights:
    """Fit the weights of all three decisions."""
    of = [sample for sample in of if sample.passage.cues]
    return Weights(_fit_told(of), _fit_stage(of), _fit_country(of), _logit(COUNTRY_SURE))


def _fit_told(of: Sequence[Sample]) -> dict[str, list[float]]:
    rows, labels = [], []
    for sample in of:
        base = common(sample.passage)
        for measure in Measure:
            mine = own(sample.passage, measure)
            rows.append({f"{measure}|{sign}": value for sign, value in (base | mine).items()} | mine)
            labels.append(measure in sample.expected)
    names, matrix = _matrix(rows)
    penalty = np.array([TOLD / (1 if "|" in name else _OF_ONE) for name in names])
    fitted = _logistic(matrix, np.array(labels, float), penalty)
    weight = dict(zip(names, fitted, strict=True))
    weight["bias"] = weight.get("bias", 0.0) - _logit(TOLD_LINE)
    told = {
        sign: [round(weight.get(sign, 0.0) + weight.get(f"{measure}|{sign}", 0.0), 2) for measure in Measure]
        for sign in sorted({name.rpartition("|")[2] for name in weight})
    }
    return {sign: row for sign, row in told.items() if any(abs(value) >= _SMALL for value in row)}


def _fit_stage(of: Sequence[Sample]) -> dict[str, list[float]]:
    rows, labels = [], []
    for sample in of:
        for measure, facts in sample.expected.items():
            if not facts[0]["negated"]:
                rows.append(signs(sample.passage, Measure(measure)))
                labels.append([stage.value for stage in STAGES].index(facts[0]["stage"]))
    names, matrix = _matrix(rows)
    start = np.array([_says(name) for name in names])
    penalty = np.array([STAGE * (_OF_ONE if "|" in name else 1) for name in names])
    shares = np.bincount(labels, minlength=len(STAGES)) / len(labels)
    fitted = _softmax(matrix, np.array(labels), start, penalty, shares[labels] ** -RARE)
    weight = {f"{place}:{target}": _says(f"{place}:{target}") for target in SAYS for place in PLACES}
    weight |= {name: [float(value) for value in row] for name, row in zip(names, fitted, strict=True)}
    return {name: [round(value, 2) for value in row] for name, row in weight.items() if max(map(abs, row)) >= _SMALL}


def _says(sign: str) -> list[float]:
    """Say where the weights of a sign start."""
    found = [0.0] * len(STAGES)
    measure, _, rest = sign.rpartition("|")
    place, _, target = rest.partition(":")
    if target in SAYS and place in PLACES and not measure and ("." in target) == (place == "says"):
        stage, strength = SAYS[target]
        found[[one.value for one in STAGES].index(stage)] = strength * PLACES[place]
    return found


def _fit_country(of: Sequence[Sample]) -> dict[str, float]:
    rows, labels = [], []
    for sample in of:
        named = Countries(sample.where, sample.named.mentions)
        for measure, facts in sample.expected.items():
            who = {fact["country"] for fact in facts}
            for country, found in candidates(sample.passage, Measure(measure), named):
                rows.append(found)
                labels.append(country in who)
    names, matrix = _matrix(rows)
    fitted = _logistic(matrix, np.array(labels, float), np.full(len(names), COUNTRY))
    return _rounded(dict(zip(names, fitted, strict=True)))


def _matrix(rows: Sequence[Mapping[str, float]]) -> tuple[list[str], csr_matrix]:
    """Set rows of signs out as a matrix of the signs that are seen often enough."""
    seen = Counter(name for row in rows for name in row)
    names = sorted(name for name, count in seen.items() if count >= _SEEN)
    column = {name: at for at, name in enumerate(names)}
    cells = [(at, column[name], value) for at, row in enumerate(rows) for name, value in row.items() if name in column]
    where, which, values = zip(*cells, strict=True)
    return names, csr_matrix((values, (where, which)), shape=(len(rows), len(names)))


def _logistic(matrix: csr_matrix, labels: Any, penalty: Any) -> Any:
    def loss(weight: Any) -> tuple[float, Any]:
        score = matrix @ weight
        value = np.logaddexp(0, score).sum() - labels @ score + 0.5 * (penalty * weight * weight).sum()
        slope = matrix.T @ (1 / (1 + np.exp(-score)) - labels) + penalty * weight
        return value, slope

    return minimize(loss, np.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x


def _softmax(matrix: csr_matrix, labels: Any, start: Any, penalty: Any, counts: Any) -> Any:
    count = start.shape[1]
    wanted, offset = np.eye(count)[labels], matrix @ start

    def loss(flat: Any) -> tuple[float, Any]:
        weight = flat.reshape(start.shape)
        score = offset + matrix @ weight
        score = score - score.max(axis=1, keepdims=True)
        total = np.exp(score).sum(axis=1, keepdims=True)
        value = (
            -(counts * ((score * wanted).sum(axis=1) - np.log(total[:, 0]))).sum()
            + 0.5 * (penalty[:, None] * weight * weight).sum()
        )
        slope = matrix.T @ ((np.exp(score) / total - wanted) * counts[:, None]) + penalty[:, None] * weight
        return value, slope.ravel()

    return start + minimize(
        loss, np.zeros(start.size), jac=True, method="L-BFGS-B", options={"maxiter": 200}
    ).x.reshape(start.shape)


def _logit(chance: float) -> float:
    return float(np.log(chance / (1 - chance)))


def _rounded(weight: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), 2) for name, value in weight.items() if abs(value) >= _SMALL}


@cache
def corpus() -> dict[str, Item]:
    """Read the items of the classifier's corpus, by id."""
    return {
        item["id"]: item
        for path in sorted(CORPUS.glob("*.jsonl"))
        for item in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    }


def load_items() -> dict[str, list[Item]]:
    """Read all items to fit on, by file; those of measures.jsonl have their text in the corpus of the classifier."""
    found = {name: read_items(ITEMS / f"{name}.jsonl") for name in ("build", "corpus", "told")}
    texts = corpus()
    marked = read_items(ITEMS / "measures.jsonl")
    found["measures"] = [{**texts[item["id"]], "measures": item["measures"]} for item in marked]
    return found


def facts(sample: Sample, fitted: Weights) -> Counter[tuple[Any, ...]]:
    """Find the measures of a sample."""
    countries = Countries(sample.where, sample.named.mentions)
    found = told_by([sample.passage], countries, fitted)
    return Counter((fact.measure.value, fact.country, fact.stage.value, fact.negated) for fact in found)


def compare(of: Sequence[Sample], found: Sequence[Counter[tuple[Any, ...]]]) -> str:
    """Score found measures against those expected: F1 of the kinds, with country, and with stage."""
    lines = []
    for title, width in (("kind", 1), ("kind+country", 2), ("all", 4)):
        expected = [
            {(m["measure"], m["country"], m["stage"], m["negated"])[:width] for m in sample.item["measures"]}
            for sample in of
        ]
        mine = [{key[:width] for key in keys} for keys in found]
        both = sum(len(a & b) for a, b in zip(expected, mine, strict=True))
        lines.append(f"{title} {2 * both / max(1, sum(map(len, expected)) + sum(map(len, mine))):.3f}")
    return "  ".join(lines)


def cross(sets: Mapping[str, Sequence[Sample]], folds: int) -> None:
    """Print how well each set is read by weights that were fitted without the part that is read."""
    every = [(name, sample) for name, of in sets.items() for sample in of]
    order = np.random.RandomState(1).permutation(len(every))
    found: dict[str, list[tuple[Sample, Counter[tuple[Any, ...]]]]] = {name: [] for name in sets}
    for fold in range(folds):
        fitted = fit([every[at][1] for at in order if at % folds != fold])
        for at in order:
            if at % folds == fold:
                name, sample = every[at]
                found[name].append((sample, facts(sample, fitted)))
    for name, pairs in found.items():
        print(f"{name:<10} {compare([one for one, _ in pairs], [keys for _, keys in pairs])}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Cross-validate, and write the weights of all items."""
    parser = argparse.ArgumentParser(prog="python -m tests.extract.measure_fitting", description=__doc__)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    sets = thin({name: samples(items) for name, items in load_items().items()})
    if options.folds:
        cross(sets, options.folds)
    if options.write:
        fitted = fit([sample for of in sets.values() for sample in of])
        parts = {"told": fitted.told, "stage": fitted.stage, "country": fitted.country, "sure": round(fitted.sure, 3)}
        FILE.write_text(_written(parts) + "\n", encoding="utf-8")
    return 0


def _written(value: Any, depth: int = 2) -> str:
    """Write JSON with one sign a line."""
    if not isinstance(value, Mapping) or not depth or (depth == 1 and not value):
        return json.dumps(value, ensure_ascii=False)
    lines = (f"{json.dumps(key, ensure_ascii=False)}: {_written(value[key], depth - 1)}" for key in sorted(value))
    return "{\n" + ",\n".join(lines) + "\n}"


if __name__ == "__main__":
    sys.exit(main())
