"""``python -m tests.bench.backfill``: an archive of JSON lines stored, classified and put into stories.

Each size is a run of the command line of its own: wall and CPU time of all its processes, and the most that they held
in memory together. The entries are those of the other benches, over ten years, ``--share`` of them about our subject.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .documents import languages, story
from .measure import Spent, run
from .systems import ROOT

BEGIN = datetime(2014, 1, 1, tzinfo=UTC)
YEARS = timedelta(days=3650)


def main() -> None:
    """Measure and print."""
    asked = _options()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for size in asked.entries:
            spent, stored = measured(Path(folder) / str(size), size, asked.share, asked.workers)
            print(
                f"{size:,} entries, 1 in {asked.share} of the subject, {asked.workers} workers: {stored:,} stored, "
                f"{size / spent.wall:,.0f} entries/s ({spent.wall:.1f} s, {spent.cpu:.1f} s of CPU), "
                f"{spent.memory}"
            )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.backfill", description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--share", type=int, default=100, help="one entry in so many is about our subject")
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


def measured(folder: Path, size: int, share: int, workers: int) -> tuple[Spent, int]:
    """Backfill an archive of so many entries; returns what it took, and how many were stored."""
    config = folder / "config"
    config.mkdir(parents=True)
    archive = folder / "archive.jsonl"
    with archive.open("w", encoding="utf-8") as file:
        file.writelines(lines(size, share))
    texts = {
        "monitor": f"[parse]\nworkers = {workers}\n",
        "feeds": '[sources.paper]\ntitle = "Paper"\n[sources.paper.feeds]\npaper = "https://paper.example/feed"\n',
        "labels": "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n",
    }
    for name, text in texts.items():
        (config / f"{name}.toml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "monitor", "backfill", "paper", "--archive", str(archive), "--config", str(config)]
    spent = run([*command, "--json"], {"PYTHONPATH": str(ROOT)}, output=folder / "said.json", watch=True)
    said = json.loads((folder / "said.json").read_text(encoding="utf-8"))
    return spent, said["jobs"][0]["tally"]["new"]


def lines(size: int, share: int) -> Iterator[str]:
    """Entries as JSON, the oldest first; the same numbers give the same entries."""
    rng, codes = random.Random(size), list(languages())
    for n in range(size):
        lang = codes[n % len(codes)]
        title, text = story(rng, lang, share)
        at = BEGIN + YEARS * (n / size)
        entry = {
            "id": str(n), "url": f"https://paper.example/{n}", "title": title, "content_html": text,
            "published": at.isoformat(timespec="seconds"),
        }  # fmt: skip
        yield json.dumps(entry, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
