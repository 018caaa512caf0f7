import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classify.quality.curves import precision_recall, reliability, stream_reliability, stream_weights
from monitor.classify.quality.evaluate import average_precision, calibration_error, precision_recall_f1

rows = st.lists(
    st.tuples(st.booleans(), st.floats(0, 1), st.booleans(), st.floats(0.1, 5)), min_size=1, max_size=40
)  # fmt: skip


def arrays(made):
    truths, scores, look_alike, weights = zip(*made, strict=True)
    return np.array(truths, dtype=bool), np.array(scores), np.array(look_alike, dtype=bool), np.array(weights)


@given(rows)
def test_without_weights_the_error_is_the_plain_calibration_error(made):
    truths, scores, _, _ = arrays(made)
    assert reliability(truths, scores).calibration_error == pytest.approx(calibration_error(truths, scores))


@given(rows)
def test_the_error_is_what_the_bins_tell(made):
    truths, scores, _, weights = arrays(made)
    found = reliability(truths, scores, weights)
    told = sum(each.weight * abs(each.mean_score - each.share_positive) for each in found.bins if each.count)
    assert found.calibration_error == pytest.approx(told, abs=1e-12)
    assert sum(each.count for each in found.bins) == len(truths)
    assert sum(each.weight for each in found.bins) == pytest.approx(1)
    for each in found.bins:
        assert (each.mean_score is None) == (each.share_positive is None) == (each.count == 0)
        if each.mean_score is not None:
            assert each.low - 1e-9 <= each.mean_score <= each.high + 1e-9
            assert -1e-9 <= each.share_positive <= 1 + 1e-9


def test_of_no_item_there_is_no_reliability():
    assert reliability(np.array([], dtype=bool), np.array([])) is None


@given(rows, st.floats(0.001, 0.1), st.floats(0, 5))
def test_each_kind_has_its_share_of_the_stream(made, base_rate, look_alikes):
    truths, _, look_alike, _ = arrays(made)
    weights = stream_weights(truths, look_alike, base_rate, look_alikes)
    rest = ~truths & ~look_alike
    if not truths.any() or not rest.any():
        assert weights is None
        return
    alike = look_alike & ~truths
    share = base_rate * look_alikes if alike.any() else 0.0
    assert weights.mean() == pytest.approx(1)
    assert weights[truths].sum() / len(truths) == pytest.approx(base_rate)
    assert weights[alike].sum() / len(truths) == pytest.approx(share)
    assert weights[rest].sum() / len(truths) == pytest.approx(1 - base_rate - share)
    assert all(len(set(weights[kind])) <= 1 for kind in (truths, alike, rest))


def test_shares_of_more_than_a_stream_are_refused():
    with pytest.raises(ValueError, match="more than a whole stream"):
        stream_weights(np.array([True, False, False]), np.array([False, True, False]), 0.3, 4)


def test_in_a_stream_a_high_score_is_worth_less_than_on_the_set():
    # Four items of .95: one positive and three look-alikes; 96 ordinary items of .05.
    truths = np.array([True] + [False] * 99)
    look_alike = np.array([False] + [True] * 3 + [False] * 96)
    scores = np.array([0.95] * 4 + [0.05] * 96)
    assert reliability(truths, scores).bins[9].share_positive == pytest.approx(0.25)
    found = stream_reliability(truths, scores, look_alike)
    # By hand: weights .002 and .008 above, .99 below; 1 of 5 is positive above, none below.
    assert found.bins[9].share_positive == pytest.approx(0.2)
    assert found.bins[9].weight == pytest.approx(0.01)
    assert found.bins[9].count == 4
    assert found.calibration_error == pytest.approx(0.01 * (0.95 - 0.2) + 0.99 * 0.05)


def test_without_ordinary_items_there_is_no_stream():
    truths = np.array([True, False])
    assert stream_reliability(truths, np.array([0.9, 0.5]), ~truths) is None


@given(rows, st.floats(0, 1))
def test_the_steps_of_the_curve_sum_to_average_precision(made, line):
    truths, scores, _, _ = arrays(made)
    found = scores >= line
    curve = precision_recall(truths, scores, found)
    if not truths.any():
        assert curve is None
        return
    steps = np.diff(curve.recall, prepend=0.0)
    assert (steps > 0).all()
    assert curve.recall[-1] == pytest.approx(1)
    assert steps @ np.array(curve.precision) == pytest.approx(average_precision(truths, scores))
    assert curve.average_precision == pytest.approx(average_precision(truths, scores))
    precision, recall, _ = precision_recall_f1(truths, scores, line)
    assert curve.at == (pytest.approx((recall, precision)) if found.any() else None)
