"""The one resolver: scores, lines, what people said, and the watch-list."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.entry import WATCH, Score
from monitor.domain.labels import Band, Cut, Lines, cuts_for, decide, passing

share = st.floats(0, 1)
CUTS = {"returns": Cut(0.5, 0.2), "policy": Cut(0.6, 0.6)}


def bands(human: dict[str, bool] | None = None, **scores: float) -> dict[str, Band]:
    found = {label: Score(value) for label, value in scores.items()}
    return {d.label: d.band for d in decide(found, CUTS, human=human or {})}


def test_three_bands_lie_between_two_lines() -> None:
    assert bands(returns=0.5) == {"returns": Band.IN}
    assert bands(returns=0.49) == bands(returns=0.2) == {"returns": Band.REVIEW}
    assert bands(returns=0.19) == {"returns": Band.OUT}
    assert bands(policy=0.59) == {"policy": Band.OUT}


def test_a_person_beats_the_model_both_ways() -> None:
    assert bands({"returns": True}, returns=0.01) == {"returns": Band.IN}
    assert bands({"returns": False}, returns=0.99) == {"returns": Band.OUT}
    assert bands({"policy": True}, returns=0.1) == {"returns": Band.OUT, "policy": Band.IN}


def test_what_a_person_put_in_comes_first() -> None:
    found = {"returns": Score(0.99), "policy": Score(0.1)}
    assert passing(found, CUTS, human={"policy": True}) == ("policy", "returns")


def test_what_is_watched_is_a_near_miss_at_least_unless_a_person_refused_it() -> None:
    assert bands(returns=0.01, **{WATCH: 1.0}) == {"returns": Band.REVIEW}
    assert bands(returns=0.7, **{WATCH: 1.0}) == {"returns": Band.IN}
    assert bands({"returns": False}, returns=0.01, **{WATCH: 1.0}) == {"returns": Band.OUT}


def test_labels_without_a_line_are_passed_over() -> None:
    assert bands(prosecution=0.9) == {}


@given(share, share, share)
def test_passing_is_being_in(score: float, one: float, other: float) -> None:
    cut = Cut(max(one, other), min(one, other))
    [decision] = decide({"x": Score(score)}, {"x": cut})
    assert decision.passes == (decision.band is Band.IN) == (score >= cut.threshold) == (decision.margin >= 0)
    assert (decision.band is Band.OUT) == (score < cut.review)


@given(st.dictionaries(st.sampled_from(["ru", "ar"]), share), st.dictionaries(st.just("news"), share), share)
def test_no_entry_passes_below_the_lowest_line(
    languages: dict[str, float], tiers: dict[str, float], line: float
) -> None:
    lines = Lines(
        Cut.single(line),
        {code: Cut.single(value) for code, value in languages.items()},
        {tier: Cut.single(value) for tier, value in tiers.items()},
    )
    for lang in ("ru", "ar", "en"):
        for tier in ("news", "analysis"):
            cut = cuts_for({"x": lines}, lang, tier)["x"]
            assert cut.threshold >= lines.lowest.threshold
            assert cut.threshold == languages.get(lang, tiers.get(tier, line))
