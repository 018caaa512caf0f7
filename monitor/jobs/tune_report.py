"""What `monitor tune` proposes, with what the lines around would have given."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from monitor.classify.quality.evaluate import Truths, precision_recall_f1
from monitor.classify.tune import Evidence, Goal, Interval, Measured, Stream
from monitor.domain.labels import Cut
from monitor.store import stream as store_stream
from monitor.store.database import Store

_EXAMPLES = 5
_AROUND = (-0.1, -0.05, 0.0, 0.05, 0.1)


@dataclass(frozen=True, slots=True)
class Flip:
    """An entry that would change sides."""

    entry_id: int
    score: float
    title: str


@dataclass(frozen=True, slots=True)
class Flips:
    """How many entries would change sides one way, and the best-scored of up to five stories."""

    entries: int
    examples: tuple[Flip, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What a line would have given in the days that were looked at: entries over it, near-misses, and stories a day.

    ``what`` is "now", "proposed" or "". None stands for what is not known.
    """

    threshold: float
    review: float
    what: str
    entries: int
    near_misses: int
    stories_a_day: float | None
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Data:
    """What a proposal rests on: labels of people, items of the held-out set, and a stream.

    ``asked_days`` were looked at; ``days`` of them brought entries.
    """

    human: int
    heldout: int
    heldout_sha256: str
    asked_days: int
    days: float
    entries: int
    stories: int


@dataclass(frozen=True, slots=True)
class Tuning:
    """A proposal. ``interval`` is where 95 % of the lines lie that are found on resampled data.

    ``measured`` is None where too little is known. ``tuned`` is what config is to say of the line; ``refusal`` why it
    may not be written, "" where it may. ``path`` is where it stands in labels.toml.
    """

    label: str
    lang: str
    tier: str
    path: tuple[str, ...]
    goal: Goal
    scorer: str
    before: Cut
    after: Cut
    interval: Interval
    measured: Measured | None
    data: Data
    rows: tuple[Row, ...]
    comes_in: Flips
    goes_out: Flips
    notes: tuple[str, ...]
    tuned: str
    refusal: str


def rows(stream: Stream, evidence: Evidence | None, before: Cut, after: Cut) -> Iterator[Row]:
    """Tell what the lines of now and then, and some around the latter, would have given; the lowest first."""
    around = {round(after.threshold + step, 2) for step in _AROUND}
    for line in sorted({before.threshold, *(line for line in around if 0 < line < 1)}):
        what = "proposed" if line == after.threshold else "now" if line == before.threshold else ""
        review = before.review if what == "now" else min(after.review, line)
        precision, recall = _quality(evidence, line)
        yield Row(
            line, review, what, int(stream.over(line).sum()), int(stream.near(line, review).sum()),
            round(stream.stories_over(line) / stream.days, 2) if stream.days else None, precision, recall,
        )  # fmt: skip


def _quality(evidence: Evidence | None, line: float) -> tuple[float | None, float | None]:
    if evidence is None:
        return None, None
    precision, recall, _ = precision_recall_f1(evidence.truths, evidence.scores, line)
    return None if np.isnan(precision) else precision, None if np.isnan(recall) else recall


def flips(store: Store, stream: Stream, before: Cut, after: Cut) -> tuple[Flips, Flips]:
    """Tell which entries would come in, and which would go out."""
    was, will = stream.over(before.threshold), stream.over(after.threshold)
    return _flips(store, stream, will & ~was), _flips(store, stream, was & ~will)


def _flips(store: Store, stream: Stream, which: Truths) -> Flips:
    at = np.flatnonzero(which)
    best: dict[int, int] = {}
    for i in at[np.argsort(-stream.scores[at], kind="stable")].tolist():
        best.setdefault(int(stream.story[i]), i)
    shown = list(best.values())[:_EXAMPLES]
    words = store_stream.words(store, [int(stream.ids[i]) for i in shown])
    found = [(int(stream.ids[i]), float(stream.scores[i])) for i in shown]
    return Flips(len(at), tuple(Flip(id_, round(score, 6), words[id_][0]) for id_, score in found if id_ in words))
