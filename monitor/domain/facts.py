"""What an entry tells: where, what a state does, how many of whom, and who is named. Values, and the words for them."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a country is in an entry."""

    ORIGIN = "origin"  # the nationality or home of the people spoken of
    EVENT = "event"  # where it happened, or people are held
    ACTOR = "actor"  # the state that acts, by its government, court or police


class Measure(StrEnum):
    """What a state does about people who joined, and what it does them by."""

    CITIZENSHIP = "citizenship"
    REPATRIATION = "repatriation"
    REFUSAL = "refusal"
    PROSECUTION = "prosecution"
    CRIMINAL_LAW = "criminal_law"
    TRAVEL_CONTROL = "travel_control"
    ADMINISTRATIVE_CONTROL = "administrative_control"
    DETENTION = "detention"
    REINTEGRATION = "reintegration"
    LISTING = "listing"
    AMNESTY = "amnesty"


class Stage(StrEnum):
    """How far a measure has come, in the order in which it usually does."""

    PROPOSED = "proposed"
    DEBATED = "debated"
    ADOPTED = "adopted"
    IN_FORCE = "in_force"
    APPLIED = "applied"
    CHALLENGED = "challenged"
    STRUCK_DOWN = "struck_down"
    WITHDRAWN = "withdrawn"


class Counted(StrEnum):
    """What a figure counts."""

    FIGHTERS = "fighters"  # who joined, travelled or left to fight
    RETURNEES = "returnees"
    WOMEN = "women"
    CHILDREN = "children"
    MEN = "men"
    FAMILIES = "families"
    DETAINEES = "detainees"
    CONVICTIONS = "convictions"
    ARRESTS = "arrests"
    DEPRIVATIONS = "deprivations"
    COUNTRIES = "countries"
    YEARS = "years"  # of a prison term
    DEATHS = "deaths"


@dataclass(frozen=True, slots=True)
class Place:
    """A country that an entry names, ISO 3166 alpha-2 (Kosovo XK), with the roles it plays, none where unclear."""

    country: str
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class MeasureFact:
    """A measure of a country (None: of an international body) at a stage; ``words`` are those that say so.

    ``negated``: it did not happen, or will not.
    """

    measure: Measure
    country: str | None
    stage: Stage
    negated: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A count: exactly ``low`` = ``high``, or a range of which an open end is None; never both.

    ``origin`` are the countries that those counted come from, ``to`` the one they came or were brought to. ``as_of`` is
    a year or a day as it is written, ``by`` who counted, in the entry's words; "" where it does not say.
    """

    low: int | None
    high: int | None
    approximate: bool
    of: Counted
    origin: tuple[str, ...] = ()
    to: str | None = None
    as_of: str = ""
    by: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was found in one entry, each kind in the order of the text.

    ``persons`` and ``actors`` (institutions) are names as the entry has them. ``mend`` is kept in ledgers only: that
    what was told is a correction or a withdrawal of what its source told before.
    """

    places: tuple[Place, ...] = ()
    measures: tuple[MeasureFact, ...] = ()
    figures: tuple[Figure, ...] = ()
    persons: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    mend: str = ""

    @property
    def countries(self) -> tuple[str, ...]:
        """The codes of the places."""
        return tuple(place.country for place in self.places)


NOTHING = Facts()
