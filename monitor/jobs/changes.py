"""What other scores change: decisions before and after, counted by label, with the clearest of each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from monitor.domain.entry import Score, StoredEntry
from monitor.domain.labels import Cut, Decision, decide
from monitor.domain.reclassify import Changes, Flip

EXAMPLES = 3
"""Of each way a decision can change, for each label."""


class Change(NamedTuple):
    """An entry with two sets of scores, and the lines that hold for it."""

    stored: StoredEntry
    before: Mapping[str, Score]
    after: Mapping[str, Score]
    cuts: Mapping[str, Cut]


def add(so_far: Mapping[str, Changes], page: Sequence[Change]) -> dict[str, Changes]:
    """Count what changes from the scores before to those after, on top of what there was.

    A label that has no score on one side is out there. What people said stands, whatever the scores.
    """
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    flips: defaultdict[str, list[Flip]] = defaultdict(list)
    for one in page:
        before, after = (
            {found.label: found for found in decide(scores, one.cuts, human=one.stored.human)}
            for scores in (one.before, one.after)
        )
        for label in {**before, **after}:
            was, now = before.get(label), after.get(label)
            was_in, is_in = (found is not None and found.passes for found in (was, now))
            counts[label][_place(was_in=was_in, is_in=is_in)] += 1
            if was_in is not is_in:
                flips[label].append(_flip(one.stored, was, now, one.cuts[label]))
    return {
        label: _sum(so_far.get(label, Changes()), counts[label], flips[label]) for label in sorted({*so_far, *counts})
    }


def _place(*, was_in: bool, is_in: bool) -> int:
    """Where `_sum` finds it: gained, lost, in as before, out as before."""
    return (2 if was_in else 0) if is_in else (1 if was_in else 3)


def _flip(stored: StoredEntry, was: Decision | None, now: Decision | None, cut: Cut) -> Flip:
    at = stored.entry.published or stored.first_seen
    before, after = (found.probability if found is not None else None for found in (was, now))
    return Flip(stored.id, stored.entry.title, stored.source, at, before, after, cut.threshold)


def _sum(before: Changes, more: Sequence[int], flips: Sequence[Flip]) -> Changes:
    gained, lost, stay_in, stay_out = more
    return Changes(
        before.gained + gained,
        before.lost + lost,
        before.stay_in + stay_in,
        before.stay_out + stay_out,
        _clearest((*before.examples, *flips)),
    )


def _clearest(flips: Sequence[Flip]) -> tuple[Flip, ...]:
    """Those whose score moved most, gained ones first."""
    ranked = sorted(flips, key=lambda flip: (not flip.gained, -flip.moved, flip.entry_id))
    gained = [flip for flip in ranked if flip.gained]
    return (*gained[:EXAMPLES], *ranked[len(gained) : len(gained) + EXAMPLES])
