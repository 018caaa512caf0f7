"""``python -m tests.bench.stories``: what extraction and stories cost an entry, as the window grows; ratios in one run.

Entries go the real way: one document after another is compared, classified, extracted, placed and stored, in this
process, into an SQLite store that holds a window already (`tests.bench.window`). Stages are told in CPU time. Two
streams are taken: one of which every entry may be ours, and one of which as many are as in a real one.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from monitor import pipeline
from monitor.app import App, build
from monitor.classify.classifier import EXPLAINED, Classifier
from monitor.domain.entry import Document, RawEntry
from monitor.domain.feed import FeedUpdate, Outcome, PollEvent
from monitor.jobs import neighbours
from monitor.jobs.visit import Visit, ingest_document
from monitor.normalise.entry import CleanDocument, clean_document
from monitor.settings.load import load
from monitor.store import feeds as store_feeds
from monitor.store.feeds import Which

from .tellings import Written, stream
from .window import NOW, feeds, fill

STAGES: dict[str, tuple[Any, str]] = {
    "classify": (Classifier, "classify"),
    "countries": (pipeline, "countries"),
    "extract": (pipeline, "extract"),
    "tell": (pipeline, "made_ready"),
    "keys": (pipeline, "candidate_keys"),
    "candidates query": (neighbours, "nearest"),
    "load": (neighbours, "readings"),
    "tell again": (neighbours, "made_ready"),
    "place": (pipeline, "place"),
    "store": (store_feeds, "apply"),
}
"""Where each stage is called: ``countries`` of what cannot be ours, ``tell again`` of candidates not remembered."""
STORIES = ("extract", "tell", "keys", "candidates query", "load", "tell again", "place")
WINDOWS = (10_000, 100_000, 1_000_000)
ENTRIES = 20
"""Entries of a document."""
MIX = 50
"""One entry in so many of a stream may be ours."""
WARM = 10
"""Documents that are not counted, so that caches of words are as in a process that runs."""
Stream = Callable[[Classifier, int], Iterator[Written]]


@dataclass(slots=True)
class Cost:
    """CPU seconds of stages and of all, seconds by the clock, and how many entries were stored, placed and joined."""

    stages: Counter[str] = field(default_factory=Counter)
    total: float = 0.0
    wall: float = 0.0
    entries: int = 0
    placed: int = 0
    joined: int = 0

    @property
    def stories(self) -> float:
        """CPU seconds of extraction and of finding stories."""
        return sum(self.stages[stage] for stage in STORIES)

    @property
    def each(self) -> float:
        """CPU milliseconds of extraction and stories for an entry that is placed."""
        return 1000 * self.stories / self.placed if self.placed else 0.0


@contextmanager
def timed(cost: Cost) -> Iterator[None]:
    """Time the stages by themselves, wherever they are called from."""
    with ExitStack() as restore:
        for name, (where, function) in STAGES.items():
            real = getattr(where, function)
            restore.callback(setattr, where, function, real)
            setattr(where, function, _timed(real, name, cost))
        yield


def _timed(real: Callable[..., Any], name: str, cost: Cost) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        began = process_time()
        try:
            return real(*given, **named)
        finally:
            cost.stages[name] += process_time() - began

    return call


def poll(app: App, documents: Sequence[CleanDocument]) -> Cost:
    """Take documents as so many polls would, one a feed, a second apart, and say what that cost."""
    cost = Cost()
    by_name = {feed.name: feed for feed in feeds()}
    with timed(cost):
        for number, document in enumerate(documents):
            now = NOW + timedelta(seconds=number)
            (state,) = store_feeds.claim(
                app.store, [f"feed{number % len(by_name)}"], Which.NAMED, now=now, lease=timedelta(hours=1)
            )
            visit = Visit(app, by_name[state.name], state, by_name[state.name].url, now, 0.0)
            began, at = process_time(), perf_counter()
            found = ingest_document(visit, document)
            event = PollEvent(state.name, now, Outcome.OK, 200, entries=found.entries, new=len(found.new))
            update = FeedUpdate(event, now, "", state.lease, 0.0, None, new=found.new)
            cost.entries += store_feeds.apply(app.store, update).new
            cost.total += process_time() - began
            cost.wall += perf_counter() - at
            cost.placed += sum(bool(item.index_keys) for item in found.new)
            cost.joined += sum(item.joins is not None for item in found.new)
    return cost


def documents(written: Iterator[Written], count: int, *, label: str) -> list[CleanDocument]:
    """Make so many documents of entries."""
    made = []
    for number in range(count):
        raw = tuple(_raw(one, f"{label}-{number}-{n}") for n, one in enumerate(islice(written, ENTRIES)))
        document = Document("rss20", "Wire", None, raw)
        made.append(clean_document(document, base="https://wire.example/", claimed_language="en", now=NOW))
    return made


def _raw(written: Written, name: str) -> RawEntry:
    return RawEntry(name, f"https://wire.example/{name}", written.title, written.text, language=written.lang)


def ours(classifier: Classifier, seed: int) -> Iterator[Written]:
    """Yield entries of which each is extracted and placed."""
    made = stream(seed, ours=True)
    while True:
        part = list(islice(made, 500))
        scores = classifier.classify([(one.title, one.text) for one in part], [one.lang for one in part])
        for one, scored in zip(part, scores, strict=True):
            if any(score.probability >= EXPLAINED for score in scored.values()):
                yield one


def mixed(classifier: Classifier, seed: int) -> Iterator[Written]:
    """Yield entries of which one in `MIX` is made of items that are ours."""
    rare, ordinary = ours(classifier, seed), stream(seed, ours=False)
    while True:
        yield next(rare)
        yield from islice(ordinary, MIX - 1)


@contextmanager
def opened(folder: Path) -> Iterator[App]:
    """The program on a store in a folder, with the shipped model."""
    config = folder / "config"
    config.mkdir(parents=True, exist_ok=True)
    labels = (
        '[labels.returns]\ntitle = "Returns"\nthreshold = 0.4\n[labels.policy]\ntitle = "Policy"\nthreshold = 0.37\n'
    )
    for name, content in {"monitor": f'database.url = "sqlite:///{folder / "monitor.db"}"\n', "labels": labels}.items():
        (config / f"{name}.toml").write_text(content, encoding="utf-8")
    (config / "feeds.toml").write_text(
        '[sources.wire]\ntitle = "Wire"\n[sources.wire.feeds]\nfeed0 = "https://wire.example/0.xml"\n', encoding="utf-8"
    )
    with build(load(config, {})) as app:
        yield app


def measure(window: int, one_in: int, count: int, entries: Stream, warm: int = WARM) -> Cost:
    """Fill a store, of whose entries one in so many may be ours, and take so many entries of a stream."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as app:
        classifier = app.model.classifier
        assert classifier is not None
        fill(app.store, window, one_in=one_in)
        made = documents(entries(classifier, 3), count // ENTRIES, label="counted")
        poll(app, documents(ours(classifier, 2), warm, label="warm"))
        return poll(app, made)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stories", description=__doc__)
    parser.add_argument("--windows", type=int, nargs="+", default=WINDOWS, help="entries that may be ours, of 14 days")
    parser.add_argument("--entries", type=int, default=1_000, help="to place against each window")
    parser.add_argument("--stored", type=int, default=100_000, help="entries of the window that ten times as many meet")
    asked = parser.parse_args()
    found: dict[int, Cost] = {}
    for window in asked.windows:
        found[window] = measure(window, 1, asked.entries, ours)
        print(told(f"{window:,} stored entries that may be ours", found[window]), flush=True)
    first, *others = found
    for window in others:
        print(f"an entry's cost at {window:,} : {first:,} entries: {found[window].each / found[first].each:.2f}")
    for name, one_in, stream_ in (
        ("all of which may be ours, as all new ones", 1, ours),
        (f"one in {MIX} of which may be ours, and all new ones", MIX, ours),
        (f"one in {MIX} of which may be ours, as of the new ones", MIX, mixed),
    ):
        cost = measure(asked.stored, one_in, 10 * asked.entries, stream_)
        print(told(f"{asked.stored:,} stored entries, {name}", cost), flush=True)


def told(window: str, cost: Cost) -> str:
    """What a stream cost, for people."""
    shares = ", ".join(f"{stage} {1000 * cost.stages[stage] / cost.placed:.2f}" for stage in STORIES)
    return (
        f"{window}: {cost.entries:,} new, {cost.placed:,} placed, {cost.joined:,} joined;"
        f" CPU s of extraction and stories {cost.stories:.1f}, of all {cost.total:.1f}; by the clock {cost.wall:.1f}\n"
        f"  ms an entry that is placed {cost.each:.2f}: {shares}"
    )


if __name__ == "__main__":
    main()
