"""The measures of drift, and what training leaves to be held against."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from monitor.classify import lexicon
from monitor.classify.drift import (
    UPPER,
    State,
    chance_of_counts,
    known_to,
    known_to_others,
    psi,
    reference,
    shift_from_training,
    shift_of_scores,
    shift_of_share,
    upper,
)
from monitor.classify.drift_rows import Training
from monitor.classify.reading import Reading, read

SHARES = st.lists(st.floats(0, 1), min_size=2, max_size=20)


def logits(seed: int, number: int, mean: float = -4.0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(mean, 1.5, number)


@given(SHARES)
def test_the_index_of_equal_shares_is_nothing(shares: list[float]) -> None:
    assert psi(np.array(shares), np.array(shares)) == 0.0


@given(st.integers(2, 20).flatmap(lambda n: st.tuples(*[st.lists(st.floats(0, 1), min_size=n, max_size=n)] * 2)))
def test_the_index_is_never_negative_and_the_same_both_ways(pair: tuple[list[float], list[float]]) -> None:
    before, now = (np.array(shares) for shares in pair)
    index = psi(before, now)
    assert index >= 0
    assert math.isfinite(index)
    assert psi(now, before) == pytest.approx(index)


def test_the_index_is_that_of_the_formula() -> None:
    expected = 0.2 * math.log(0.6 / 0.4) + (-0.2) * math.log(0.4 / 0.6)
    assert psi(np.array([0.4, 0.6]), np.array([0.6, 0.4])) == pytest.approx(expected)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 5000), st.integers(1, 5000))
def test_a_share_that_falls_is_never_more_than_stable(one: float, other: float, n: int, m: int) -> None:
    assert shift_of_share(min(one, other), n, max(one, other), m, "past").state is State.STABLE


@pytest.mark.parametrize(
    ("now", "before", "items", "state"),
    [
        (0.45, 0.40, 1000, State.STABLE),
        (0.57, 0.40, 1000, State.WATCH),
        (0.70, 0.40, 1000, State.ACT),
        (0.70, 0.40, 12, State.STABLE),  # chance alone could do that
    ],
)
def test_a_share_that_rises_goes_from_stable_to_act(now: float, before: float, items: int, state: State) -> None:
    assert shift_of_share(now, items, before, items, "past").state is state


@given(st.integers(0, 10_000), st.integers(40, 3000))
def test_scores_held_against_themselves_have_not_moved(seed: int, number: int) -> None:
    values = logits(seed, number)
    shift = shift_of_scores(values, values)
    assert (shift.index, shift.state) == (0.0, State.STABLE)
    assert shift.now == shift.before


def test_chance_alone_is_hardly_ever_an_alarm() -> None:
    states = [shift_of_scores(logits(seed, 2000), logits(9000 + seed, 8000)).state for seed in range(300)]
    assert states.count(State.ACT) <= 4
    assert states.count(State.STABLE) >= 255


@pytest.mark.parametrize("mean", [-4.8, -3.4])
def test_scores_that_moved_are_an_alarm_though_nearly_all_of_them_are_near_zero(mean: float) -> None:
    now, before = logits(1, 4000, mean), logits(2, 16_000)
    shift = shift_of_scores(now, before)
    assert shift.state is State.ACT
    assert (shift.now > shift.before) == (mean > -4)
    ten = np.linspace(0, 1, 11)
    plain = psi(*(np.histogram(1 / (1 + np.exp(-values)), ten)[0] / len(values) for values in (before, now)))
    assert plain < 0.1  # the plain index of the probabilities sees nothing


def test_training_is_held_against_like_a_past() -> None:
    edges = np.quantile(upper(logits(1, 4000)), np.arange(1, 10) / 10)
    assert shift_from_training(logits(2, 4000), edges.tolist(), 4000).state is State.STABLE
    assert shift_from_training(logits(2, 4000, -3.0), edges.tolist(), 4000).state is State.ACT


def test_where_all_scores_are_one_nothing_has_moved() -> None:
    same = np.zeros(2000)
    assert shift_of_scores(same, same).state is State.STABLE


@given(st.integers(0, 300), st.integers(1, 3000), st.integers(0, 300), st.integers(1, 3000))
def test_the_chance_of_two_counts_is_one_probability_both_ways(a: int, n: int, b: int, m: int) -> None:
    chance = chance_of_counts(a, n, b, m)
    assert 0 <= chance <= 1
    assert chance_of_counts(b, m, a, n) == pytest.approx(chance, abs=1e-9)


def test_the_chance_of_counts_is_binomial() -> None:
    assert chance_of_counts(10, 500, 0, 500) == pytest.approx(2 * 0.5**10)
    assert chance_of_counts(0, 100, 0, 900) == 1.0
    assert chance_of_counts(5, 1000, 20, 4000) > 0.5
    assert chance_of_counts(3, 100, 0, 200) > 0.01  # a short past without any proves little
    assert chance_of_counts(60, 300, 24, 1200) < 1e-12


def test_words_that_only_the_item_itself_brings_are_not_known() -> None:
    corpus = [Reading(("camp", "returns", word), 3, ()) for word in ("one", "two", "two")]
    assert known_to_others(corpus, 2)(corpus).tolist() == [2, 2, 2]
    assert known_to_others(corpus, 1)(corpus).tolist() == [2, 3, 3]
    assert known_to({"camp"})(corpus).tolist() == [1, 1, 1]
    assert known_to({"camp"})([]).tolist() == []


def described(**changes: Any) -> dict[str, Any]:
    texts = [("Harbour notes", "A bakery wins"), ("Hafen", ""), ("Harbour", ""), ("", "")]
    given_ = {
        "readings": [read(title, text, lexicon.load()) for title, text in texts],
        "langs": ["en", "de", "en", "en"],
        "texts_empty": [not text for _, text in texts],
        "logits": {"returns": np.array([-1.0, -2.0, -3.0, 5.0])},
        "known": known_to({"harbour", "notes"}),
    }
    return reference(**{**given_, **changes})


def test_the_reference_counts_by_language_and_is_plain_rounded_json() -> None:
    found = described()
    assert found["languages"] == {
        "de": {"items": 1, "unknown_words": 1.0, "no_text": 1.0},
        "en": {"items": 3, "unknown_words": 0.5, "no_text": 0.6667},
    }
    assert found["ordinary"] == 4
    assert found["upper"] == {"returns": [5.0] * 9}
    assert json.loads(json.dumps(found)) == found


def test_the_deciles_are_of_ordinary_items_alone() -> None:
    found = described(ordinary=[True, True, True, False])
    assert found["upper"] == {"returns": [-1.0] * 9}
    assert found["ordinary"] == 3
    assert found["languages"] == described()["languages"]
    assert described(ordinary=[False] * 4)["upper"] == {}


def test_the_deciles_cut_the_upper_twentieth_in_ten() -> None:
    values = np.arange(4000, dtype=np.float64)
    found = reference([Reading((), 0, ())] * 4000, ["en"] * 4000, [True] * 4000, {"a": values}, known_to(()))
    assert len(upper(values)) == 4000 * UPPER
    assert found["upper"]["a"] == pytest.approx([3819.9 + 19.9 * at for at in range(9)])
    assert found["languages"]["en"]["unknown_words"] == 0.0


def test_a_manifest_without_a_reference_or_with_a_broken_one_has_none() -> None:
    whole = {"reference": described()}
    read_back = Training.of_facts(json.loads(json.dumps(whole)))
    assert read_back is not None
    assert read_back.languages["en"] == (3, 0.5, 0.6667)
    assert (len(read_back.upper["returns"]), read_back.ordinary) == (9, 4)
    for broken in ({}, {"reference": None}, {"reference": {"languages": {"en": {}}, "upper": {}}}, {"reference": []}):
        assert Training.of_facts(broken) is None
