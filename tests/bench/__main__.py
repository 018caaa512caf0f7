"""``python -m tests.bench``: a poll of many feeds, measured beside other feed readers on the same server."""

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from .measure import FailedError, Spent
from .report import Measured, table, values
from .rounds import Pair, VoidError, fastest, middle, poll_twice, serving, turns
from .systems import ROOT, monitor, peers


def main() -> int:
    """Measure and print; 0 where that went well, whatever came out."""
    asked = _options()
    try:
        measured = _measure(asked)
    except (VoidError, FailedError) as error:
        print(f"void: {error}", file=sys.stderr)
        return 1
    print(json.dumps(values(measured), indent=2) if asked.json else table(measured))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--entries", type=int, default=20, help="of each feed")
    parser.add_argument("--rounds", type=int, default=3, help="of which the medians are taken")
    parser.add_argument("--memory-feeds", type=int, default=5000, help="for the memory; 0 leaves it out")
    parser.add_argument("--memory-entries", type=int, default=5, help="of each of those")
    parser.add_argument("--alone", action="store_true", help="without the other readers")
    parser.add_argument("--code", type=Path, default=ROOT, help="the checkout that is measured; this one")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _measure(asked: argparse.Namespace) -> Measured:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        systems = [monitor(code=asked.code), *([] if asked.alone else peers(Path(folder), _tell))]
        pairs: dict[str, list[Pair]] = defaultdict(list)
        with serving(asked.feeds, asked.entries) as server:
            speed = fastest(server)
            for system in turns(systems, asked.rounds):
                pair = poll_twice(system, server)
                pairs[system.name].append(pair)
                _tell(f"{system.name}: first {pair.first.wall:.2f} s, second {pair.second.wall:.2f} s")
    return Measured(
        asked.feeds,
        asked.entries,
        asked.rounds,
        speed,
        {system.name: middle(pairs[system.name]) for system in systems},
        {system.name: system.version for system in systems},
        _memory(asked) if asked.memory_feeds else {},
    )


def _memory(asked: argparse.Namespace) -> Mapping[str, Spent]:
    feeds, entries = asked.memory_feeds, asked.memory_entries
    _tell(f"memory: {feeds} feeds × {entries} entries")
    with serving(feeds, entries) as server:
        pair = poll_twice(monitor(code=asked.code), server, watch=True)
    return {f"{feeds} feeds × {entries}": pair.first, f"{feeds} unchanged": pair.second}


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
