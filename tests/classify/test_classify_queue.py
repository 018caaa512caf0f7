"""The queue of a review: what it is made of, in which order, and that it is the same for the same seed."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classify.queue import Candidate, Pick, Why, logit, queue, wanted_words, words_of
from monitor.domain.labels import Cut

CUTS = {"returns": Cut(0.5, 0.25), "policy": Cut(0.3, 0.1)}


def one(id_: int, returns: float = 0.01, policy: float = 0.01, *, story: int | None = None, **more: bool) -> Candidate:
    return Candidate(id_, id_ if story is None else story, {"returns": returns, "policy": policy}, CUTS, **more)


def chosen(candidates: list[Candidate], words: dict[int, frozenset[str]] | None = None, **how: int) -> list[Pick]:
    return queue(candidates, words or {}, [], limit=how.get("limit", 20), seed=how.get("seed", 0))


def ids(picks: list[Pick], why: Why | None = None) -> list[int]:
    return [pick.id for pick in picks if why in (None, pick.why)]


def off(candidate: Candidate) -> float:
    return min(abs(logit(candidate.scores[n]) - logit(cut.threshold)) for n, cut in CUTS.items())


def test_three_of_five_are_uncertain_one_unlike_the_others_and_one_drawn() -> None:
    stream = [one(n, returns=n / 2_000) for n in range(1, 1_000)]
    words = {n: frozenset({f"w{n}", f"v{n % 7}"}) for n in range(1, 1_000)}
    picks = chosen(stream, words)
    assert Counter(pick.why for pick in picks) == {Why.UNCERTAIN: 12, Why.DIVERSE: 4, Why.RANDOM: 4}
    assert {pick.why for pick in picks[:5]} == {Why.UNCERTAIN, Why.DIVERSE, Why.RANDOM}
    assert [pick.why for pick in chosen(stream, words, limit=1)] == [Why.UNCERTAIN]


def test_uncertain_is_what_is_nearest_to_the_line_of_any_label_in_logit() -> None:
    # By difference .97 would be farther off than .1 is; in logit .02 is farther off still.
    stream = [one(1, returns=0.97), one(2, policy=0.31), one(3, returns=0.47), one(4, returns=0.02), one(5, policy=0.1)]
    picks = ids(chosen(stream, limit=5), Why.UNCERTAIN)
    assert picks == sorted(picks, key=lambda id_: off(stream[id_ - 1]))
    assert picks[:3] == [2, 3, 5]


def test_an_uncertain_pick_says_which_line_it_is_near() -> None:
    (pick,) = chosen([one(7, returns=0.02, policy=0.28)], limit=1)
    assert pick == Pick(7, Why.UNCERTAIN, "policy", 0.28, 0.3)


def test_of_a_story_one_entry_is_asked_about_whatever_it_is_chosen_for() -> None:
    stream = [one(n, returns=0.3 + n / 1_000, story=n // 10) for n in range(40)]
    picks = ids(chosen(stream, {n: frozenset({f"w{n}"}) for n in range(40)}))
    assert len(picks) == 4
    assert {id_ // 10 for id_ in picks} == {0, 1, 2, 3}


def test_diverse_picks_are_the_near_misses_that_are_least_like_what_was_seen() -> None:
    words = {
        1: frozenset(["court", "trial", "verdict"]),
        2: frozenset(["court", "trial", "appeal"]),
        3: frozenset(["flight", "children", "camp"]),
        4: frozenset(["passport", "bill", "vote"]),
    }
    # The first is the uncertain one; all others are near-misses, 2 the nearest to its line.
    stream = [one(1, returns=0.5), one(2, returns=0.45), one(3, returns=0.4), one(4, returns=0.35)]
    known = [frozenset(["passport", "law", "senate"])]
    assert ids(queue(stream, words, known, limit=2, seed=0), Why.DIVERSE) == [3]
    assert ids(queue(stream, words, [], limit=2, seed=0), Why.DIVERSE) == [3]
    both = [*known, words[3]]
    assert ids(queue(stream, words, both, limit=2, seed=0), Why.DIVERSE) == [4]
    assert ids(queue(stream, words, [*both, words[4]], limit=2, seed=0), Why.DIVERSE) == [2]


def test_diverse_picks_are_unlike_each_other() -> None:
    # 10 to 19 are for the other turns; of the near-misses 1 is the nearest to its line, and 2 nearly its twin.
    stream = [*(one(n, returns=0.5) for n in range(10, 20)), *(one(n, returns=0.45 - n / 100) for n in range(1, 4))]
    words = {1: frozenset({"flight", "camp"}), 2: frozenset({"flight", "camp", "noon"}), 3: frozenset({"bill", "vote"})}
    assert ids(queue(stream, words, [], limit=7, seed=0), Why.DIVERSE) == [1, 3]


def test_only_near_misses_are_chosen_for_being_unlike_the_others() -> None:
    stream = [
        one(1, returns=0.5), one(2, returns=0.9), one(3, returns=0.001), one(4, returns=0.3),
        one(5, returns=0.001, watched=True), one(6, returns=0.3, policy=0.9),
    ]  # fmt: skip
    words = {n: frozenset({f"w{n}"}) for n in range(1, 7)}
    picks = chosen(stream, words, limit=7)
    assert set(ids(picks, Why.DIVERSE)) <= {4, 5}
    assert ids(picks, Why.DIVERSE)


def test_what_has_no_words_is_not_unlike_the_others() -> None:
    stream = [one(1, returns=0.5), one(2, returns=0.4), one(3, returns=0.3)]
    picks = chosen(stream, {1: frozenset({"a"}), 2: frozenset(), 3: frozenset({"a"})}, limit=2)
    assert ids(picks, Why.DIVERSE) == [3]


def test_drawn_ones_come_from_the_whole_stream_low_scores_too() -> None:
    stream = [one(n, returns=0.4) for n in range(100)] + [one(n, returns=0.0001) for n in range(100, 1_000)]
    drawn = [id_ for seed in range(60) for id_ in ids(chosen(stream, limit=5, seed=seed), Why.RANDOM)]
    assert len(drawn) == 60
    assert 40 <= sum(id_ >= 100 for id_ in drawn) <= 60  # 54 are to be expected
    assert len(set(drawn)) > 40


def test_the_lot_of_an_entry_does_not_hang_on_what_else_came() -> None:
    stream = [one(n) for n in range(500)]
    first = ids(chosen(stream, seed=3), Why.RANDOM)
    gone = {pick for pick in ids(chosen(stream, seed=3)) if pick not in first}
    again = ids(chosen([c for c in stream if c.id not in gone], seed=3), Why.RANDOM)
    assert set(first) & set(again)


def test_words_are_needed_of_the_uncertain_and_the_near_misses_alone() -> None:
    stream = [one(1, returns=0.5), one(2, returns=0.3), *(one(n, returns=0.001) for n in range(3, 50))]
    assert wanted_words(stream, 2) == [1, 2]
    many = [one(n, returns=0.26 + n / 10_000) for n in range(2_000)]
    assert len(wanted_words(many, 20)) <= 320


def test_words_are_folded_without_stopwords_and_numbers() -> None:
    assert words_of("The Trial of 12 Women", "ÉCOLE и школа", {"the", "of", "и"}) == {
        "trial",
        "women",
        "école",
        "школа",
    }
    assert words_of("", "", set()) == frozenset()


def test_nothing_to_choose_from_gives_nothing() -> None:
    assert chosen([]) == []
    assert chosen([one(1)], limit=0) == []


def test_an_entry_that_a_new_label_has_not_scored_comes_last() -> None:
    unscored = Candidate(1, 1, {}, CUTS)
    picks = chosen([unscored, one(2, returns=0.001)], limit=2)
    assert sorted(ids(picks)) == [1, 2]
    assert picks[0].id == 2
    assert picks[1].label == ""


probabilities = st.floats(0, 1)
streams = st.lists(st.tuples(probabilities, probabilities, st.integers(0, 12), st.booleans()), max_size=40).map(
    lambda rows: [one(n, r, p, story=s, watched=w) for n, (r, p, s, w) in enumerate(rows)]
)
word_sets = st.dictionaries(st.integers(0, 40), st.frozensets(st.sampled_from("abcdefgh"), max_size=4))


@given(stream=streams, words=word_sets, limit=st.integers(0, 25), seed=st.integers(0, 5))
def test_the_queue_is_as_long_as_it_can_be_without_repeats_and_the_same_each_time(
    stream: list[Candidate], words: dict[int, frozenset[str]], limit: int, seed: int
) -> None:
    picks = queue(stream, words, [frozenset("ab")], limit=limit, seed=seed)
    by_id = {candidate.id: candidate for candidate in stream}
    stories = [by_id[pick.id].story for pick in picks]
    assert len(stories) == len(set(stories)) == min(limit, len({candidate.story for candidate in stream}))
    shuffled = sorted(stream, key=lambda candidate: candidate.id * 7 % 11)
    assert queue(shuffled, words, [frozenset("ab")], limit=limit, seed=seed) == picks
    uncertain = [off(by_id[id_]) for id_ in ids(picks, Why.UNCERTAIN)]
    if len(picks) >= limit:
        assert uncertain == sorted(uncertain)
    if uncertain:
        assert math.isclose(uncertain[0], min(map(off, stream)), abs_tol=1e-9)


@pytest.mark.parametrize("probability", [0.0, 1.0, 1e-12])
def test_a_probability_of_0_or_1_has_a_place_too(probability: float) -> None:
    assert math.isfinite(logit(probability))
    assert ids(chosen([one(1, returns=probability, policy=probability)])) == [1]
