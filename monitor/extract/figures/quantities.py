"""Numbers that may be counts, with what stands beside them: ranges, "about", "at least", "up to".

Numbers that are no counts are left out (uncounted.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.extract.figures.numbers import Number
from monitor.extract.figures.scene import Scene, words
from monitor.extract.figures.uncounted import DASHES, may_count
from monitor.extract.gazetteer import Hit

BOUNDS = frozenset({"mark:about", "mark:least", "mark:most"})
_RATIO = 6  # of the ends of a range, at most
_LIFE = 40  # years of a term; up to it a range that says "from" may be wider


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number or a range from token ``start`` up to ``end``; ``begin`` is where the words beside it begin."""

    begin: int
    start: int
    end: int
    low: float | None
    high: float | None
    approximate: bool
    of: str = ""

    @property
    def value(self) -> float:
        """The bound that there is, the lower of two."""
        return self.low if self.low is not None else self.high or 0.0


def quantities(scene: Scene, found: Sequence[Number]) -> list[Quantity]:
    """Make quantities of numbers, in order; two numbers of a range become one."""
    made: list[Quantity] = []
    at = 0
    while at < len(found):
        number, after = found[at], found[at + 1] if at + 1 < len(found) else None
        span = _range(scene, number, after) if after else ""
        at += 2 if span else 1
        ends = [number, after] if span and after else [number]
        vote = span in {"vote", "ratio"} or _against_one(scene, number.end)
        if vote or not all(may_count(scene, end) for end in ends):
            continue
        if span and after:
            made.append(
                Quantity(_begin(scene, number), number.start, after.end, number.value, after.value, True, after.of)
            )
        else:
            made.append(_bounded(scene, number))
    return made


def _range(scene: Scene, number: Number, after: Number) -> str:
    """Say how a number and the next one belong together: "range", "vote", "ratio", or not at all."""
    gap, before = after.start - number.end, scene.word(number.start - 1)
    if gap == 0:
        return "range" if _joined(scene, number, after) and _rising(number, after) else ""
    parent = before in words("of") and scene.word(number.start - 2) in words("parent")
    if gap != 1 or parent:  # "a mother of four to ten years"
        return ""
    return _linked(scene, number, after, before)


def _joined(scene: Scene, number: Number, after: Number) -> bool:
    """Does a dash stand between two numbers, or the "and" that Arabic writes together with the second?"""
    mark = scene.reading.between(number.end - 1, after.start).strip()
    between = scene.word(number.start - 1) in words("strictly_between")
    return mark in DASHES or (between and mark == "" and scene.word(after.start).startswith("و"))


def _linked(scene: Scene, number: Number, after: Number, before: str) -> str:
    """Say what one word between two numbers makes of them; ``before`` is the word in front."""
    link, bounded = scene.word(number.end), before in words("between")
    if link in words("range"):
        if number.value >= after.value:
            return "vote" if link in {"to", "a"} and not bounded else ""
        return "range" if _rising(number, after) or _terms(scene, after, bounded) else ""
    if link in words("ratio") and number.value < after.value:
        return "ratio"
    between = before in words("strictly_between") and link in words("and")
    return "range" if between and _rising(number, after) else ""


def _terms(scene: Scene, after: Number, bounded: bool) -> bool:
    """Is it the end of a range of years, which may be wide ("3 to 20 years")?"""
    noun = scene.beginning(after.end, "noun")
    return after.value <= _LIFE and (bounded or (noun is not None and noun.target == "noun:years"))


def _rising(number: Number, after: Number) -> bool:
    return number.value < after.value <= number.value * _RATIO


def _against_one(scene: Scene, end: int) -> bool:
    """Is it a vote of so many to one?"""
    return scene.word(end) in words("against_one") and scene.word(end + 1) in words("one")


def _begin(scene: Scene, number: Number) -> int:
    mark = scene.ending(number.start, "mark")
    return mark.start if mark else number.start


def _bounded(scene: Scene, number: Number) -> Quantity:
    """Read what stands before and after a number, past an article ("about a dozen")."""
    value, begin = number.value, number.start
    mark = _mark(scene, number.start)
    if mark is None and scene.word(number.start - 1) in words("article"):
        mark = _mark(scene, number.start - 1)
    tail = scene.beginning(number.end, "tail")
    kind = mark.target if mark else tail.target if tail else ""
    begin = mark.start if mark else begin
    word = kind.partition(":")[2] or ("about" if number.rough else "")
    quantity = Quantity(begin, number.start, number.end, value, value, False, number.of)
    if word in {"about", "least"}:
        return replace(quantity, high=None, approximate=True)
    return replace(quantity, low=None, approximate=True) if word == "most" else quantity


def _mark(scene: Scene, at: int) -> Hit | None:
    before = scene.ends.get(at, ())
    verbs = max((hit.end - hit.start for hit in before if hit.target.startswith("cue")), default=0)
    marks = [hit for hit in before if hit.target in BOUNDS and hit.end - hit.start >= verbs]  # not "hands over"
    return max(marks, key=lambda hit: hit.end - hit.start, default=None)
