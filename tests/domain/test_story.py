"""Stories as values: what is read off their entries, who leads, and copies under their original."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.entry import Entry, Origin, StoredEntry
from monitor.domain.feed import Source, Tier
from monitor.domain.story import SETTLED_AFTER, State, StoryView, lead_order, nested

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def stored(id_: int, *, text: str = "", published: datetime | None = NOW, **fields: Any) -> StoredEntry:
    entry = Entry(f"g:{id_}", str(id_), None, f"Heading {id_}", text, "en", published)
    made = StoredEntry(id_, "paper", "The Paper", entry, NOW, Origin.LIVE, True, 1, (), {}, "")
    return replace(made, **fields)


NEWS, ANALYSIS = Source("paper", "The Paper"), Source("notes", "Notes", "law", tier=Tier.ANALYSIS)


def leads(*entries: tuple[StoredEntry, Source | None]) -> list[int]:
    """The ids in order; whichever way they come, it is the same."""
    found = {tuple(s.id for s, t in sorted(way, key=lambda one: lead_order(*one))) for way in permutations(entries)}
    (order,) = found
    return list(order)


def test_a_copy_never_leads_an_original() -> None:
    assert leads((stored(1, copy_of=2, text="x" * 900), NEWS), (stored(2), ANALYSIS)) == [2, 1]


def test_news_leads_what_comments_on_it() -> None:
    long_ago = NOW - timedelta(days=1)
    assert leads((stored(1, text="x" * 900, published=long_ago), ANALYSIS), (stored(2), NEWS)) == [2, 1]
    assert leads((stored(1, text="x" * 900), ANALYSIS), (stored(2), None)) == [2, 1]


@pytest.mark.parametrize("kind", ["official", "court"])
def test_the_office_or_court_that_acts_leads_what_is_told_of_it(kind: str) -> None:
    acts = Source("office", "The Office", kind, tier=Tier.ANALYSIS)
    early = NOW - timedelta(days=1)
    assert leads((stored(1, text="x" * 900, published=early), NEWS), (stored(2), acts)) == [2, 1]


def test_the_fuller_text_leads_but_a_little_more_tells_no_more() -> None:
    early, late = NOW - timedelta(hours=2), NOW - timedelta(hours=1)

    def two(first: int, then: int) -> list[int]:
        """The order of an earlier entry (1) and a later one (2) with texts of so many characters."""
        entries = (stored(1, text="x" * first, published=early), stored(2, text="x" * then, published=late))
        return leads(*((entry, None) for entry in entries))

    assert two(100, 400) == [2, 1]
    assert two(401, 600) == [1, 2]
    assert two(600, 601) == [2, 1]
    assert two(1_000, 9_000) == [1, 2]


def test_the_earlier_leads_by_its_own_date_else_by_when_it_was_seen() -> None:
    undated = stored(1, published=None, first_seen=NOW - timedelta(hours=1))
    assert leads((undated, None), (stored(2, published=NOW - timedelta(hours=2)), None)) == [2, 1]
    assert leads((undated, None), (stored(2, published=NOW), None)) == [1, 2]
    assert leads((stored(4), None), (stored(3), None)) == [3, 4]


def test_a_story_is_seen_from_its_first_entry_to_its_last_and_names_each_source_once() -> None:
    hours = [timedelta(hours=n) for n in (2, 0, 5)]
    names = ["The Wire", "The Paper", "The Wire"]
    entries = (
        stored(n, first_seen=NOW - ago, source=name) for n, (ago, name) in enumerate(zip(hours, names, strict=True))
    )
    view = StoryView(1, tuple(entries))
    assert (view.first_seen, view.last_seen) == (NOW - timedelta(hours=5), NOW)
    assert (view.lead.id, view.sources) == (0, ("The Wire", "The Paper"))


@pytest.mark.parametrize(
    ("ago", "state"), [(SETTLED_AFTER, State.DEVELOPING), (SETTLED_AFTER + timedelta(seconds=1), State.SETTLED)]
)
def test_a_story_to_which_nothing_came_for_three_days_is_settled(ago: timedelta, state: State) -> None:
    assert StoryView(1, (stored(1, first_seen=NOW - ago),)).state(NOW) is state
    assert StoryView(1, (stored(1, first_seen=NOW - ago), stored(2))).state(NOW) is State.DEVELOPING


def ids(*entries: StoredEntry) -> list[tuple[int, tuple[int, ...]]]:
    return [(root.id, tuple(copy.id for copy in copies)) for root, copies in nested(entries)]


def test_copies_stand_below_their_original_and_copies_of_copies_beside_them() -> None:
    found = ids(stored(1), stored(2), stored(3, copy_of=1), stored(4, copy_of=3), stored(5, copy_of=2))
    assert found == [(1, (3, 4)), (2, (5,))]


def test_a_copy_whose_original_is_elsewhere_stands_for_itself() -> None:
    assert ids(stored(3, copy_of=1), stored(4, copy_of=3)) == [(3, (4,))]


@given(st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=9))
def test_however_copies_hang_together_each_entry_is_told_once(copies: list[int | None]) -> None:
    entries = [stored(id_, copy_of=of) for id_, of in enumerate(copies)]
    found = [id_ for root, below in ids(*entries) for id_ in (root, *below)]
    assert sorted(found) == list(range(len(copies)))
