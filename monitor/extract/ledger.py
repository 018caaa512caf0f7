"""The figures ledger: who counted what when. The same count of several entries stands in it once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from monitor.domain.facts import Counted, Figure
from monitor.domain.figures import both_true, ratio
from monitor.domain.telling import Attested, ToldFigure

_TELLING = 100  # smaller numbers are equal by chance
_SCALE = 2  # of two numbers further apart than this by their ratio, one most likely counts something else


@dataclass(frozen=True, slots=True)
class Count(Attested):
    """A figure with all that its entries say of it together; ``told`` are they, the earliest first.

    ``otherwise`` are figures of other entries of the same story that count the same and cannot be true as well.
    """

    figure: Figure
    told: tuple[ToldFigure, ...]
    otherwise: tuple[ToldFigure, ...] = ()


@dataclass(slots=True)
class _Group:
    figure: Figure
    told: list[ToldFigure] = field(default_factory=list)
    stories: set[int] = field(default_factory=set)

    def add(self, one: ToldFigure) -> None:
        self.figure = _merged(self.figure, one.fact)
        self.told.append(one)
        self.stories.add(one.by.story_id)


@dataclass(slots=True)
class _Alike:
    """Groups of one number of one kind, found by their story or, of any story, because they say who counted."""

    made: list[_Group] = field(default_factory=list)
    of_story: dict[int, list[_Group]] = field(default_factory=lambda: defaultdict(list))
    with_body: list[_Group] = field(default_factory=list)

    def add(self, one: ToldFigure) -> None:
        near = chain(self.of_story[one.by.story_id], self.with_body if one.fact.by else ())
        mine = next((group for group in near if _same(group, one)), None)
        bodiless = mine is None or not mine.figure.by
        if mine is None:
            mine = _Group(one.fact)
            self.made.append(mine)
        if one.by.story_id not in mine.stories:
            self.of_story[one.by.story_id].append(mine)
        mine.add(one)
        if bodiless and mine.figure.by:
            self.with_body.append(mine)


def counts(told: Iterable[ToldFigure]) -> list[Count]:
    """Group what entries count, the newest first by when a count was told first.

    Two figures are the same where their numbers are, and nothing that one says (from, to, as of, by whom) goes against
    the other: within a story, and across stories only where the same body is named, and the time or a number of at
    least 100 is the same too.
    """
    alike: dict[object, _Alike] = defaultdict(_Alike)
    for one in sorted(told, key=lambda told: (-_said(told.fact), told.by.told_at, told.by.id)):
        alike[one.fact.of, one.fact.low, one.fact.high].add(one)
    made = [group for groups in alike.values() for group in groups.made]
    by_story: dict[tuple[int, Counted], list[_Group]] = defaultdict(list)
    for group in made:
        for story in group.stories:
            by_story[story, group.figure.of].append(group)
    counted = [_count(group, by_story) for group in made]
    return sorted(counted, key=lambda count: (count.first, count.lead.story_id), reverse=True)


def _count(group: _Group, by_story: dict[tuple[int, Counted], list[_Group]]) -> Count:
    others = {id(other): other for story in group.stories for other in by_story[story, group.figure.of]}
    return Count(
        group.figure,
        tuple(_once(group.told)),
        tuple(_once(told for other in others.values() if _against(group, other) for told in _shared(other, group))),
    )


def _once(told: Iterable[ToldFigure]) -> Iterator[ToldFigure]:
    """Each entry once, the earliest first."""
    seen: set[int] = set()
    for one in sorted(told, key=lambda told: (told.by.told_at, told.by.id)):
        if one.by.id not in seen:
            seen.add(one.by.id)
            yield one


def _shared(other: _Group, group: _Group) -> Sequence[ToldFigure]:
    return [told for told in other.told if told.by.story_id in group.stories]


def _said(figure: Figure) -> int:
    """How much a figure says beside its number: what says most begins a group, so that the others find their place."""
    return sum(map(bool, (figure.origin, figure.to, figure.as_of, figure.by)))


def _same(group: _Group, one: ToldFigure) -> bool:
    mine, other = group.figure, one.fact
    if not _agree(mine, other):
        return False
    if one.by.story_id in group.stories:
        return True
    timed = bool(mine.as_of and other.as_of)
    return bool(mine.by and other.by) and (timed or max(other.low or 0, other.high or 0) >= _TELLING)


def _agree(one: Figure, other: Figure) -> bool:
    """Does nothing that the one says go against the other? What is not said goes with everything."""
    return (
        (not one.origin or not other.origin or set(one.origin) == set(other.origin))
        and (one.to is None or other.to is None or one.to == other.to)
        and _fits(one.as_of, other.as_of)
        and _fits(one.by, other.by)
    )


def _fits(one: str, other: str) -> bool:
    """One way to say it may be part of the other: "2017" of "October 2017", "Soufan Center" of "the Soufan Center"."""
    short, long = sorted((one.casefold().strip(), other.casefold().strip()), key=len)
    return short in long


def _merged(one: Figure, other: Figure) -> Figure:
    return replace(
        one,
        approximate=one.approximate and other.approximate,
        origin=one.origin or other.origin,
        to=one.to or other.to,
        as_of=max(one.as_of, other.as_of, key=len),
        by=max(one.by, other.by, key=len),
    )


def _against(group: _Group, other: _Group) -> bool:
    """Is the other another number for the same people, by entries that do not give both?"""
    one, two = group.figure, other.figure
    if group is other or (one.origin, one.to) != (two.origin, two.to) or not _fits(one.as_of, two.as_of):
        return False
    if {told.by.id for told in group.told} & {told.by.id for told in other.told}:
        return False
    return not both_true(one, two) and ratio(one, two) <= _SCALE
