"""Numbers that may be counts, with what stands beside them: ranges, "about", "at least", "up to".

Dates, years, ages, money, shares, articles and clock times are left out here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.extract.gazetteer import Hit
from monitor.extract.numbers import Number
from monitor.extract.scene import Scene, words

YEARS = range(1900, 2101)
_DASHES = frozenset("-–—‑")
_NAMING = frozenset("#№§$€£/&+°")
_SHARES = frozenset("%‰€$£°")
BOUNDS = frozenset({"mark:about", "mark:least", "mark:most"})
_MANY = 1_000_000  # so many travellers there never were
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
        if span in {"vote", "ratio"} or not _counts(scene, number) or (after and span and not _counts(scene, after)):
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
        joined = mark in _DASHES or (strictly and mark == "" and reading.folded[after.start].startswith("و"))
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
    marks = [hit for hit in scene.ends.get(at, ()) if hit.target in BOUNDS]
    return max(marks, key=lambda hit: hit.end - hit.start, default=None)


def _counts(scene: Scene, number: Number) -> bool:
    """May a number be a count, by what stands directly beside it?"""
    reading, start, end = scene.reading, number.start, number.end
    first, last = reading.starts[start], reading.ends[end - 1]
    before, after = reading.source[max(0, first - 2) : first], reading.source[last : last + 2]
    if before.strip()[-1:] in _NAMING or (before[-1:] in _DASHES and before[:1].isalpha()):
        return False
    if any(sign in _SHARES for sign in after.strip()[:1]) or (after[:1] in _DASHES and after[1:].isalpha()):
        return False
    if (after[:1] in {":", "/"} and after[1:].isdecimal()) or (before[-1:] in {":", "."} and before[:1].isdecimal()):
        return False
    if number.plain and (_apart(scene, number) or (number.value in YEARS and not _counted_next(scene, end))):
        return False
    if (
        number.value >= _MANY
        or scene.beginning(end, "share")
        or _voted(scene, start)
        or (number.plain and _ordinal(scene, end, after))
    ):
        return False
    if scene.word(start - 1) in words("and") and scene.word(start - 2).isdecimal() and scene.ending(start - 2, "name"):
        return False
    return not (_dated(scene, number) or scene.ending(start, "name") or scene.ending(start, "age"))


def _voted(scene: Scene, start: int) -> bool:
    return any(scene.word(at) in words("voted") for at in range(max(0, start - 3), start))


def _ordinal(scene: Scene, end: int, after: str) -> bool:
    """Is a number with a full stop an ordinal ("110. Kind"), since its sentence goes on?"""
    return after[:1] == "." and after[1:].isspace() and end < scene.sentence(end - 1).stop


def _apart(scene: Scene, number: Number) -> bool:
    """Does a number stand between marks behind a name, as an age does ("Ellery, 41, from Ohio")?"""
    start = number.start
    before, after = scene.word(start - 1), scene.word(number.end)
    alone = number.value < 100 and start > 1 and before in {",", "(", "،"}
    if after in {",", ")", "،"}:
        return alone or (before in words("and") and scene.word(start - 2).isdecimal() and scene.word(start - 3) == ",")
    if alone and after in words("and") and scene.word(number.end + 1).isdecimal():
        return scene.word(number.end + 2) in {",", ")", "،"}  # "sisters, 9 and 15, leave"
    last = number.end >= scene.sentence(start).stop or after in {"", "."}
    return alone and last and scene.reading.words[start - 2][0].isupper()


def _counted_next(scene: Scene, at: int) -> bool:
    noun = scene.beginning(at, "noun")
    return noun is not None and noun.target not in {"noun:other", "noun:years"}


def _dated(scene: Scene, number: Number) -> bool:
    if number.value > 31:
        return False
    end = number.end
    if scene.beginning(end, "month") or scene.ending(number.start, "month"):
        return True
    return scene.reading.folded[end : end + 1] == ("de",) and scene.beginning(end + 1, "month") is not None
