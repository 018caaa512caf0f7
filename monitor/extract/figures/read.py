"""How many of whom: the counts of people who joined armed groups that an entry gives, in seven languages."""

import math
from collections.abc import Sequence
from dataclasses import replace

from monitor.domain.facts import Counted, Figure, Place
from monitor.extract.figures.bare import NOBODY, Count, kind_of_bare
from monitor.extract.figures.counted import kind_of
from monitor.extract.figures.dates import year_of, year_of_all
from monitor.extract.figures.moves import destination_of
from monitor.extract.figures.noun import CASES, Noun, noun_of
from monitor.extract.figures.numbers import Number, numbers
from monitor.extract.figures.origins import homes_of, origin_of
from monitor.extract.figures.quantities import Quantity, quantities
from monitor.extract.figures.scene import Scene, scene
from monitor.extract.figures.sources import source_of
from monitor.extract.figures.travellers import about_travellers
from monitor.extract.figures.uncounted import YEARS
from monitor.extract.gazetteer import Hit
from monitor.extract.mentions import BODY, Named
from monitor.extract.names.institutions import institutions
from monitor.extract.reading import Reading

_HEADS = frozenset({Counted.WOMEN, Counted.CHILDREN, Counted.MEN, Counted.FAMILIES})
_RANKS = {
    Counted.WOMEN: 20, Counted.CHILDREN: 20, Counted.MEN: 20, Counted.FAMILIES: 20, Counted.DEPRIVATIONS: 12,
    Counted.ARRESTS: 10, Counted.CONVICTIONS: 11, Counted.DEATHS: 8, Counted.RETURNEES: 4, Counted.FIGHTERS: 4,
    Counted.DETAINEES: 7,
}  # fmt: skip
"""Which kind counts where two mentions of one count differ."""


def figures(reading: Reading, places: Sequence[Place], named: Named) -> tuple[Figure, ...]:
    """List the counts that concern people who joined, each once, in the order of the text.

    ``places`` are the countries of the same reading. Halves of years are rounded to a range ("six and a half years").
    """
    found = numbers(reading)
    if all(number.plain and number.value in YEARS for number in found):
        return ()  # most entries; what follows takes ten times as long
    here = scene(reading)
    if not about_travellers(reading, here.cues, [place.country for place in places]):
        return ()
    return _all(here, found, places, named)


def counts_of(reading: Reading, places: Sequence[Place], named: Named) -> tuple[Figure, ...]:
    """List the counts of people whoever they are, by which the weights of travellers are fitted."""
    return _all(scene(reading), numbers(reading), places, named)


def _all(here: Scene, found: Sequence[Number], places: Sequence[Place], named: Named) -> tuple[Figure, ...]:
    here = _furnished(here, places, named)
    beside = quantities(here, found)
    counts = _counts(here, beside, frozenset(number.start for number in found))
    return _once(counts, _made(here, counts, places, beside))


def _furnished(here: Scene, places: Sequence[Place], named: Named) -> Scene:
    """Add where a reading names its places, and the institutions where somebody is said to have counted."""
    codes = {place.country for place in places}
    where = [Hit(one.country, one.start, one.end, one.kind) for one in named.mentions if one.country in codes]
    said = any(hit.target.startswith("source") for hit in here.cues) or ":" in here.reading.words
    bodies = institutions(here.reading, [hit for hit in named.hits if hit.kind != BODY]) if said else ()
    return replace(here, places=where, bodies=bodies)


def _counts(here: Scene, found: Sequence[Quantity], numbered: frozenset[int]) -> list[Count]:
    counts: list[Count] = []
    nouns = [noun_of(here, quantity, numbered) for quantity in found]
    for at, quantity in enumerate(found):
        noun = _shared(quantity, nouns[at], found[at + 1 : at + 2], nouns[at + 1 : at + 2])
        bare = noun.kind in {"", CASES}
        kind = kind_of_bare(here, counts, quantity, noun, found) if bare else kind_of(here, quantity, noun, found)
        if kind:
            title = here.reading.sentence(quantity.start) == 0
            counts += [Count(each, noun, kind, title) for each in _terms(here, quantity, kind)]
    return counts


def _shared(quantity: Quantity, noun: Noun, after: Sequence[Quantity], nouns: Sequence[Noun]) -> Noun:
    """Let "from five to eight years" be years twice."""
    if noun.kind or not after or nouns[0].kind != "years" or after[0].start - quantity.end > 2:
        return noun
    return replace(noun, kind="years")


def _terms(here: Scene, quantity: Quantity, kind: Counted) -> list[Quantity]:
    """Part a change from one term of years to another."""
    changed = any(hit.target == "term:change" for hit in here.within(here.sentence(quantity.start), "term"))
    if kind is not Counted.YEARS or not changed or quantity.low is None or quantity.high is None:
        return [quantity]
    ends = dict.fromkeys((quantity.low, quantity.high))
    return [replace(quantity, low=end, high=end, approximate=False) for end in ends]


def _made(here: Scene, counts: Sequence[Count], places: Sequence[Place], beside: Sequence[Quantity]) -> list[Figure]:
    """Make figures of counts; a part has the origin of the whole before it, where its own is not named beside it."""
    homes = homes_of(here, places, [(count.quantity, count.noun) for count in counts])
    year = year_of_all(here)
    made: list[Figure] = []
    whole: tuple[str, ...] = ()
    for count in counts:
        if count.kind in NOBODY:
            made.append(_figure(here, count, (), beside, "" if count.kind is Counted.YEARS else year))
            continue
        origin, near = origin_of(here, count.quantity, count.noun, count.kind, homes)
        if not near and whole and (count.noun.them or not count.noun.kind):
            origin = whole
        whole = origin
        made.append(_figure(here, count, origin, beside, year))
    return made


def _figure(here: Scene, count: Count, origin: tuple[str, ...], beside: Sequence[Quantity], year: str) -> Figure:
    """Make the figure of a count; ``year`` is that of all counts."""
    quantity, noun, kind = count.quantity, count.noun, count.kind
    sentence = here.sentence(quantity.start)
    low = None if quantity.low is None else math.floor(quantity.low)
    high = None if quantity.high is None else math.ceil(quantity.high)
    return Figure(
        low,
        high,
        quantity.approximate or low != quantity.low or high != quantity.high,
        kind,
        origin,
        destination_of(here, quantity, noun, kind, origin, beside),
        year_of(here, sentence, (kind,)) or year,
        source_of(here, sentence),
        here.reading.surface(quantity.begin, max(noun.end, quantity.end)),
    )


def _once(counts: Sequence[Count], made: Sequence[Figure]) -> tuple[Figure, ...]:
    """Keep each count once, with all that any mention of it says.

    Where a count is said twice, its plainer kind and its bound count: "six returnees" who are tried are on trial.
    """
    kept: list[tuple[Count, Figure]] = []
    for count, figure in zip(counts, made, strict=True):
        place = next((at for at, (other, _) in enumerate(kept) if _same(count, other)), None)
        if place is None:
            kept.append((count, figure))
        else:
            kept[place] = _merged(kept[place], (count, figure))
    return tuple(figure for _, figure in kept)


def _same(count: Count, other: Count) -> bool:
    """Are two counts one that is said twice? Small numbers only where one is in the title, or the kind is the same."""
    if Counted.YEARS in {count.kind, other.kind} or Counted.COUNTRIES in {count.kind, other.kind}:
        return (
            count.kind is other.kind
            and count.quantity.low == other.quantity.low
            and count.quantity.high == other.quantity.high
        )
    if count.kind is other.kind and _within(count.quantity, other.quantity):
        return True
    if count.quantity.value != other.quantity.value or count.quantity.of != other.quantity.of:
        return False
    if count.kind is other.kind:
        return True
    return not {count.kind, other.kind} <= _HEADS and (other.title or count.quantity.value > 20)


def _within(one: Quantity, two: Quantity) -> bool:
    """Is an exact number the end of a range ("130", and "between 125 and 130")?"""
    exact, wide = (one, two) if one.low == one.high else (two, one)
    ranged = wide.low is not None and wide.high is not None and wide.low < wide.high
    return exact.low == exact.high and ranged and exact.low in {wide.low, wide.high}


def _merged(first: tuple[Count, Figure], second: tuple[Count, Figure]) -> tuple[Count, Figure]:
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
