"""When those counted were counted, and by whom."""

import re
from collections.abc import Iterable

from monitor.domain.facts import Counted
from monitor.extract.reading import MARKS
from monitor.extract.scene import Scene, words

_LANDS = frozenset({"", "name", "people", "capital", "place"})
_ARABIC_NAME = 4  # words of a name in Arabic, which has no capitals to tell where it ends
_NAME = 8  # words of the name of who counted


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


def source_of(scene: Scene, sentence: range) -> str:
    """Find who is said to have counted in a sentence, as it is written without the article; "" where nobody is."""
    for hit in scene.within(sentence, "source"):
        if hit.target == "source:before":
            name = _name_after(scene, hit.end, sentence.stop)
            if name:
                return name
    for hit in scene.within(sentence, "source"):
        if hit.target == "source:after":
            name = _name_before(scene, hit.start, sentence.start)
            if name:
                return name
    return ""


def title_source(scene: Scene) -> str:
    """Find who counts by a title like "Europol: 5,000 left"."""
    title = scene.reading.sentences[0] if scene.reading.sentences else range(0)
    for at in title:
        if scene.reading.words[at] == ":":
            name = scene.reading.surface(title.start, at)
            land = any(hit.start < at and hit.kind in _LANDS for hit in scene.places)
            body = re.search(r"[A-ZА-Я]{2}|^[A-Z]\w+ (\w+ )*[A-Z]\w+$", name)
            return name if at - title.start <= 4 and not land and body else ""
    return ""


def _name_after(scene: Scene, at: int, stop: int) -> str:
    surface, folded = scene.reading.words, scene.reading.folded
    while at < stop and folded[at] in words("titled"):
        at += 1
    end = at
    while end < stop and end - at < _NAME and surface[end] not in MARKS and not surface[end].isdecimal():
        if folded[end] in words("particles") or (end - at >= _ARABIC_NAME and "\u0621" <= surface[end][0] <= "\u064a"):
            break
        if end > at and not _in_name(surface[end], folded[end]) and not scene.place(end):
            break
        end += 1
    while end > at and folded[end - 1] in words("linked"):
        end -= 1
    return _proper(scene, at, end)


def _name_before(scene: Scene, end: int, start: int) -> str:
    surface, folded = scene.reading.words, scene.reading.folded
    if end - 3 > start and surface[end - 1] == ")" and surface[end - 3] == "(":
        end -= 3
    at = end
    while at > start and end - at < _NAME and surface[at - 1] not in MARKS:
        if folded[at - 1] in words("particles"):
            break
        if not (_in_name(surface[at - 1], folded[at - 1]) or scene.place(at - 1)) or folded[at - 1] in {
            "that",
            "who",
            "it",
            "he",
            "she",
        }:
            break
        at -= 1
    while at < end and folded[at] in words("titled") | words("linked"):
        at += 1
    return _proper(scene, at, end)


def _in_name(word: str, folded: str) -> bool:
    return (
        word[0].isupper() or folded in words("linked") or folded in words("bodies") or "\u0621" <= word[0] <= "\u064a"
    )


def _proper(scene: Scene, at: int, end: int) -> str:
    """Give the name where it is one: with a capital or a word for a body, and no number in it."""
    name = scene.reading.words[at:end]
    if any(hit.start <= at and hit.end >= end and hit.kind in _LANDS for hit in scene.places):
        return ""
    if (at and scene.reading.folded[at - 1] in words("where")) or any(
        word in words("courts") for word in scene.reading.folded[at:end]
    ):
        return ""
    if len(name) == 1 and scene.word(at) in words("bodies"):
        return ""  # "the agency" was named before
    if not name or not any(word[0].isupper() or "\u0621" <= word[0] <= "\u064a" for word in name):
        body = any(word in words("bodies") for word in scene.reading.folded[at:end])
        return scene.reading.surface(at, end) if body else ""
    return scene.reading.surface(at, end)
