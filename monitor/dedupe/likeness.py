"""How likely two entries tell one event: a sum of evidence, as the logit of a probability."""

from monitor.dedupe.told import Told
from monitor.dedupe.weights import cosine

FURTHEST = 21.0
"""Days apart from which two entries are never one event."""
NEVER = -99.0
_ISSUE = 0.8  # days; a daily series comes after some 24 hours
# Fitted by logistic regression to pairs of invented events (the build set), their times as written and spread over 30
# to 300 days, and rounded. Cosines are of words or meanings, within a language or across; countries are weighed by the
# idf of the rarest that is shared; times are in days.
_BEGIN = -1.5
_WORDS, _WORDS_ACROSS = 4.8, 3.5
_MEANING, _MEANING_ACROSS = 5.5, 12.0
_COUNTRY, _COUNTRY_OTHER = 0.5, 0.45
_SAME_COUNTRIES = 0.8
_CONFLICT = -1.0
_SUBJECT = 0.4
_SAME_FIGURE, _MOST_FIGURES = 2.5, 2
_OTHER_MEASURE = -0.7
_FIRST_DAY, _NEXT_DAYS, _LATER, _LATE = -2.7, -0.5, -0.2, -0.4


def likeness(one: Told, other: Told) -> float:
    """Return the logit that two entries tell one event, `NEVER` where something speaks against it; symmetric.

    Nor are they one where they share no country, person or figure: words of one subject say that events are alike, and
    a return from a camp to a place unknown is not the return to another.
    """
    days = abs((one.at - other.at).total_seconds()) / 86_400
    if days > FURTHEST or not _tied(one, other) or _vetoed(one, other, days):
        return NEVER
    words, meaning = cosine(one.words, other.words), cosine(one.meaning, other.meaning)
    logit = _BEGIN + _time(days) + _facts(one, other)
    if one.lang == other.lang:
        return logit + _WORDS * words + _MEANING * meaning
    return logit + _WORDS_ACROSS * words + _MEANING_ACROSS * meaning


def _facts(one: Told, other: Told) -> float:
    """Weigh what two entries have in common of countries, figures and measures."""
    subject = one.subject and other.subject
    logit = _SUBJECT if subject else 0.0
    shared = one.countries.keys() & other.countries.keys()
    if shared:
        logit += (_COUNTRY if subject else _COUNTRY_OTHER) * max(one.countries[country] for country in shared)
        logit += _SAME_COUNTRIES if len(shared) == len(one.countries) == len(other.countries) else 0.0
    elif one.countries and other.countries:
        logit += _CONFLICT
    if one.figures and other.figures:
        same = sum(len(values & other.figures.get(kind, frozenset())) for kind, values in one.figures.items())
        logit += _SAME_FIGURE * min(same, _MOST_FIGURES)
    if one.measures and other.measures and not one.measures & other.measures:
        logit += _OTHER_MEASURE
    return logit


def _time(days: float) -> float:
    return (
        _FIRST_DAY * min(days, 1.0)
        + _NEXT_DAYS * min(max(days - 1.0, 0.0), 2.0)
        + _LATER * min(max(days - 3.0, 0.0), 4.0)
        + _LATE * max(days - 7.0, 0.0)
    )


def _vetoed(one: Told, other: Told, days: float) -> bool:
    """Say whether two entries name different actors or persons, tell of other measures, count differently elsewhere, or
    are of one series."""
    if one.persons and other.persons and not one.persons & other.persons:
        return True
    if one.actors and other.actors and not one.actors & other.actors:
        return True
    if one.measures and other.measures and not one.measures & other.measures and not _count_the_same(one, other):
        return True
    if days > _ISSUE and one.feed == other.feed and one.is_issue_beside(other):
        return True
    if not (one.countries and other.countries) or one.countries.keys() & other.countries.keys():
        return False
    return bool(one.actors and other.actors) or _counts_differ(one, other)


def _tied(one: Told, other: Told) -> bool:
    """Say whether two entries share what tells an event from others of its kind."""
    return bool(one.countries.keys() & other.countries.keys() or one.persons & other.persons) or _count_the_same(
        one, other
    )


def _count_the_same(one: Told, other: Told) -> bool:
    """Say whether two entries share a figure for the same kind of people."""
    return any(values & other.figures.get(kind, frozenset()) for kind, values in one.figures.items())


def _counts_differ(one: Told, other: Told) -> bool:
    """Say whether two entries give different figures for the same kind of people."""
    return any(not values & other.figures.get(kind, values) for kind, values in one.figures.items())
