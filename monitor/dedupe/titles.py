"""Titles: what of them stays from one issue of a series to the next, and whether that tells an event."""

from collections.abc import Sequence

from monitor.dedupe.meaning import load
from monitor.dedupe.weights import Weights
from monitor.dedupe.words import stem

_FEWEST = 4  # words
_TELLING = 14.0  # sum of idf: two rare words, or several that are not; "Morning briefing" has less


def template(title: Sequence[str]) -> tuple[str, ...]:
    """Return a title with its numbers, days and months taken out of it."""
    calendar = load().calendar
    return tuple(word for word in title if word not in calendar and not word[0].isdigit())


def telling(fixed: Sequence[str], weights: Weights) -> bool:
    """Say whether what stays of a title is the same in two feeds only where the event is: "Morning briefing" is not."""
    return len(fixed) >= _FEWEST and sum(weights.idf(stem(word)) for word in set(fixed)) >= _TELLING
