"""Old entries under new keys, and pasts that come again: neither stored twice nor announced twice, and nothing lost."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dedupe.rotation import Brought, brought_again, mostly_new, recognise
from monitor.domain.entry import Entry, KnownEntry
from monitor.normalise.text import fingerprint

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
TITLE = "Appeal court sends the case of two families back"
TEXT = "The judges found on Monday that the ministry had not looked at each of the 7 children by itself, they said."
OTHER = "Ferries to the outer islands stop at noon, since a gale of force 9 is forecast, and the harbour master warns."
HOME = "https://courier.example/"
Build = Callable[..., Any]


def stored(entry: Entry, number: int = 1, **fields: Any) -> KnownEntry:
    """What the store has of an entry once it was taken."""
    made = KnownEntry(
        id=number, key=entry.key, url=entry.url, title=entry.title, text=entry.text, published=entry.published,
        fingerprint=fingerprint(entry.title, entry.text), version=1, article="", announceable=True, pruned=False,
    )  # fmt: skip
    return replace(made, **fields)


def tombstone(entry: Entry) -> KnownEntry:
    return stored(entry, title="", text="", pruned=True)


def renamed(entry: Entry, **fields: Any) -> Entry:
    """The entry under another guid."""
    return replace(entry, **({"key": f"{entry.key}-again", "guid": f"{entry.guid}-again"} | fields))


def is_recognised(entry: Entry, known: KnownEntry) -> bool:
    return recognise([entry], [known], brought=()) == {entry.key: known}


@pytest.mark.parametrize("text", [TEXT, "In short.", ""])
def test_an_entry_that_keeps_title_link_and_moment_is_known_under_any_guid(entry: Build, text: str) -> None:
    one = entry(title=TITLE, text=text)
    assert is_recognised(renamed(one), stored(one))
    assert is_recognised(renamed(one, title=TITLE.upper()), stored(one))


@pytest.mark.parametrize(
    "fields",
    [
        {"published": None},
        {"published": NOW - timedelta(hours=9)},
        {"text": TEXT.replace("they said", "it said")},
        {"text": f"{TEXT} And they sent it back.", "published": NOW - timedelta(hours=2)},
        {"url": None},
        {"url": "https://new.courier.example/a"},
        {"url": "https://new.courier.example/a", "published": None},
    ],
)
def test_a_text_that_tells_enough_makes_up_for_date_and_link(entry: Build, fields: dict[str, Any]) -> None:
    one = entry(title=TITLE, text=TEXT)
    assert is_recognised(renamed(one, **fields), stored(one))


def test_what_the_feed_gave_counts_and_not_what_was_stored_of_the_article_s_page(entry: Build) -> None:
    one = entry(title=TITLE, text=TEXT)
    known = stored(one, text=f"{OTHER} {TEXT} {OTHER}", article="taken", version=2)
    assert is_recognised(renamed(one), known)
    assert is_recognised(renamed(one, url="https://new.courier.example/a"), known)


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Appeal court sends the case of two mothers back"},
        {"text": OTHER},
        {"text": "", "published": None},
        {"text": "", "published": NOW},
        {"text": "In short.", "published": None},
        {"published": NOW + 2 * DAY},
        {"text": TEXT.replace("7", "9"), "published": NOW},
        {"url": "https://courier.example/b", "text": ""},
        {"url": "https://courier.example/b", "text": TEXT.replace("they said", "it said")},
        {"url": "https://courier.example/b", "published": NOW + 2 * DAY},
    ],
)
def test_less_proves_nothing(entry: Build, fields: dict[str, Any]) -> None:
    one = entry(title=TITLE, text=TEXT)
    assert not is_recognised(renamed(one, **fields), stored(one))


def test_the_issues_of_a_series_that_all_link_to_its_page_are_entries_of_their_own(entry: Build) -> None:
    blurb = "Every morning at seven: what the night has brought, and what the day will bring, from all over the region."
    issues = [
        entry(str(n), title="The morning briefing in brief", url=HOME, text=text, published=NOW + n * DAY)
        for n, text in enumerate([blurb, "", TEXT, blurb, OTHER])
    ]
    known = [stored(one, n) for n, one in enumerate(issues[:-1])]
    assert all(recognise([renamed(issues[-1], text=text)], known, brought=()) == {} for text in (OTHER, "", blurb))


def test_comments_by_one_reader_on_one_article_are_entries_of_their_own(entry: Build) -> None:
    first = entry("1", title="By a reader of the harbour news", text="I do not think so.", published=NOW)
    reply = entry("2", title=first.title, text="Why would they?", url=first.url, published=NOW)
    assert not is_recognised(reply, stored(first))


def test_what_the_document_brings_under_its_old_key_has_not_been_renamed(entry: Build) -> None:
    one = entry(title=TITLE, text=TEXT)
    assert recognise([renamed(one)], [stored(one)], brought={one.key}) == {}


def test_a_pruned_entry_is_known_by_its_link_and_day_or_by_all_its_words(entry: Build) -> None:
    old = entry(title=TITLE, text=TEXT, published=NOW - 800 * DAY)
    grave = tombstone(old)
    assert is_recognised(renamed(old), grave)
    assert is_recognised(renamed(old, title="Rewritten since", text=""), grave)
    assert is_recognised(renamed(old, published=None), grave)
    assert not is_recognised(renamed(old, published=None, text=OTHER), grave)
    assert not is_recognised(renamed(old, published=NOW), grave), "a page for all issues of a series"
    assert not is_recognised(renamed(old, url=None), replace(grave, url=None))


names = st.sampled_from(["a", "b", "c", "d", "e"])
drafts = st.tuples(
    names,
    st.sampled_from([TITLE, "Port reopens after the long storm", "…"]),
    st.sampled_from([TEXT, OTHER, "", "Short."]),
    st.sampled_from([None, HOME, "https://courier.example/a"]),
    st.sampled_from([None, 0, 1, 30]),
)


def made(draft: tuple[str, str, str, str | None, int | None], prefix: str) -> Entry:
    key, title, text, url, hours = draft
    published = None if hours is None else NOW - timedelta(hours=hours)
    return Entry(f"g:{prefix}{key}", key, url, title, text, "en", published)


@given(
    st.lists(drafts, max_size=6, unique_by=lambda draft: draft[0]),
    st.lists(st.tuples(drafts, st.booleans()), max_size=8),
    st.sets(names),
)
def test_whoever_is_recognised_is_one_stored_entry_each_that_the_document_does_not_bring(
    fresh: list[Any], before: list[tuple[Any, bool]], also: set[str]
) -> None:
    alike = []
    for number, (draft, pruned) in enumerate(before):
        one = made(draft, f"old-{number}-")
        alike.append(replace(tombstone(one) if pruned else stored(one), id=number))
    brought = {known.key for known in alike if known.key[-1] in also}
    entries = [made(draft, "new-") for draft in fresh]
    found = recognise(entries, alike, brought=brought)
    assert found.keys() <= {entry.key for entry in entries}
    assert len({known.id for known in found.values()}) == len(found)
    assert not {known.key for known in found.values()} & brought
    by_key = {entry.key: entry for entry in entries}
    for key, known in found.items():
        assert known.pruned or by_key[key].title.casefold() == known.title.casefold()


@given(st.lists(drafts, max_size=6), st.permutations(range(6)))
def test_a_feed_whose_guids_all_rotate_is_known_again_where_date_and_words_tell(
    drafted: list[Any], order: list[int]
) -> None:
    telling = [(f"{n}", title, TEXT + " " + str(n), f"{HOME}{n}", 5) for n, (_, title, *_) in enumerate(drafted)]
    known = [stored(made(draft, "old-"), n) for n, draft in enumerate(telling)]
    entries = [made(telling[n], "new-") for n in order if n < len(telling)]
    found = recognise(entries, known, brought=())
    assert {key.removeprefix("g:new-"): one.key.removeprefix("g:old-") for key, one in found.items()} == {
        entry.guid: entry.guid for entry in entries
    }


def page(entry: Build, count: int, **fields: Any) -> list[Entry]:
    """A document of so many entries that nothing else is like."""
    return [
        entry(f"{n}", **({"title": f"Council report number {n} is out", "text": f"{TEXT} Part {n}."} | fields))
        for n in range(count)
    ]


def past(entries: Sequence[Entry]) -> list[Brought]:
    return [Brought(one.url, one.title, one.published, one.text[:400]) for one in entries]


def moved(entries: Sequence[Entry], **fields: Any) -> list[Entry]:
    """The entries under other guids and links."""
    return [renamed(one, url=f"https://new.courier.example/{n}", **fields) for n, one in enumerate(entries)]


def test_over_half_of_a_document_is_mostly_new_and_a_single_entry_never(entry: Build) -> None:
    new = page(entry, 6)
    assert [mostly_new(new[:n], 10) for n in (5, 6)] == [False, True]
    assert [mostly_new(new[:n], n) for n in (0, 1, 2)] == [False, False, True]


@pytest.mark.parametrize("text", [TEXT, ""])
@pytest.mark.parametrize("fields", [{}, {"published": None}, {"text": "Told in other words altogether."}])
def test_a_site_that_moves_brings_its_past_again(entry: Build, text: str, fields: dict[str, Any]) -> None:
    before = page(entry, 10, text=text)
    after = moved(before, **fields)
    assert brought_again(after, after, past(before)) == {one.key for one in after}


def test_a_past_that_is_dated_anew_is_known_by_its_texts_or_links(entry: Build) -> None:
    before = page(entry, 10)
    after = moved(before, published=NOW + WEEK)
    assert len(brought_again(after, after, past(before))) == 10
    silent = [replace(renamed(one), text="", title=f"Told anew: {one.title}", published=NOW + WEEK) for one in before]
    assert len(brought_again(silent, silent, past(before))) == 10


def test_what_is_really_new_beside_a_past_that_comes_again_is_news(entry: Build) -> None:
    before = page(entry, 10)
    after = [*moved(before), entry("new", title=TITLE, text=OTHER)]
    assert after[-1].key not in brought_again(after, after, past(before))


def test_a_past_of_less_than_half_a_document_is_taken_for_news(entry: Build) -> None:
    before = page(entry, 4)
    after = [*moved(before), *(entry(f"new-{n}", title=f"{TITLE} {n}") for n in range(4))]
    assert brought_again(after, after, past(before)) == frozenset()


@pytest.mark.parametrize("text", [TEXT, ""])
@pytest.mark.parametrize("fresh", [1, 6, 10])
def test_a_weekly_series_with_one_title_is_never_a_past_that_comes_again(entry: Build, text: str, fresh: int) -> None:
    weeks = [
        entry(f"week-{n}", title="The week in review", text=text and f"{text} {n}", published=NOW + n * WEEK)
        for n in range(10 + fresh)
    ]
    document = weeks[fresh:]
    assert brought_again(document[-fresh:], document, past(weeks[:10])) == frozenset()


@pytest.mark.parametrize("texts", [("", ""), (TEXT, OTHER)])
def test_four_columns_that_all_appear_again_are_no_past_that_comes_again(entry: Build, texts: tuple[str, str]) -> None:
    first, second = (
        [entry(f"{name}-{week}", title=f"{name} column", text=texts[week], published=NOW + week * WEEK)
         for name in ("Monday", "Tuesday", "Wednesday", "Thursday")]
        for week in (0, 1)
    )  # fmt: skip
    assert brought_again(second, second, past(first)) == frozenset()


def test_entries_that_all_link_to_one_page_are_no_past_that_comes_again(entry: Build) -> None:
    before = page(entry, 10, url=HOME)
    after = [renamed(one, title=f"Quite another title {n}", text=OTHER) for n, one in enumerate(before)]
    assert brought_again(after, after, past(before)) == frozenset()


def test_pages_that_are_written_anew_under_their_links_are_news(entry: Build) -> None:
    before = page(entry, 6)
    texts = [one.text.replace("7", str(n + 20)) for n, one in enumerate(before)]
    after = [renamed(one, text=text, published=NOW + WEEK) for one, text in zip(before, texts, strict=True)]
    assert brought_again(after, after, past(before)) == frozenset()


@given(st.lists(drafts, max_size=8, unique_by=lambda draft: draft[0]), st.lists(drafts, max_size=8), st.data())
def test_only_new_entries_of_a_link_or_title_that_the_feed_has_brought_are_kept_quiet(
    now: list[Any], before: list[Any], data: st.DataObject
) -> None:
    entries = [made(draft, "new-") for draft in now]
    fresh = data.draw(st.lists(st.sampled_from(entries), unique=True)) if entries else []
    brought = past([made(draft, "old-") for draft in before])
    again = brought_again(fresh, entries, brought)
    links, titles = {one.url for one in brought}, {one.title for one in brought}
    assert again <= {one.key for one in fresh if one.url in links or one.title in titles}
    assert again == frozenset() or len(again) > max(1, len(entries) / 2)
    assert brought_again(fresh, entries, []) == frozenset()
