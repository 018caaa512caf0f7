"""Where those counted were brought or came to."""

from collections.abc import Sequence

from monitor.domain.facts import Counted
from monitor.extract.figures.events import happened
from monitor.extract.figures.noun import Noun
from monitor.extract.figures.origins import THEATRES
from monitor.extract.figures.quantities import Quantity
from monitor.extract.figures.scene import Scene, words

_STAYING = frozenset({Counted.FIGHTERS, Counted.DEATHS, Counted.DEPRIVATIONS})
_ELSEWHERE = frozenset({"detainees", "fighters", "deaths"})


def destination_of(
    scene: Scene, quantity: Quantity, noun: Noun, kind: Counted, origin: Sequence[str], others: Sequence[Quantity]
) -> str | None:
    """Say where those counted were brought or came to, None where the entry does not say it."""
    sentence = scene.sentence(quantity.start)
    if kind is Counted.FIGHTERS:
        return _field(scene) if _left(scene, sentence) else None
    if kind in _STAYING or kind in {Counted.YEARS, Counted.COUNTRIES}:
        return None
    explicit = _towards(scene, noun, sentence)
    if kind is Counted.DETAINEES:
        return explicit
    home = origin[0] if len(origin) == 1 else None
    return (explicit or home) if kind is Counted.RETURNEES or came(scene, quantity, noun, others) else None


def came(scene: Scene, quantity: Quantity, noun: Noun, others: Sequence[Quantity]) -> bool:
    """Is it told that those counted came back: in their sentence, or else by the title?

    What is only asked for or refused tells of nobody who came.
    """
    sentence, title = scene.sentence(quantity.start), scene.reading.sentences[0]
    event = happened(scene, quantity, noun, others)
    if event == "returnees" and scene.beginning(noun.end, "relative"):
        return True  # "seven women who were brought home must be tried again"
    if any(scene.within(sentence, "negation", "wish")):
        return False
    if event == "returnees":
        return True
    if event in _ELSEWHERE:
        return False
    return _tells(scene, sentence) or (_tells(scene, title) and not any(scene.within(title, "negation", "wish")))


def _tells(scene: Scene, sentence: range) -> bool:
    return any(hit.target in {"cue:returnees", "noun:returnees"} for hit in scene.within(sentence, "cue", "noun"))


def _towards(scene: Scene, noun: Noun, sentence: range) -> str | None:
    """Find the place behind a noun that "to" stands before."""
    for hit in scene.places:
        if hit.start >= noun.end and hit.start in sentence and scene.word(hit.start - 1) in words("towards"):
            return hit.target if hit.target != "SY" else None
    return None


def _left(scene: Scene, sentence: range) -> bool:
    return any(hit.target == "cue:fighters" for hit in scene.within(sentence, "cue"))


def _field(scene: Scene) -> str | None:
    """Find the one country that fighters left for, where what tells of their leaving names no other."""
    told = [sentence for sentence in scene.reading.sentences if _left(scene, sentence)]
    fields = {hit.target for hit in scene.places if hit.target in THEATRES and any(hit.start in each for each in told)}
    return next(iter(fields)) if len(fields) == 1 else None
