"""Which numbers of years are terms of prison."""

from monitor.extract.figures.noun import FAR, Noun
from monitor.extract.figures.quantities import Quantity
from monitor.extract.figures.scene import Scene, words
from monitor.extract.gazetteer import Hit

_IMPRISONED = 14  # words within which a term of years must have its prison
_OTHERWISE = 4  # words after years, and half as many before, within which something else makes them no term
_LEAST = 10  # words from "minimum sentence" to years that are one


def is_term(scene: Scene, quantity: Quantity, noun: Noun) -> bool:
    """Is a number of years one of prison? What a law has as the least is none."""
    sentence = scene.sentence(quantity.start)
    gaps: dict[str, list[int]] = {"prison": [], "not": [], "least": []}
    for hit in scene.within(sentence, "term"):
        gap, what = _distance(hit, quantity.begin, noun.end), hit.target.partition(":")[2]
        aside = what == "not" and gap > (_OTHERWISE if hit.start >= noun.end else _OTHERWISE // 2)
        if what in gaps and not aside:
            gaps[what].append(gap)
    if min(gaps["least"], default=_LEAST) < _LEAST or _is_age(scene, quantity):
        return False
    if sentence.start == 0 and not gaps["not"] and scene.word(noun.end) in words("against"):
        return True
    far, near = min(gaps["prison"], default=FAR), min(gaps["not"], default=FAR)
    return far <= _IMPRISONED and far <= near


def _is_age(scene: Scene, quantity: Quantity) -> bool:
    """Is it "a man of 36 years"?"""
    at = quantity.begin
    if scene.word(at - 1) in {",", "،"} and scene.word(at + 2) in {",", "،"}:
        return True  # "the man, 38 years, had served"
    if not at or scene.word(at - 1) not in {"de", "of", "von", "van", "d"} or quantity.low != quantity.high:
        return False
    return not any(hit.end in {at - 1, at} for hit in scene.within(range(max(0, at - 3), at), "term"))


def _distance(hit: Hit, start: int, end: int) -> int:
    return hit.start - end if hit.start >= end else max(0, start - hit.end)
