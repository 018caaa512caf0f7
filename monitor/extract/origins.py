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
_REACH = 4
"""Words after a noun in which a number of countries tells where those counted come from."""
_MOVES = frozenset({"cue:returnees", "cue:detainees", "cue:arrests"})


def homes_of(scene: Scene, places: Sequence[Place]) -> tuple[str, ...]:
    """List the countries that the people of an entry come from: by their role, else the one that acts, else the first.

    A field of war is home to nobody, unless it is said to be.
    """
    own = tuple(place.country for place in places if Role.ORIGIN in place.roles and place.country != "SY")
    if own:
        return own
    outside = [place for place in places if place.country not in THEATRES]
    acting = [place.country for place in outside if Role.ACTOR in place.roles]
    if acting or outside:
        return (acting or [place.country for place in outside])[:1]
    title = scene.reading.sentences[0] if scene.reading.sentences else range(0)
    return tuple(hit.target for hit in scene.places if hit.start in title and hit.target != "SY")[:1]


def origin_of(scene: Scene, quantity: Quantity, noun: Noun, kind: Counted, homes: Sequence[str]) -> tuple[str, ...]:
    """List the countries that those counted come from: by what stands with the noun, else where the entry's people do."""
    codes = [place.target for place in noun.places] or _behind(scene, noun)
    if not codes and quantity.begin >= 2 and scene.word(quantity.begin - 1) in words("with"):
        codes = [hit.target for hit in scene.places if hit.end == quantity.begin - 1]
    if not codes and kind is Counted.FIGHTERS:
        codes = [
            hit.target for hit in scene.places if hit.start in scene.sentence(noun.start) and _homeland(scene, hit)
        ]
    if not codes and not _of_many(scene, quantity, noun):
        codes = _of(scene, quantity, homes)
    return tuple(dict.fromkeys(codes))


def _of(scene: Scene, quantity: Quantity, homes: Sequence[str]) -> list[str]:
    """Choose among the homes of an entry the one that is named last before a count in its sentence, else all."""
    if len(homes) < 2:
        return list(homes)
    near = [hit for hit in scene.places if hit.start in scene.sentence(quantity.start) and hit.target in homes]
    before = [hit.target for hit in near if hit.end <= quantity.begin]
    return before[-1:] or [hit.target for hit in near][:1] or list(homes)


def _of_many(scene: Scene, quantity: Quantity, noun: Noun) -> bool:
    """Are those counted of many countries: foreigners, or with a number of countries behind them?"""
    beside = range(quantity.begin, noun.end + 1)
    if any(scene.within(beside, "foreign")):
        return True
    after = range(noun.end, min(noun.end + _REACH, scene.sentence(quantity.start).stop))
    return any(hit.target == "noun:countries" for hit in scene.within(after, "noun"))


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
