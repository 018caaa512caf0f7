"""``python -m tests.bench.exchange``: a store exported and imported again, in each format.

Each is a run of the command line of its own: entries a second, and the most that it held in memory. An entry has a
text of 60 words, a version before it, fourteen scores, two words of people, places, a measure, a figure, a name, and a
story.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from monitor.store.database import open_store
from tests.exchange.stocks import TABLES, a_store

from .documents import languages, story
from .measure import Spent, run
from .systems import ROOT

_PAGE = 3_000
_LABELS = [f"label{n}" for n in range(14)]


def main() -> None:
    """Measure and print."""
    asked = _options()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for size in asked.entries:
            base = Path(folder) / str(size)
            config(base / "from")
            fill(base / "from", size)
            for form in asked.formats:
                name = "out.jsonl" if form == "jsonl" else "out"
                path = base / form / name
                out = command(base / "from", "export", str(path), "--format", form)
                config(base / form)
                back = command(base / form, "import", str(path))
                again = command(base / form, "import", str(path))
                told = ", ".join(_told(what, size, spent) for what, spent in
                                 (("export", out), ("import", back), ("import again", again)))  # fmt: skip
                print(f"{size:,} entries, {form}, {_megabytes(path):,.0f} MB: {told}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.exchange", description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--formats", nargs="+", default=["jsonl", "csv", "parquet"])
    return parser.parse_args()


def _told(what: str, size: int, spent: Spent) -> str:
    return f"{what} {size / spent.wall:,.0f}/s ({spent.wall:.1f} s, {spent.cpu:.1f} of CPU, {spent.peak:.0f} MB)"


def _megabytes(path: Path) -> float:
    files = [path] if path.is_file() else list(path.iterdir())
    return sum(file.stat().st_size for file in files) / 1e6


def config(base: Path) -> None:
    (base / "config").mkdir(parents=True)
    texts = {
        "monitor": "",
        "feeds": '[sources.paper0]\ntitle = "Paper"\n[sources.paper0.feeds]\npaper0 = "https://paper0.example/feed"\n',
        "labels": "[labels.returns]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n",
    }
    for name, text in texts.items():
        (base / "config" / f"{name}.toml").write_text(text, encoding="utf-8")


def fill(base: Path, size: int) -> None:
    """Put entries into the store of a config; the same numbers give the same entries."""
    rng, codes = random.Random(size), list(languages())
    with open_store(f"sqlite:///{base / 'var' / 'monitor.db'}") as store:
        for begin in range(1, size + 1, _PAGE):
            rows = a_store(min(_PAGE, size + 1 - begin), begin=begin)
            for row in rows["entry"]:
                row["lang"] = codes[row["id"] % len(codes)]
                row["title"], row["text"] = story(rng, row["lang"], 100)
            rows["prediction"] = [scored(row, label, rng) for row in rows["entry"] for label in _LABELS]
            rows["story_key"] = [row | {"key": f"{row['key']}/{n}"} for row in rows["story_key"] for n in range(3)]
            with store.write() as connection:
                for name, listed in rows.items():
                    if name != "feed" or begin == 1:
                        connection.execute(insert(TABLES[name]), listed)


def scored(row: dict[str, Any], label: str, rng: random.Random) -> dict[str, Any]:
    terms = [["returnee", round(rng.random(), 4), "return"]] if rng.random() < 0.1 else []
    return {"entry_id": row["id"], "label": label, "scorer": "2026.12+0", "version": 2, "probability": rng.random(),
            "terms": terms, "made_at": row["first_seen"]}  # fmt: skip


def command(base: Path, *given: str) -> Spent:
    """Run a verb."""
    call = [sys.executable, "-m", "monitor", *given, "--config", str(base / "config"), "--json"]
    return run(call, {"PYTHONPATH": f"{ROOT}:{':'.join(sys.path[1:])}"}, output=base / "said.json", watch=True)


if __name__ == "__main__":
    main()
