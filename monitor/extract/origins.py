"""Where those counted come from, and where they were brought or went to."""

from collections.abc import Sequence

from monitor.domain.facts import Counted, Place, Role
from monitor.extract.counted import Noun
from monitor.extract.gazetteer import Hit
from monitor.extract.quantities import Quantity
from monitor.extract.reading import MARKS
from monitor.extract.scene import Scene, words

THEATRES = frozenset({"SY", "IQ", "LY", "AF", "SO", "ML", "YE", "NE", "BF", "TD", "EG", "PH", "NG", "MZ", "SD"})
"""Where people went to fight."""
_FIELD = frozenset({"SY", "IQ", "AF", "TR", "LY"})
_COMING = frozenset({Counted.RETURNEES, Counted.WOMEN, Counted.CHILDREN, Counted.MEN, Counted.FAMILIES})
_MOVES = frozenset({"cue:returnees", "cue:detainees", "cue:arrests"})


def home_of(scene: Scene, places: Sequence[Place]) -> str:
    """Guess the country that people come home to: it acts, or they are from it, and it is no field of war."""
    outside = [place for place in places if place.country not in THEATRES]
    for wanted in ({Role.ACTOR, Role.ORIGIN}, {Role.ACTOR}, {Role.ORIGIN}):
        found = [place.country for place in outside if wanted <= place.roles]
        if found:
            return found[0]
    if outside:
        return outside[0].country
    title = scene.reading.sentences[0] if scene.reading.sentences else range(0)
    return next((hit.target for hit in scene.places if hit.start in title and hit.target != "SY"), "")


def origin_of(scene: Scene, quantity: Quantity, noun: Noun, kind: Counted, home: str) -> tuple[str, ...]:
    """List the countries that those counted come from: by what stands with the noun, else by what they are."""
    codes = [place.target for place in noun.places] or _behind(scene, noun)
    if not codes and quantity.begin >= 2 and scene.word(quantity.begin - 1) in words("with"):
        codes = [hit.target for hit in scene.places if hit.end == quantity.begin - 1]
    if not codes and kind is Counted.FIGHTERS:
        codes = [
            hit.target for hit in scene.places if hit.start in scene.sentence(noun.start) and _homeland(scene, hit)
        ]
    own = noun.kind == "persons" and scene.reading.folded[max(noun.start, noun.end - 1)].startswith(
        tuple(words("citizens"))
    )
    if not codes and home and (kind is Counted.DEPRIVATIONS or own):
        codes = [home]
    return tuple(dict.fromkeys(codes))


def _behind(scene: Scene, noun: Noun) -> list[str]:
    """List the places behind a noun ("women from Guinea and Mali", "femmes belges")."""
    codes: list[str] = []
    at, stop = noun.end, noun.end + 8
    while at < stop and (word := scene.word(at)):
        before, place = scene.word(at - 1), scene.place(at)
        joined = word in words("from") or word == "," or word in words("and")
        if place and (codes or at == noun.end or before in words("from")):
            if before in words("from") and not _homeland(scene, place):
                break
            codes.append(place.target)
            at, stop = place.end, place.end + 3
        elif (codes and not joined) or (not codes and word in MARKS) or _moved(scene, noun, at):
            break
        else:
            at += 1
    return codes


def _moved(scene: Scene, noun: Noun, at: int) -> bool:
    """Does a word say that people came from where they had been, and not from home?"""
    return bool(noun.kind) and any(hit.target in _MOVES for hit in scene.begins.get(at, ()))


def _homeland(scene: Scene, place: Hit) -> bool:
    """Does "from" stand before a place that is no field of war and no camp?"""
    before = scene.word(place.start - 1)
    return before in words("from") and place.target not in _FIELD and place.kind in {"", "name", "capital", "people"}


def destination_of(
    scene: Scene, quantity: Quantity, noun: Noun, kind: Counted, origin: tuple[str, ...], home: str
) -> str | None:
    """Say where those counted were brought or came to, None where the entry does not say it."""
    sentence = scene.sentence(quantity.start)
    cues = {hit.target for hit in scene.within(sentence, "cue")}
    explicit = _towards(scene, noun, sentence)
    if kind is Counted.FIGHTERS:
        taken = scene.ending(quantity.begin, "cue")
        if not taken or taken.target != "cue:returnees":
            return _field(scene, sentence) if "cue:fighters" in cues else None
    elif kind is Counted.DETAINEES:
        return explicit
    elif kind is not Counted.RETURNEES and (kind not in _COMING or "cue:returnees" not in cues):
        return None
    if any(scene.within(sentence, "negation")):
        return None
    return explicit or (origin[0] if len(origin) == 1 and origin[0] != "SY" else home or None)


def _towards(scene: Scene, noun: Noun, sentence: range) -> str | None:
    """Find the place behind a noun that "to" stands before."""
    for hit in scene.places:
        if hit.start >= noun.end and hit.start in sentence and scene.reading.folded[hit.start - 1] in words("towards"):
            return hit.target if hit.target != "SY" else None
    return None


def _field(scene: Scene, sentence: range) -> str | None:
    """Find the one country that fighters left for, where the sentence names no other."""
    fields = {hit.target for hit in scene.places if hit.start in sentence and hit.target in THEATRES}
    return next(iter(fields)) if len(fields) == 1 else None
