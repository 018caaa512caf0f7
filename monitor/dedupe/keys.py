"""The keys by which a store finds the earlier entries that a new one may belong with, in one indexed query."""

from collections.abc import Mapping
from datetime import date

from monitor.dedupe.told import Told
from monitor.normalise.text import digest_of

MOST = 12
"""Keys of an entry at the most."""
_MARKS, _LANDS, _CONCEPTS = 3, 2, 2
_RARE = 4.0  # idf of a name or number that one in 55 has
_FIELD, _FIELD_SPAN, _LAND_SPAN, _DAYS_SPAN = "*", 14, 28, 4  # all of the field stands in the place of a country
# Spans are days of a tile: it keeps a key from growing with the store. Where a tile ends, another that is shifted by
# half of it goes on, or what is told on two days would be parted by chance.


def candidate_keys(told: Told, day: date) -> tuple[str, ...]:
    """Choose up to `MOST` keys; two entries that share one are candidates for each other.

    In this order: the title without numbers and dates; the countries with the days; for entries of the field the
    countries with the month, and the fortnight alone, for others the first country with their rarest concepts; the
    rarest names and numbers; and the weightiest words, as many as there is room for.

    The caller asks for entries with any of these keys inside its window, the newest few of each key, and of those the
    ones that share most keys.
    """
    keys = [f"t:{digest_of(' '.join(told.template))[:16]}"] if len(told.title) > 2 else []
    number = day.toordinal()
    lands = _heaviest(told.countries, _LANDS)
    keys += [f"c:{land}:{tile}" for land in lands for tile in _tiles(number, _DAYS_SPAN)]
    if told.subject:
        keys += [f"f:{land}:{number // _LAND_SPAN}" for land in lands]
        keys += [f"f:{_FIELD}:{tile}" for tile in _tiles(number, _FIELD_SPAN)]
    else:
        rarest = _heaviest(told.concepts, _CONCEPTS)
        keys += [f"k:{land}{mark}:{number // _DAYS_SPAN}" for land in lands[:1] for mark in rarest]
    keys += [f"m:{mark}" for mark in _heaviest(told.rare, _MARKS) if told.rare[mark] >= _RARE]
    keys += [f"w:{word}" for word in _heaviest(told.words, MOST)]
    return tuple(dict.fromkeys(keys))[:MOST]


def _tiles(day: int, span: int) -> tuple[str, str]:
    """Name the tile of so many days that a day is in, and the one that is shifted by half of it."""
    return f"0:{day // span}", f"{span // 2}:{(day + span // 2) // span}"


def _heaviest(weighed: Mapping[str, float], most: int) -> list[str]:
    return sorted(weighed, key=lambda term: (-weighed[term], term))[:most]
