"""Under which country a story stands inside its label."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from monitor.domain.digest import Story
from monitor.domain.entry import StoredEntry
from monitor.domain.facts import Role

SEVERAL = "several"
"""In place of a code: the story is of more countries than one."""
NOWHERE = ""
"""In place of a code: no entry of the story names a country."""
_LAST = {SEVERAL: 1, NOWHERE: 2}
_ROLES = (Role.ACTOR, Role.ORIGIN, Role.EVENT)


def country_of(story: Story) -> str:
    """The ISO 3166 code under which a story stands, or `SEVERAL`, or `NOWHERE`.

    The state that acts goes before the home of the people, and that before the place where it happened: readers look
    for what is theirs to answer for. The lead's word counts; another entry's only where the lead names no country.
    """
    named = (_countries(entry) for entry in (story.lead, *story.others))
    codes = next((found for found in named if found), ())
    if not codes:
        return NOWHERE
    return codes[0] if len(codes) == 1 else SEVERAL


def grouped(stories: Sequence[Story]) -> tuple[tuple[str, tuple[Story, ...]], ...]:
    """Put stories, strongest first, under their countries; the country of the strongest story comes first.

    Those of several countries and those of none come last.
    """
    found: dict[str, list[Story]] = defaultdict(list)
    for story in stories:
        found[country_of(story)].append(story)
    ordered = sorted(found, key=lambda code: _LAST.get(code, 0))  # the sort is stable
    return tuple((code, tuple(found[code])) for code in ordered)


def _countries(entry: StoredEntry) -> tuple[str, ...]:
    """The countries that count: those with the first role that any has, else those that take a measure, else all."""
    for role in _ROLES:
        if codes := _unique(place.country for place in entry.facts.places if role in place.roles):
            return codes
    acting = _unique(fact.country for fact in entry.facts.measures if fact.country)
    return acting or _unique(entry.countries)


def _unique(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))
