"""``python -m tests.bench.digests``: many subscriptions composed at once, over archives of two sizes.

A subscription has one of a few selections, as where a team shares its interests. The store is filled in bulk; the day
that is composed is the same in both archives. What is timed is the digest job, from the question what is not judged to
the rows of the outbox.
"""

import argparse
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import Table, insert

with warnings.catch_warnings():
    # apprise.utils.pgp imports imghdr, which Python 3.11 and 3.12 call deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from monitor.app import App
    from monitor.jobs import digest
    from monitor.settings.load import load
    from monitor.store.database import Store, open_store
    from monitor.store.tables import metadata

from .systems import ROOT

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
COUNTRIES = ("FR", "BE", "NL", "DE", "GB", "SE", "DK", "IQ", "KZ", "TR")
FEEDS = 60
TODAY = 1_000
"""Entries of the day that is composed, of which one in five is over a line."""
_BATCH = 10_000
_SCORER = "2026.3.1+5c1e90ab"
_WORDS = "Families are flown home from a camp in the north-east, and a court will hear the mothers, the ministry said. "


@dataclass(frozen=True, slots=True)
class Spent:
    """What composing took, in seconds, and what came of it."""

    wall: float
    cpu: float
    digests: int
    stories: int


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.digests", description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=1_000)
    parser.add_argument("--selections", type=int, default=20)
    parser.add_argument("--archives", type=int, nargs="+", default=[10_000, 100_000])
    asked = parser.parse_args()
    for entries in asked.archives:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            spent = measure(Path(folder), entries, asked.subscriptions, asked.selections)
        print(
            f"{asked.subscriptions:,} subscriptions of {asked.selections} selections over {entries:,} entries: "
            f"{spent.wall:.1f} s (CPU {spent.cpu:.1f} s), {spent.digests:,} digests, {spent.stories:,} stories",
            flush=True,
        )
    return 0


def measure(folder: Path, entries: int, subscriptions: int, selections: int) -> Spent:
    """Fill a store below ``folder``, and close the day's window of every subscription."""
    config = write_config(folder, subscriptions, selections)
    with open_store(f"sqlite:///{folder / 'monitor.db'}") as store:
        fill(store, entries, [f"desk{n}" for n in range(subscriptions)])
        with App(load(config), store) as app:
            wall, cpu = perf_counter(), process_time()
            sent = digest.run(app, now=lambda: NOW)
            return Spent(
                perf_counter() - wall,
                process_time() - cpu,
                sum(window.recipients > 0 for window in sent),
                sum(window.stories for window in sent),
            )


def write_config(folder: Path, subscriptions: int, selections: int) -> Path:
    """Write a config of feeds and subscriptions; the selections differ by country, label and line."""
    config = folder / "config"
    config.mkdir()
    for name in ("labels.toml", "channels.toml"):
        shutil.copyfile(ROOT / "config" / name, config / name)
    (config / "monitor.toml").write_text('[database]\nurl = "sqlite:///monitor.db"\n')
    (config / "feeds.toml").write_text(
        "".join(
            f'[sources.paper{n}]\ntitle = "Paper {n}"\n[sources.paper{n}.feeds]\n'
            f'paper{n} = "https://paper{n}.example/feed"\n'
            for n in range(FEEDS)
        )
    )
    (config / "subscriptions.toml").write_text(
        "".join(
            f'[subscriptions.desk{n}]\ntitle = "Morning"\nlabels = ["returns", "policy"]\nchannels = ["files"]\n'
            f'schedule = "daily 09:00"\ncountries = {_countries(n % selections)}\n'
            f"thresholds = {{ returns = {0.6 + n % selections / 100:.2f} }}\n"
            for n in range(subscriptions)
        )
    )
    return config


def _countries(selection: int) -> str:
    return f'["{COUNTRIES[selection % 10]}", "{COUNTRIES[selection % 7 + 3]}"]'


def fill(store: Store, entries: int, subscriptions: Sequence[str]) -> None:
    """Store an archive and a day after it, and subscriptions that have judged the archive."""
    tables = metadata.tables
    first = NOW - DAY
    with store.write() as connection:
        feeds = [
            {"name": f"paper{n}", "url": f"https://paper{n}.example/feed", "source": f"Paper {n}", "added_at": first,
             "polled_at": NOW, "last_new_at": NOW, "next_poll_at": NOW}
            for n in range(FEEDS)
        ]  # fmt: skip
        connection.execute(insert(tables["feed"]), feeds)
        polls = [
            {"feed": f"paper{n % FEEDS}", "at": NOW - timedelta(minutes=n), "outcome": "ok", "entries": 20, "new": 1}
            for n in range(1, 1_200)
        ]  # fmt: skip
        connection.execute(insert(tables["poll"]), [{**_blank(tables["poll"]), **poll} for poll in polls])
        connection.execute(insert(tables["counter"]), [{"name": "announce", "value": entries + TODAY}])
        connection.execute(
            insert(tables["subscription"]),
            [
                {"name": name, "began_at": first - DAY, "judged_to": entries, "closed_at": first}
                for name in subscriptions
            ],
        )
    for start in range(1, entries + TODAY + 1, _BATCH):
        with store.write() as connection:
            numbers = range(start, min(start + _BATCH, entries + TODAY + 1))
            connection.execute(insert(tables["entry"]), [_entry(n, entries) for n in numbers])
            connection.execute(insert(tables["prediction"]), [row for n in numbers for row in _predictions(n)])
            connection.execute(
                insert(tables["place"]),
                [{"entry_id": n, "country": COUNTRIES[n % 10], "position": 0} for n in numbers],
            )


def _blank(table: Table) -> dict[str, Any]:
    """Values for the columns that need one and have no default."""
    return {
        column.name: 0 if column.type.python_type in {int, float, bool} else ""
        for column in table.columns
        if not column.nullable and column.server_default is None and not column.primary_key
    }


def _entry(number: int, archive: int) -> dict[str, Any]:
    age = DAY * (number - archive) / TODAY if number > archive else -DAY * (archive - number) / TODAY
    seen = NOW - DAY + age
    return {
        "id": number, "feed": f"paper{number % FEEDS}", "key": f"g:{number}", "guid": str(number),
        "url": f"https://paper{number % FEEDS}.example/{number}", "title": f"Court hears returnee number {number}",
        "text": _WORDS * 4, "lang": "en", "published": seen, "first_seen": seen, "origin": "live",
        "announceable": True, "announce_seq": number, "story_id": number, "classified": True, "pruned": False,
    }  # fmt: skip


def _predictions(number: int) -> Iterator[dict[str, Any]]:
    """One entry in five is over a line, by a score that is its own."""
    share = number * 7919 % 1000 / 1000
    over = number % 5 == 0
    for label, score in (("returns", 0.6 + share * 0.4 if over else share * 0.4), ("policy", share * 0.4)):
        yield {
            "entry_id": number, "label": label, "scorer": _SCORER, "probability": score, "made_at": NOW,
            "counts_since": NOW,
            "terms": [["returnee", 1.5, "return"], ["court", 0.5, "justice"]],
        }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
