"""The line that is found meets its goal on the data it was given, whenever some line can."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classify import tune
from monitor.classify.options import GoalOptions
from monitor.classify.tune import LINES, Evidence, Goal, Stream
from monitor.errors import UsageError

scores = st.one_of(st.sampled_from([0.0, 0.004, 0.01, 0.29, 0.295, 0.57, 0.58, 0.99, 0.995, 1.0]), st.floats(0, 1))
judged = st.lists(st.tuples(st.booleans(), scores), min_size=1, max_size=30)
shares = st.sampled_from([0.05, 0.3, 0.5, 2 / 3, 0.9, 0.95, 1.0])
entries = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 3), scores, st.sampled_from([-1, -1, -1, 0, 1]), st.booleans()),
    min_size=1,
    max_size=40,
)
"""Story, day, score, what a person said, and whether it is watched."""


def evidence(pairs: Sequence[tuple[bool, float]], groups: Sequence[int] | None = None) -> Evidence:
    truths, values = (list(column) for column in zip(*pairs, strict=True)) if pairs else ([], [])
    at = range(len(pairs)) if groups is None else groups
    return Evidence(np.array(truths, dtype=bool), np.array(values, dtype=float), np.array(at, dtype=np.int64))


def stream(rows: Sequence[tuple[int, int, float, int, bool]], days: float = 4.0) -> Stream:
    story, day, values, said, watched = (list(c) for c in zip(*rows, strict=True)) if rows else ([], [], [], [], [])
    whole = {"dtype": np.int64}
    return Stream(
        np.arange(len(rows), **whole), np.array(story, **whole), np.array(day, **whole), np.array(values, dtype=float),
        np.array(said, **whole), np.array(watched, dtype=bool), days,
    )  # fmt: skip


def plain(values: Sequence[float], days: float = 4.0) -> Stream:
    """A stream in which each entry is a story of its own."""
    return stream([(at, at % 4, value, -1, False) for at, value in enumerate(values)], days)


NOBODY, NOTHING = evidence([]), stream([])


def precise(pairs: Sequence[tuple[bool, float]], line: float, target: float) -> bool:
    found = [truth for truth, value in pairs if value >= line]
    return bool(found) and sum(found) / len(found) >= target - 1e-9


def recalls(pairs: Sequence[tuple[bool, float]], line: float, target: float) -> bool:
    found = [value >= line for truth, value in pairs if truth]
    return bool(found) and sum(found) / len(found) >= target - 1e-9


def stories_over(rows: Sequence[tuple[int, int, float, int, bool]], line: float) -> int:
    return len({story for story, _, value, said, _ in rows if said == 1 or (said < 0 and value >= line)})


@given(judged, shares)
def test_precision_finds_the_lowest_line_that_meets_it(pairs: list[tuple[bool, float]], target: float) -> None:
    found = tune.line(Goal("precision", target), evidence(pairs), NOTHING)
    meeting = [line for line in LINES.tolist() if precise(pairs, line, target)]
    expected = 0.0 if precise(pairs, 0.0, target) else min(meeting, default=1.0)
    assert found == expected


@given(judged, shares)
def test_recall_finds_the_highest_line_that_meets_it(pairs: list[tuple[bool, float]], target: float) -> None:
    found = tune.line(Goal("recall", target), evidence(pairs), NOTHING)
    assert found == max((line for line in LINES.tolist() if recalls(pairs, line, target)), default=0.0)


@given(entries, st.sampled_from([0.25, 0.5, 1.0, 2.0, 3.0]))
def test_budget_finds_the_lowest_line_within_it_and_never_exceeds_it(rows: list[Any], per_day: float) -> None:
    found = tune.line(Goal("budget", per_day), NOBODY, stream(rows))
    within = [line for line in LINES.tolist() if stories_over(rows, line) <= per_day * 4]
    expected = 0.0 if stories_over(rows, 0.0) <= per_day * 4 else min(within, default=1.0)
    assert found == expected


@given(judged, shares, shares)
def test_more_precision_never_asks_for_a_lower_line_nor_more_recall_for_a_higher_one(
    pairs: list[tuple[bool, float]], one: float, other: float
) -> None:
    low, high = sorted((one, other))
    given_ = evidence(pairs)
    assert tune.line(Goal("precision", low), given_, NOTHING) <= tune.line(Goal("precision", high), given_, NOTHING)
    assert tune.line(Goal("recall", low), given_, NOTHING) >= tune.line(Goal("recall", high), given_, NOTHING)


@given(entries, st.floats(0.1, 5), st.floats(0.1, 5))
def test_a_larger_budget_never_asks_for_a_higher_line(rows: list[Any], one: float, other: float) -> None:
    low, high = sorted((one, other))
    came = stream(rows)
    assert tune.line(Goal("budget", low), NOBODY, came) >= tune.line(Goal("budget", high), NOBODY, came)


@given(judged, entries, st.floats(0.1, 50), st.floats(0.1, 50))
def test_dearer_misses_never_ask_for_a_higher_line(
    pairs: list[tuple[bool, float]], rows: list[Any], one: float, other: float
) -> None:
    low, high = sorted((one, other))
    known, came = evidence(pairs), stream(rows)
    assert tune.line(Goal("cost", low), known, came) >= tune.line(Goal("cost", high), known, came)


@pytest.mark.parametrize("cost_miss", [1.0, 5.0, 20.0])
def test_cost_comes_near_the_cheapest_line_of_a_stream_of_which_only_a_sample_is_known(cost_miss: float) -> None:
    rng = np.random.default_rng(3)
    good, bad = rng.beta(4, 2, 60), rng.beta(1, 30, 12_000)
    sample = [(True, v) for v in rng.beta(4, 2, 200)] + [(False, v) for v in rng.beta(2, 6, 400)]
    found = tune.line(Goal("cost", cost_miss), evidence(sample), plain([*good, *bad]))

    def cost(line: float) -> float:
        return float((bad >= line).sum() + cost_miss * (good < line).sum())

    assert cost(found) <= 1.25 * min(cost(line) for line in LINES)


def test_dear_misses_and_cheap_ones_ask_for_different_lines() -> None:
    sample = [(True, 0.9)] * 30 + [(True, 0.4)] * 10 + [(False, 0.4)] * 30
    came = plain([0.9] * 30 + [0.4] * 40 + [0.01] * 900)  # of the 40 in the middle about 10 are right
    assert tune.line(Goal("cost", 1), evidence(sample), came) == 0.41
    assert tune.line(Goal("cost", 9), evidence(sample), came) == 0.02


def test_what_people_have_judged_is_neither_a_false_alert_nor_a_miss() -> None:
    sample = [(True, 0.9)] * 30 + [(True, 0.4)] * 10 + [(False, 0.4)] * 30
    rows = [(at, 0, 0.9 if at < 30 else 0.4 if at < 70 else 0.01, -1, False) for at in range(970)]
    let_in = [(1_000 + at, 0, 0.95, 1, False) for at in range(400)]
    assert tune.line(Goal("cost", 1), evidence(sample), stream([*rows, *let_in])) == 0.41


def test_a_story_counts_once_with_its_best_entry_and_a_person_s_word_stands() -> None:
    rows = [(1, 0, 0.8, -1, False), (1, 1, 0.9, -1, False), (2, 0, 0.7, -1, False), (3, 0, 0.6, -1, False)]
    assert tune.line(Goal("budget", 0.5), NOBODY, stream(rows)) == 0.61  # two stories in four days
    refused = [*rows[:2], (2, 0, 0.7, 0, False), rows[3]]
    assert tune.line(Goal("budget", 0.25), NOBODY, stream(refused)) == 0.61
    let_in = [*rows[:3], (3, 0, 0.1, 1, False)]
    assert tune.line(Goal("budget", 0.5), NOBODY, stream(let_in)) == 0.71
    assert stream(let_in).over(0.95).tolist() == [False, False, False, True]


def test_near_misses_are_what_is_watched_and_what_lies_between_the_lines_but_nothing_that_was_judged() -> None:
    rows = [
        (1, 0, 0.5, -1, False),
        (2, 0, 0.1, -1, True),
        (3, 0, 0.9, -1, True),
        (4, 0, 0.5, 0, True),
        (5, 0, 0.1, -1, False),
    ]
    assert stream(rows).near(0.6, 0.3).tolist() == [True, True, False, False, False]


@given(entries, st.sampled_from([0.01, 0.3, 0.58, 0.99]))
def test_at_most_five_times_as_many_stories_pass_the_review_line_which_is_never_over_the_threshold(
    rows: list[Any], threshold: float
) -> None:
    review = tune.review_line(stream(rows), threshold)
    assert review is not None
    assert 0 < review <= threshold
    allowed = 5 * max(stories_over(rows, threshold), 1)
    assert review == threshold or stories_over(rows, review) <= allowed
    assert review in {0.01, threshold} or stories_over(rows, round(review - 0.01, 2)) > allowed


def test_the_review_line_lets_five_times_as_many_pass() -> None:
    assert tune.review_line(plain([0.9, 0.85, *[at / 100 + 0.005 for at in range(10, 40)]]), 0.8) == 0.32


def test_an_empty_stream_has_no_review_line() -> None:
    assert tune.review_line(NOTHING, 0.5) is None


GOALS = [Goal("budget", 2.0), Goal("precision", 0.8), Goal("recall", 0.8), Goal("cost", 5.0)]


def sampled(size: int, seed: int = 1) -> tuple[Evidence, Stream]:
    rng = np.random.default_rng(seed)
    pairs = [(True, v) for v in rng.beta(4, 2, size)] + [(False, v) for v in rng.beta(2, 5, size)]
    rows = [
        (at, at % 10, value, -1, False) for at, value in enumerate(np.r_[rng.beta(4, 2, 40), rng.beta(1, 30, 4000)])
    ]
    return evidence(pairs), stream(rows, 10.0)


@pytest.mark.parametrize("goal", GOALS, ids=str)
def test_the_interval_holds_the_line_is_the_same_each_time_and_wide_where_little_is_known(goal: Goal) -> None:
    known, came = sampled(400)
    low, high = tune.interval(goal, known, came)
    assert 0 < low <= tune.line(goal, known, came) <= high < 1
    assert tune.interval(goal, known, came) == (low, high)
    assert high > low


def test_more_labels_make_the_interval_narrower_and_copies_of_one_story_do_not() -> None:
    goal = Goal("recall", 0.8)
    few, many = sampled(30)[0], sampled(3000)[0]
    width = [high - low for low, high in (tune.interval(goal, known, NOTHING) for known in (few, many))]
    assert width[1] < width[0] / 3
    pairs = list(zip(few.truths.tolist(), few.scores.tolist(), strict=True))
    copies = evidence(pairs * 10, [at for _ in range(10) for at in range(len(pairs))])
    assert tune.interval(goal, copies, NOTHING) == tune.interval(goal, few, NOTHING)
    assert tune.measure(copies, 0.5) == tune.measure(few, 0.5)


def test_an_interval_that_ends_at_1_says_that_some_draws_have_no_line() -> None:
    known = evidence([(True, 0.9)] * 9 + [(False, 0.95)] + [(False, 0.1)] * 9)
    assert tune.interval(Goal("precision", 0.9), known, NOTHING)[1] == 1.0


def test_a_line_is_measured_with_intervals_around_what_was_measured() -> None:
    known = evidence([(True, 0.9)] * 40 + [(True, 0.2)] * 10 + [(False, 0.9)] * 10 + [(False, 0.1)] * 100)
    found = tune.measure(known, 0.5)
    assert (found.precision, found.recall) == (0.8, 0.8)
    assert found.precision_interval is not None
    assert found.recall_interval is not None
    for low, high in (found.precision_interval, found.recall_interval):
        assert 0.6 < low < 0.8 < high < 1.0


def test_what_has_nothing_to_divide_by_is_not_known() -> None:
    found = tune.measure(evidence([(True, 0.4), (False, 0.2)]), 0.5)
    assert (found.precision, found.precision_interval) == (None, None)
    assert found.recall == 0.0
    assert tune.measure(NOBODY, 0.5) == tune.Measured(None, None, None, None)


@pytest.mark.parametrize("goal", GOALS, ids=str)
def test_nothing_known_at_all_finds_no_line_and_does_not_break(goal: Goal) -> None:
    assert tune.line(goal, NOBODY, NOTHING) in {0.0, 1.0}
    assert set(tune.interval(goal, NOBODY, NOTHING)) <= {0.0, 1.0}


@pytest.mark.parametrize(
    ("goal", "pairs", "words"),
    [
        (Goal("precision", 0.9), [(True, 0.4), (False, 0.6)], "the best is 0.50, at 0.01"),
        (Goal("precision", 0.5), [(True, 0.4), (False, 0.6)], "lets everything in"),
        (Goal("recall", 0.9), [(True, 0.4), (True, 0.0)], "even 0.01 does not find a share of 0.9"),
        (Goal("budget", 9), [(True, 0.4)], "no more than 9 a day"),
        (Goal("budget", 0.1), [(True, 1.0)], "or were put in by people"),
        (Goal("cost", 5), [(True, 0.9), (False, 0.2)], "lets everything in"),
    ],
)
def test_a_line_that_lets_everything_in_or_nothing_is_refused_with_the_reason(
    goal: Goal, pairs: list[tuple[bool, float]], words: str
) -> None:
    known, came = evidence(pairs), plain([value for _, value in pairs])
    found = 0.0 if goal.mode == "cost" else tune.line(goal, known, came)
    with pytest.raises(UsageError, match=words):
        tune.demand(found, goal, known)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (GoalOptions(), "budget 10 a day"),
        (GoalOptions(mode="precision", target=0.85), "precision 0.85"),
        (GoalOptions(mode="recall", target=0.95), "recall 0.95"),
        (GoalOptions(mode="cost", cost_miss=3.0), "cost 3"),
    ],
)
def test_the_goal_of_config_is_told_in_words(options: GoalOptions, words: str) -> None:
    assert str(tune.goal_of(options)) == words
