"""Where those counted come from, and where they were brought or went to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.domain.facts import Counted, Place, Role
from monitor.extract.figures.noun import Noun
from monitor.extract.figures.quantities import Quantity
from monitor.extract.figures.scene import Scene, words
from monitor.extract.gazetteer import Hit
from monitor.extract.reading import MARKS

THEATRES = frozenset({"SY", "IQ", "LY", "AF", "SO", "ML", "YE", "NE", "BF", "TD", "EG", "PH", "NG", "MZ", "SD"})
"""Where people went to fight."""
_FIELD = frozenset({"SY", "IQ", "AF", "TR", "LY"})
_REACH = 4
"""Words after a noun in which a number of countries tells where those counted come from."""
_MOVES = frozenset({"cue:returnees", "cue:detainees", "cue:arrests"})


@dataclass(frozen=True, slots=True)
class Homes:
    """The countries that the people of an entry come from; ``guessed`` where they only act.

    ``many``: it counts people of many countries, who are nobody's where their sentence names none.
    """

    countries: tuple[str, ...]
    guessed: bool = False
    many: bool = False


def homes_of(scene: Scene, places: Sequence[Place], counted: Iterable[tuple[Quantity, Noun]]) -> Homes:
    """Find where the people of an entry come from: by the role of its places, else the state that acts.

    A field of war is home to nobody, unless it is said to be; Syria never.
    """
    many = any(noun.kind == "countries" or _of_many(scene, quantity, noun) for quantity, noun in counted)
    own = tuple(place.country for place in places if Role.ORIGIN in place.roles and place.country != "SY")
    if own:
        return Homes(own, many=many)
    acting = [place.country for place in places if Role.ACTOR in place.roles and place.country not in THEATRES]
    outside = [place.country for place in places if place.country not in THEATRES]
    fields = [place.country for place in places if Role.ACTOR in place.roles and place.country != "SY"]
    return Homes(tuple((acting or outside or fields)[:1]), guessed=True, many=many)


def origin_of(
    scene: Scene, quantity: Quantity, noun: Noun, kind: Counted, homes: Homes
) -> tuple[tuple[str, ...], bool]:
    """List the countries that those counted come from, and say whether they are named beside the count.

    Else it is where the entry's people come from.
    """
    codes = [place.target for place in noun.places if not _warfield(place)] or _behind(scene, noun)
    if not codes and quantity.begin >= 2 and scene.word(quantity.begin - 1) in words("with"):
        codes = [hit.target for hit in scene.places if hit.end == quantity.begin - 1]
    if not codes and kind is Counted.FIGHTERS:
        codes = [
            hit.target for hit in scene.places if hit.start in scene.sentence(noun.start) and _homeland(scene, hit)
        ]
    if codes:
        return tuple(dict.fromkeys(codes)), True
    if _of_many(scene, quantity, noun) or (homes.guessed and kind is Counted.DETAINEES and not _citizens(scene, noun)):
        return (), False
    return _of(scene, quantity, homes), False


def _citizens(scene: Scene, noun: Noun) -> bool:
    """Are they somebody's nationals?"""
    return scene.word(max(noun.start, noun.end - 1)).startswith(tuple(words("citizens")))


def _warfield(place: Hit) -> bool:
    """Is a place beside a noun where people fought ("Syria fighters"), and not whose they are ("Syrian fighters")?"""
    return place.target in _FIELD and place.kind != "people"


def _of(scene: Scene, quantity: Quantity, homes: Homes) -> tuple[str, ...]:
    """Choose among the homes of an entry the one that is named last before a count in its sentence, else all."""
    if len(homes.countries) < 2 and not homes.many:
        return homes.countries
    near = [
        hit for hit in scene.places if hit.start in scene.sentence(quantity.start) and hit.target in homes.countries
    ]
    before = [hit.target for hit in near if hit.end <= quantity.begin]
    chosen = before[-1:] or [hit.target for hit in near][:1]
    return tuple(chosen) if chosen or homes.many else homes.countries


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
