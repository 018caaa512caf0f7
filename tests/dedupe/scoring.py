"""Score near-duplicates and stories on a file of told events: ``python -m tests.dedupe.scoring FILE [--spread DAYS]``.

The entries come in order of time; each is placed against the 30 candidates that share most keys with it, of
the newest 40 of each key. ``--spread``
moves whole events to random times within so many days, so that more of them happen at once (look-alikes keep their
distance). Copies are scored as pairs, stories by B-cubed (Bagga and Baldwin 1998).
"""

import argparse
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from monitor.dedupe.keys import candidate_keys
from monitor.dedupe.place import Candidate, Kind, place
from monitor.dedupe.told import Told, tell
from monitor.dedupe.weights import default
from monitor.extract.facts import extract

CANDIDATES, PER_KEY, WINDOW = 30, 40, timedelta(days=21)
Row = dict[str, Any]


@dataclass(slots=True)
class Result:
    """What came out: groups of copies and stories by the ids of the rows, and the time taken."""

    stories: dict[str, int] = field(default_factory=dict)
    copies: dict[str, int] = field(default_factory=dict)
    seconds: Counter[str] = field(default_factory=Counter)
    missed: int = 0


def rows(path: Path, spread: float = 0.0, seed: int = 1) -> list[Row]:
    """Read the tellings in order of time."""
    read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    for row in read:
        row["at"] = datetime.fromisoformat(row["published"])
    if spread:
        _move(read, spread, random.Random(seed))
    return sorted(read, key=lambda row: (row["at"], row["id"]))


def _move(read: list[Row], spread: float, chance: random.Random) -> None:
    begin: dict[str, datetime] = {}
    for row in read:
        begin[row["event"]] = min(begin.get(row["event"], row["at"]), row["at"])
    apart = {row["event"]: row["apart"] for row in read if row["apart"] in begin}
    first = min(begin.values())
    moved = {event: first + timedelta(days=chance.random() * spread) for event in begin}
    for event, other in apart.items():
        moved[event] = moved[other] + (begin[event] - begin[other])
    for row in read:
        row["at"] += moved[row["event"]] - begin[row["event"]]


def found_by_keys(
    stream: Sequence[Row], seconds: Counter[str] | None = None
) -> Iterator[tuple[int, Sequence[Told], Sequence[int]]]:
    """Yield the number of each row, what is ready for comparing up to it, and the numbers of its candidates."""
    seconds = Counter() if seconds is None else seconds
    index: dict[str, list[int]] = defaultdict(list)
    tolds: list[Told] = []
    for number, row in enumerate(stream):
        facts = extract(row["title"], row["text"], row["lang"])
        start = time.perf_counter()
        told = tell(
            default(), facts, number=number, feed=row["outlet"], lang=row["lang"], title=row["title"],
            text=row["text"], at=row["at"],
        )  # fmt: skip
        told_at = time.perf_counter()
        keys = candidate_keys(told, row["at"].date())
        seconds.update(tell=told_at - start, keys=time.perf_counter() - told_at)
        tolds.append(told)
        shared = Counter(
            other for key in keys for other in index[key][-PER_KEY:] if row["at"] - tolds[other].at <= WINDOW
        )
        yield number, tolds, sorted(shared, key=lambda other: (-shared[other], -other))[:CANDIDATES]
        for key in keys:
            index[key].append(number)


def simulate(stream: Sequence[Row]) -> Result:
    """Place every row against those before it."""
    result = Result()
    story_of: list[int] = []
    copy_group: list[int] = []
    for number, tolds, found in found_by_keys(stream, result.seconds):
        row, start = stream[number], time.perf_counter()
        placed = place(tolds[number], [Candidate(tolds[other], story_of[other]) for other in found])
        result.seconds.update(place=time.perf_counter() - start, pairs=len(found))
        same = {n for n in range(number) if stream[n]["event"] == row["event"]}
        result.missed += bool(same) and same.isdisjoint(found)
        story_of.append(number if placed.story is None else placed.story)
        copy_group.append(copy_group[placed.copy_of] if placed.kind is Kind.COPY else number)
        result.stories[row["id"]], result.copies[row["id"]] = story_of[-1], copy_group[-1]
    return result


def true_copies(stream: Sequence[Row]) -> dict[str, str]:
    """Return the id of the first original of each row."""
    of = {row["id"]: row["copy_of"] for row in stream}

    def root(name: str) -> str:
        return root(of[name]) if of[name] else name

    return {name: root(name) for name in of}


def pairs(groups: dict[str, Any]) -> set[frozenset[str]]:
    """Return the pairs of ids that are in one group."""
    members = defaultdict(list)
    for name, group in groups.items():
        members[group].append(name)
    return {frozenset(pair) for names in members.values() for pair in combinations(names, 2)}


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def copies_score(stream: Sequence[Row], result: Result) -> tuple[float, float, float]:
    """Return precision, recall and F1 of pairs of copies."""
    want, got = pairs(true_copies(stream)), pairs(result.copies)
    precision, recall = len(want & got) / max(1, len(got)), len(want & got) / max(1, len(want))
    return precision, recall, f1(precision, recall)


def bcubed(truth: dict[str, Any], found: dict[str, Any]) -> tuple[float, float, float]:
    """Return B-cubed precision, recall and F1 of a clustering."""
    want, got = defaultdict(set), defaultdict(set)
    for name in truth:
        want[truth[name]].add(name)
        got[found[name]].add(name)
    both = {name: len(want[truth[name]] & got[found[name]]) for name in truth}
    precision = sum(n / len(got[found[name]]) for name, n in both.items()) / len(both)
    recall = sum(n / len(want[truth[name]]) for name, n in both.items()) / len(both)
    return precision, recall, f1(precision, recall)


def look_alikes(stream: Sequence[Row], result: Result) -> tuple[int, int]:
    """Count the look-alike events that were joined to what they look like, out of how many."""
    stories = defaultdict(set)
    for row in stream:
        stories[row["event"]].add(result.stories[row["id"]])
    pairs_apart = {(row["event"], row["apart"]) for row in stream if row["apart"] in stories}
    return sum(bool(stories[one] & stories[other]) for one, other in pairs_apart), len(pairs_apart)


def report(stream: Sequence[Row], result: Result, examples: int) -> None:
    """Print the scores, with examples of what went wrong."""
    events = {row["id"]: row["event"] for row in stream}
    text = {row["id"]: f"{row['id']} {row['at']:%m-%d %H}h {row['lang']} {row['title']}" for row in stream}
    print(f"{len(stream)} entries, {len(set(events.values()))} events")
    print("near-duplicates  P {:.3f}  R {:.3f}  F1 {:.3f}".format(*copies_score(stream, result)))
    print("stories B-cubed  P {:.3f}  R {:.3f}  F1 {:.3f}".format(*bcubed(events, result.stories)))
    print("look-alikes wrongly joined: {} of {}".format(*look_alikes(stream, result)))
    print(f"entries of a told event without a true candidate: {result.missed}")
    per = {name: 1000 * result.seconds[name] / len(stream) for name in ("tell", "keys", "place")}
    print("ms an entry: " + ", ".join(f"{name} {ms:.3f}" for name, ms in per.items())
          + f"; {result.seconds['pairs'] / len(stream):.1f} candidates")  # fmt: skip
    want, got = pairs(true_copies(stream)), pairs(result.copies)
    same, joined = pairs(events), pairs(result.stories)
    for name, wrong in {"copies missed": want - got, "no copies": got - want, "parted": same - joined,
                        "wrongly joined": joined - same}.items():  # fmt: skip
        print(f"\n{name}: {len(wrong)}")
        for pair in sorted(map(sorted, wrong))[:examples]:
            print("   " + "  |  ".join(text[one] for one in pair))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--spread", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=12)
    given = parser.parse_args()
    stream = rows(given.file, given.spread, given.seed)
    report(stream, simulate(stream), given.examples)


if __name__ == "__main__":
    main()
