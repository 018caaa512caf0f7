"""How two counts stand to each other: whether both can be true, and whether they are of one size."""

from monitor.domain.facts import Figure

_ROUNDED = 0.1  # how far "about 40" reaches


def both_true(one: Figure, other: Figure) -> bool:
    """Can two figures be true of the same people? What is approximate reaches a tenth further, an open end for ever."""
    (low, high), (other_low, other_high) = _reach(one), _reach(other)
    return low <= other_high and other_low <= high


def ratio(one: Figure, other: Figure) -> float:
    """Return how many times the smaller figure the larger one is, from 1 up; infinity where one is 0."""
    sizes = sorted(float(max(figure.low or 0, figure.high or 0)) for figure in (one, other))
    return sizes[1] / sizes[0] if sizes[0] else float("inf")


def _reach(figure: Figure) -> tuple[float, float]:
    low = float("-inf") if figure.low is None else float(figure.low)
    high = float("inf") if figure.high is None else float(figure.high)
    return (low * (1 - _ROUNDED), high * (1 + _ROUNDED)) if figure.approximate else (low, high)
