"""What a number without a noun counts: by what was counted or named before it, and by what happened."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain.facts import Counted
from monitor.extract.figures.counted import kind_of
from monitor.extract.figures.events import decided, happened
from monitor.extract.figures.noun import CASES, HEADS, PERSONS, Noun
from monitor.extract.figures.numbers import look_up
from monitor.extract.figures.quantities import Quantity
from monitor.extract.figures.scene import Scene, words

NOBODY = frozenset({Counted.YEARS, Counted.COUNTRIES})
"""What is counted that is nobody."""
_PARTED = frozenset({Counted.ARRESTS, Counted.DEPRIVATIONS, Counted.CONVICTIONS})
_PEOPLE = HEADS | {"fighters", "returnees", "detainees"}
_PARTICLE = 4  # letters of an Arabic particle with "and" before it
_LOOKED = 30  # words before a number within which people were named
_LIFE = 100
_NEAR = 5  # words before a number among which those may be named whose part it is
_LONGEST_TERM = 40  # years


@dataclass(frozen=True, slots=True)
class Count:
    """A quantity with its noun and what it counts; ``title``: it stands in the title."""

    quantity: Quantity
    noun: Noun
    kind: Counted
    title: bool = False

    @property
    def named(self) -> bool:
        """Does the noun itself say what is counted?"""
        return self.noun.kind == self.kind.value


def kind_of_bare(
    here: Scene, counts: Sequence[Count], quantity: Quantity, noun: Noun, others: Sequence[Quantity]
) -> Counted | None:
    """Say what a number without a noun counts, None where it is nothing that is looked for."""
    if noun.kind == CASES:
        return _case(here, counts, quantity, noun, others)
    if _is_parent(here, quantity.begin):
        return Counted.CHILDREN
    if _is_age(here, quantity):
        return None
    if counts and counts[-1].kind is Counted.YEARS and _instead(here, quantity, counts[-1]):
        return Counted.YEARS
    return (
        _of_those(here, quantity)
        or _of_named(here, quantity)
        or _part(here, counts, quantity, noun)
        or kind_of(here, quantity, noun, others)
        or _elliptic(here, counts, quantity, noun)
    )


def _case(
    here: Scene, counts: Sequence[Count], quantity: Quantity, noun: Noun, others: Sequence[Quantity]
) -> Counted | None:
    """Say what cases are of: what their sentence tells, else what was counted before, where the law did it."""
    told = decided(here, quantity, noun) or happened(here, quantity, noun, others)
    kind = Counted(told) if told else counts[-1].kind if counts else None
    return kind if kind in _PARTED else None


def _of_named(here: Scene, quantity: Quantity) -> Counted | None:
    """Say of whom a number is in "of the women, 18 were tried"."""
    start = here.sentence(quantity.start).start
    named = list(here.within(range(max(start, quantity.begin - _NEAR), quantity.begin), "noun"))
    if not named or named[-1].target.partition(":")[2] not in HEADS:
        return None
    before = range(max(start, named[-1].start - 2), named[-1].start)
    parted = any(here.word(at) in words("of") for at in before)
    return Counted(named[-1].target.partition(":")[2]) if parted and not _counted(here, named[-1].start) else None


def _counted(here: Scene, at: int) -> bool:
    return any(look_up(here.word(place)) for place in range(max(0, at - 2), at))


def _instead(here: Scene, quantity: Quantity, last: Count) -> bool:
    """Is it "25 years, up from ten"?"""
    near = here.word(quantity.begin - 1) in words("instead") and quantity.value <= _LONGEST_TERM
    return near and here.reading.sentence(quantity.start) == here.reading.sentence(last.quantity.start)


def _is_parent(here: Scene, at: int) -> bool:
    """Is it "mother of three"?"""
    return here.word(at - 1) in words("parent") or (
        here.word(at - 1) in words("of") and here.word(at - 2) in words("parent")
    )


def _is_age(here: Scene, quantity: Quantity) -> bool:
    """Is a bare number an age ("at 19", "nationals over 16", "the brothers of five and seven", "a los veinte")?"""
    at = quantity.begin
    if quantity.value >= _LIFE:
        return False
    before = here.word(at - 1)
    if before in words("aged") or (before == "los" and here.word(at - 2) == "a"):
        return True
    if _person(here, at):
        return True
    return before in words("of") and _person(here, at - 1) and not here.ending(at, "them")


def _person(here: Scene, at: int) -> bool:
    noun = here.ending(at, "noun")
    return noun is not None and noun.target.partition(":")[2] in _PEOPLE | {PERSONS}


def _of_those(here: Scene, quantity: Quantity) -> Counted | None:
    """Say of what kind the others are in "the woman, one of six"."""
    at = quantity.begin
    of = here.word(at - 2) in words("one") and here.word(at - 1) in words("of")
    return _last_named(here, at) if of else None


def _part(here: Scene, counts: Sequence[Count], quantity: Quantity, noun: Noun) -> Counted | None:
    """Say of a bare number that it counts women, if only women were counted before it in its sentence ("four others").

    Behind "of them" those of the sentence before count too. As with children, men, and families.
    """
    if not counts or counts[-1].kind.value not in HEADS:
        return None
    at, last = here.reading.sentence(quantity.start), here.reading.sentence(counts[-1].quantity.start)
    if at - last > bool(noun.them):
        return None
    kinds = {count.kind for count in counts if here.reading.sentence(count.quantity.start) == last}
    return counts[-1].kind if len(kinds - NOBODY) == 1 else None


def _elliptic(here: Scene, counts: Sequence[Count], quantity: Quantity, noun: Noun) -> Counted | None:
    """Say what a bare number counts by what was counted before it ("and seven in Lyon", "from six years to four")."""
    if not counts:
        return _last_named(here, quantity.begin) if noun.them else None
    last = counts[-1]
    apart = here.reading.sentence(quantity.start) - here.reading.sentence(last.quantity.start)
    if last.kind is Counted.YEARS:
        prison = any(hit.target == "term:prison" for hit in here.within(here.sentence(quantity.start), "term"))
        return Counted.YEARS if apart <= 1 and prison and quantity.value <= _LONGEST_TERM else None
    if noun.them and apart <= 1:
        return last.kind
    coordinated = _joined(here, quantity.begin)
    if apart == 0 and coordinated:
        return last.kind
    first = quantity.begin == here.sentence(quantity.start).start
    return last.kind if apart == 1 and first and last.kind in _PARTED and quantity.value < last.quantity.value else None


def _joined(here: Scene, at: int) -> bool:
    before = here.word(at - 1)
    arabic = here.word(at).startswith("و") or (before.startswith("و") and len(before) <= _PARTICLE)
    return before == "," or before in words("and") or before in words("with") or arabic


def _last_named(here: Scene, at: int) -> Counted | None:
    """Give the kind of people that was named last before a token."""
    named = [hit.target.partition(":")[2] for hit in here.within(range(max(0, at - _LOOKED), at), "noun")]
    kinds = [name for name in named if name in _PEOPLE]
    return Counted(kinds[-1]) if kinds else None
