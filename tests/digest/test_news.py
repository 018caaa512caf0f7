"""What is new in a story that was told: no news without a fact, the same never twice, and in any order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digest.news import Update, kept, whats_new
from monitor.domain.digest import Heard, Verdict
from monitor.domain.entry import StoredEntry
from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Stage

from .conftest import build_entry, build_subscription

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
ADOPTED = MeasureFact(Measure.CITIZENSHIP, "FR", Stage.ADOPTED, words="adopted")
DOWN = replace(ADOPTED, stage=Stage.STRUCK_DOWN, words="annulled")


def children(number: int | None, **fields: object) -> Figure:
    return replace(Figure(number, number, False, Counted.CHILDREN, words=f"{number} children"), **fields)  # type: ignore[arg-type]


def line(
    number: int, *facts: MeasureFact | Figure, source: str = "The Wire", verdict: Verdict = Verdict.SHOWN
) -> Heard:
    return Heard(number, verdict, source, kept(of(*facts)), NOW - timedelta(days=9) + timedelta(hours=number))


def entry(number: int, *facts: MeasureFact | Figure, source: str = "The Wire") -> StoredEntry:
    seen = NOW + timedelta(minutes=number)
    return replace(build_entry(number, source=source, published=None, first_seen=seen), facts=of(*facts))


def of(*facts: MeasureFact | Figure) -> Facts:
    measures = tuple(fact for fact in facts if isinstance(fact, MeasureFact))
    return Facts(measures=measures, figures=tuple(fact for fact in facts if isinstance(fact, Figure)))


def look(heard: Sequence[Heard], entries: Sequence[StoredEntry], **fields: object) -> Update | None:
    return whats_new(build_subscription(**fields), heard, entries)


def said(update: Update | None) -> tuple[list[Stage], list[int | None], list[str]] | None:
    if update is None:
        return None
    news = update.news
    return [new.fact.stage for new in news.measures], [new.figure.low for new in news.figures], list(news.sources)


def test_a_new_stage_of_a_measure_is_news_beside_what_was_told_before() -> None:
    update = look([line(1, ADOPTED)], [entry(9, DOWN)])
    assert said(update) == ([Stage.STRUCK_DOWN], [], [])
    assert update is not None
    assert update.news.measures[0].before == kept(of(ADOPTED)).measures[0]
    assert update.news.told_at == line(1).at


def test_an_update_says_when_the_story_was_told_and_not_when_something_was_noted() -> None:
    update = look([line(1, ADOPTED), line(2, verdict=Verdict.TOLD)], [entry(9, DOWN)])
    assert update is not None
    assert update.news.told_at == line(1).at


@pytest.mark.parametrize(
    ("told", "brought"),
    [
        (Stage.APPLIED, Stage.STRUCK_DOWN), (Stage.ADOPTED, Stage.WITHDRAWN), (Stage.PROPOSED, Stage.DEBATED),
        (Stage.IN_FORCE, Stage.APPLIED), (Stage.WITHDRAWN, Stage.PROPOSED), (Stage.APPLIED, Stage.PROPOSED),
    ],
)  # fmt: skip
def test_steps_and_reversals_are_news(told: Stage, brought: Stage) -> None:
    assert look([line(1, replace(ADOPTED, stage=told))], [entry(9, replace(ADOPTED, stage=brought))])


def test_that_it_did_not_come_about_is_news_and_that_it_did_after_all_too() -> None:
    plain, never = replace(ADOPTED, stage=Stage.APPLIED), replace(ADOPTED, stage=Stage.APPLIED, negated=True)
    assert look([line(1, never)], [entry(9, plain)])
    assert look([line(1, plain)], [entry(9, never)])


def test_who_was_told_that_a_law_is_adopted_learns_nothing_by_its_proposal() -> None:
    proposed = replace(ADOPTED, stage=Stage.PROPOSED)
    assert look([line(1, ADOPTED)], [entry(9, proposed)]) is None
    assert said(look([line(1)], [entry(8, proposed), entry(9, ADOPTED)])) == ([Stage.ADOPTED], [], [])
    assert look([line(1, ADOPTED)], [entry(9, replace(proposed, country="BE"))])


def test_the_words_that_say_a_fact_make_no_news() -> None:
    assert look([line(1, ADOPTED, children(16))], [entry(9, replace(ADOPTED, words="voted"), children(16))]) is None


def test_another_number_of_the_same_people_is_news_beside_the_number_before() -> None:
    update = look([line(1, children(14)), line(2, children(16, to="FR"))], [entry(9, children(22))])
    assert update is not None
    assert [(new.figure.low, new.before.low) for new in update.news.figures] == [(22, 16)]


@pytest.mark.parametrize(
    ("told", "brought"),
    [
        (children(16), children(16, approximate=True)),
        (children(20, approximate=True), children(22)),
        (children(16), replace(children(None), low=10)),
        (children(16, to="FR"), children(22, to="BE")),
        (children(16, as_of="2019"), children(22, as_of="2026")),
        (children(16), children(8_000)),
        (children(16), replace(children(22), of=Counted.WOMEN)),
        (replace(children(4), of=Counted.YEARS), replace(children(7), of=Counted.YEARS)),
    ],
    ids=["the-same", "rounded", "goes-with-it", "elsewhere", "then", "others", "first-of-its-kind", "no-people"],
)
def test_a_number_that_is_no_other_count_of_the_same_people_is_no_news(told: Figure, brought: Figure) -> None:
    assert look([line(1, told)], [entry(9, brought)]) is None


def test_reports_that_round_the_same_new_number_say_it_once() -> None:
    update = look([line(1, children(16))], [entry(8, children(22, approximate=True)), entry(9, children(23))])
    assert said(update) == ([], [23], [])


def test_so_many_more_sources_are_news_and_are_all_named() -> None:
    noted = [line(2, source="A", verdict=Verdict.TOLD), line(3, source="B", verdict=Verdict.TOLD)]
    update = look([line(1), *noted], [entry(9, source="C")])
    assert said(update) == ([], [], ["A", "B", "C"])
    assert update is not None
    assert (update.named, update.lead.id) == ((2, 3), 9)


def test_fewer_are_none_nor_are_they_where_nobody_wants_to_know() -> None:
    four = [entry(number, source=f"S{number}") for number in range(6, 10)]
    assert look([line(1)], four[:2]) is None
    assert look([line(1)], four, update_sources=0) is None
    assert look([line(1)], four[:1], update_sources=1)


def test_a_lower_number_that_is_set_later_brings_nothing_back() -> None:
    noted = [line(number, source=f"S{number}", verdict=Verdict.TOLD) for number in (2, 3)]
    assert look([line(1), *noted], [entry(9), entry(10, source="S2")], update_sources=2) is None


def test_a_new_fact_names_the_few_new_sources_beside_it() -> None:
    assert said(look([line(1)], [entry(8, source="A"), entry(9, DOWN, source="B")])) == (
        [Stage.STRUCK_DOWN], [], ["A", "B"],
    )  # fmt: skip


def test_the_newest_entry_that_brings_the_news_leads() -> None:
    entries = [entry(7, DOWN), entry(8, DOWN), entry(9, ADOPTED, source="A")]
    update = look([line(1, ADOPTED)], entries)
    assert update is not None
    assert update.lead.id == 8


def test_facts_of_countries_that_nobody_asked_for_are_no_news() -> None:
    belgium = frozenset({"BE"})
    assert look([line(1)], [entry(9, DOWN)], countries=belgium) is None
    assert look([line(1)], [entry(9, replace(DOWN, country=None))], countries=belgium)
    told = [line(1, children(16))]
    assert look(told, [entry(9, children(22, to="FR"))], countries=belgium) is None
    assert look(told, [entry(9, children(22, origin=("BE", "FR")))], countries=belgium)


MEASURES = st.builds(
    MeasureFact,
    st.sampled_from((Measure.CITIZENSHIP, Measure.REPATRIATION)),
    st.sampled_from(("FR", None)),
    st.sampled_from(Stage),
    st.booleans(),
    st.sampled_from(("one way", "another")),
)
FIGURES = st.builds(
    lambda low, width, approximate, of, to: Figure(low, low + width, approximate, of, (), to),
    st.integers(0, 60),
    st.sampled_from((0, 0, 5)),
    st.booleans(),
    st.sampled_from((Counted.CHILDREN, Counted.WOMEN)),
    st.sampled_from((None, "FR", "BE")),
)
WINDOWS = st.lists(
    st.lists(st.tuples(st.sampled_from("ABCDEF"), st.lists(MEASURES | FIGURES, max_size=3)), min_size=1, max_size=4),
    min_size=1,
    max_size=5,
)
Window = list[tuple[str, list[MeasureFact | Figure]]]


def told(entries: Sequence[StoredEntry], update: Update | None, before: Sequence[Heard]) -> list[Heard]:
    """What was heard after a window: as the ledger has it."""
    named = set(update.named) if update else set()
    verdict = Verdict.SHOWN if update else Verdict.TOLD
    lines = [replace(one, verdict=Verdict.SHOWN) if one.entry_id in named else one for one in before]
    return [*lines, *(Heard(s.id, verdict, s.source, kept(s.facts), s.first_seen) for s in entries)]


def entries_of(windows: Sequence[Window]) -> list[list[StoredEntry]]:
    numbers = iter(range(10, 999))
    return [[entry(next(numbers), *facts, source=source) for source, facts in window] for window in windows]


@given(WINDOWS)
def test_the_same_news_never_comes_twice(windows: list[Window]) -> None:
    first, *later = entries_of(windows)
    heard = [Heard(s.id, Verdict.SHOWN, s.source, kept(s.facts), s.first_seen) for s in first]
    seen: set[object] = set()
    for entries in later:
        update = look(heard, entries)
        if update:
            news = update.news
            brought = {*(new.fact for new in news.measures), *(new.figure for new in news.figures), *news.sources}
            assert brought
            assert not brought & seen
            seen |= brought
        heard = told(entries, update, heard)
        again = [replace(stored, id=stored.id + 1_000) for stored in entries]
        assert look(heard, again) is None


@given(WINDOWS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_within_a_window_changes_nothing(windows: list[Window], random: object) -> None:
    first, *later = entries_of(windows)
    heard = [Heard(s.id, Verdict.SHOWN, s.source, kept(s.facts), s.first_seen) for s in first]
    entries = [stored for window in later for stored in window]
    if entries:
        shuffled = list(entries)
        random.shuffle(shuffled)  # type: ignore[attr-defined]
        assert look(heard, shuffled) == look(heard, entries)


@given(WINDOWS)
def test_nothing_comes_again_without_a_fact_or_source_that_was_not_told(windows: list[Window]) -> None:
    first, *later = entries_of(windows)
    heard = [Heard(s.id, Verdict.SHOWN, s.source, kept(s.facts), s.first_seen) for s in first]
    known = {fact for one in heard for fact in (*one.facts.measures, *one.facts.figures)}
    for entries in later:
        brought = {fact for s in entries for fact in (*kept(s.facts).measures, *kept(s.facts).figures)}
        sources = {s.source for s in entries} - {one.source for one in heard}
        if brought <= known and len(sources) < 3:
            assert look(heard, entries) is None


@given(WINDOWS)
def test_what_two_merged_stories_were_told_is_told_of_both(windows: list[Window]) -> None:
    first, *later = entries_of(windows)
    one = [Heard(s.id, Verdict.SHOWN, s.source, kept(s.facts), s.first_seen) for s in first]
    for entries in later:
        other = [Heard(s.id, Verdict.SHOWN, s.source, kept(s.facts), s.first_seen) for s in entries]
        assert look([*one, *other], [replace(stored, id=stored.id + 1_000) for stored in entries]) is None
