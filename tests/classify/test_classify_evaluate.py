import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from monitor.classify.quality import evaluate

judged = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 0.9, 1.0])), min_size=1, max_size=40
)


def arrays(pairs: list[tuple[bool, float]]) -> tuple[evaluate.Truths, evaluate.Scores]:
    truths, scores = zip(*pairs, strict=True)
    return np.array(truths, dtype=bool), np.array(scores)


@given(judged.filter(lambda pairs: any(truth for truth, _ in pairs)))
def test_average_precision_is_that_of_scikit_learn(pairs: list[tuple[bool, float]]) -> None:
    truths, scores = arrays(pairs)
    assert evaluate.average_precision(truths, scores) == pytest.approx(metrics.average_precision_score(truths, scores))


@given(judged, st.sampled_from([0.1, 0.5, 0.9]))
def test_precision_recall_and_f1_are_those_of_scikit_learn(pairs: list[tuple[bool, float]], threshold: float) -> None:
    truths, scores = arrays(pairs)
    expected = metrics.precision_recall_fscore_support(
        truths, scores >= threshold, average="binary", zero_division=np.nan
    )
    ours = evaluate.precision_recall_f1(truths, scores, threshold)
    assert ours == pytest.approx(expected[:3], nan_ok=True)


def test_calibration_error_is_nothing_where_scores_say_the_truth() -> None:
    truths = np.array([True] * 3 + [False] * 7)
    assert evaluate.calibration_error(truths, np.full(10, 0.3)) == pytest.approx(0)
    assert evaluate.calibration_error(truths, np.full(10, 0.8)) == pytest.approx(0.5)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.sampled_from([0.0, 1.0, 20.0, 100.0, 1000.0]))
def test_the_threshold_lets_no_more_background_through_than_allowed(scores: list[float], allowed: float) -> None:
    background = np.array(scores)
    passed = int((background >= evaluate.threshold_at(background, allowed)).sum())
    assert passed <= len(background) * allowed / 1000


def test_recall_is_measured_above_the_background() -> None:
    truths = np.array([True, True, False])
    background = np.linspace(0, 0.5, 1000)
    assert evaluate.recall_at(truths, np.array([0.9, 0.2, 0.9]), background) == 0.5
