"""How likely two entries tell one event: a sum of evidence, as the logit of a probability."""

import math
from collections.abc import Mapping, Set

from monitor.dedupe.homes import at_home
from monitor.dedupe.told import Told
from monitor.dedupe.weights import cosine

FURTHEST = 21.0
"""Days apart from which two entries are never one event."""
NEVER = -99.0
_ISSUE = 0.8  # days; a daily series comes after some 24 hours
_TYING = 5.0  # idf: one text in 150 has a name, number or word so rare
_COMMON_NUMBER = 3.0
_RAREST_COUNTRY = 5.5  # a country that is in the news once a year still has two events that year
_BESIDES = 15.0  # idf that a text is taken to tell besides: else two shared words were all of a short one
_MOST_FIGURES = 2

WEIGHTS: Mapping[str, float] = {
    "bias": -2.1,
    "first_day": -2.4,
    "next_days": -1.3,
    "late": -0.2,
    "country_field": 0.56,
    "country": 0.4,
    "same_countries": 0.7,
    "home": 2.1,
    "word": 0.75,
    "number": 0.5,
    "figures": 2.9,
    "held": 6.0,
    "meaning_across": 5.5,
    "other_ages": -2.5,
    "other_actors": -1.2,
    "other_measures": -0.3,
}
"""What each piece of `evidence` adds: fitted by ``python -m tests.dedupe.fit``, and rounded."""


def likeness(one: Told, other: Told) -> float:
    """Return the logit that two entries tell one event, `NEVER` where something speaks against it; symmetric.

    Nor are they one where nothing ties them: words of one subject say that events are alike, and a return from a camp
    to a place unknown is not the return to another.
    """
    if contradict(one, other) or not _tied(one, other):
        return NEVER
    return math.fsum(WEIGHTS[name] * value for name, value in evidence(one, other).items())


def evidence(one: Told, other: Told) -> dict[str, float]:
    """Return what two entries have in common and apart, by the names in `WEIGHTS`; what is not there is 0.

    Times are in days, ``country…``, ``word`` and ``number`` in idf of the rarest that is shared, above what is common;
    ``held`` is the share of the shorter one's meaning that the other has, by idf, and ``meaning_across`` the cosine of
    meanings in different languages. The rest are counts, or 1 for yes.
    """
    shared = math.fsum(one.marks[mark] for mark in one.marks.keys() & other.marks.keys())
    found = {
        "bias": 1.0,
        "word": max(0.0, _rarest(one.stems, other.stems) - _TYING),
        "number": max(0.0, _rarest(one.numbers, other.numbers) - _COMMON_NUMBER),
        "figures": float(min(_MOST_FIGURES, _same_figures(one, other))),
        "held": shared / (min(one.mass, other.mass) + _BESIDES),
        "other_ages": _differ(one.ages, other.ages),
        "other_actors": _differ(one.actors, other.actors),
        "other_measures": _differ(one.measures, other.measures),
    }
    if one.lang != other.lang:
        found["meaning_across"] = cosine(one.meaning, other.meaning)
    return found | _times(_days(one, other)) | _places(one, other)


def contradict(one: Told, other: Told) -> bool:
    """Say whether two entries cannot tell one event: weeks apart, about different persons, two issues of a series, or
    of different countries and differently counted."""
    days = _days(one, other)
    if days > FURTHEST or _differ(one.persons, other.persons):
        return True
    if days > _ISSUE and one.feed == other.feed and one.is_issue_beside(other):
        return True
    return bool(_differ(one.countries.keys(), other.countries.keys())) and _counts_differ(one, other)


def _places(one: Told, other: Told) -> dict[str, float]:
    """Weigh the countries that both name, or whether one that names none is in the language of the other's."""
    shared = one.countries.keys() & other.countries.keys()
    if shared:
        name = "country_field" if one.subject and other.subject else "country"
        idf = max(one.countries[country] for country in shared)
        same = len(shared) == len(one.countries) == len(other.countries)
        return {name: min(_RAREST_COUNTRY, idf), "same_countries": float(same)}
    return {"home": float(_at_home(one, other))}


def _at_home(one: Told, other: Told) -> bool:
    """Say whether just one of two entries names countries, and the other's language is spoken there."""
    if bool(one.countries) == bool(other.countries):
        return False
    names, silent = (one, other) if one.countries else (other, one)
    return at_home(silent.lang, names.countries.keys())


def _times(days: float) -> dict[str, float]:
    return {
        "first_day": min(days, 1.0),
        "next_days": min(max(days - 1.0, 0.0), 2.0),
        "late": max(days - 7.0, 0.0),
    }


def _tied(one: Told, other: Told) -> bool:
    """Say whether two entries share what tells an event from others of its kind."""
    return bool(
        one.countries.keys() & other.countries.keys()
        or one.persons & other.persons
        or _same_figures(one, other)
        or _rarest(one.rare, other.rare) > _TYING
        or _rarest(one.stems, other.stems) > _TYING
        or _at_home(one, other)
    )


def _days(one: Told, other: Told) -> float:
    return abs((one.at - other.at).total_seconds()) / 86_400


def _rarest(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return max((one[mark] for mark in one.keys() & other.keys()), default=0.0)


def _differ(one: Set[object], other: Set[object]) -> float:
    """Return 1.0 where two sets have something each and nothing in common, else 0.0."""
    return float(bool(one and other) and one.isdisjoint(other))


def _same_figures(one: Told, other: Told) -> int:
    """Count the figures that two entries share, for the same kind of people each."""
    return sum(len(values & other.figures.get(kind, frozenset())) for kind, values in one.figures.items())


def _counts_differ(one: Told, other: Told) -> bool:
    """Say whether two entries give different figures for the same kind of people."""
    return any(not values & other.figures.get(kind, values) for kind, values in one.figures.items())
