"""What an entry is known by, and how much a feed's guids are worth."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.entry import Document, RawEntry, Trust
from monitor.normalise.entry import Normalised
from monitor.normalise.identity import MAX_INVALID, Identifiers, lower, trusted
from tests.conftest import normalise_all

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BASE = "https://courier.example/feed.xml"
PLACES = ("Delta", "Harbour", "Mill Lane", "Old Town", "Riverside", "Station", "Upper Quay", "Vineyards", "West End")
RANK = {Trust.GUID: 0, Trust.LINK: 1, Trust.TEXT: 2}


def item(number: int, **fields: object) -> RawEntry:
    """An item that nothing else is like."""
    place = PLACES[number % len(PLACES)]
    made = RawEntry(
        guid=f"item-{number}",
        link=f"https://courier.example/{number}",
        title=f"{place}: council meeting {number} ends late",
        summary=f"Residents of {place} brought {number} complaints, and the council heard every one of them.",
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def read(*items: RawEntry, trust: Trust = Trust.GUID, taken: frozenset[str] = frozenset()) -> Normalised:
    document = Document("rss20", "Courier", None, items)
    return normalise_all(document, base=BASE, claimed_language="en", now=NOW, trust=trust, taken=taken)


def test_the_trust_that_a_feed_has_earned_says_what_its_entries_are_known_by() -> None:
    kinds = [read(item(1), trust=trust).entries[0].key[0] for trust in Trust]
    assert kinds == ["g", "u", "h"]


@pytest.mark.parametrize(
    ("missing", "kinds"),
    [
        ({"guid": None}, "uuh"),
        ({"link": None}, "ggh"),
        ({"guid": None, "link": None}, "hhh"),
        ({"title": ""}, "guh"),
        ({"title": "", "summary": ""}, "guu"),
        ({"guid": None, "title": ""}, "uuh"),
        ({"link": None, "title": "", "summary": ""}, "ggg"),
        ({"guid": None, "link": None, "title": "", "other_link": "/audio.mp3"}, "uuh"),
        ({"guid": None, "link": None, "title": "", "summary": "", "other_link": "/audio.mp3"}, "uuu"),
    ],
)
def test_an_entry_goes_by_what_it_has(missing: dict[str, object], kinds: str) -> None:
    assert "".join(read(item(1, **missing), trust=trust).entries[0].key[0] for trust in Trust) == kinds


def test_a_guid_that_items_with_other_links_share_costs_the_feed_s_trust_in_guids() -> None:
    found = read(*(item(number, guid="latest") for number in range(10)))
    assert found.trust is Trust.LINK
    assert [entry.key for entry in found.entries] == [f"u:https://courier.example/{number}" for number in range(10)]


def test_one_guid_of_twenty_that_is_shared_costs_nothing_and_loses_nothing() -> None:
    items = [item(number) for number in range(20)]
    items[7] = replace(items[7], guid="item-3")
    found = read(*items)
    assert found.trust is Trust.GUID
    assert len(found.entries) == 20
    assert {entry.key for entry in found.entries} >= {"g:item-3", "u:https://courier.example/7"}
    one_more = replace(items[8], guid="item-3")
    assert read(*items[:8], one_more, *items[9:]).trust is Trust.LINK


@pytest.mark.parametrize("guid", ["home", None])
def test_items_that_share_their_link_too_go_by_their_words_and_none_is_lost(guid: str | None) -> None:
    items = [item(number, guid=guid, link="https://courier.example/") for number in range(6)]
    found = read(*items)
    assert found.trust is Trust.TEXT
    assert len({entry.key for entry in found.entries}) == 6


def test_untitled_items_that_share_their_link_go_by_their_words_too() -> None:
    items = [item(number, guid=None, link="/", title="") for number in range(6)]
    found = read(*items)
    assert (found.trust, len(found.entries)) == (Trust.TEXT, 6)
    shuffled = read(*reversed(items), trust=found.trust)
    assert {entry.key: entry.text for entry in shuffled.entries} == {entry.key: entry.text for entry in found.entries}


@pytest.mark.parametrize("title", ["", "Podcast"])
def test_items_under_one_guid_with_links_of_their_own_are_items_of_their_own_though_they_say_the_same(
    title: str,
) -> None:
    found = read(*(item(number, guid="latest", title=title, summary="Listen now.") for number in range(6)))
    assert (found.trust, len(found.entries)) == (Trust.LINK, 6)


def test_links_that_are_shared_are_no_matter_where_the_guids_are_good() -> None:
    found = read(*(item(number, link="https://courier.example/podcast") for number in range(6)))
    assert (found.trust, len(found.entries)) == (Trust.GUID, 6)


def test_an_item_that_comes_twice_is_one_and_no_guid_is_the_worse_for_it() -> None:
    items = [item(number) for number in range(4)]
    tracked = [replace(one, link=f"{one.link}?section=world") for one in items]
    shorter = [replace(one, summary=f"{one.summary} Read on.") for one in items]
    found = read(*items, *items, *tracked, *shorter)
    assert found.trust is Trust.GUID
    assert [entry.key for entry in found.entries] == [f"g:item-{number}" for number in range(4)]


def test_a_key_that_is_another_s_is_not_given() -> None:
    found = read(item(1), item(2), taken=frozenset({"g:item-1"}))
    assert [entry.key for entry in found.entries] == ["u:https://courier.example/1", "g:item-2"]
    both = frozenset({"g:item-1", "u:https://courier.example/1"})
    assert read(item(1), taken=both).entries[0].key.startswith("h:")


def test_what_is_left_to_trust_goes_down_to_the_words() -> None:
    assert [lower(trust) for trust in Trust] == [Trust.LINK, Trust.TEXT, Trust.TEXT]


few = st.sampled_from([None, "a", "b", "c"])
wild = st.builds(
    RawEntry, guid=few, link=few.map(lambda path: path and f"/{path}"),
    title=st.sampled_from(["", "Court hears two appeals", "Port reopens after the storm", "Letters"]),
    summary=st.sampled_from(["", "Short.", "The judges met on Friday.", "Ships wait in the bay until the fog lifts."]),
    other_link=st.sampled_from([None, "/licence"]),
)  # fmt: skip


def says(raw: RawEntry) -> tuple[str, str]:
    return raw.title, raw.summary


@given(st.lists(wild, max_size=12), st.sampled_from(list(Trust)))
def test_whatever_a_document_is_like_no_two_entries_share_a_key_and_nothing_that_is_said_is_lost(
    items: list[RawEntry], trust: Trust
) -> None:
    found = read(*items, trust=trust)
    keys = [entry.key for entry in found.entries]
    assert len(set(keys)) == len(keys)
    identified = [one for one in items if one.guid or one.link or one.other_link or one.title]
    assert found.dropped == len(items) - len(identified)
    kept = {(entry.title, entry.text) for entry in found.entries}
    for one in identified:
        title, text = says(one)
        # An item that came twice may differ in its title or its text, but not in both.
        assert any(kept_title == (title or kept_title) or kept_text == text for kept_title, kept_text in kept)


@given(st.lists(wild, max_size=12), st.sampled_from(list(Trust)))
def test_trust_never_comes_back(items: list[RawEntry], before: Trust) -> None:
    after = read(*items, trust=before).trust
    assert RANK[after] >= RANK[before]
    assert RANK[read(item(1), item(2), trust=after).trust] >= RANK[after]


@given(
    st.sampled_from([{}, {"guid": None}, {"guid": "latest"}, {"guid": None, "link": "/"}, {"link": None}]),
    st.lists(st.integers(0, 30), unique=True, min_size=1, max_size=12),
    st.data(),
)
def test_a_settled_feed_s_keys_do_not_depend_on_what_else_is_in_the_document_and_where(
    habit: dict[str, object], numbers: list[int], data: st.DataObject
) -> None:
    trust = read(*(item(number, **habit) for number in range(31))).trust
    later = data.draw(st.permutations(numbers))[: data.draw(st.integers(1, len(numbers)))]
    whole, part = (
        {entry.title: entry.key for entry in read(*(item(number, **habit) for number in chosen), trust=trust).entries}
        for chosen in (numbers, later)
    )
    assert part.items() <= whole.items()
    assert len(part) == len(later)


@given(st.integers(1, 60), st.data())
def test_trust_goes_where_over_a_twentieth_of_the_guids_is_shared(entries: int, data: st.DataObject) -> None:
    shared = data.draw(st.integers(0, entries - 1))
    guids = ["same"] * (shared + 1) + [f"own-{n}" for n in range(entries - shared - 1)]
    found = [Identifiers(guid, f"https://courier.example/{n}", f"Title {n}") for n, guid in enumerate(guids)]
    assert trusted(Trust.GUID, found) is (Trust.LINK if shared > MAX_INVALID * entries else Trust.GUID)
