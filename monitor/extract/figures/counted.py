"""What a quantity counts: by its noun, and for people who are only called people by what happened to them."""

from collections.abc import Sequence

from monitor.domain.facts import Counted
from monitor.extract.figures.events import came_back, decided, happened
from monitor.extract.figures.noun import HEADS, PERSONS, Noun
from monitor.extract.figures.quantities import Quantity
from monitor.extract.figures.scene import Scene, words
from monitor.extract.figures.terms import is_term

_CLAUSE = 8  # words beside a count in which a "not" is said of it
_EVENTS = frozenset({"returnees", "fighters", "detainees", "convictions", "arrests", "deprivations", "deaths"})


def kind_of(scene: Scene, quantity: Quantity, noun: Noun, others: Sequence[Quantity]) -> Counted | None:
    """Say what a quantity counts, None where it is nothing that is looked for."""
    if noun.kind == "years":
        return Counted.YEARS if is_term(scene, quantity, noun) else None
    if noun.kind == "countries":
        return Counted.COUNTRIES if _is_origin(scene, quantity) else None
    kind = "" if noun.kind == "other" else noun.kind if noun.kind in HEADS else _event_of(scene, quantity, noun, others)
    return Counted(kind) if kind else None


def _event_of(scene: Scene, quantity: Quantity, noun: Noun, others: Sequence[Quantity]) -> str:
    """Say what happened to people by which they count, "" where nothing did."""
    if noun.kind in {"fighters", "returnees"}:
        back = noun.kind == "fighters" and came_back(scene, quantity, noun)
        return decided(scene, quantity, noun) or ("returnees" if back else noun.kind)
    event = decided(scene, quantity, noun)
    if noun.kind in _EVENTS:
        return event if event == "deprivations" else noun.kind
    event = event or happened(scene, quantity, noun, others)
    near = range(quantity.begin - _CLAUSE, noun.end + _CLAUSE)
    if event == "returnees" and any(scene.within(near, "negation")):
        return "fighters"  # those whom nobody brings home
    return event or (_told(scene) if noun.kind == PERSONS else "")


def _told(scene: Scene) -> str:
    """Say what people are who are only called people: what the title tells of, that they came back before all."""
    title = scene.reading.sentences[0]
    told = {hit.target.partition(":")[2] for hit in scene.within(title, "cue", "noun")}
    return next((kind for kind in ("returnees", "detainees", "fighters") if kind in told), "")


def _is_origin(scene: Scene, quantity: Quantity) -> bool:
    """Are the countries those of people who are spoken of?"""
    before = scene.word(quantity.begin - 1)
    if before in words("not_from"):
        return False
    title = scene.reading.sentences[0]
    people = [*scene.within(scene.sentence(quantity.start), "noun"), *scene.within(title, "noun")]
    return any(hit.target.partition(":")[2] in _EVENTS | HEADS | {PERSONS} for hit in people)
