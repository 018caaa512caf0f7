"""Facts in plain words: measures, stages, what is counted, and numbers.

The texts that a fact takes from outside are clean afterwards, and stand apart where they run the other way.
"""

from collections.abc import Iterable

from monitor.digest.words import neat
from monitor.domain.facts import Counted, Figure, Measure, MeasureFact, Stage
from monitor.tongue.tongue import ENGLISH, Tongue

INTERNATIONAL = ENGLISH.say("facts.international")
"""Who acts where a measure is of no country's, in English."""
_MANY = 2  # what an open end or a range goes with where its number is not known


def measure(what: Measure, country: str | None = None, tongue: Tongue = ENGLISH) -> str:
    """Name a measure; a few of a ``country`` have a name of their own."""
    return tongue.say(f"measures.{what.value}", country or "")


def stage(at: Stage, *, negated: bool = False, of: Measure | None = None, tongue: Tongue = ENGLISH) -> str:
    """Say how far a measure has come, or that it has not; ``of`` is the measure that the words agree with."""
    words = tongue.say(f"stages.{at.value}", tongue.say(f"genders.{of.value}") if of else "")
    return tongue.say("facts.not", stage=words) if negated else words


def actor(code: str | None, tongue: Tongue = ENGLISH) -> str:
    """Name the country that acts, or say that it is no country."""
    return tongue.say("facts.international") if code is None else tongue.apart(neat(tongue.country(code)))


def step(fact: MeasureFact, tongue: Tongue = ENGLISH) -> str:
    """Say who does what, and how far it is: "France: citizenship, adopted"."""
    at = stage(fact.stage, negated=fact.negated, of=fact.measure, tongue=tongue)
    named = measure(fact.measure, fact.country, tongue)
    return tongue.say("facts.step", actor=actor(fact.country, tongue), measure=named, stage=at)


def otherwise(
    at: Stage, names: Iterable[str], *, negated: bool, of: Measure | None = None, tongue: Tongue = ENGLISH
) -> str:
    """Say who says the opposite of a step: "told otherwise: not adopted: The Wire"; "" where nobody does."""
    told = tongue.listed([tongue.apart(neat(name)) for name in dict.fromkeys(names)])
    if not told:
        return ""
    opposite = stage(at, negated=not negated, of=of, tongue=tongue)
    return tongue.say("blocks.otherwise", said=tongue.say("blocks.otherwise_by", said=opposite, names=told))


def number(figure: Figure, tongue: Tongue = ENGLISH) -> str:
    """Write a number or range: "about 300", "at least 5,600", "up to 52,808", "20 to 30"."""
    return _qualified(figure, tongue, None)


def count(figure: Figure, tongue: Tongue = ENGLISH) -> str:
    """Write a figure with what it counts: "at least 5,600 returnees"."""
    return _qualified(figure, tongue, figure.of)


def _qualified(figure: Figure, tongue: Tongue, of: Counted | None) -> str:
    low, high = figure.low, figure.high
    if low is None or high is None:
        end, key = (high or 0, "facts.up_to") if low is None else (low, "facts.at_least")
        return tongue.say(key, n=_named(end, of, tongue, after=True))
    if low != high:
        span = tongue.say("facts.range", low=tongue.number(low), high=tongue.number(high))
        return span if of is None else tongue.counted(f"counted.{of.value}", max(high, _MANY), span)
    if figure.approximate:
        return tongue.say("facts.about", n=_named(low, of, tongue, after=True))
    return _named(low, of, tongue)


def _named(amount: int, of: Counted | None, tongue: Tongue, *, after: bool = False) -> str:
    return tongue.number(amount) if of is None else tongue.counted(f"counted.{of.value}", amount, after=after)


def other_numbers(told: Iterable[tuple[Figure, str]], tongue: Tongue = ENGLISH) -> str:
    """Say who gives which other numbers: "told otherwise: 14: The Wire; 20: The Paper"; "" where nobody does."""
    numbers = ((number(figure, tongue), tongue.apart(neat(name))) for figure, name in told)
    said = [tongue.say("blocks.otherwise_by", said=amount, names=name) for amount, name in dict.fromkeys(numbers)]
    return tongue.say("blocks.otherwise", said=tongue.listed(said, "semicolon")) if said else ""


def counter(figure: Figure) -> str:
    """Say who counted, and as of when: "the ministry, 2026"."""
    return ", ".join(filter(None, (figure.by, figure.as_of)))


def said(figure: Figure, tongue: Tongue = ENGLISH) -> str:
    """Say the same in a sentence: "by the ministry, as of 2026"."""
    by, as_of = tongue.apart(neat(figure.by)), tongue.apart(neat(figure.as_of))
    said_by = tongue.say("facts.by", by=by) if by else ""
    said_of = tongue.say("facts.as_of", as_of=as_of) if as_of else ""
    return tongue.listed([part for part in (said_by, said_of) if part])


def way(figure: Figure, tongue: Tongue = ENGLISH) -> str:
    """Say from where and to where, as far as the figure does: "from Syria to France"; "" where it does not."""
    home = figure.origin == (figure.to,)  # who came home
    origin = tongue.listed([actor(code, tongue) for code in figure.origin]) if figure.origin and not home else ""
    goal = actor(figure.to, tongue) if figure.to else ""
    if origin and goal:
        return tongue.say("facts.from_to", origin=origin, goal=goal)
    if origin:
        return tongue.say("facts.from", origin=origin)
    return tongue.say("facts.to", goal=goal) if goal else ""


def group(words: str, tongue: Tongue = ENGLISH) -> str:
    """Say whom a reference count is of, where no code does; what the catalogues do not have is shown as it is."""
    key = f"groups.{words}"
    return tongue.say(key) if tongue.known(key) else tongue.apart(neat(words))
