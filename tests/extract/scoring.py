"""Hold extraction against written items with expected facts: precision, recall and F1 of each kind, and where it errs.

    python -m tests.extract.scoring FILE [--kind measures] [--errors 20]

Micro-averaged: what was found, expected and both is summed over the items.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from monitor.domain.facts import Facts, Figure
from monitor.extract.facts import extract

Item = Mapping[str, Any]
Keys = Counter[tuple[Any, ...]]
CORPUS = Path(__file__).parents[2] / "models" / "corpus"

KINDS = (
    "places",
    "roles",
    "measures",
    "measure+country",
    "figures",
    "figure approx",
    "figure from",
    "figure to",
    "figure as_of",
    "figure by",
    "persons",
    "actors",
)
"""What is scored; those that are one word are the facts, the others are looked at apart."""


@dataclass(slots=True)
class Tally:
    """How many were expected, found, and both; ``missed`` and ``wrong`` name them with the item's id."""

    expected: int = 0
    found: int = 0
    both: int = 0
    missed: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    wrong: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """The share of what was found that was expected; 1 where nothing was found."""
        return self.both / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of what was expected that was found; 1 where nothing was expected."""
        return self.both / self.expected if self.expected else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.expected + self.found
        return 2 * self.both / total if total else 1.0

    def add(self, name: str, expected: Keys, found: Keys) -> None:
        """Count one item."""
        self.expected += expected.total()
        self.found += found.total()
        self.both += (expected & found).total()
        self.missed += [(name, key) for key in (expected - found).elements()]
        self.wrong += [(name, key) for key in (found - expected).elements()]


def score(items: Iterable[Item]) -> dict[str, Tally]:
    """Score extraction on items in the form of the written sets."""
    tallies = {kind: Tally() for kind in KINDS}
    for item in items:
        expected = keys_expected(item)
        found = keys_found(extract(item["title"], item["text"], item["lang"]))
        for kind, tally in tallies.items():
            tally.add(item["id"], expected[kind], found[kind])
    return tallies


def keys_expected(item: Item) -> dict[str, Keys]:
    """Make of an item's expected facts what is compared, kind by kind."""
    figures = [
        (
            (entry["low"], entry["high"], entry["of"]),
            entry["approx"],
            tuple(entry["from"]),
            entry["to"],
            entry["as_of"] or "",
            entry["by"] or "",
        )
        for entry in item["figures"]
    ]
    measures = [(m["measure"], m["country"], m["stage"], m["negated"]) for m in item["measures"]]
    places = [(place["country"], tuple(place["roles"])) for place in item["places"]]
    return _keys(places, measures, figures, item["persons"], item["actors"])


def keys_found(facts: Facts) -> dict[str, Keys]:
    """Make of extracted facts what is compared, kind by kind."""
    places = [(place.country, tuple(role.value for role in place.roles)) for place in facts.places]
    measures = [(m.measure.value, m.country, m.stage.value, m.negated) for m in facts.measures]
    return _keys(places, measures, [_figure(figure) for figure in facts.figures], facts.persons, facts.actors)


def _figure(figure: Figure) -> tuple[Any, ...]:
    key = (figure.low, figure.high, figure.of.value)
    return key, figure.approximate, figure.origin, figure.to, figure.as_of, figure.by


def _keys(
    places: Sequence[tuple[str, tuple[str, ...]]],
    measures: Sequence[tuple[Any, ...]],
    figures: Sequence[tuple[Any, ...]],
    persons: Iterable[str],
    actors: Iterable[str],
) -> dict[str, Keys]:
    return {
        "places": Counter((country,) for country, _ in places),
        "roles": Counter((country, role) for country, roles in places for role in roles),
        "measures": Counter(measures),
        "measure+country": Counter({(measure, country): 1 for measure, country, _, _ in measures}),
        "figures": Counter(key for key, *_ in figures),
        "figure approx": Counter((*key, approx) for key, approx, *_ in figures),
        "figure from": Counter((*key, code) for key, _, codes, *_ in figures for code in codes),
        "figure to": Counter((*key, to) for key, _, _, to, *_ in figures if to),
        "figure as_of": Counter((*key, as_of.casefold()) for key, _, _, _, as_of, _ in figures if as_of),
        "figure by": Counter((*key, by.casefold()) for key, _, _, _, _, by in figures if by),
        "persons": Counter((name.casefold(),) for name in persons),
        "actors": Counter((name.casefold(),) for name in actors),
    }


def read_items(path: Path) -> list[Item]:
    """Read a JSON Lines file of items; one without words has those of the corpus item of its id."""
    return [item if "title" in item else {**_corpus(item["id"]), **item} for item in _lines(path)]


def _corpus(name: str) -> Item:
    return _corpus_file(name.rpartition("-")[0])[name]


@cache
def _corpus_file(name: str) -> Mapping[str, Item]:
    items = _lines(CORPUS / f"{name}.jsonl")
    return {item["id"]: {key: item[key] for key in ("lang", "title", "text")} for item in items}


def _lines(path: Path) -> list[Item]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def table(tallies: Mapping[str, Tally]) -> str:
    """Set the scores of the kinds that were looked for out in a table."""
    lines = [f"{'kind':<18}{'expected':>9}{'found':>7}{'both':>6}{'P':>7}{'R':>7}{'F1':>7}"]
    for kind, t in tallies.items():
        lines.append(f"{kind:<18}{t.expected:>9}{t.found:>7}{t.both:>6}{t.precision:>7.3f}{t.recall:>7.3f}{t.f1:>7.3f}")
    return "\n".join(lines)


def errors(items: Iterable[Item], tally: Tally, most: int) -> str:
    """Show the items of a kind that were missed or wrong, with their text."""
    by_id = {item["id"]: item for item in items}
    lines = []
    for name in dict.fromkeys(name for name, _ in [*tally.missed, *tally.wrong]):
        item = by_id[name]
        lines.append(f"\n{name} [{item['lang']}] {item['title']} | {item['text']}")
        lines += [f"    missed {key}" for other, key in tally.missed if other == name]
        lines += [f"    wrong  {key}" for other, key in tally.wrong if other == name]
        most -= 1
        if not most:
            break
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and the errors of a kind."""
    parser = argparse.ArgumentParser(prog="python -m tests.extract.scoring", description=__doc__)
    parser.add_argument("file", type=Path, nargs="+")
    parser.add_argument("--kind", choices=KINDS, help="only this kind, and those beside it")
    parser.add_argument("--errors", type=int, default=0, help="show so many items with errors of the kind")
    parser.add_argument("--lang", help="only items in this language")
    options = parser.parse_args(arguments)
    items = [item for path in options.file for item in read_items(path)]
    items = [item for item in items if options.lang in {None, item["lang"]}]
    if items:
        extract(items[0]["title"], items[0]["text"], items[0]["lang"])  # loads the word lists, which is not timed
    start = time.perf_counter()
    tallies = score(items)
    taken = (time.perf_counter() - start) / max(len(items), 1)
    beside = (options.kind or "").rstrip("s")
    print(table({kind: tally for kind, tally in tallies.items() if kind.startswith(beside)}))
    print(f"{len(items)} items, {taken * 1000:.2f} ms an item, scoring included")
    if options.errors:
        shown = [options.kind] if options.kind else ["places", "measures", "figures", "persons", "actors"]
        for kind in shown:
            print(f"\n== {kind}", errors(items, tallies[kind], options.errors))
    return 0


if __name__ == "__main__":
    sys.exit(main())
