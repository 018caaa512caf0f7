"""Numbers that may be counts, with what stands beside them: ranges, "about", "at least", "up to".

Numbers that are no counts are left out (uncounted.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.extract.gazetteer import Hit
from monitor.extract.numbers import Number
from monitor.extract.scene import Scene, words
from monitor.extract.uncounted import DASHES, may_count

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
        if (
            span in {"vote", "ratio"}
            or not may_count(scene, number)
            or (after and span and not may_count(scene, after))
        ):
            continue
        if span and after:
            made.append(
                Quantity(_begin(scene, number), number.start, after.end, number.value, after.value, True, after.of)
            )
        else:
            made.append(_bounded(scene, number))
    return made


def _range(scene: Scene, number: Number, after: Number) -> str:
    """Say how a number and the next one belong together: "range", "vote", or not at all."""
    reading = scene.reading
    gap = after.start - number.end
    before = scene.word(number.start - 1)
    bounded, strictly = before in words("between"), before in words("strictly_between")
    if gap == 0:
        mark = reading.between(number.end - 1, after.start).strip()
        joined = mark in DASHES or (strictly and mark == "" and reading.folded[after.start].startswith("و"))
        return "range" if joined and _rising(number, after) else ""
    if gap != 1:
        return ""
    link = scene.word(number.end)
    if link in words("ratio") and number.value < after.value:
        return "ratio"
    if link in words("range"):
        if number.value >= after.value:
            return "vote" if link in {"to", "a"} and not bounded else ""
        return "range" if _rising(number, after) or _terms(scene, after, bounded) else ""
    return "range" if link in words("and") and strictly and _rising(number, after) else ""


def _terms(scene: Scene, after: Number, bounded: bool) -> bool:
    """Is it the end of a range of years, which may be wide ("3 to 20 years")?"""
    noun = scene.beginning(after.end, "noun")
    return after.value <= _LIFE and (bounded or (noun is not None and noun.target == "noun:years"))


def _rising(number: Number, after: Number) -> bool:
    return number.value < after.value <= number.value * _RATIO


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
