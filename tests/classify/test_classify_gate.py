import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.classify.quality.gate import Contest, Side, Verdict, judge, kept_out, numbers

POSITIVES, NEGATIVES = 60, 140


def contest(
    before: float | None,
    after: float | None,
    *,
    positives: int = POSITIVES,
    negatives: int = NEGATIVES,
    threshold: float = 0.5,
    languages: str = "en",
    seed: int = 0,
) -> Contest:
    """Positives and negatives whose scores lie ``before`` and ``after`` noise apart; None is a model without the label.

    The noise is the same for both, so that the models differ only in how far apart they keep the two kinds.
    """
    truths = np.arange(positives + negatives) < positives
    noise = np.random.default_rng(seed).normal(size=len(truths))

    def side(apart: float | None, line: float) -> Side | None:
        return None if apart is None else Side(1 / (1 + np.exp(-(noise + apart * (truths - 0.5)))), line)

    langs = np.array([languages] * len(truths), dtype=np.str_)
    return Contest(truths, langs, side(before, 0.5), side(after, threshold))


def only_reason(verdict: Verdict) -> str:
    assert not verdict.passed
    (reason,) = verdict.reasons
    return reason


def test_a_challenger_that_is_better_in_every_label_passes() -> None:
    verdict = judge({"returns": contest(1.0, 3.0), "policy": contest(1.5, 3.0, seed=1)})
    assert verdict.passed
    assert verdict.reasons == ()
    gain = verdict.labels["returns"].average_precision
    assert gain.low is not None
    assert gain.high is not None
    assert gain.difference is not None
    assert 0 < gain.low < gain.difference < gain.high
    assert not verdict.twin


def test_one_label_that_is_surely_worse_is_enough_to_be_refused() -> None:
    verdict = judge({"returns": contest(1.0, 5.0), "policy": contest(3.0, 2.0)})
    assert not verdict.passed
    assert all(reason.startswith("policy: ") for reason in verdict.reasons)
    assert "average precision is surely worse" in verdict.reasons[0]
    assert verdict.labels["policy"].average_precision.surely_worse


def test_a_fall_of_more_than_a_hundredth_is_refused_where_it_is_not_sure_either() -> None:
    worse = contest(2.0, 2.0)
    assert worse.challenger is not None
    scores = worse.challenger.scores.copy()
    scores[60] = scores[62] = 0.999  # two negatives at the top of the list
    fallen = replace(worse, challenger=Side(scores, 0.5))
    verdict = judge({"policy": fallen, "returns": contest(1.0, 5.0)})
    precision = verdict.labels["policy"].average_precision
    assert precision.difference is not None
    assert precision.difference < -0.01
    assert precision.high is not None
    assert precision.high >= 0
    assert "policy: average precision falls by more than 0.01" in only_reason(verdict)


def test_f1_counts_at_the_threshold_that_each_model_recommends() -> None:
    verdict = judge({"policy": contest(3.0, 3.1, threshold=0.8), "returns": contest(1.0, 5.0)})
    assert only_reason(verdict).startswith("policy: F1 is surely worse")


def test_without_any_gain_it_stays_as_it_is() -> None:
    same_order = contest(2.0, 2.0)
    assert same_order.challenger is not None
    moved = replace(same_order, challenger=Side(same_order.challenger.scores**1.01, 0.5))
    assert only_reason(judge({"returns": moved})).startswith("nothing is gained")


def test_a_twin_passes_without_a_gain() -> None:
    verdict = judge({"returns": contest(2.0, 2.0), "policy": contest(1.0, 1.0)})
    assert verdict.twin
    assert verdict.passed


def test_a_twin_in_one_label_only_is_none() -> None:
    assert not judge({"returns": contest(2.0, 2.0), "policy": contest(1.0, 2.0)}).twin


@pytest.mark.parametrize(
    ("positives", "negatives", "words"),
    [(7, 140, "not enough labels (7/30)"), (60, 29, "not enough labels (29/30)"), (0, 0, "not enough labels (0/30)")],
)
def test_with_too_few_items_nothing_can_be_said(positives: int, negatives: int, words: str) -> None:
    few = contest(1.0, 5.0, positives=positives, negatives=negatives)
    verdict = judge({"returns": few})
    assert not verdict.passed
    assert any(words in reason for reason in verdict.reasons)
    assert judge({"returns": contest(1.0, 5.0, positives=30, negatives=30)}).passed


def test_a_challenger_that_finds_nothing_is_refused_also_where_nothing_stands_in_its_way() -> None:
    blind = contest(None, 3.0, threshold=1.1)
    assert "returns: F1 is 0: none of 60 is found" in judge({"returns": blind}).reasons


def languages_of(before: int | None, after: int, positives: int) -> Verdict:
    """Two languages: in French ``before`` and ``after`` of so many positives are found; in English more than ever."""
    truths = np.r_[np.ones(POSITIVES), np.ones(positives), np.zeros(NEGATIVES)].astype(bool)
    languages = np.array(["en"] * POSITIVES + ["fr"] * positives + ["en"] * NEGATIVES, dtype=np.str_)

    def side(english: int, french: int, negatives: float) -> Side:
        found = np.r_[np.arange(POSITIVES) < english, np.arange(positives) < french]
        return Side(np.r_[np.where(found, 0.9, 0.2), np.full(NEGATIVES, negatives)], 0.5)

    incumbent = None if before is None else side(20, before, 0.3)
    return judge({"returns": Contest(truths, languages, incumbent, side(60, after, 0.1))})


@pytest.mark.parametrize(
    ("before", "after", "positives", "lost"),
    [
        (8, 3, 10, True),
        (8, 4, 10, False),  # half as many are kept
        (5, 2, 10, True),
        (4, 0, 10, False),  # it never found half of them
        (4, 1, 4, False),  # under five positives a language does not count
        (5, 0, 5, True),
        (None, 0, 5, True),
        (None, 1, 5, False),
        (None, 0, 4, False),
    ],
)
def test_a_language_is_lost_where_less_than_half_of_what_was_found_is_found_now(
    before: int | None, after: int, positives: int, lost: bool
) -> None:
    verdict = languages_of(before, after, positives)
    assert verdict.passed is not lost
    assert any("language fr" in reason for reason in verdict.reasons) is lost


def test_a_label_that_gets_lost_is_a_reason() -> None:
    nothing = np.zeros(0)
    aspect = Contest(nothing.astype(bool), nothing.astype(np.str_), None, None)
    verdict = judge({"returns": contest(1.0, 5.0), "policy": contest(2.0, None), "detention": aspect})
    assert only_reason(verdict) == "the new model does not know policy, detention any more"


def test_a_label_that_only_the_challenger_knows_is_not_held_against_it() -> None:
    assert judge({"returns": contest(1.0, 5.0), "new": contest(None, 3.0, positives=3)}).passed


def test_where_there_is_no_incumbent_nothing_is_compared() -> None:
    verdict = judge({"returns": contest(None, 0.5, positives=10)})
    assert verdict.passed
    change = verdict.labels["returns"].average_precision
    assert (change.incumbent, change.difference, change.low) == (None, None, None)
    assert change.challenger is not None


def test_the_same_seed_gives_the_same_verdict_and_another_one_other_intervals() -> None:
    held_out = {"returns": contest(2.0, 2.3)}
    assert judge(held_out, seed=3) == judge(held_out, seed=3)
    one, other = (judge(held_out, seed=seed).labels["returns"].average_precision for seed in (3, 4))
    assert one.low != other.low
    assert one.low == pytest.approx(other.low, abs=0.01)


def test_the_numbers_of_a_verdict_are_json_also_where_nothing_is_defined() -> None:
    verdict = judge({"returns": contest(1.0, 2.0, positives=0, negatives=0), "policy": contest(None, 2.0)})
    told = json.loads(json.dumps(numbers(verdict.labels), allow_nan=False))
    assert told["returns"]["average_precision"]["challenger"] is None
    assert told["policy"]["f1"]["incumbent"] is None
    assert told["policy"]["items"] == POSITIVES + NEGATIVES


@settings(max_examples=20)
@given(st.floats(0, 4), st.floats(0, 4), st.integers(0, 99))
def test_who_stands_where_only_turns_the_difference_round(before: float, after: float, seed: int) -> None:
    there = judge({"returns": contest(before, after, seed=seed)}).labels["returns"]
    back = judge({"returns": contest(after, before, seed=seed)}).labels["returns"]
    for name in ("average_precision", "f1"):
        one, other = getattr(there, name), getattr(back, name)
        assert one.difference == pytest.approx(-other.difference)
        assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


@settings(max_examples=20)
@given(st.floats(0.5, 4), st.integers(0, 99))
def test_nobody_is_surely_worse_than_himself(apart: float, seed: int) -> None:
    verdict = judge({"returns": contest(apart, apart, seed=seed)})
    assert verdict.twin
    assert verdict.passed


def test_one_story_in_five_is_kept_out_and_always_the_same_ones() -> None:
    share = sum(map(kept_out, range(1, 10_001))) / 10_000
    assert share == pytest.approx(0.2, abs=0.015)
    # Which ones may never change: what was trained on would be measured on.
    assert [story for story in range(1, 31) if kept_out(story)] == [7, 8, 9, 10, 19, 22, 29]
