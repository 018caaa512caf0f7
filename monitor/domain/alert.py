"""Alerts: what is worth one, and what nobody is told of for a while."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.entry import StoredEntry
from monitor.domain.facts import Measure
from monitor.domain.wish import WantedMeasure


@dataclass(frozen=True, slots=True)
class AlertRule:
    """What is worth an alert whatever its score: a measure of one of the countries; an empty part asks for nothing."""

    countries: frozenset[str] = frozenset()
    measures: tuple[WantedMeasure, ...] = ()

    def meets(self, stored: StoredEntry) -> bool:
        """Say whether an entry is worth an alert; a measure and a country must belong together."""
        if not self.measures:
            return bool(self.countries & set(stored.countries))
        return any(
            wanted.meets(fact) and (not self.countries or fact.country in self.countries)
            for fact in stored.facts.measures
            for wanted in self.measures
        )


@dataclass(frozen=True, slots=True)
class AlertWish:
    """When a subscription wants an alert: from a score on, by label, or by a rule.

    After ``cap`` messages in an hour one says how many more there are.
    """

    lines: Mapping[str, float]
    rules: tuple[AlertRule, ...] = ()
    cap: int = 6

    def __bool__(self) -> bool:
        return bool(self.lines or self.rules)


NO_ALERTS = AlertWish({})
"""Wants none."""


@dataclass(frozen=True, slots=True)
class Silence:
    """What no alert is sent of until a time; what is "" is not asked for."""

    id: int
    country: str
    measure: str
    label: str
    began_at: datetime
    until: datetime
    note: str = ""

    def covers(self, stored: StoredEntry, labels: frozenset[str]) -> bool:
        """Say whether an entry that passes these labels is not to be told of; a measure must be the country's."""
        if self.label and self.label not in labels:
            return False
        if not self.measure:
            return not self.country or self.country in stored.countries
        rule = AlertRule(frozenset({self.country} - {""}), (WantedMeasure(Measure(self.measure)),))
        return rule.meets(stored)
