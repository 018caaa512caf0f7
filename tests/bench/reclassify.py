"""``python -m tests.bench.reclassify``: stored entries run through a model by one process, and by two.

Each run is one of the command line, on a copy of the same database: entries a second as the run itself counts them (the
start of the processes is in it), and the most that all of them held in memory together. The entries are those of the
other benches, one in ``--share`` about our subject; an older model has scored them.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.domain.entry import ClassifiedEntry, Entry, Score
from monitor.domain.feed import Feed, Source
from monitor.store import feeds
from monitor.store.database import open_store
from monitor.store.entries import add_entries

from .documents import languages, story
from .measure import Spent, run
from .systems import ROOT

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FEED = Feed("paper", "https://paper.example/feed", Source("paper", "Paper"))
_OLD = "2025.01+older"
_BATCH = 1_000


def main() -> None:
    """Measure and print."""
    asked = _options()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for size in asked.entries:
            filled = fill(Path(folder) / f"{size}", size, asked.share)
            rates = {}
            for workers in asked.workers:
                spent, report = measured(filled, workers)
                rates[workers] = report["rate"]
                print(
                    f"{size:,} entries, 1 in {asked.share} of the subject, {workers} at work: {report['rate']:,.0f} "
                    f"entries/s ({spent.wall:.1f} s in all, {spent.cpu:.1f} s of CPU), {spent.memory}"
                )
            first, *others = asked.workers
            for workers in others:
                print(f"{size:,} entries: {workers} against {first}: {rates[workers] / rates[first]:.2f} times as fast")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reclassify", description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--share", type=int, default=100, help="one entry in so many is about our subject")
    return parser.parse_args()


def measured(filled: Path, workers: int) -> tuple[Spent, Mapping[str, Any]]:
    """Reclassify a copy of a filled folder; returns what it took, and what it said."""
    folder = filled.with_name(f"{filled.name}-{workers}")
    shutil.copytree(filled, folder)
    command = [sys.executable, "-m", "monitor", "reclassify", "--workers", str(workers), "--json"]
    spent = run(
        [*command, "--config", str(folder / "config")], {"PYTHONPATH": str(ROOT)}, output=folder / "said", watch=True
    )
    said = (folder / "said").read_text(encoding="utf-8")
    shutil.rmtree(folder)
    return spent, json.loads(said[said.index("{") :])  # before it are lines of progress


def fill(folder: Path, size: int, share: int) -> Path:
    """Make a config with a database of so many entries; the same numbers give the same entries."""
    config = folder / "config"
    config.mkdir(parents=True)
    for name, text in {
        "feeds": f'[sources.paper]\ntitle = "Paper"\n[sources.paper.feeds]\npaper = "{FEED.url}"\n',
        "labels": "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n",
    }.items():
        (config / f"{name}.toml").write_text(text, encoding="utf-8")
    rng, codes = random.Random(size), list(languages())
    with open_store(f"sqlite:///{folder / 'var' / 'monitor.db'}") as store:
        feeds.sync(store, [FEED], now=NOW)
        for start in range(0, size, _BATCH):
            new = [_entry(rng, n, codes[n % len(codes)], share) for n in range(start, min(start + _BATCH, size))]
            with store.write() as connection:
                add_entries(connection, FEED.name, new, now=NOW + timedelta(seconds=start))
    return folder


def _entry(rng: random.Random, number: int, lang: str, share: int) -> ClassifiedEntry:
    title, text = story(rng, lang, share)
    entry = Entry(f"g:{number}", str(number), f"https://paper.example/{number}", title, text, lang, NOW)
    scores = {"returns": Score(rng.random() * 0.6), "policy": Score(0.02)}
    return ClassifiedEntry(entry, scores, _OLD, (), (f"u:{number}",), news=False)


if __name__ == "__main__":
    main()
