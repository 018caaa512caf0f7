"""Where a new entry belongs: a copy of another, a further telling of a story, or the beginning of one."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from monitor.dedupe.likeness import NEVER, contradict, likeness
from monitor.dedupe.near import near_duplicate
from monitor.dedupe.told import Told

# A story told twice is a nuisance, one that is taken for another is missed: so .97 of what is joined must be right
# where a hundred events come in a month, and .94 where they come in three days. Chosen on the sets that the weights
# were not fitted to; docs/performance.md tells what came out.
JOIN = -1.3
"""Logit from which an entry joins a story, less what `_crowd` takes off."""
_BY_NUMBER, _BY_RATE = 0.5, 0.55
_SHORTEST = 0.5  # days; a few entries of one hour are no measure of a day
BEST = 2
"""Entries of a story whose mean counts, so that one likely neighbour does not make a chain."""
LEAST = -2.5
"""What an entry of a story counts that says too little to be tied to the new one: it speaks against it, and no more.
Below `JOIN`, so that it joins nothing by itself."""


class Kind(StrEnum):
    """What an entry is to those before it."""

    COPY = "copy"
    JOINS = "joins"
    BEGINS = "begins"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier entry and the story that it is in."""

    told: Told
    story: int


@dataclass(frozen=True, slots=True)
class Placement:
    """What an entry is: ``copy_of`` the id of what it copies, ``story`` the one it joins, None where it begins one.

    ``score`` is the logit of the likeness to the story, 0.0 for copies and beginnings.
    """

    kind: Kind
    story: int | None = None
    copy_of: int | None = None
    score: float = 0.0


def place(new: Told, candidates: Iterable[Candidate]) -> Placement:
    """Place an entry among its candidates, whatever their order.

    A copy joins the story of what it copies, the earliest if there are several. Else the story counts whose entries are
    on average the likest, of its `BEST` likest ones; but none that has an entry of the same feed: what a publisher
    tells anew under another headline may hold something new, and a story that was told would hide it.
    """
    others = sorted(candidates, key=lambda candidate: (candidate.told.at, candidate.told.id))
    for candidate in others:
        if near_duplicate(new, candidate.told):
            return Placement(Kind.COPY, candidate.story, candidate.told.id)
    own = {candidate.story for candidate in others if candidate.told.feed == new.feed}
    stories: dict[int, list[float]] = defaultdict(list)
    for candidate in others:
        if candidate.story not in own:
            stories[candidate.story].append(_score(new, candidate.told))
    score, story = max(((_mean(scores), -story) for story, scores in stories.items()), default=(NEVER, 0))
    score -= _crowd(new, others)
    return Placement(Kind.JOINS, -story, score=score) if score >= JOIN else Placement(Kind.BEGINS)


def _score(new: Told, other: Told) -> float:
    return NEVER if contradict(new, other) else max(LEAST, likeness(new, other))


def _mean(scores: list[float]) -> float:
    best = sorted(scores, reverse=True)[:BEST]
    return sum(best) / len(best)


def _crowd(new: Told, others: Sequence[Candidate]) -> float:
    """Tell what the stories among the candidates take off a likeness: where more happens, chance finds more.

    Two measures add up: how many stories there are, and how many a day, over the time back to the furthest candidate,
    since the number of candidates is cut.
    """
    if not others:
        return 0.0
    stories = len({candidate.story for candidate in others})
    days = max(abs((new.at - candidate.told.at).total_seconds()) for candidate in others) / 86_400
    return _BY_NUMBER * math.log(stories) + _BY_RATE * math.log1p(stories / max(days, _SHORTEST))
