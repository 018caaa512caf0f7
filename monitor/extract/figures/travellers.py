"""Is an entry about people who joined armed groups abroad? A weighed sum of what its words tell."""

from collections.abc import Iterable

from monitor.extract.gazetteer import Hit
from monitor.extract.phrases import load
from monitor.extract.reading import Reading
from monitor.extract.shipped import data

_FIELDS = {"SY": "field:SY", "IQ": "field:IQ"} | dict.fromkeys(("LY", "AF", "SO", "ML", "YE"), "field:other")
_WEIGHED = ("cue:", "noun:")
_PLAIN = frozenset(
    {
        "cue:aside",
        "cue:killing",
        "noun:cases",
        "noun:other",
        "noun:persons",
        "noun:countries",
        "noun:deaths",
        "noun:men",
        "noun:arrests",
    }
)
"""Nouns of which other news has as many."""


def about_travellers(reading: Reading, cues: Iterable[Hit], countries: Iterable[str]) -> bool:
    """Say whether counts of people in an entry are likely to be counts of travellers.

    ``cues`` are those of figures.toml, ``countries`` the codes of all that the entry names. The weights are those of a
    logistic regression (weights.toml).
    """
    weights: dict[str, float] = data("weights")["travellers"]
    return _sum(told_of(reading, cues, countries), weights) >= weights["least"]


def told_of(reading: Reading, cues: Iterable[Hit], countries: Iterable[str]) -> set[str]:
    """List what an entry tells, by the names that the weights have."""
    told = {hit.target for hit in load("travellers").hits(reading)}
    told |= {hit.target for hit in cues if hit.target.startswith(_WEIGHED)} - _PLAIN
    return told | {_FIELDS[country] for country in countries if country in _FIELDS}


def _sum(told: Iterable[str], weights: dict[str, float]) -> float:
    return sum(weights.get(what, 0.0) for what in told)
