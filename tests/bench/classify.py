"""``python -m tests.bench.classify``: the shipped classifier's speed, in one process on one core, as ratios in one run.

The items are those of the corpus, of which four in ten have words of the subject; those of a stream have fewer, and go
faster. Rounds alternate, and medians are told.
"""

import resource
from collections.abc import Callable, Sequence
from statistics import median
from time import process_time

from monitor.classify import corpus, features
from monitor.classify.classifier import Classifier
from monitor.classify.features import UNNAMED, concept_columns
from monitor.classify.reading import read
from monitor.settings.bundled import bundled_models

Items = Sequence[tuple[str, str]]
ROUNDS = 5
SINGLE = 500
SUBJECT = frozenset({"fighter", "camp", "group", "travel", "conflict", "terror", "citizenship", "strip"})


def main() -> None:
    """Measure and print."""
    began = process_time()
    classifier = Classifier.load(bundled_models())
    loading = process_time() - began
    written = corpus.read(bundled_models() / "corpus")
    everything = [(item.title, item.text) for item in written]
    ordinary = [(item.title, item.text) for item in written if item.kind == "easy"]
    stages: dict[str, Callable[[], float]] = {
        "batches of 1,000, ordinary items": lambda: _per_item(ordinary, classifier),
        "batches of 1,000, the whole corpus": lambda: _per_item(everything, classifier),
        "one by one, ordinary items": lambda: _one_by_one(ordinary[:SINGLE], classifier),
        "one by one, the whole corpus": lambda: _one_by_one(everything[:: len(everything) // SINGLE], classifier),
        "reading alone (words and concepts), ordinary items": lambda: _reading(ordinary, classifier),
    }
    spent: dict[str, list[float]] = {name: [] for name in stages}
    for _ in range(ROUNDS):
        for name, stage in stages.items():
            spent[name].append(stage())
    print(f"loading {loading * 1000:.0f} ms; {len(everything)} items; peak {_peak():.0f} MB")
    for name, seconds in spent.items():
        middle = median(seconds)
        print(f"{name}: {1 / middle:,.0f} items/s, {middle * 1000:.3f} ms an item")
    _first_stage(written, classifier)


def _per_item(items: Items, classifier: Classifier) -> float:
    began = process_time()
    classifier.classify(items)
    return (process_time() - began) / len(items)


def _one_by_one(items: Items, classifier: Classifier) -> float:
    began = process_time()
    for item in items:
        classifier.classify([item])
    return (process_time() - began) / len(items)


def _reading(items: Items, classifier: Classifier) -> float:
    began = process_time()
    for title, text in items:
        read(title, text, classifier.lexicon)
    return (process_time() - began) / len(items)


def _first_stage(written: Sequence[corpus.Item], classifier: Classifier) -> None:
    """What a gate before the model would let through, and lose of what the model finds."""
    readings = [read(item.title, item.text, classifier.lexicon) for item in written]
    scores = classifier.classify([(item.title, item.text) for item in written])
    found = [
        any(one[label].probability >= line for label, line in classifier.recommended.items()) and bool(item.labels)
        for item, one in zip(written, scores, strict=True)
    ]
    unnamed = features.concept_names().index(UNNAMED)
    gates = {
        "a concept of the subject": [any(m.concept in SUBJECT for m in reading.matches) for reading in readings],
        "the subject named": [unnamed not in concept_columns(reading) for reading in readings],
    }
    for name, through in gates.items():
        easy = [passed for passed, item in zip(through, written, strict=True) if item.kind == "easy"]
        lost = sum(hit and not passed for hit, passed in zip(found, through, strict=True))
        print(f"first stage ({name}): {sum(easy) / len(easy):.1%} of ordinary items go on, {lost} of {sum(found)} lost")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
