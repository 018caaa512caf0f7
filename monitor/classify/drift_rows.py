"""What came of each language and source, held against its own past or against what training saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.classify.drift import Shift, State, Values, chance_of_counts, shift_of_share
from monitor.classify.quality.evaluate import Truths

LEAST_PAST = 200
"""Entries that a source or language must have in its past for that to be one."""
_LEAST = 50  # entries without which a share is not held against another
_COVERED = 0.9  # of the entries of a source that must be in languages which training has described
_CHANCE_ACT, _CHANCE_WATCH = 0.001, 0.05

_NOBODY_KNOWS = ("", "und")  # languages of entries whose language cannot be told

Names = NDArray[np.str_]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Read:
    """What the texts of some entries of a window hold, arrays of (read,).

    ``at`` are their places in the window. ``unknown`` counts the words that the model does not know, None without a
    model; ``named`` says where the words name our subject, None where nobody looked.
    """

    at: Places
    words: Places
    unknown: Places | None
    named: Truths | None


@dataclass(frozen=True, slots=True)
class Window:
    """The entries of a stretch of time, arrays of (entries,).

    ``over`` a line of some label, ``near`` its review line at least; ``best`` is the highest probability of a label.
    ``logits`` are by label before calibration, nan where it was not scored.
    """

    ids: Places
    sources: Names
    langs: Names
    no_text: Truths
    over: Truths
    near: Truths
    best: Values
    logits: Mapping[str, Values]
    read: Read

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Training:
    """What the model's training saw (`drift.reference`): by language (items, share of unknown words, share without
    text), by label the deciles of the upper scores, and of how many items these are."""

    languages: Mapping[str, tuple[int, float, float]]
    upper: Mapping[str, Sequence[float]]
    ordinary: int

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> "Training | None":
        """Take it from a manifest's facts; None where these do not hold it, or not in this form."""
        try:
            found = facts["reference"]
            languages = {
                str(lang): (int(seen["items"]), float(seen["unknown_words"]), float(seen["no_text"]))
                for lang, seen in found["languages"].items()
            }
            upper = {str(label): [float(edge) for edge in edges] for label, edges in found["upper"].items()}
            items = int(found.get("ordinary", sum(seen[0] for seen in languages.values())))
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        return cls(languages, {label: edges for label, edges in upper.items() if len(edges) == 9}, items)


@dataclass(frozen=True, slots=True)
class Sides:
    """What is held against what: the last days, the days before them (which may be empty), and training, None where
    it has left nothing. ``learnt`` are the model's languages, empty without a model."""

    now: Window
    past: Window
    training: Training | None
    learnt: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of some entries, now and before (None: no past yet); ``chance`` is p, ``state`` its verdict among all
    that was looked at."""

    count: int
    entries: int
    count_before: int | None = None
    entries_before: int | None = None
    chance: float | None = None
    state: State = State.STABLE

    @property
    def per_thousand(self) -> float:
        return 1000 * self.count / max(1, self.entries)

    @property
    def per_thousand_before(self) -> float | None:
        return None if self.count_before is None else 1000 * self.count_before / max(1, self.entries_before or 0)


@dataclass(frozen=True, slots=True)
class Row:
    """A language, or a source. ``learnt``: does the model know the language? None of a source, and without a model."""

    name: str
    over: Rate
    unknown_words: Shift | None
    no_text: Shift
    learnt: bool | None = None

    @property
    def entries(self) -> int:
        return self.over.entries

    @property
    def state(self) -> State:
        """The worst of its states."""
        states = {self.over.state, self.no_text.state, self.unknown_words.state if self.unknown_words else State.STABLE}
        return next(state for state in (State.ACT, State.WATCH, State.STABLE) if state in states)


def rate(count: int, entries: int, before: tuple[int, int] | None) -> Rate:
    """Hold a count against (count, entries) before; a past of under `LEAST_PAST` entries is none."""
    if before is None or before[1] < LEAST_PAST:
        return Rate(count, entries)
    return Rate(count, entries, *before, chance_of_counts(count, entries, *before))


def judged(found: Rate, tests: int) -> Rate:
    """Give a rate its verdict, where it is one of so many that were looked at (Bonferroni)."""
    if found.chance is None:
        return found
    among = found.chance * tests
    state = State.ACT if among < _CHANCE_ACT else State.WATCH if among < _CHANCE_WATCH else State.STABLE
    return Rate(found.count, found.entries, found.count_before, found.entries_before, found.chance, state)


def languages(sides: Sides) -> list[Row]:
    """Make a row for each language, the largest first; rates are not judged yet.

    Unknown words are held against training where it has the language: words that change slowly never differ much from
    those of the month before.
    """
    groups = _groups(sides.now.langs, sides.past.langs)
    learnt = {*sides.learnt, *_NOBODY_KNOWS} if sides.learnt else None
    return [
        _row(sides, *group, learnt=None if learnt is None else group[0] in learnt, training_first=True)
        for group in groups
    ]


def sources(sides: Sides) -> list[Row]:
    """Make a row for each source, the largest first; rates are not judged yet."""
    groups = _groups(sides.now.sources, sides.past.sources)
    return [_row(sides, *group, learnt=None, training_first=False) for group in groups]


def not_learnt(window: Window, learnt: frozenset[str]) -> Truths:
    """Say which entries are in a language that the model does not know; what cannot be told is given the benefit."""
    return ~np.isin(window.langs, [*_NOBODY_KNOWS, *learnt])


def _groups(now: Names, past: Names) -> list[tuple[str, Truths, Truths]]:
    """Each name of now with where it stands, now and in the past, the most frequent first."""
    names, codes = np.unique(np.concatenate([now, past]), return_inverse=True)
    codes_now, codes_past = codes[: len(now)], codes[len(now) :]
    counts = np.bincount(codes_now, minlength=len(names))
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda code: (-counts[code], names[code]))
    return [(str(names[code]), codes_now == code, codes_past == code) for code in order]


def _row(sides: Sides, name: str, mine: Truths, before: Truths, *, learnt: bool | None, training_first: bool) -> Row:
    over, over_before = int(sides.now.over[mine].sum()), int(sides.past.over[before].sum())
    return Row(
        name,
        rate(over, int(mine.sum()), (over_before, int(before.sum()))),
        _unknown(sides, mine, before, training_first=training_first),
        _no_text(sides, mine, before),
        learnt,
    )


def _no_text(sides: Sides, mine: Truths, before: Truths) -> Shift:
    now, past = sides.now, sides.past
    items, share = int(mine.sum()), float(now.no_text[mine].mean())
    if items < _LEAST:
        return Shift(share)
    if before.sum() >= LEAST_PAST:
        return shift_of_share(share, items, float(past.no_text[before].mean()), int(before.sum()), "past")
    expected = _expected(now.langs[mine], sides.training, 2)
    return shift_of_share(share, items, *expected, "training") if expected else Shift(share)


def _unknown(sides: Sides, mine: Truths, before: Truths, *, training_first: bool) -> Shift | None:
    found = _unknown_share(sides.now, mine)
    if found is None:
        return None
    share, items = found
    if items < _LEAST:
        return Shift(share)
    expected = _expected(sides.now.langs[mine], sides.training, 1)
    own = _unknown_share(sides.past, before) if before.sum() >= LEAST_PAST else None
    own = own if own and own[1] >= _LEAST else None
    if expected and (training_first or not own):
        return shift_of_share(share, items, *expected, "training")
    return shift_of_share(share, items, *own, "past") if own else Shift(share)


def _unknown_share(window: Window, mine: Truths) -> tuple[float, int] | None:
    """The share of unknown words in the entries that were read, and how many these are; None where nobody counted."""
    read = window.read
    if read.unknown is None:
        return None
    chosen = mine[read.at]
    words = int(read.words[chosen].sum())
    return (float(read.unknown[chosen].sum() / words), int(chosen.sum())) if words else None


def _expected(langs: Names, training: Training | None, which: int) -> tuple[float, int] | None:
    """What training makes one expect of entries in these languages, and of how many items it knows that."""
    if training is None:
        return None
    names, counts = np.unique(langs, return_counts=True)
    known = {str(n): int(c) for n, c in zip(names, counts, strict=True) if _described(training, str(n))}
    covered = sum(known.values())
    if covered < _COVERED * len(langs):
        return None
    share = sum(count * training.languages[name][which] for name, count in known.items()) / covered
    return share, sum(training.languages[name][0] for name in known)


def _described(training: Training, lang: str) -> bool:
    return lang in training.languages and training.languages[lang][0] >= _LEAST
