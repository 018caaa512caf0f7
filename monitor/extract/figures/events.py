"""What happened to people who are counted, by the words of their sentence: came back, were tried, died."""

from collections.abc import Sequence

from monitor.extract.figures.noun import FAR, Noun
from monitor.extract.figures.quantities import Quantity
from monitor.extract.figures.scene import Scene, words
from monitor.extract.gazetteer import Hit

_BARE = 6  # words between a number without noun and what happened
_BEFORE = 5  # what stands before a number without noun belongs to it less than what stands after it, by so many words
_ASIDE = 4  # words by which what a relative clause tells first is farther off
_NEAR = 8  # words in front of a number among which what directly happened may begin
_WEIGHTY = frozenset({"deprivations", "convictions", "arrests", "deaths"})
_SAME = {"killing": "deaths", "handed": "detainees"}
_PENALTY = {",": 2, "،": 2, ";": 9, "؛": 9, ":": 3, "(": 3, ")": 3}


def came_back(scene: Scene, quantity: Quantity, noun: Noun) -> bool:
    """Are fighters counted as those who came back or were sent back?"""
    for hit in scene.within(range(max(0, quantity.begin - 3), noun.end + 3), "cue"):
        if hit.target != "cue:returnees":
            continue
        if hit.end <= quantity.begin:
            if quantity.begin - hit.end <= 1 and not scene.marks(hit.end, quantity.begin):
                return True
        elif hit.start >= noun.end and not scene.marks(noun.end, hit.start):
            return True
    return False


def decided(scene: Scene, quantity: Quantity, noun: Noun) -> str:
    """Find what directly happens to fighters or returnees by which they count: arrest, sentence, death."""
    for hit in scene.within(
        range(max(0, quantity.begin - _NEAR), min(scene.sentence(quantity.start).stop, noun.end + FAR)), "cue"
    ):
        event = _event(scene, hit)
        if event not in _WEIGHTY and hit.target != "cue:handed":
            continue
        room = 3 if event == "deprivations" else 1
        if hit.end <= quantity.begin <= hit.end + room and _governs(scene, hit, quantity):
            return event
        room = FAR if scene.word(quantity.end) in words("of") else 2
        if hit.start >= noun.end and hit.start - noun.end <= room and not scene.marks(noun.end, hit.start):
            return event
    return ""


def _governs(scene: Scene, hit: Hit, quantity: Quantity) -> bool:
    """Does nothing part a cue from the number behind it: no mark, no "and"?"""
    between = range(hit.end, quantity.begin)
    return not scene.marks(hit.end, quantity.begin) and all(scene.word(at) not in words("and") for at in between)


def happened(scene: Scene, quantity: Quantity, noun: Noun, others: Sequence[Quantity]) -> str:
    """Say what happened to the people of a quantity, by the nearest cue of its sentence; "" where nothing did.

    Of "30 of the 400 who left have come back" the last cue of the clause is what happened to the 30.
    """
    best, least = "", float(FAR)
    aside = _ASIDE if scene.beginning(noun.end, "relative") else 0
    for hit in scene.within(scene.sentence(quantity.start), "cue"):
        event, after = _event(scene, hit), hit.start >= noun.end
        around = hit.start < quantity.begin and hit.end > noun.end  # "pakt vijf mannen op"
        if not event or (not after and not around and hit.end > quantity.begin):
            continue
        if hit.target == "cue:killing" and not after:
            return ""  # they killed so many
        if hit.target == "cue:detainees" and _left(scene, hit):
            continue
        left, right = (noun.end, hit.start) if after else (hit.start + 1 if around else hit.end, quantity.begin)
        marks = scene.marks(left, right)
        if noun.part and after and not marks:
            best, least = event, 0.0
            continue
        far = right - left + sum(_PENALTY.get(mark, 1) for mark in marks)
        far += 3 * any(left <= other.start < right for other in others)
        if not noun.kind and far > _BARE:
            continue
        far += 0 if after else 1 if noun.kind else _BEFORE
        if after:
            far, aside = far + aside, 0  # "a couple who joined the group came home"
        weighed = far - (1.5 if event in _WEIGHTY else 0)
        if weighed < least:
            best, least = event, weighed
    return "" if best == "aside" else best


def _left(scene: Scene, hit: Hit) -> bool:
    """Does "from" stand before a camp or a prison, a word or two away?"""
    return any(scene.word(at) in words("out_of") for at in range(hit.start - 2, hit.start))


def _event(scene: Scene, cue: Hit) -> str:
    """Say what a cue tells of people; a nationality is one that is lost, where the sentence speaks of loss."""
    event = cue.target.partition(":")[2]
    if event in _SAME:
        return _SAME[event]
    if event != "nationality":
        return event
    return "deprivations" if any(scene.within(scene.sentence(cue.start), "loss")) else ""
