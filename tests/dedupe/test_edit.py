"""What is an edit, what is a teaser, what matters, and which keys stand for something else by now."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dedupe.edit import edited, material, reused
from monitor.domain.entry import MAX_VERSIONS, Entry, KnownEntry
from monitor.normalise.text import fingerprint

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
TITLE = "Appeal court sends the case of two families back"
TEXT = "The judges found on Monday that the ministry had not looked at each of the 7 children by itself, they said."
OTHER = "Ferries to the outer islands stop at noon, since a gale of force 9 is forecast, and the harbour master warns."
Build = Callable[..., Any]


def stored(entry: Entry, number: int = 1, **fields: Any) -> KnownEntry:
    """What the store has of an entry once it was taken."""
    made = KnownEntry(
        id=number, key=entry.key, url=entry.url, title=entry.title, text=entry.text, published=entry.published,
        fingerprint=fingerprint(entry.title, entry.text), version=1, article="", announceable=True, pruned=False,
    )  # fmt: skip
    return replace(made, **fields)


def test_what_comes_as_it_came_is_no_edit(entry: Build) -> None:
    one = entry(title=TITLE, text=TEXT)
    assert not edited(one, stored(one))
    assert not edited(replace(one, url="https://courier.example/moved", published=NOW, lang="fr"), stored(one))


@pytest.mark.parametrize(
    "change", [{"title": "Appeal court sends the case back"}, {"text": TEXT + " A new date is set."}, {"text": OTHER}]
)
def test_other_words_are_an_edit(entry: Build, change: dict[str, str]) -> None:
    one = entry(title=TITLE, text=TEXT)
    assert edited(replace(one, **change), stored(one))


@pytest.mark.parametrize("text", ["", "The judges found on Monday…", "The judges found [...]", TEXT[:50]])
def test_the_teaser_of_a_longer_text_is_no_edit(entry: Build, text: str) -> None:
    one = entry(title=TITLE, text=TEXT)
    assert not edited(replace(one, text=text), stored(one))
    assert edited(replace(one, title=f"{TITLE} again", text=text), stored(one)), "though another title is"


def test_a_text_from_the_article_s_page_is_not_compared_with_what_the_feed_gives_as_before(entry: Build) -> None:
    given_, article = entry(title=TITLE, text="Read how they judged."), f"{TEXT} {OTHER}"
    assert not edited(given_, stored(given_, text=article, article="taken", version=2))


def test_an_entry_changes_24_times_and_then_stays(entry: Build) -> None:
    one, versions = stored(entry(title=TITLE, text=TEXT)), 0
    while edited(entry(title=TITLE, text=f"Visitor {versions}"), one):
        versions += 1
        one = replace(one, version=one.version + 1)
    assert versions == MAX_VERSIONS == 24


def test_what_retention_emptied_stays_empty(entry: Build) -> None:
    assert not edited(entry(text=TEXT), stored(entry(), title="", text="", pruned=True))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((TITLE, TEXT), (TITLE.upper(), TEXT.upper())),
        ((TITLE, TEXT), (f"“{TITLE}”", TEXT.replace(",", " –"))),
        ((TITLE, TEXT), (TITLE, TEXT.replace("they said", "it said"))),
        ((TITLE, ""), (TITLE, "")),
    ],
)
def test_marks_case_and_a_single_word_of_a_text_do_not_matter(before: tuple[str, str], after: tuple[str, str]) -> None:
    assert not material(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((TITLE, TEXT), (TITLE.replace("two", "three"), TEXT)),
        ((TITLE, TEXT), (TITLE, TEXT.replace("7", "9"))),
        ((TITLE, TEXT), (TITLE, TEXT.replace(" 7", ""))),
        (("5,000 fled", ""), ("50,000 fled", "")),
        (("Rate 1.5 %", TEXT), ("Rate 1,5 %", TEXT)),
        ((TITLE, TEXT), (TITLE, f"{TEXT} {OTHER}")),
        ((TITLE, TEXT), (TITLE, "")),
        ((TITLE, ""), (TITLE, TEXT)),
    ],
)
def test_titles_numbers_and_a_tenth_of_the_words_matter(before: tuple[str, str], after: tuple[str, str]) -> None:
    assert material(before, after)
    assert material(after, before)


said = st.tuples(st.text(max_size=30), st.text(max_size=60))


@given(said, said)
def test_what_matters_one_way_matters_the_other_way_and_nothing_matters_to_itself(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert material(one, other) == material(other, one)
    assert not material(one, one)


def anew(entry: Build, name: str = "a", **fields: Any) -> Entry:
    """An item that is another one in everything but its guid."""
    other = {
        "url": "https://courier.example/ferries", "title": "Gale warning stops island ferries", "text": OTHER,
        "published": NOW,
    }  # fmt: skip
    return entry(name, **(other | fields))  # type: ignore[no-any-return]


def many(entry: Build, count: int = 19) -> tuple[list[Entry], dict[str, KnownEntry]]:
    """Entries of a document that come as they came."""
    others = [entry(f"kept-{n}", title=f"{TITLE}, part {n}", text=TEXT) for n in range(count)]
    return others, {one.key: stored(one, n + 2) for n, one in enumerate(others)}


def test_a_guid_under_which_another_item_comes_was_given_away_again(entry: Build) -> None:
    others, known = many(entry)
    before = entry(title=TITLE, text=TEXT)
    known[before.key] = stored(before)
    assert reused([anew(entry), *others], known) == {"g:a"}


@pytest.mark.parametrize(
    "kept",
    [
        {"url": "https://courier.example/a"},
        {"published": NOW - timedelta(hours=2)},
        {"title": f"Correction: {TITLE.lower()}"},
        {"text": TEXT + " And more."},
    ],
)
def test_an_item_that_keeps_its_link_or_date_or_title_or_text_is_edited_and_no_other(
    entry: Build, kept: dict[str, object]
) -> None:
    others, known = many(entry)
    before = entry(title=TITLE, text=TEXT)
    known[before.key] = stored(before)
    assert reused([anew(entry, **kept), *others], known) == frozenset()


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"url": "https://courier.example/a"},
        {"url": None},
        {"title": TITLE.replace("two", "three")},
        {"title": TITLE, "text": ""},
        {"title": TITLE, "url": "https://courier.example/a"},
        {"published": None},
        {"published": None, "url": "https://courier.example/a"},
    ],
)
def test_where_the_latest_item_is_the_whole_document_less_proves_it_to_be_another(
    entry: Build, change: dict[str, object]
) -> None:
    before = entry(title=TITLE, text=TEXT, published=NOW - 2 * DAY)
    assert reused([anew(entry, **change)], {before.key: stored(before)}) == {"g:a"}


@pytest.mark.parametrize(
    "change",
    [
        {"title": TITLE, "text": TEXT, "url": "https://courier.example/a"},
        {"title": "Court sends them back", "published": NOW - 2 * DAY},
        {"title": TITLE.replace("two", "three"), "text": TEXT, "published": NOW - DAY - timedelta(hours=18)},
    ],
)
def test_the_only_item_of_a_document_may_be_dated_anew_and_may_be_edited(
    entry: Build, change: dict[str, object]
) -> None:
    before = entry(title=TITLE, text=TEXT, published=NOW - 2 * DAY)
    assert reused([anew(entry, **change)], {before.key: stored(before)}) == frozenset()


def test_keys_that_are_made_of_the_words_cannot_stand_for_others(entry: Build) -> None:
    before = entry(title=TITLE, text=TEXT, key="h:1")
    assert reused([anew(entry, key="h:1")], {"h:1": stored(before)}) == frozenset()


def test_of_a_pruned_entry_another_link_and_day_are_enough(entry: Build) -> None:
    others, known = many(entry)
    known["g:a"] = stored(entry(published=NOW - 800 * DAY), title="", text="", pruned=True)
    assert reused([anew(entry), *others], known) == {"g:a"}
    for kept in ({"url": "https://courier.example/a"}, {"published": NOW - 800 * DAY}, {"published": None}):
        assert reused([anew(entry, **kept), *others], known) == frozenset()


def test_headlines_that_were_rewritten_with_the_text_from_their_pages_stored_are_edits(entry: Build) -> None:
    before = [entry(str(n), title=f"{TITLE}, part {n}", text="Read on.", published=NOW - 2 * DAY) for n in range(4)]
    known = {one.key: stored(one, n, text=TEXT, article="taken") for n, one in enumerate(before)}
    again = [replace(one, published=NOW) for one in before]
    assert reused(again, known) == frozenset()
