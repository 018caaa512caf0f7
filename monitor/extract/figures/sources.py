"""Who counted those counted: the one in whose mouth the sentence lays the number."""

from functools import cache

from monitor.extract.figures.scene import Scene, words
from monitor.extract.gazetteer import Hit
from monitor.extract.reading import MARKS
from monitor.extract.words import fold

_ARABIC_NAME = 4  # words of a name in Arabic, which has no capitals to tell where it ends
_COUNTED = frozenset({"noun:women", "noun:children", "noun:men", "noun:families", "noun:fighters", "noun:returnees"})
_PLAIN = 3  # words of one who has no name
_NAME = 9  # words of the name of who counted
_PART = 5  # letters from which the word for a court may be the end of a compound
_PAPER = 4  # words among which a report may stand in front of whose it is
_ACRONYM = 6  # letters
_HEAD = 7  # words before the colon of a title that are a name


def source_of(scene: Scene, sentence: range) -> str:
    """Find who is said to have counted in a sentence, as it is written without the article; "" where nobody is.

    "According to the ministry" goes before a name, "the ministry said" behind it, and some languages turn that round.
    """
    for hit in sorted(scene.within(sentence, "source"), key=lambda hit: hit.target != "source:before"):
        if hit.target == "source:before":
            name = _name_after(scene, hit.end, sentence.stop) or _common(scene, min(hit.end + 2, sentence.stop))
        else:
            name = _name_before(scene, hit.start, sentence.start) or _turned(scene, hit, sentence)
        if name:
            return name
    return _title_source(scene, sentence) if sentence.start == 0 else ""


def _turned(scene: Scene, hit: Hit, sentence: range) -> str:
    """Find the name behind a verb that goes before it: at the begin of a clause, or behind what was said."""
    at = hit.end + (scene.word(hit.end) in words("verb_in"))
    name = _name_after(scene, at, sentence.stop)
    if name or at + 2 > sentence.stop or not _mark(scene, hit.start - 1):
        return name
    return _common(scene, at + 2) if at + 2 == sentence.stop or _mark(scene, at + 2) else ""  # ", the report says."


def _mark(scene: Scene, at: int) -> bool:
    return scene.word(at) in MARKS


def _title_source(scene: Scene, title: range) -> str:
    """Find who counts by a title like "Europol: 5,000 left"; a country or a court there is who acts."""
    for at in range(title.start, min(title.start + _HEAD, title.stop)):
        if scene.reading.words[at] == ":":
            start = title.start + _article(scene, title.start)
            inside = {place for span, _ in scene.bodies for place in span}
            whole = all(place in inside or _in_name(scene, place) or scene.place(place) for place in range(start, at))
            return _proper(scene, start, at) if whole and _speaks(scene, start, at) else ""
    return ""


def _speaks(scene: Scene, start: int, stop: int) -> bool:
    """Do words name a body or an office: known as an institution, in capitals alone, or by a word for one?"""
    spoken = scene.reading.words[start:stop]
    if any(_court(scene.word(at)) for at in range(start, stop)):
        return False
    known = any(span.start >= start and span.stop <= stop for span, _ in scene.bodies)
    short = len(spoken) == 1 and spoken[0].isupper() and 1 < len(spoken[0]) <= _ACRONYM and not scene.place(start)
    return known or short or any(scene.word(at).startswith(_stems("speakers")) for at in range(start, stop))


def _name_after(scene: Scene, at: int, stop: int) -> str:
    at = _past_paper(scene, at, stop)
    while at < stop and _article(scene, at):
        at += 1
    end = at
    while end < stop and end - at < _NAME:
        step = _step(scene, end, end - at)
        if not step:
            break
        end = step
    while end > at and (scene.word(end - 1) in words("linked") or _article(scene, end - 1)):
        end -= 1
    return _proper(scene, at, end)


def _past_paper(scene: Scene, at: int, stop: int) -> int:
    """Pass "the latest report from", in front of whose it is."""
    for paper in range(at, min(at + _PAPER, stop)):
        if scene.word(paper) in words("papers") and scene.word(paper + 1) in words("from") | {"by", "par", "door"}:
            return paper + 2
    return at


def _step(scene: Scene, at: int, taken: int) -> int:
    """Say where a name goes on behind the token ``at`` that may be a part of it; 0 where it may not."""
    surface = scene.reading.words[at]
    if surface in MARKS or surface[0].isdecimal() or scene.word(at) in words("particles"):
        return 0
    body = next((span for span, _ in scene.bodies if span.start == at), None)
    if body:
        return body.stop
    place = scene.place(at)
    if place:
        return place.end
    if _arabic(surface) and taken >= _ARABIC_NAME:
        return 0
    return at + 1 if _in_name(scene, at) or (taken and _completes(scene, at)) else 0


def _name_before(scene: Scene, end: int, start: int) -> str:
    while end > start and scene.word(end - 1) in words("helping"):
        end -= 1
    if end - 3 > start and scene.word(end - 1) == ")" and scene.word(end - 3) == "(":
        end -= 3
    if end > start and scene.word(end - 1) in words("referring"):
        return _before(scene, end - 1)
    end = _unseated(scene, end)
    at = end
    while at > start and end - at < _NAME:
        step = _back(scene, at, start)
        if step < 0:
            break
        at = step
    while at < end and (_article(scene, at) or scene.word(at) in words("linked")):
        at += 1
    if scene.word(at - 1) in words("where"):
        return ""  # "in the canton of Zurich registered"
    return _proper(scene, at, end) or _common(scene, end)


def _common(scene: Scene, end: int) -> str:
    """Give the plain words in front of a verb, behind an article, whose they are, or a mark ("its letter says")."""
    at = end
    while at > 0 and end - at < _PLAIN and _is_plain(scene, at - 1):
        at -= 1
    bounded = at > 0 and (_article(scene, at - 1) or scene.word(at - 1) in words("owning") or _mark(scene, at - 1))
    if at == end or not bounded or any(_court(scene.word(place)) for place in range(at, end)):
        return ""
    if any(hit.target in _COUNTED for hit in scene.within(range(at, end), "noun")):
        return ""
    return scene.reading.surface(at, end)


def _is_plain(scene: Scene, at: int) -> bool:
    """May a word be a plain noun or what stands beside one: in letters, and no word of another kind?"""
    word = scene.word(at)
    other = (
        words("titled") | words("owning") | words("pronouns") | words("particles") | words("linked") | words("where")
    )
    return scene.reading.words[at].isalpha() and word not in other and not scene.beginning(at, "cue", "stop", "source")


def _unseated(scene: Scene, end: int) -> int:
    """Leave out where a speaker sits ("the ministry in Ankara said")."""
    for hit in scene.places:
        if hit.end == end and scene.word(hit.start - 1) in words("where") and hit.start > 1:
            return hit.start - 1
    return end


def _back(scene: Scene, end: int, start: int) -> int:
    """Say where a name that goes on up to the token ``end`` begins one part earlier; -1 where it does not."""
    at = end - 1
    surface = scene.reading.words[at]
    if surface in MARKS or surface[0].isdecimal() or scene.word(at) in words("particles") | words("pronouns"):
        return -1
    if end < len(scene.reading.words) and scene.reading.between(at, end).strip():
        return -1  # a dash
    body = next((span for span, _ in scene.bodies if span.stop == end and span.start >= start), None)
    if body:
        return body.start
    place = next((hit for hit in scene.places if hit.end == end), None)
    if place:
        return place.start
    if _article(scene, at):
        return at if scene.word(at - 1) in words("linked") | words("where") else -1
    office = scene.word(at) in words("where") and scene.word(at - 1).startswith(_stems("speakers"))
    return at if office or _in_name(scene, at) or _completes(scene, at) else -1


def _completes(scene: Scene, at: int) -> bool:
    """Is a small word a part of the name of a body ("organe de coordination")?"""
    link = scene.word(at - 1) in words("linked") and scene.reading.words[at].islower()
    return link and (
        scene.word(at - 2).startswith(_stems("speakers")) or scene.word(at - 3).startswith(_stems("speakers"))
    )


def _article(scene: Scene, at: int) -> bool:
    """Is a word an article, and not a name in capitals ("UN")?"""
    surface = scene.reading.words[at]
    return scene.word(at) in words("titled") and (len(surface) == 1 or not surface.isupper())


def _in_name(scene: Scene, at: int) -> bool:
    surface, folded = scene.reading.words[at], scene.word(at)
    if _arabic(surface):
        return True
    return folded in words("linked") or surface[0].isupper() or folded.startswith(_stems("speakers"))


def _proper(scene: Scene, at: int, end: int) -> str:
    """Give the name where it is one of somebody who speaks; what was named before is looked up."""
    at = next((place + 1 for place in range(at, end) if scene.word(place) == "s" and _owner(scene, place)), at)
    said = [scene.word(place) for place in range(at, end)]
    if not said or any(_court(word) for word in said):
        return ""
    if all(word in words("bodies") | words("linked") for word in said):
        return _before(scene, at) or scene.reading.surface(at, end)
    surface = scene.reading.words[at]
    if any(hit.target in _COUNTED for hit in scene.within(range(at, end), "noun")) and not _speaks(scene, at, end):
        return ""  # those who are counted
    known = any(at <= span.start < end for span, _ in scene.bodies) or any(
        at <= hit.start < end for hit in scene.places
    )
    speaks = known or any(word.startswith(_stems("speakers")) for word in said)
    return _whole(scene, at, end) if speaks or (surface[0].isupper() and not _arabic(surface)) else ""


def _owner(scene: Scene, at: int) -> bool:
    """Does a country end here ("Georgia's State Security Service")?"""
    return any(hit.end == at for hit in scene.places)


def _before(scene: Scene, at: int) -> str:
    """Say who a pronoun or a word like "the agency" means: who counted in the sentence before, or was named last."""
    number = scene.reading.sentence(at)
    counted = source_of(scene, scene.reading.sentences[number - 1]) if number > 1 else ""
    named = (name for span, name in reversed(scene.bodies) if span.stop <= at and name)
    return counted or next((name for name in named if not any(map(_court, fold(name).split()))), "")


def _court(word: str) -> bool:
    return word.startswith(_stems("courts")) or any(stem in word for stem in _stems("courts") if len(stem) > _PART)


def _whole(scene: Scene, at: int, end: int) -> str:
    """Give a name as it is written, but for what Arabic writes together with its first word."""
    known = next((name for span, name in scene.bodies if span.start == at and span.stop == end and name), "")
    return known or scene.reading.surface(at, end)


def _arabic(word: str) -> bool:
    return "\u0621" <= word[0] <= "\u064a"


@cache
def _stems(name: str) -> tuple[str, ...]:
    return tuple(sorted(words(name)))
