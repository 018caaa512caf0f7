"""When those counted were counted."""

from collections.abc import Iterable

from monitor.domain.facts import Counted
from monitor.extract.figures.scene import Scene, words


def year_of(scene: Scene, sentence: range, kinds: Iterable[Counted] = ()) -> str:
    """Find the year, or year and month, that the counts of a sentence refer to; "" where it is not said.

    It is written as 2019 or 2019-07. Of those held, "in 2019" is enough; of others it may be when they moved.
    """
    held = Counted.DETAINEES in kinds
    for at in sentence:
        if _is_year(scene.reading.words[at]):
            month = scene.ending(at, "month")
            start = month.start if month else at
            if scene.word(start - 1).isdecimal() and len(scene.word(start - 1)) <= 2:
                start -= 1
            before = scene.word(start - 1)
            said = scene.ending(start, "asof") or (scene.ending(start - 1, "asof") if before in words("of") else None)
            if said or before in words("asof") or (held and before in words("asof_held")):
                year = scene.reading.words[at]
                return f"{year}-{int(month.target.partition(':')[2]):02}" if month else year
    return ""


def year_of_all(scene: Scene) -> str:
    """Find the year that all counts refer to: said in the title, or by more than a word ("as of 2019")."""
    for place, sentence in enumerate(scene.reading.sentences):
        year = year_of(scene, sentence)
        long = any(hit.end - hit.start > 1 for hit in scene.within(sentence, "asof"))
        if year and (place == 0 or long):
            return year
    return ""


def _is_year(word: str) -> bool:
    return len(word) == 4 and word.isdecimal() and 1990 <= int(word) <= 2100
