"""Facts of several entries of one story, told once: steps of measures, and counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.facts import Counted, Figure, Measure, MeasureFact, Stage
from monitor.domain.telling import Teller, ToldFigure, ToldMeasure
from monitor.errors import ModelError
from monitor.extract import reference
from monitor.extract.ledger import counts
from monitor.extract.tracker import steps

START = datetime(2026, 2, 1, tzinfo=UTC)


def teller(id_: int, *, story: int = 1, source: str = "", day: int = 0, near: bool = False) -> Teller:
    at = START + timedelta(days=day)
    return Teller(id_, story, "feed", source or f"Paper {id_}", f"Title {id_}", None, "en", at, at, near)


def told(id_: int, *, negated: bool = False, **how: Any) -> ToldMeasure:
    country, stage = how.pop("country", "FR"), how.pop("stage", Stage.APPLIED)
    return ToldMeasure(teller(id_, **how), MeasureFact(Measure.CITIZENSHIP, country, stage, negated))


def figure(id_: int, low: int | None, high: int | None = None, *, of: Counted = Counted.CHILDREN, **how: Any) -> Any:
    names = {name: how.pop(name) for name in ("origin", "to", "as_of", "by") if name in how}
    approximate = how.pop("approximate", False)
    return ToldFigure(teller(id_, **how), Figure(low, low if high is None else high, approximate, of, **names))


def test_a_step_of_a_story_is_told_once_with_its_sources_and_dated_by_the_first() -> None:
    (step,) = steps([told(2, day=3), told(1, day=1), told(3, day=5, source="Paper 1")])
    assert [one.by.id for one in step.told] == [1, 2, 3]
    assert step.sources == ("Paper 1", "Paper 2")
    assert (step.first, step.last) == (START + timedelta(days=1), START + timedelta(days=5))
    assert step.lead.id == 1


def test_other_stories_countries_and_stages_are_steps_of_their_own_the_newest_first() -> None:
    given_ = [
        told(1, day=1), told(2, day=2, country=None), told(3, day=3, story=3), told(4, day=4, stage=Stage.CHALLENGED),
    ]  # fmt: skip
    assert [step.lead.id for step in steps(given_)] == [4, 3, 2, 1]


def test_where_entries_contradict_each_other_the_greater_number_of_sources_counts_and_the_others_are_told() -> None:
    (step,) = steps([told(1), told(2), told(3, negated=True), told(4, negated=True, source="Paper 3")])
    assert (step.negated, [one.by.id for one in step.otherwise]) == (False, [3, 4])
    (step,) = steps([told(1, day=1), told(2, day=2, negated=True)])
    assert (step.negated, step.lead.id, [one.by.id for one in step.otherwise]) == (True, 2, [1])


def test_an_entry_that_says_both_contradicts_nobody() -> None:
    (step,) = steps([told(1), told(1, negated=True), told(2)])
    assert (step.negated, step.otherwise) == (False, ())


def test_a_near_miss_leads_only_where_there_is_nothing_else() -> None:
    (step,) = steps([told(1, near=True), told(2, day=1)])
    assert (step.lead.id, step.sources) == (2, ("Paper 2", "Paper 1"))
    assert steps([told(1, near=True)])[0].lead.near


def test_what_came_before_its_own_date_was_told_when_it_was_seen() -> None:
    late = Teller(1, 1, "feed", "Paper", "Title", None, "en", START + timedelta(days=9), START)
    undated = Teller(2, 1, "feed", "Paper", "Title", None, "en", None, START)
    assert (late.told_at, undated.told_at) == (START, START)


def test_the_same_count_of_several_entries_of_a_story_stands_once_with_all_that_they_say() -> None:
    (count,) = counts(
        [
            figure(1, 10, day=2, by="the ministry", as_of="2026"),
            figure(2, 10, day=1, to="BE", approximate=True),
            figure(3, 10, day=3, by="Ministry", as_of="February 2026"),
        ]
    )
    assert count.figure == Figure(10, 10, False, Counted.CHILDREN, (), "BE", "February 2026", "the ministry")
    assert ([one.by.id for one in count.told], count.first) == ([2, 1, 3], START + timedelta(days=1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"to": "BE"}, {"to": "FR"}),
        ({"origin": ("BE",)}, {"origin": ("FR",)}),
        ({"as_of": "2017"}, {"as_of": "2018"}),
        ({"by": "Soufan Center"}, {"by": "ICSR"}),
        ({}, {"of": Counted.WOMEN}),
    ],
)
def test_counts_that_go_against_each_other_stand_apart(one: Any, other: Any) -> None:
    assert len(counts([figure(1, 10, **one), figure(2, 10, **other)])) == 2


def test_over_stories_a_count_is_the_same_only_by_its_body_and_a_telling_number_or_time() -> None:
    def alike(low: int, **names: str) -> int:
        return len(counts([figure(1, low, story=1, **names), figure(2, low, story=2, **names)]))

    assert alike(5600, by="Soufan Center") == 1
    assert alike(5600) == 2
    assert alike(12, by="the ministry") == 2
    assert alike(12, by="the ministry", as_of="2025") == 1


def test_another_number_for_the_same_in_one_story_is_told_beside() -> None:
    first, second = counts([figure(1, 16, to="BE", day=1), figure(2, 17, to="BE")])
    assert [one.fact.low for one in first.otherwise] == [17]
    assert [one.fact.low for one in second.otherwise] == [16]


@pytest.mark.parametrize(
    "other",
    [
        figure(2, 17, to="FR"),  # of others
        figure(2, 17, to="BE", story=2),  # in another story
        figure(1, 17, to="BE"),  # by the same entry
        figure(2, 40, to="BE"),  # of another size
        figure(2, 17, to="BE", approximate=True),  # may well be 16
        figure(2, 10, 20, to="BE"),  # a range that holds it
    ],
)
def test_what_can_be_true_as_well_is_no_contradiction(other: ToldFigure) -> None:
    assert [count.otherwise for count in counts([figure(1, 16, to="BE"), other])] == [(), ()]


figures = st.builds(
    figure, st.integers(1, 6), st.integers(0, 3), story=st.integers(1, 2), day=st.integers(0, 3),
    to=st.sampled_from([None, "BE", "FR"]), by=st.sampled_from(["", "UN", "the UN"]),
    as_of=st.sampled_from(["", "2017"]), approximate=st.booleans(),
)  # fmt: skip


@given(st.lists(figures, max_size=12))
def test_no_entry_is_lost_nor_invented_and_the_newest_stand_first(listed: list[ToldFigure]) -> None:
    found = counts(listed)
    assert {(one.by.id, one.fact.low) for one in listed} == {
        (one.by.id, count.figure.low) for count in found for one in count.told
    }
    assert [count.first for count in found] == sorted((count.first for count in found), reverse=True)
    for count in found:
        for one in count.told:
            assert one.fact.to in (None, count.figure.to)


def test_the_reference_counts_hold_what_the_reports_say() -> None:
    in_france = reference.chosen(None, "FR")
    assert [(one.figure.of, one.figure.low, one.published) for one in in_france] == [
        (Counted.FIGHTERS, 1910, "2017-10"), (Counted.RETURNEES, 271, "2017-10"),
    ]  # fmt: skip
    returned = [one for one in reference.chosen(Counted.RETURNEES, None) if one.group == "in all"]
    assert [(one.figure.by, one.figure.low, one.figure.high) for one in returned] == [
        ("ICSR", None, 8202), ("ICSR", 7366, 7366), ("Soufan Center", 5600, None),
    ]  # fmt: skip
    assert [one.published for one in reference.load()] == sorted((o.published for o in reference.load()), reverse=True)
    lost = [one.figure.low for one in reference.chosen(Counted.DEPRIVATIONS, "GB")]
    assert lost == [104, 14, 5, 4]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        ({"of": "dogs", "number": 1}, "`of` is one of fighters"),
        ({"of": "women"}, "a count without a number"),
        ({"of": "women", "number": 1, "too": "FR"}, "unknown too"),
    ],
)
def test_a_damaged_reference_is_refused_with_the_report_it_stands_in(count: Any, words: str) -> None:
    damaged = {"report": [{"title": "On Dogs", "by": "us", "published": "2020", "count": [count]}]}
    with pytest.raises(ModelError, match="On Dogs") as raised:
        reference.build(damaged)
    assert words in str(raised.value)
