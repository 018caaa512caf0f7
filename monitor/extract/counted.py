"""What a quantity counts: the noun of its phrase, and for people who are only called people what happened to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.domain.facts import Counted
from monitor.extract.gazetteer import Hit
from monitor.extract.quantities import BOUNDS, Quantity
from monitor.extract.reading import MARKS
from monitor.extract.scene import Scene, words

PERSONS = "persons"
_REACH = 7  # words after a number among which its noun may stand
_SHORT = 3  # an unknown word in small letters as short as this is a preposition, a pronoun, or the like
_FAR = 22  # words within which what happened must stand
_HEADS = frozenset({"women", "children", "men", "families"})
_WEIGHTY = frozenset({"deprivations", "convictions", "arrests", "deaths"})
_BARE = 6  # words between a number without noun and what happened
_BEFORE = 5  # what stands before a number without noun belongs to it less than what stands after it, by so many words
_DECIDED = frozenset({"arrests", "convictions", "deaths", "deprivations"})
_EVENTS = frozenset({"returnees", "fighters", "detainees", "convictions", "arrests", "deprivations", "deaths"})
_IMPRISONED = 14  # words within which a term of years must have its prison
_FEW = 10  # up to which Arabic numbers have their noun in the plural
_OTHERWISE = 4  # words after years, and half as many before, within which something else makes them no term
_LEAST = 7  # words from "minimum sentence" to years that are one
_SENT = ("deport", "expel", "expuls", "abgeschob", "schiebt", "schob", "депорт", "رحل", "ترحيل", "uitgezet")
_PENALTY = {",": 2, "،": 2, ";": 9, "؛": 9, ":": 3, "(": 3, ")": 3}


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
    surface = scene.reading.words
    for _ in range(_REACH):
        if at >= len(surface) or surface[at] in MARKS or at in numbered:
            break
        noun = scene.beginning(at, "noun")
        after = scene.beginning(noun.end, "noun") if noun else None
        if noun and after and _modifies(scene, noun, after):
            noun = after
        if not noun and places == [] and _bounds(scene, at):
            break
        if noun:
            return _coordinated(scene, Noun(noun.target.partition(":")[2], noun.start, noun.end, tuple(places), them))
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
    if places and places[0].start == quantity.end and (places[0].kind == "people" or _arabic_people(scene, quantity)):
        return Noun(PERSONS, places[0].start, places[-1].end, tuple(places), them)
    if not unknown and not them:
        return Noun("other", quantity.end, quantity.end + 1)  # "nine Christmases": a noun that is not known
    return _no_noun(scene, quantity, at, them, at in numbered)


def _coordinated(scene: Scene, noun: Noun) -> Noun:
    """Let "men, women and children" that are counted together be people."""
    if noun.kind not in _HEADS:
        return noun
    end, kinds = noun.end, {noun.kind}
    while scene.word(end) in words("and") or scene.word(end) == ",":
        after = next((hit for hit in scene.begins.get(end + 1, ()) if hit.target.partition(":")[2] in _HEADS), None)
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
    return first in {"fighters", "other", "convictions", "returnees", PERSONS} or (
        first == "families" and second == PERSONS
    )


def _arabic_people(scene: Scene, quantity: Quantity) -> bool:
    """Is a name behind a number one of people, in the case that Arabic numbers ask for (29 ألبانيا)?"""
    return quantity.value > _FEW and scene.reading.words[quantity.end][-1:] == "ا"


def _may_describe(scene: Scene, at: int) -> bool:
    """May a word that is not known stand between a number and its noun, as an adjective does?"""
    word = scene.reading.words[at]
    if scene.beginning(at, "stop", "cue", "mark", "source", "month"):
        return False
    return len(word) > _SHORT or (word.isupper() and len(word) > 1)


def kind_of(scene: Scene, quantity: Quantity, noun: Noun, others: Sequence[Quantity]) -> Counted | None:
    """Say what a quantity counts, None where it is nothing that is looked for."""
    if noun.kind == "other":
        return None
    if noun.kind == "years":
        return Counted.YEARS if _is_term(scene, quantity, noun) else None
    if noun.kind == "countries":
        return Counted.COUNTRIES if _is_origin(scene, quantity) else None
    if noun.kind in _HEADS:
        return Counted(noun.kind)
    if noun.kind in {"fighters", "returnees"}:
        back = noun.kind == "fighters" and _came_back(scene, quantity, noun)
        return Counted(_decided(scene, quantity, noun) or ("returnees" if back else noun.kind))
    event = noun.kind if noun.kind in _EVENTS else happened(scene, quantity, noun, others)
    return Counted(event) if event else None


def _came_back(scene: Scene, quantity: Quantity, noun: Noun) -> bool:
    """Are fighters counted as those who came back or were sent back?"""
    for hit in scene.within(range(max(0, quantity.begin - 3), noun.end + 3), "cue"):
        if hit.target != "cue:returnees":
            continue
        if hit.end <= quantity.begin:
            if scene.reading.folded[hit.start].startswith(_SENT):
                return True
        elif hit.start >= noun.end and not scene.marks(noun.end, hit.start):
            return True
    return False


def _decided(scene: Scene, quantity: Quantity, noun: Noun) -> str:
    """Find what directly happens to fighters or returnees by which they count: arrest, sentence, death."""
    for hit in scene.within(
        range(max(0, quantity.begin - 4), min(scene.sentence(quantity.start).stop, noun.end + _FAR)), "cue"
    ):
        event = _event(scene, hit)
        if event not in _DECIDED:
            continue
        room = 3 if event == "deprivations" else 1
        if hit.end <= quantity.begin <= hit.end + room and not scene.marks(hit.end, quantity.begin):
            return event
        room = _FAR if scene.word(quantity.end) in words("of") else 2
        if hit.start >= noun.end and hit.start - noun.end <= room and not scene.marks(noun.end, hit.start):
            return event
    return ""


def happened(scene: Scene, quantity: Quantity, noun: Noun, others: Sequence[Quantity]) -> str:
    """Say what happened to the people of a quantity, by the nearest cue of its sentence; "" where nothing did.

    Of "30 of the 400 who left have come back" the last cue of the clause is what happened to the 30.
    """
    best, least = "", float(_FAR)
    for hit in scene.within(scene.sentence(quantity.start), "cue"):
        event, after = _event(scene, hit), hit.start >= noun.end
        if not event or (not after and hit.end > quantity.begin):
            continue
        left, right = (noun.end, hit.start) if after else (hit.end, quantity.begin)
        marks = scene.marks(left, right)
        if noun.part and after and not marks:
            best, least = event, 0.0
            continue
        far = right - left + sum(_PENALTY.get(mark, 1) for mark in marks)
        far += 3 * any(left <= other.start < right for other in others)
        if not noun.kind and far > _BARE:
            continue
        far += 0 if after else 1 if noun.kind else _BEFORE
        weighed = far - (1.5 if event in _WEIGHTY else 0)
        if weighed < least:
            best, least = event, weighed
    return best


def _event(scene: Scene, cue: Hit) -> str:
    """Say what a cue tells of people; a nationality is one that is lost, where the sentence speaks of loss."""
    event = cue.target.partition(":")[2]
    if event != "nationality":
        return event
    return "deprivations" if any(scene.within(scene.sentence(cue.start), "loss")) else ""


def _is_origin(scene: Scene, quantity: Quantity) -> bool:
    """Are the countries those of people who are spoken of?"""
    before = scene.word(quantity.begin - 1)
    if before in words("not_from"):
        return False
    people = (hit.target.partition(":")[2] for hit in scene.within(scene.sentence(quantity.start), "noun"))
    return any(kind in _EVENTS | _HEADS | {PERSONS} for kind in people)


def _is_term(scene: Scene, quantity: Quantity, noun: Noun) -> bool:
    """Is a number of years one of prison? What a law has as the least is none."""
    sentence = scene.sentence(quantity.start)
    gaps: dict[str, list[int]] = {"prison": [], "not": [], "least": []}
    for hit in scene.within(sentence, "term"):
        gap, what = _distance(hit, quantity.begin, noun.end), hit.target.partition(":")[2]
        aside = what == "not" and gap > (_OTHERWISE if hit.start >= noun.end else _OTHERWISE // 2)
        if what in gaps and not aside:
            gaps[what].append(gap)
    if min(gaps["least"], default=_LEAST) < _LEAST or _is_age(scene, quantity):
        return False
    if sentence.start == 0 and not gaps["not"] and scene.word(noun.end) in words("against"):
        return True
    far, near = min(gaps["prison"], default=_FAR), min(gaps["not"], default=_FAR)
    return far <= _IMPRISONED and far < near


def _is_age(scene: Scene, quantity: Quantity) -> bool:
    """Is it "a man of 36 years"?"""
    at = quantity.begin
    if not at or scene.reading.folded[at - 1] not in {"de", "of", "von", "van", "d"}:
        return False
    person = scene.ending(at - 1, "noun")
    return person is not None and person.target.partition(":")[2] in _HEADS | {PERSONS}


def _distance(hit: Hit, start: int, end: int) -> int:
    return hit.start - end if hit.start >= end else max(0, start - hit.end)
