"""What new scores change: decisions before and after, by label."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from monitor.domain.entry import Score, StoredEntry
from monitor.domain.labels import Cut, Decision, decide
from monitor.domain.reclassify import Changes, Flip

EXAMPLES = 3
"""Of each way a decision can change, for each label."""

Change = tuple[StoredEntry, Mapping[str, Score], Mapping[str, Cut]]
"""An entry as it stands, its new scores, and the lines that hold for it."""


def add(so_far: Mapping[str, Changes], page: Sequence[Change]) -> dict[str, Changes]:
    """Count what the new scores of a page change, on top of what there was before.

    A label that the new scores do not have keeps the one that it has, and what people said stands at every line.
    """
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    flips: defaultdict[str, list[Flip]] = defaultdict(list)
    for stored, scores, cuts in page:
        before = {one.label: one for one in decide(stored.scores, cuts, human=stored.human)}
        for after in decide({**stored.scores, **scores}, cuts, human=stored.human):
            was = before.get(after.label)
            was_in = was is not None and was.passes
            counts[after.label][_place(was_in=was_in, is_in=after.passes)] += 1
            if was_in is not after.passes:
                flips[after.label].append(_flip(stored, was, after))
    return {
        label: _sum(so_far.get(label, Changes()), counts[label], flips[label]) for label in sorted({*so_far, *counts})
    }


def _place(*, was_in: bool, is_in: bool) -> int:
    """Where `_sum` finds it: gained, lost, in as before, out as before."""
    return (2 if was_in else 0) if is_in else (1 if was_in else 3)


def _flip(stored: StoredEntry, was: Decision | None, after: Decision) -> Flip:
    at = stored.entry.published or stored.first_seen
    scored = was.probability if was is not None else None
    return Flip(stored.id, stored.entry.title, stored.source, at, scored, after.probability, after.threshold)


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
