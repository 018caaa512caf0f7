"""How many of whom: the counts of people who joined armed groups that an entry gives, in seven languages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.domain.facts import Counted, Figure, Place
from monitor.extract.counted import Noun, kind_of, noun_of, term_bound
from monitor.extract.gazetteer import Hit
from monitor.extract.mentions import Mention, Named
from monitor.extract.numbers import numbers
from monitor.extract.origins import destination_of, home_of, origin_of
from monitor.extract.quantities import YEARS, Quantity, quantities
from monitor.extract.reading import Reading
from monitor.extract.scene import Scene, scene, words
from monitor.extract.sources import source_of, title_source, year_of, year_of_all

_FIELDS = frozenset({"SY", "IQ", "LY", "AF", "SO"})
_HEADS = frozenset({Counted.WOMEN, Counted.CHILDREN, Counted.MEN, Counted.FAMILIES})
_PARTED = frozenset({Counted.ARRESTS, Counted.DEPRIVATIONS, Counted.CONVICTIONS})
_RANKS = {
    Counted.WOMEN: 9, Counted.CHILDREN: 9, Counted.MEN: 6, Counted.FAMILIES: 9, Counted.DEPRIVATIONS: 12,
    Counted.ARRESTS: 10, Counted.CONVICTIONS: 8, Counted.DEATHS: 8, Counted.RETURNEES: 4, Counted.FIGHTERS: 4,
    Counted.DETAINEES: 3,
}  # fmt: skip
"""Which kind counts where two mentions of one count differ."""
_WEAK = frozenset(
    {"cue:returnees", "cue:fighters", "noun:fighters", "noun:returnees", "cue:deprivations", "cue:nationality"}
)
_STATED = frozenset(
    {
        Counted.FIGHTERS,
        Counted.RETURNEES,
        Counted.DEATHS,
        Counted.DETAINEES,
        Counted.COUNTRIES,
        Counted.DEPRIVATIONS,
        Counted.CONVICTIONS,
        Counted.ARRESTS,
    }
)


@dataclass(frozen=True, slots=True)
class _Count:
    quantity: Quantity
    noun: Noun
    kind: Counted
    title: bool = False

    @property
    def named(self) -> bool:
        """Does the noun itself say what is counted?"""
        return self.noun.kind == self.kind.value


def figures(reading: Reading, places: Sequence[Place], named: Named) -> tuple[Figure, ...]:
    """List the counts that concern people who joined, each once, in the order of the text.

    ``places`` are the countries of the same reading. Halves of years are rounded to a range ("six and a half years").
    """
    found = numbers(reading)
    if all(number.plain and number.value in YEARS for number in found):
        return ()  # most entries; what follows takes ten times as long
    here = scene(reading)
    if not _ours(here, {place.country for place in places}):
        return ()
    here = replace(here, places=_named(named.mentions, places))
    counts = _counts(here, quantities(here, found), frozenset(number.start for number in found))
    home = home_of(here, places)
    made = [_figure(here, count, home) for count in counts]
    return _once(counts, _completed(here, counts, made))


def _named(mentions: Sequence[Mention], places: Sequence[Place]) -> list[Hit]:
    """Find where a reading names its places."""
    codes = {place.country for place in places}
    return [Hit(here.country, here.start, here.end, here.kind) for here in mentions if here.country in codes]


def _ours(here: Scene, countries: set[str]) -> bool:
    """Is the entry about people who joined armed groups, rather than refugees or another war?"""
    said = {hit.target for hit in here.cues}
    if "subject:strong" in said:
        return True
    if "subject:other" in said or "UA" in countries:
        return False
    return not _WEAK.isdisjoint(said) or not _FIELDS.isdisjoint(countries)


def _counts(here: Scene, found: Sequence[Quantity], numbered: frozenset[int]) -> list[_Count]:
    counts: list[_Count] = []
    nouns = [noun_of(here, quantity, numbered) for quantity in found]
    for at, quantity in enumerate(found):
        noun = _shared(quantity, nouns[at], found[at + 1 : at + 2], nouns[at + 1 : at + 2])
        kind = _of_those(here, quantity, noun) or kind_of(here, quantity, noun, found)
        if kind is None and not noun.kind:
            kind = _elliptic(here, counts, quantity, noun)
        if kind:
            title = here.reading.sentence(quantity.start) == 0
            counts += _mother(here, quantity, kind, title, numbered)
            counts += [_Count(each, noun, kind, title) for each in _terms(here, quantity, kind)]
    return counts


def _shared(quantity: Quantity, noun: Noun, after: Sequence[Quantity], nouns: Sequence[Noun]) -> Noun:
    """Let "from five to eight years" be years twice."""
    if noun.kind or not after or nouns[0].kind != "years" or after[0].start - quantity.end > 2:
        return noun
    return replace(noun, kind="years")


def _mother(here: Scene, quantity: Quantity, kind: Counted, title: bool, numbered: frozenset[int]) -> list[_Count]:
    """Count the one in "a woman and her two children"."""
    at = quantity.begin - 1
    if kind is not Counted.CHILDREN:
        return []
    at -= here.word(at) not in words("and") and here.word(at - 1) in words("and")
    person = here.ending(at, "noun")
    if here.word(at) not in words("and") or not person or person.target not in {"noun:women", "noun:men"}:
        return []
    before = range(max(0, person.start - 2), person.start)
    if not numbered.isdisjoint(before) or not any(
        here.word(place) in words("one") or here.word(place) in {"a", "an", "einen"} for place in before
    ):
        return []
    one = Quantity(person.start, person.start, person.end, 1, 1, False)
    name = person.target.partition(":")[2]
    return [_Count(one, Noun(name, person.start, person.end), Counted(name), title)]


def _of_those(here: Scene, quantity: Quantity, noun: Noun) -> Counted | None:
    """Say of what kind the others are in "the woman, one of six"."""
    at = quantity.begin
    of = here.word(at - 2) in words("one") and here.word(at - 1) in words("of")
    return _last_named(here, at) if of and not noun.kind else None


def _elliptic(here: Scene, counts: Sequence[_Count], quantity: Quantity, noun: Noun) -> Counted | None:
    """Say what a bare number counts by what was counted before it ("and seven in Lyon", "from six years to four")."""
    if not counts:
        return _last_named(here, quantity.begin) if noun.them else None
    last = counts[-1]
    apart = here.reading.sentence(quantity.start) - here.reading.sentence(last.quantity.start)
    if last.kind is Counted.YEARS:
        prison = any(hit.target == "term:prison" for hit in here.within(here.sentence(quantity.start), "term"))
        return Counted.YEARS if apart <= 1 and prison and quantity.value <= 40 else None
    if noun.them and apart <= 1:
        return last.kind
    coordinated = _joined(here, quantity.begin)
    if apart == 0 and coordinated:
        return last.kind
    first = quantity.begin == here.sentence(quantity.start).start
    return last.kind if apart == 1 and first and last.kind in _PARTED and quantity.value < last.quantity.value else None


def _joined(here: Scene, at: int) -> bool:
    before = here.word(at - 1)
    return before == "," or before in words("and") or before in words("with")


def _last_named(here: Scene, at: int) -> Counted | None:
    """Give the kind of people that was named last before a token."""
    named = [hit.target.partition(":")[2] for hit in here.within(range(max(0, at - 30), at), "noun")]
    kinds = [name for name in named if name in {"women", "children", "men", "families"}]
    return Counted(kinds[-1]) if kinds else None


def _terms(here: Scene, quantity: Quantity, kind: Counted) -> list[Quantity]:
    """Bound a term of years by what the law says of it, and part a change from one term to another."""
    if kind is not Counted.YEARS:
        return [quantity]
    changed = any(hit.target == "term:change" for hit in here.within(here.sentence(quantity.start), "term"))
    if changed and quantity.low is not None and quantity.high is not None and quantity.low < quantity.high:
        parts = (replace(quantity, low=end, high=end, approximate=False) for end in (quantity.low, quantity.high))
        return [_term(here, part) for part in parts]
    return [_term(here, quantity)]


def _term(here: Scene, quantity: Quantity) -> Quantity:
    bound = "" if quantity.approximate else term_bound(here, quantity)
    if bound == "most":
        return replace(quantity, low=None, approximate=True)
    return replace(quantity, high=None, approximate=True) if bound == "least" else quantity


def _figure(here: Scene, count: _Count, home: str) -> Figure:
    quantity, noun, kind = count.quantity, count.noun, count.kind
    sentence = here.sentence(quantity.start)
    low = None if quantity.low is None else math.floor(quantity.low)
    high = None if quantity.high is None else math.ceil(quantity.high)
    origin = () if kind in {Counted.YEARS, Counted.COUNTRIES} else origin_of(here, quantity, noun, kind, home)
    return Figure(
        low,
        high,
        quantity.approximate or low != quantity.low or high != quantity.high,
        kind,
        origin,
        destination_of(here, quantity, noun, kind, origin, home),
        year_of(here, sentence, (kind,)),
        source_of(here, sentence) if kind in _STATED else "",
        here.reading.surface(quantity.begin, max(noun.end, quantity.end)),
    )


def _completed(here: Scene, counts: Sequence[_Count], made: Sequence[Figure]) -> list[Figure]:
    """Let a part have what was said of the whole before it: origin, year, and who counted."""
    done: list[Figure] = []
    stated, year = title_source(here), year_of_all(here)
    for at, (count, figure) in enumerate(zip(counts, made, strict=True)):
        if figure.of is Counted.YEARS:
            done.append(figure)
            continue
        before = done[-1] if done and done[-1].of not in {Counted.YEARS, Counted.COUNTRIES} else None
        origin, by = figure.origin, figure.by
        if before and (count.noun.them or not count.noun.kind or _together(here, counts[at - 1], count)):
            origin, by = origin or before.origin, by or before.by
        done.append(replace(figure, origin=origin, as_of=figure.as_of or year, by=by or stated))
    return done


def _together(here: Scene, count: _Count, other: _Count) -> bool:
    return here.reading.sentence(count.quantity.start) == here.reading.sentence(other.quantity.start)


def _once(counts: Sequence[_Count], made: Sequence[Figure]) -> tuple[Figure, ...]:
    """Keep each count once, with all that any mention of it says.

    Where a count is said twice, its plainer kind and its bound count: "six returnees" who are tried are on trial.
    """
    kept: list[tuple[_Count, Figure]] = []
    for count, figure in zip(counts, made, strict=True):
        place = next((at for at, (other, _) in enumerate(kept) if _same(count, other)), None)
        if place is None:
            kept.append((count, figure))
        else:
            kept[place] = _merged(kept[place], (count, figure))
    return tuple(figure for _, figure in kept)


def _same(count: _Count, other: _Count) -> bool:
    """Are two counts one that is said twice? Small numbers only where one is in the title, or the kind is the same."""
    if Counted.YEARS in {count.kind, other.kind} or Counted.COUNTRIES in {count.kind, other.kind}:
        return (
            count.kind is other.kind
            and count.quantity.low == other.quantity.low
            and count.quantity.high == other.quantity.high
        )
    if count.quantity.value != other.quantity.value or count.quantity.of != other.quantity.of:
        return False
    if count.kind is other.kind:
        return True
    return not {count.kind, other.kind} <= _HEADS and (other.title or count.quantity.value > 20)


def _merged(first: tuple[_Count, Figure], second: tuple[_Count, Figure]) -> tuple[_Count, Figure]:
    best = max(first, second, key=lambda pair: (_RANKS.get(pair[0].kind, 0) + 2 * pair[0].named,))
    bound = next((pair for pair in (first, second) if pair[1].approximate), first)
    one, two = first[1], second[1]
    return best[0], replace(
        best[1],
        low=bound[1].low,
        high=bound[1].high,
        approximate=bound[1].approximate,
        origin=one.origin or two.origin,
        to=one.to or two.to,
        as_of=one.as_of or two.as_of,
        by=(two.by or one.by) if first[0].title else (one.by or two.by),
    )
