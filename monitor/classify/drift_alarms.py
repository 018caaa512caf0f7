"""Hold the last days against what was, and raise an alarm where something has moved too far."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from monitor.classify.drift import Shift, State, Values, shift_from_training, shift_of_scores, shift_of_share
from monitor.classify.drift_rows import (
    LEAST_PAST,
    Places,
    Rate,
    Row,
    Sides,
    Window,
    judged,
    languages,
    not_learnt,
    rate,
    sources,
)
from monitor.classify.quality.evaluate import Truths

LEAST = 500
"""Entries without which nothing is said."""
LEAST_SCORES = 2_000
"""Entries without which the distribution of scores is not held against another."""
_EXAMPLES = 3
_MIN_WORDS = 8  # an example of unknown words has at least so many words


class Kind(StrEnum):
    """What moved."""

    SCORES = "scores"  # the distribution of the highest
    OVER = "over"  # how many are over a line
    UNKNOWN_WORDS = "unknown-words"
    NO_TEXT = "no-text"
    UNLEARNT = "not-learnt"  # languages
    NAMED_LOW = "named-low"  # the words name our subject, the score is low
    UNNAMED_HIGH = "unnamed-high"  # the other way round


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that moved too far: ``name`` is a language (of those not learnt, the largest), a source, or of scores a
    label; ``by`` says which, "" where it is about all entries.

    ``now`` and ``before`` are shares, entries per 1,000 of the kinds that are counts, logits of scores. ``examples``
    are ids of entries, those that show it best first.
    """

    kind: Kind
    by: str
    name: str
    now: float
    before: float
    against: str
    examples: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """What was found. ``entries`` are those of the last days, ``entries_before`` those of the days before them.

    With too few ``entries`` all else is empty. ``scores`` are by label, None where there are too few for that, or
    nothing to hold them against. ``unlearnt`` is the share in languages that the model has not learnt, None without a
    model; ``named_low`` and ``unnamed_high`` count among the entries that were read.
    """

    entries: int
    entries_before: int
    scores: Mapping[str, Shift | None] = field(default_factory=dict)
    languages: tuple[Row, ...] = ()
    sources: tuple[Row, ...] = ()
    unlearnt: Shift | None = None
    named_low: Rate | None = None
    unnamed_high: Rate | None = None
    alarms: tuple[Alarm, ...] = ()

    @property
    def enough(self) -> bool:
        """Whether there were entries enough to say anything."""
        return self.entries >= LEAST


def compare(sides: Sides) -> Drift:
    """Compare; the same sides give the same answer."""
    now, past = sides.now, sides.past
    if len(now) < LEAST:
        return Drift(len(now), len(past))
    by_language, by_source = languages(sides), sources(sides)
    named_low, unnamed_high = _disagreements(sides)
    rates = [*(row.over for row in (*by_language, *by_source)), *filter(None, (named_low, unnamed_high))]
    tests = sum(found.chance is not None for found in rates)
    found = Drift(
        len(now),
        len(past),
        {label: _scores(sides, label) for label in sorted(now.logits)},
        tuple(replace(row, over=judged(row.over, tests)) for row in by_language),
        tuple(replace(row, over=judged(row.over, tests)) for row in by_source),
        _unlearnt(sides),
        judged(named_low, tests) if named_low else None,
        judged(unnamed_high, tests) if unnamed_high else None,
    )
    return replace(found, alarms=tuple(_alarms(sides, found)))


def _scores(sides: Sides, label: str) -> Shift | None:
    now, past = (_finite(window.logits.get(label, np.empty(0))) for window in (sides.now, sides.past))
    if len(now) < LEAST_SCORES:
        return None
    if len(past) >= LEAST_SCORES:
        return shift_of_scores(now, past)
    if sides.training and label in sides.training.upper:
        return shift_from_training(now, sides.training.upper[label], sides.training.ordinary)
    return None


def _finite(values: Values) -> Values:
    return values[np.isfinite(values)]


def _unlearnt(sides: Sides) -> Shift | None:
    if not sides.learnt:
        return None
    share, items = float(not_learnt(sides.now, sides.learnt).mean()), len(sides.now)
    if len(sides.past) >= LEAST_PAST:
        before = float(not_learnt(sides.past, sides.learnt).mean())
        return shift_of_share(share, items, before, len(sides.past), "past")
    return shift_of_share(share, items, 0.0, items, "training")


def _disagreements(sides: Sides) -> tuple[Rate | None, Rate | None]:
    """Count where words and score disagree, both ways, among what was read; None where nobody looked for the words."""
    now, past = sides.now.read, sides.past.read
    if now.named is None:
        return None, None
    low, high = (
        rate(
            int(_where(sides.now)[kind].sum()),
            len(now.at),
            None if past.named is None else (int(_where(sides.past)[kind].sum()), len(past.at)),
        )
        for kind in (Kind.NAMED_LOW, Kind.UNNAMED_HIGH)
    )
    return low, high


def _where(window: Window) -> dict[Kind, Truths]:
    """Say of the entries that were read where words and score disagree."""
    read = window.read
    named = np.zeros(len(read.at), dtype=np.bool_) if read.named is None else read.named
    return {Kind.NAMED_LOW: named & ~window.near[read.at], Kind.UNNAMED_HIGH: ~named & window.over[read.at]}


def _alarms(sides: Sides, found: Drift) -> Iterator[Alarm]:
    now = sides.now
    if found.unlearnt and found.unlearnt.state is State.ACT:
        mine = not_learnt(now, sides.learnt)
        largest = ", ".join([row.name for row in found.languages if row.learnt is False][:_EXAMPLES])
        yield _of_shift(Kind.UNLEARNT, "language", largest, found.unlearnt, _strangest(now, mine) or _best(now, mine))
    for by, rows, names in (("language", found.languages, now.langs), ("source", found.sources, now.sources)):
        for row in rows:
            if row.state is State.ACT:
                yield from _of_row(now, by, row, names == row.name)
    for label, shift in found.scores.items():
        if shift and shift.state is State.ACT:
            highest = np.nan_to_num(now.logits[label], nan=-np.inf)
            everywhere = np.ones(len(now), dtype=np.bool_)
            yield _of_shift(Kind.SCORES, "label", label, shift, _highest(now.ids, everywhere, highest))
    for kind, counted in ((Kind.NAMED_LOW, found.named_low), (Kind.UNNAMED_HIGH, found.unnamed_high)):
        if counted and counted.state is State.ACT and counted.per_thousand > (counted.per_thousand_before or 0.0):
            at = now.read.at[_where(now)[kind]]
            sign = -1.0 if kind is Kind.NAMED_LOW else 1.0
            examples = _highest(now.ids[at], np.ones(len(at), dtype=np.bool_), sign * now.best[at])
            yield _of_rate(kind, "", "", counted, examples)


def _of_row(now: Window, by: str, row: Row, mine: Truths) -> Iterator[Alarm]:
    if row.unknown_words and row.unknown_words.state is State.ACT:
        yield _of_shift(Kind.UNKNOWN_WORDS, by, row.name, row.unknown_words, _strangest(now, mine))
    if row.over.state is State.ACT:
        fewer = row.over.per_thousand < (row.over.per_thousand_before or 0.0)
        examples = _best(now, mine & ~now.over if fewer else mine & now.over)
        yield _of_rate(Kind.OVER, by, row.name, row.over, examples)
    if row.no_text.state is State.ACT:
        newest = _highest(now.ids, mine & now.no_text, now.ids.astype(np.float64))
        yield _of_shift(Kind.NO_TEXT, by, row.name, row.no_text, newest)


def _of_shift(kind: Kind, by: str, name: str, shift: Shift, examples: tuple[int, ...]) -> Alarm:
    return Alarm(kind, by, name, shift.now, shift.before or 0.0, shift.against, examples)


def _of_rate(kind: Kind, by: str, name: str, found: Rate, examples: tuple[int, ...]) -> Alarm:
    return Alarm(kind, by, name, found.per_thousand, found.per_thousand_before or 0.0, "past", examples)


def _best(now: Window, mine: Truths) -> tuple[int, ...]:
    return _highest(now.ids, mine, now.best)


def _strangest(now: Window, mine: Truths) -> tuple[int, ...]:
    """Those of the entries that were read with the most words that the model does not know."""
    read = now.read
    if read.unknown is None:
        return ()
    shares = read.unknown / np.maximum(1, read.words)
    return _highest(now.ids[read.at], mine[read.at] & (read.words >= _MIN_WORDS), shares)


def _highest(ids: Places, mine: Truths, values: Values) -> tuple[int, ...]:
    """The ids with the highest values among those that are meant; of equals the newer ones."""
    at = np.flatnonzero(mine)
    order = np.lexsort((-ids[at], -values[at]))[:_EXAMPLES]
    return tuple(ids[at[order]].tolist())
