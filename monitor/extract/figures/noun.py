"""The noun that a quantity goes with: of people, years or countries, or one that is of no interest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.extract.figures.quantities import BOUNDS, Quantity
from monitor.extract.figures.scene import Scene, words
from monitor.extract.gazetteer import Hit
from monitor.extract.reading import MARKS

PERSONS, CASES = "persons", "cases"
HEADS = frozenset({"women", "children", "men", "families"})
"""Nouns that say of themselves what is counted."""
FAR = 22
"""Words within which what happened must stand."""
_REACH = 7  # words after a number among which its noun may stand
_SHORT = 3  # an unknown word in small letters as short as this is a preposition, a pronoun, or the like
_FEW = 10  # up to which Arabic numbers have their noun in the plural


@dataclass(frozen=True, slots=True)
class Noun:
    """The noun that a quantity goes with, from ``start`` up to ``end``; "" where none follows.

    ``places`` are those that stand between ("12 Belgian women"), ``them``: the count is a part of what was named
    before; ``part``: it is a part of those that follow ("30 of the 400").
    """

    kind: str
    start: int
    end: int
    places: tuple[Hit, ...] = ()
    them: bool = False
    part: bool = False


def noun_of(scene: Scene, quantity: Quantity, numbered: frozenset[int]) -> Noun:
    """Find the noun of a quantity; ``numbered`` are the tokens at which numbers begin."""
    if quantity.of:
        return Noun(quantity.of, quantity.start, quantity.end)
    at, unknown, them = quantity.end, 1, False
    places: list[Hit] = []
    stop = scene.sentence(quantity.start).stop
    for _ in range(_REACH):
        if at >= stop or scene.reading.words[at] in MARKS or at in numbered:
            break
        noun = _noun_at(scene, at)
        if noun:
            return _coordinated(scene, Noun(noun.target.partition(":")[2], noun.start, noun.end, tuple(places), them))
        if not places and _bounds(scene, at):
            break
        place, step = scene.place(at), scene.beginning(at, "skip", "them")
        if place:
            places.append(place)
            at = place.end
        elif step and (step.target != "skip:copula" or them or _opens(scene, quantity)):
            them = them or step.target == "them:of"
            at = step.end
        elif unknown and not places and _may_describe(scene, at):
            unknown -= 1
            at += 1
        else:
            break
    found = _unnamed(scene, quantity, places, them) or (None if unknown or them else _unknown(scene, quantity, at))
    return found or _no_noun(scene, quantity, at, them, at in numbered)


def _noun_at(scene: Scene, at: int) -> Hit | None:
    """Give the noun that begins at a token; those who suffered from the group are of no interest."""
    if scene.beginning(at, "victim"):
        return Hit("noun:other", at, at + 1)
    noun = scene.beginning(at, "noun")
    after = scene.beginning(noun.end, "noun") if noun else None
    return after if noun and after and _modifies(scene, noun, after) else noun


def _unnamed(scene: Scene, quantity: Quantity, places: Sequence[Hit], them: bool) -> Noun | None:
    """Let a people be a noun of itself ("seven Belgians"); another place behind a number is none of people."""
    if not places or places[0].start != quantity.end:
        return None
    people = places[0].kind == "people" or scene.word(places[0].start).endswith(tuple(words("demonyms")))
    if people or _arabic_people(scene, quantity):
        kind = "women" if scene.word(places[0].start).endswith(tuple(words("feminine"))) else PERSONS
        return Noun(kind, places[0].start, places[-1].end, tuple(places), them)
    return Noun("other", quantity.end, quantity.end + 1)  # "five Mehr operations"


def _unknown(scene: Scene, quantity: Quantity, at: int) -> Noun:
    """Make a noun of a word that is not known: townspeople by its ending, else nobody ("nine Christmases")."""
    word = scene.reading.words[at - 1]
    if word.endswith("innen") and word.istitle():
        return Noun("women", at - 1, at)
    town = word.endswith(tuple(words("demonyms"))) and (word.istitle() or not word.isascii())
    return Noun(PERSONS, at - 1, at) if town else Noun("other", quantity.end, quantity.end + 1)


def _coordinated(scene: Scene, noun: Noun) -> Noun:
    """Let "men, women and children" that are counted together be people."""
    if noun.kind not in HEADS:
        return noun
    end, kinds = noun.end, {noun.kind}
    while scene.word(end) in words("and") or scene.word(end) == ",":
        after = next((hit for hit in scene.begins.get(end + 1, ()) if hit.target.partition(":")[2] in HEADS), None)
        if after is None:
            break
        end = after.end
        kinds.add(after.target.partition(":")[2])
    return noun if len(kinds) == 1 else replace(noun, kind=PERSONS, end=end)


def _no_noun(scene: Scene, quantity: Quantity, at: int, them: bool, numbered: bool) -> Noun:
    """Say of a number without noun whether it is a part of what was named, or of what follows at ``at``."""
    them = them or scene.ending(quantity.begin, "them") is not None
    follows = numbered or scene.beginning(at, "mark") is not None or scene.word(at) == "those"
    return Noun("", quantity.end, at if them else quantity.end, (), them, at > quantity.end and follows)


def _opens(scene: Scene, quantity: Quantity) -> bool:
    """Does a number begin its sentence, or stand behind "of them" ("Six are minors", "of them six are minors")?"""
    begins = quantity.begin == scene.sentence(quantity.start).start
    return begins or scene.ending(quantity.begin, "them") is not None


def _bounds(scene: Scene, at: int) -> bool:
    return any(hit.target in BOUNDS and hit.end > at + 1 for hit in scene.begins.get(at, ()))


def _modifies(scene: Scene, noun: Hit, after: Hit) -> bool:
    """Is a noun an adjective to the next ("IS prisoners", "family members", "jihadist women")?"""
    first, second = noun.target.partition(":")[2], after.target.partition(":")[2]
    if second in {"other", "years"} or first in {"years", "countries"}:
        return second == "other" and first not in {"years", "other"} and scene.reading.folded[noun.end - 1][-1:] != "s"
    return first in {"fighters", "convictions", "returnees", PERSONS} or (first == "families" and second == PERSONS)


def _arabic_people(scene: Scene, quantity: Quantity) -> bool:
    """Is a name behind a number one of people, in the case that Arabic numbers ask for (29 ألبانيا)?"""
    return quantity.value > _FEW and scene.reading.words[quantity.end][-1:] == "ا"


def _may_describe(scene: Scene, at: int) -> bool:
    """May a word that is not known stand between a number and its noun, as an adjective does?"""
    word = scene.reading.words[at]
    if scene.beginning(at, "stop", "cue", "mark", "source", "month"):
        return False
    return len(word) > _SHORT or (word.isupper() and len(word) > 1)
