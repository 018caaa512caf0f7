"""Facts in plain English: measures, stages, what is counted, and numbers."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from monitor.digest.names import country
from monitor.domain.facts import Counted, Figure, Measure, MeasureFact, Stage

INTERNATIONAL = "international"
"""Who acts where a measure is of no country's."""
_MEASURES: Mapping[Measure, str] = MappingProxyType(
    {
        Measure.CRIMINAL_LAW: "criminal law",
        Measure.TRAVEL_CONTROL: "travel control",
        Measure.ADMINISTRATIVE_CONTROL: "administrative control",
        Measure.REFUSAL: "refusal to repatriate",
        Measure.DETENTION: "detention or transfer",
        Measure.LISTING: "listing or sanctions",
    }
)
_COUNTED: Mapping[Counted, tuple[str, str]] = MappingProxyType(
    {
        Counted.FIGHTERS: ("fighter", "fighters"),
        Counted.RETURNEES: ("returnee", "returnees"),
        Counted.WOMEN: ("woman", "women"),
        Counted.CHILDREN: ("child", "children"),
        Counted.MEN: ("man", "men"),
        Counted.FAMILIES: ("family", "families"),
        Counted.DETAINEES: ("detainee", "detainees"),
        Counted.CONVICTIONS: ("conviction", "convictions"),
        Counted.ARRESTS: ("arrest", "arrests"),
        Counted.DEPRIVATIONS: ("citizenship lost", "citizenships lost"),
        Counted.COUNTRIES: ("country", "countries"),
        Counted.YEARS: ("year of prison", "years of prison"),
        Counted.DEATHS: ("death", "deaths"),
    }
)


def measure(what: Measure) -> str:
    """Name a measure."""
    return _MEASURES.get(what, what.value)


def stage(at: Stage, *, negated: bool = False) -> str:
    """Say how far a measure has come, or that it has not."""
    return f"{'not ' if negated else ''}{at.value.replace('_', ' ')}"


def actor(code: str | None) -> str:
    """Name the country that acts, or say that it is no country."""
    return INTERNATIONAL if code is None else country(code)


def step(fact: MeasureFact) -> str:
    """Say who does what, and how far it is: "France: citizenship, adopted"."""
    return f"{actor(fact.country)}: {measure(fact.measure)}, {stage(fact.stage, negated=fact.negated)}"


def otherwise(at: Stage, names: Iterable[str], *, negated: bool) -> str:
    """Say who says the opposite of a step: "told otherwise: not adopted: The Wire"; "" where nobody does."""
    said = ", ".join(dict.fromkeys(names))
    return f"told otherwise: {stage(at, negated=not negated)}: {said}" if said else ""


def number(figure: Figure) -> str:
    """Write a number or range: "about 300", "at least 5,600", "up to 52,808", "20 to 30"."""
    if figure.low is None or figure.high is None:
        return f"up to {figure.high or 0:,}" if figure.low is None else f"at least {figure.low:,}"
    if figure.low != figure.high:
        return f"{figure.low:,} to {figure.high:,}"
    return f"{'about ' if figure.approximate else ''}{figure.low:,}"


def count(figure: Figure) -> str:
    """Write a figure with what it counts: "at least 5,600 returnees"."""
    one, many = _COUNTED[figure.of]
    return f"{number(figure)} {one if figure.low == figure.high == 1 else many}"


def other_numbers(told: Iterable[tuple[Figure, str]]) -> str:
    """Say who gives which other numbers: "told otherwise: 14: The Wire; 20: The Paper"; "" where nobody does."""
    said = "; ".join(dict.fromkeys(f"{number(figure)}: {name}" for figure, name in told))
    return f"told otherwise: {said}" if said else ""


def counter(figure: Figure) -> str:
    """Say who counted, and as of when: "the ministry, 2026"."""
    return ", ".join(filter(None, (figure.by, figure.as_of)))


def said(figure: Figure) -> str:
    """Say the same in a sentence: "by the ministry, as of 2026"."""
    said_by = f"by {figure.by}" if figure.by else ""
    return ", ".join(filter(None, (said_by, f"as of {figure.as_of}" if figure.as_of else "")))


def way(figure: Figure) -> str:
    """Say from where and to where, as far as the figure does: "from Syria to France"; "" where it does not."""
    home = figure.origin == (figure.to,)  # who came home
    origin = f"from {', '.join(map(country, figure.origin))}" if figure.origin and not home else ""
    goal = f"to {country(figure.to)}" if figure.to else ""
    return " ".join(filter(None, (origin, goal)))
