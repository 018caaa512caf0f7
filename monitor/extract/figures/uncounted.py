"""Numbers that are no counts, by what stands directly beside them: dates, ages, money, shares, votes, articles."""

from monitor.extract.figures.numbers import Number
from monitor.extract.figures.scene import Scene, words

YEARS = range(1900, 2101)
DASHES = frozenset("-–—‑")
_NAMING = frozenset("#№§$€£/&+°")
_SHARES = frozenset("%‰€$£°")
_MANY = 1_000_000  # so many travellers there never were


def may_count(scene: Scene, number: Number) -> bool:
    """May a number be a count?"""
    if number.value >= _MANY or _signed(scene, number) or _named(scene, number.start):
        return False
    if number.plain and _is_plain_other(scene, number):
        return False
    other = scene.beginning(number.end, "share") or scene.ending(number.start, "age")
    return not other and not _dated(scene, number) and not _voted(scene, number.start)


def _signed(scene: Scene, number: Number) -> bool:
    """Do signs stand beside a number: of money, of a share, of a clock, or a hyphen that makes it part of a name?"""
    reading = scene.reading
    first, last = reading.starts[number.start], reading.ends[number.end - 1]
    before, after = reading.source[max(0, first - 2) : first], reading.source[last : last + 2]
    if before.strip()[-1:] in _NAMING or any(sign in _SHARES for sign in after.strip()[:1]):
        return True
    if (before[-1:] in DASHES and before[:1].isalpha()) or (after[:1] in DASHES and after[1:].isalpha()):
        return True
    return (after[:1] in {":", "/"} and after[1:].isdecimal()) or (before[-1:] in {":", "."} and before[:1].isdecimal())


def _named(scene: Scene, start: int) -> bool:
    """Is a number a name, as that of an article, also of the second of two ("articles 3 and 8")?"""
    second = scene.word(start - 1) in words("and") and scene.word(start - 2).isdecimal()
    return scene.ending(start, "name") is not None or (second and scene.ending(start - 2, "name") is not None)


def _is_plain_other(scene: Scene, number: Number) -> bool:
    """Is a number in plain digits an ordinal, an age or a year?"""
    last = scene.reading.ends[number.end - 1]
    after = scene.reading.source[last : last + 2]
    year = number.value in YEARS and not _counted_next(scene, number.end)
    return year or _apart(scene, number) or _ordinal(scene, number.end, after)


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
