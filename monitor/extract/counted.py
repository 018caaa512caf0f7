"""What a quantity counts: by its noun, and for people who are only called people by what happened to them."""

from collections.abc import Sequence

from monitor.domain.facts import Counted
from monitor.extract.events import came_back, decided, happened
from monitor.extract.noun import HEADS, PERSONS, Noun
from monitor.extract.quantities import Quantity
from monitor.extract.scene import Scene, words
from monitor.extract.terms import is_term

_CLAUSE = 8  # words beside a count in which a "not" is said of it
_EVENTS = frozenset({"returnees", "fighters", "detainees", "convictions", "arrests", "deprivations", "deaths"})


def kind_of(scene: Scene, quantity: Quantity, noun: Noun, others: Sequence[Quantity]) -> Counted | None:
    """Say what a quantity counts, None where it is nothing that is looked for."""
    if noun.kind == "other":
        return None
    if noun.kind == "years":
        return Counted.YEARS if is_term(scene, quantity, noun) else None
    if noun.kind == "countries":
        return Counted.COUNTRIES if _is_origin(scene, quantity) else None
    if noun.kind in HEADS:
        return Counted(noun.kind)
    if noun.kind in {"fighters", "returnees"}:
        back = noun.kind == "fighters" and came_back(scene, quantity, noun)
        return Counted(decided(scene, quantity, noun) or ("returnees" if back else noun.kind))
    event = noun.kind if noun.kind in _EVENTS else ""
    event = event or decided(scene, quantity, noun) or happened(scene, quantity, noun, others)
    near = range(quantity.begin - _CLAUSE, noun.end + _CLAUSE)
    if event == "returnees" and noun.kind != "returnees" and any(scene.within(near, "negation")):
        return Counted.FIGHTERS  # those whom nobody brings home
    return Counted(event) if event else None


def _is_origin(scene: Scene, quantity: Quantity) -> bool:
    """Are the countries those of people who are spoken of?"""
    before = scene.word(quantity.begin - 1)
    if before in words("not_from"):
        return False
    people = (hit.target.partition(":")[2] for hit in scene.within(scene.sentence(quantity.start), "noun"))
    return any(kind in _EVENTS | HEADS | {PERSONS} for kind in people)
