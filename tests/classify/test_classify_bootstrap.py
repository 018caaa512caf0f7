import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classify.quality import bootstrap, evaluate
from monitor.classify.quality.bootstrap import MEASURES, average_precisions, draws, estimates, measured

SCORES = [0.0, 0.1, 0.25, 0.3, 0.5, 0.7, 0.9, 1.0]
judged = st.lists(st.tuples(st.booleans(), st.sampled_from(SCORES), st.booleans()), min_size=1, max_size=40)
weights = st.lists(st.floats(0.01, 5.0), min_size=40, max_size=40)


def arrays(rows: list[tuple[bool, float, bool]]) -> tuple[evaluate.Truths, evaluate.Scores, evaluate.Truths]:
    truths, scores, found = zip(*rows, strict=True)
    return np.array(truths, dtype=bool), np.array(scores), np.array(found, dtype=bool)


def many(items: int, positives: float = 0.3, seed: int = 0) -> tuple[evaluate.Truths, evaluate.Scores, evaluate.Truths]:
    generator = np.random.default_rng(seed)
    truths = generator.random(items) < positives
    scores = np.clip(generator.normal(0.3 + 0.4 * truths, 0.2), 0, 1)
    return truths, scores, scores >= 0.5


@given(judged, st.sampled_from(SCORES))
def test_the_values_are_those_of_the_plain_measures(rows: list[tuple[bool, float, bool]], line: float) -> None:
    truths, scores, _ = arrays(rows)
    plain = evaluate.quality(truths, scores, line)
    found = estimates(truths, scores, scores >= line, resamples=0)
    for name in MEASURES:
        value = found[name].value
        assert (np.nan if value is None else value) == pytest.approx(getattr(plain, name), nan_ok=True)


@given(judged, weights)
def test_average_precision_with_weights_is_that_of_scikit_learn(
    rows: list[tuple[bool, float, bool]], weights: list[float]
) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    truths, scores, _ = arrays([*rows, (True, 0.4, True)])
    given_weights = np.array([*weights, 1.0])[: len(truths)]
    ours = average_precisions(truths, scores, given_weights[None, :])[0]
    assert ours == pytest.approx(metrics.average_precision_score(truths, scores, sample_weight=given_weights))


@given(judged, st.lists(st.integers(0, 3), min_size=40, max_size=40))
def test_an_item_that_weighs_two_is_an_item_that_is_there_twice(
    rows: list[tuple[bool, float, bool]], times: list[int]
) -> None:
    truths, scores, found = arrays(rows)
    counts = np.array(times[: len(truths)])
    weighed = measured(truths, scores, found, counts[None, :].astype(float))
    there = [np.repeat(array, counts) for array in (truths, scores, found)]
    repeated = measured(*there, np.ones((1, len(there[0]))))
    for name in MEASURES:
        assert weighed[name][0] == pytest.approx(repeated[name][0], nan_ok=True)


@given(judged, weights, st.floats(0.1, 100.0))
def test_only_the_proportion_of_weights_counts(
    rows: list[tuple[bool, float, bool]], weights: list[float], scale: float
) -> None:
    truths, scores, found = arrays(rows)
    row = np.array(weights)[None, : len(truths)]
    once, scaled = measured(truths, scores, found, row), measured(truths, scores, found, row * scale)
    for name in MEASURES:
        assert once[name] == pytest.approx(scaled[name], nan_ok=True)


@given(judged, st.integers(0, 5))
def test_measures_are_shares_and_their_intervals_hold_them(rows: list[tuple[bool, float, bool]], seed: int) -> None:
    for name, found in estimates(*arrays(rows), resamples=30, seed=seed).items():
        if found.value is None:
            assert (found.low, found.high) == (None, None), name
        else:
            assert found.low is not None
            assert found.high is not None
            assert 0 <= found.low <= found.value <= found.high <= 1, name


@given(judged, st.randoms(use_true_random=False))
def test_the_order_of_items_changes_nothing(rows: list[tuple[bool, float, bool]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert estimates(*arrays(rows), resamples=30) == estimates(*arrays(shuffled), resamples=30)


def test_a_seed_gives_its_intervals_again_and_another_seed_others() -> None:
    sample = many(200)
    assert estimates(*sample, resamples=100, seed=1) == estimates(*sample, resamples=100, seed=1)
    assert estimates(*sample, resamples=100, seed=1) != estimates(*sample, resamples=100, seed=2)


def test_every_resample_has_as_many_positives_and_negatives_as_the_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_CELLS", 700)  # several pieces
    truths, _, _ = many(100)
    pieces = list(draws(truths, 25, seed=0))
    assert [len(piece) for piece in pieces] == [7, 7, 7, 4]
    drawn = np.concatenate(pieces)
    assert set(drawn[:, truths].sum(axis=1)) == {truths.sum()}
    assert set(drawn[:, ~truths].sum(axis=1)) == {(~truths).sum()}
    assert len(np.unique(drawn, axis=0)) == 25


def test_the_interval_of_a_share_is_that_of_the_normal_approximation() -> None:
    truths = np.array([True] * 400 + [False] * 100)
    found = np.array([True] * 320 + [False] * 180)  # recall .8 of 400
    recall = estimates(truths, found * 0.9, found, resamples=2_000)["recall"]
    assert recall.low is not None
    assert recall.high is not None
    assert recall.high - recall.low == pytest.approx(2 * 1.96 * (0.8 * 0.2 / 400) ** 0.5, rel=0.1)


def test_more_items_make_narrower_intervals() -> None:
    few, more = (estimates(*many(items), resamples=300) for items in (150, 3_000))
    for name in MEASURES:
        widths = [(found.high or 0) - (found.low or 0) for found in (few[name], more[name])]
        assert widths[1] < widths[0] / 2, name


def test_without_resamples_there_is_no_interval_and_without_items_no_value() -> None:
    assert all(found.low is None and found.value is not None for found in estimates(*many(50), resamples=0).values())
    nothing = np.array([], dtype=bool)
    assert all(found.value is None for found in estimates(nothing, np.array([]), nothing).values())
