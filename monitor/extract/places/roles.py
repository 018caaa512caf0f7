"""What a country is in a text: features of its mentions and of the whole, weighed as annotated texts taught."""

from collections.abc import Mapping, Sequence
from functools import cache

from monitor.domain.facts import Role
from monitor.extract.mentions import Mention
from monitor.extract.places.role_features import features
from monitor.extract.reading import Reading
from monitor.extract.shipped import data

ROLES = (Role.ORIGIN, Role.EVENT, Role.ACTOR)
"""In the order of the weights of a feature."""


def roles(reading: Reading, named: Sequence[Mention]) -> dict[str, frozenset[Role]]:
    """Give the roles of each country, in order of first mention: those whose weights sum to more than nothing."""
    weights = _weights()
    found: dict[str, frozenset[Role]] = {}
    for country, names in features(reading, named).items():
        known = [weights[name] for name in names if name in weights]
        found[country] = frozenset(role for at, role in enumerate(ROLES) if sum(one[at] for one in known) > 0)
    return found


@cache
def _weights() -> Mapping[str, Sequence[int]]:
    """Read the shipped weights, in hundredths of log-odds; raises ModelError where they cannot be read."""
    weights: Mapping[str, Sequence[int]] = data("role_weights")["weights"]
    return weights
