"""Documents that can be read and are not to be believed: another feed's, and a feed that has nothing all at once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.entry import Document, RawEntry
from monitor.errors import ParseError, Severity
from monitor.parse.suspicion import ANOTHER_STANDS, EMPTY_STANDS, MANY, akin, suspicion, title_after, usual_after

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def document(title: str, entries: int = 3, cut: int = 0) -> Document:
    return Document("rss20", title, None, tuple(RawEntry(str(n), None, f"Note {n}", "") for n in range(entries)), cut)


def doubt(
    came: Document,
    *,
    title_before: str = "Quay Notes",
    usual: int = 20,
    known: int = 0,
    elsewhere: bool = False,
    days: float | None = None,
) -> ParseError | None:
    odd_since = None if days is None else NOW - timedelta(days=days)
    return suspicion(
        came, title_before=title_before, usual_entries=usual, known=known, elsewhere=elsewhere, odd_since=odd_since,
        now=NOW,
    )  # fmt: skip


def test_a_feed_with_another_title_and_no_known_entry_is_another_feed() -> None:
    error = doubt(document("Lucky Spins Bonus Guide", entries=3, cut=4))
    assert error is not None
    assert (error.kind, error.severity) == ("another-feed", Severity.SOFT)
    assert error.detail == (
        "none of its 7 entries is known, and its title is 'Lucky Spins Bonus Guide' where it was 'Quay Notes'"
    )


@pytest.mark.parametrize("days", [0, 3, 6.99])
def test_another_feed_is_not_believed_for_a_week_and_then_it_is(days: float) -> None:
    assert doubt(document("Lucky Spins"), days=days) is not None
    assert doubt(document("Lucky Spins"), days=7) is None


def test_one_known_entry_makes_a_new_title_a_rename() -> None:
    assert doubt(document("The Harbour Review"), known=1) is None
    assert doubt(document("The Harbour Review"), known=1, elsewhere=True) is None


@pytest.mark.parametrize(
    "title", ["Quay Notes: all posts", "QUAY  notes", "Latest from <b>Quay</b>", "quaynotes.example"]
)
def test_a_title_that_says_the_same_in_other_words_is_no_other_feed(title: str) -> None:
    assert doubt(document(title)) is None


def test_a_feed_without_a_title_is_doubted_only_where_it_comes_from_another_domain() -> None:
    assert doubt(document("")) is None
    assert doubt(document(""), title_before="") is None
    for title, before in (("", "Quay Notes"), ("Quay Notes", ""), ("", "")):
        error = doubt(document(title), title_before=before, elsewhere=True)
        assert error is not None
        assert "came from another domain" in error.detail
    assert doubt(document("Quay Notes"), elsewhere=True) is None, "a publisher that moved, with new addresses as ids"


def test_a_feed_that_always_had_entries_and_has_none_has_collapsed_for_three_days() -> None:
    error = doubt(document("Quay Notes", entries=0))
    assert error is not None
    assert (error.kind, error.severity) == ("collapse", Severity.TEMPORARY)
    assert error.detail == "not one entry, where there were some in each of the last 5 documents"
    assert doubt(document("Quay Notes", entries=0), days=2.99) is not None
    assert doubt(document("Quay Notes", entries=0), days=3) is None


def test_a_feed_that_is_often_empty_never_collapses() -> None:
    usual = 0
    for entries in [30, 12, 0] * 20:
        assert doubt(document("Alerts", entries=entries), title_before="Alerts", usual=usual, known=entries) is None
        usual = usual_after(usual, entries)
    for entries in [30] * MANY:
        usual = usual_after(usual, entries)
    assert doubt(document("Alerts", entries=0), title_before="Alerts", usual=usual) is not None


def test_a_new_feed_is_believed_whatever_it_is() -> None:
    for came in (document("Anything"), document(""), document("Anything", entries=0)):
        assert doubt(came, title_before="", usual=0, elsewhere=True) is None


def test_an_empty_feed_does_not_rename_the_one_that_was_there() -> None:
    assert title_after("Quay Notes", document("Lucky Spins", entries=0)) == "Quay Notes"
    assert title_after("Quay Notes", document("")) == "Quay Notes"
    assert title_after("Quay Notes", document("Harbour Review")) == "Harbour Review"


@pytest.mark.parametrize(
    ("title", "other", "same"),
    [
        ("The Guardian Post", "The Evening Post", True),
        ("The Guardian", "The Times", False),
        ("Latest news", "News of the day", True),
        ("Latest news", "Casino bonus", False),
        ("Port Authority", "PortAuthority.example", True),
        ("Новости порта", "Порт: все новости", False),
        ("Вестник порта", "Вестник", True),
        ("港口新聞網", "港口新聞", True),
        ("港口新聞", "賭場優惠", False),
        ("ข่าวท่าเรือ", "ข่าวท่าเรือวันนี้", True),
        ("AT&amp;T Newsroom", "AT&T newsroom", True),
        ("", "Anything", True),
        ("—", "Anything", True),
    ],
)
def test_titles_are_akin_by_what_they_name(title: str, other: str, same: bool) -> None:
    assert akin(title, other) is same
    assert akin(other, title) is same


titles = st.text(max_size=40) | st.sampled_from(["", "Quay Notes", "Lucky Spins", "The News", "港口"])
counts = st.integers(0, 40)
ages = st.none() | st.floats(0, 30)


@given(titles, titles)
def test_akin_is_the_same_both_ways_and_true_of_equals(title: str, other: str) -> None:
    assert akin(title, other) == akin(other, title)
    assert akin(title, title)
    assert akin(title, f"{other} {title}")


@given(titles, titles, counts, counts, counts, st.booleans(), ages)
def test_every_doubt_has_its_reason_and_its_end(
    title: str, before: str, entries: int, usual: int, known: int, elsewhere: bool, days: float | None
) -> None:
    came, known = document(title, entries), min(known, entries)
    error = doubt(came, title_before=before, usual=usual, known=known, elsewhere=elsewhere, days=days)
    if known or not (before or usual) or (days or 0) * timedelta(days=1) >= max(ANOTHER_STANDS, EMPTY_STANDS):
        assert error is None
    if error is not None and error.kind == "collapse":
        assert entries == 0
        assert usual >= MANY
    if error is not None and error.kind == "another-feed":
        assert entries > 0
        assert not akin(title, before) or (elsewhere and not (title and before))
    later = doubt(came, title_before=before, usual=usual, known=known, elsewhere=elsewhere, days=(days or 0) + 30)
    assert later is None


@given(st.lists(counts, max_size=60))
def test_a_feed_has_many_only_where_as_many_documents_in_a_row_had_some(history: list[int]) -> None:
    usual = 0
    for entries in history:
        usual = usual_after(usual, entries)
    assert usual <= min(len(history), (history or [0])[-1])
    assert all(history[len(history) - usual :])
