"""Two counts beside each other."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.facts import Counted, Figure
from monitor.domain.figures import both_true, ratio

ENDS = st.none() | st.integers(0, 100_000)


def count(low: int | None, high: int | None, *, about: bool = False) -> Figure:
    return Figure(low, high, about, Counted.FIGHTERS)


FIGURES = st.builds(
    lambda low, high, about: count(*sorted((low, high)), about=about) if None not in (low, high) else count(low, high),
    ENDS,
    ENDS,
    st.booleans(),
)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (count(40, 40), count(40, 40), True),
        (count(40, 40), count(41, 41), False),
        (count(40, 40, about=True), count(43, 43), True),
        (count(40, 40, about=True), count(45, 45), False),
        (count(40, None), count(9_000, 9_000), True),
        (count(None, 30), count(40, None), False),
    ],
)
def test_two_counts_can_both_be_true_where_their_reaches_meet(one: Figure, other: Figure, expected: bool) -> None:
    assert both_true(one, other) is expected


@given(FIGURES, FIGURES)
def test_neither_knows_an_order_and_a_count_goes_with_itself(one: Figure, other: Figure) -> None:
    assert both_true(one, other) is both_true(other, one)
    assert ratio(one, other) == ratio(other, one) >= 1
    assert both_true(one, one)


def test_a_ratio_to_nothing_is_infinite() -> None:
    assert ratio(count(0, 0), count(5, 5)) == math.inf
    assert ratio(count(20, 20), count(5, 5)) == 4
