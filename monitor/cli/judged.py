"""How stored entries stand now: their scores, and what people said, against the lines of labels.toml."""

from collections.abc import Sequence

from monitor.domain.entry import StoredEntry
from monitor.domain.labels import Band, Decision, decide
from monitor.settings.model import Settings

_BEST = (Band.IN, Band.REVIEW, Band.OUT)
BAND_STYLES = {Band.IN: "bold green", Band.REVIEW: "yellow", Band.OUT: ""}
"""How a terminal shows each band."""
_SAID = {True: "yes", False: "no", None: "unsure"}


def said(value: bool | None) -> str:
    """What a person said, as a word."""
    return _SAID[value]


def verdict(decision: Decision) -> str:
    """Where an entry stands for a label, in words."""
    if decision.band is Band.REVIEW:
        near = decision.probability >= decision.review
        return f"near-miss, {f'from {decision.review:g} on' if near else 'being on the watch-list'}"
    return decision.band.value


def decisions_of(stored: StoredEntry, settings: Settings) -> tuple[Decision, ...]:
    """Hold an entry against the lines, the best margin first."""
    return decide(stored.scores, settings.cuts(stored.feed, stored.entry.lang), human=stored.human)


def band_of(decisions: Sequence[Decision], label: str | None = None) -> Band | None:
    """The band of one label, or the best of all; None where nothing was scored."""
    bands = {decision.band for decision in decisions if label in (None, decision.label)}
    return next((band for band in _BEST if band in bands), None)
