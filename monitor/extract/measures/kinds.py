"""Which measures a passage tells, by the weights of the cues in it: each measure is a decision of its own."""

from collections.abc import Iterator, Mapping, Sequence

from monitor.domain.facts import Measure
from monitor.extract.measures import weights
from monitor.extract.measures.passages import OURS, SUBJECT, Passage

OWN: Mapping[Measure, frozenset[str]] = {
    Measure.CITIZENSHIP: frozenset({"citizenship", "citizenship.struck_down", "nationality", "dual"}),
    Measure.REPATRIATION: frozenset({"repatriation", "flight"}),
    Measure.REFUSAL: frozenset({"refuse", "refuse_next", "refusal.in_force", "refusal.withdrawn"}),
    Measure.PROSECUTION: frozenset({
        "prosecution.applied", "prosecution.struck_down", "prosecution.withdrawn", "prosecution.challenged",
        "prosecution.proposed", "headline",
    }),
    Measure.CRIMINAL_LAW: frozenset({"criminal_law", "criminalise"}),
    Measure.TRAVEL_CONTROL: frozenset({"travel_control", "travel_control.in_force", "passport"}),
    Measure.ADMINISTRATIVE_CONTROL: frozenset({"administrative_control"}),
    Measure.DETENTION: frozenset({"detention", "deport", "hand_over"}),
    Measure.REINTEGRATION: frozenset({"reintegration"}),
    Measure.LISTING: frozenset({"listing"}),
    Measure.AMNESTY: frozenset({"amnesty", "pardon"}),
}  # fmt: skip
"""The classes of cues that name a measure; the words that a fact is laid to are of these."""
_ANY = frozenset().union(*OWN.values())
_NEAR = 6  # words between two cues that say more together
_MOST = 4  # more cues of a measure than that say no more


def told(passage: Passage, table: Mapping[str, Sequence[float]]) -> Iterator[tuple[Measure, float]]:
    """Tell the measures of a passage by the weights of ``table``, with how sure that is, from 0 up."""
    classes = passage.classes
    if not classes & _ANY or ("other" in classes and not classes & OURS):
        return
    shared = weights.scores(common(passage), table, len(Measure))
    for choice, measure in enumerate(Measure):
        mine = own(passage, measure)
        score = shared[choice] + sum(value * table[sign][choice] for sign, value in mine.items() if sign in table)
        if score > 0 and (passage.sentences.start == 0 or classes & OWN[measure]):
            yield measure, score


def common(passage: Passage) -> dict[str, float]:
    """List the signs that count for all measures: each class of cues, in title or text, and pairs that stand near."""
    found: dict[str, float] = {"bias": 1.0}
    if not passage.classes & OURS:
        found["nobody"] = 1.0
    for number, hits in passage.cues.items():
        place = "text" if number else "title"
        for at, hit in enumerate(hits):
            found[hit.target] = 1.0
            found[f"{place}:{hit.target}"] = 1.0
            for other in hits[at + 1 :]:
                if other.target != hit.target and 0 <= other.start - hit.end <= _NEAR:
                    left, right = sorted((hit.target, other.target))
                    found[f"{left}&{right}"] = 1.0
    return found


def own(passage: Passage, measure: Measure) -> dict[str, float]:
    """List the signs of the cues that name a measure: that there are some, where, how many, and whom it is about."""
    hits = passage.of(OWN[measure])
    if not hits:
        return {}
    found = {
        "own": 1.0,
        "own:nobody": float(not passage.classes & OURS),
        "own:many": min(len({hit.start for _, hit in hits}), _MOST) / _MOST,
    }
    for number, hit in hits:
        found["own:text" if number else "own:title"] = 1.0
        if hit.target == measure or hit.target.startswith(f"{measure}."):
            found["own:main"] = 1.0
        if hit.end - hit.start > 1:
            found["own:long"] = 1.0
    return found | weights.present(f"own:{target}" for target in SUBJECT & passage.classes)
