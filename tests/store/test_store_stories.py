"""Which entries are one story, as the store joins them by the marks of `monitor.dedupe.story`, and by hand."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from monitor.dedupe.story import story_keys
from monitor.domain.entry import ClassifiedEntry
from monitor.errors import UsageError
from monitor.store import annotations, digests, views
from monitor.store.annotations import NewAnnotation
from monitor.store.database import Store
from monitor.store.prune import prune
from monitor.store.stories import latest, move, moved, of_stories, of_story, story_of

TITLE = "Ministry brings four families home from the north-east"
TEXT = "A flight with eleven children and their mothers landed before dawn, the ministry said, and was met by doctors."
LINES = {"returns": 0.5}
Build = Callable[..., Any]


def told(classified: Build, name: str, **fields: Any) -> ClassifiedEntry:
    """An entry with the marks that it has in the running program."""
    plain: ClassifiedEntry = classified(name, **fields)
    made: ClassifiedEntry = classified(name, marks=story_keys(plain.entry), **fields)
    return made


def stories(store: Store) -> list[set[str]]:
    """The stories, each as the guids of its entries, in the order in which they began."""
    found: dict[int, set[str]] = {}
    for stored in sorted(views.items(store, limit=0), key=lambda stored: stored.id):
        found.setdefault(stored.story_id, set()).add(stored.entry.guid or "")
    return list(found.values())


def test_the_same_link_in_two_feeds_is_one_story(room: Any, classified: Build) -> None:
    link = "https://courier.example/families"
    room.poll("one", told(classified, "a", url=link, title="First"))
    room.poll("two", told(classified, "b", url=link, title="Second"))
    assert stories(room.store) == [{"a", "b"}]


def test_the_same_title_in_two_feeds_is_one_story(room: Any, classified: Build) -> None:
    room.poll("one", told(classified, "a", title=TITLE))
    room.poll("two", told(classified, "b", title=TITLE.upper() + "!"))
    assert stories(room.store) == [{"a", "b"}]


def test_the_same_title_in_one_feed_is_a_series(room: Any, classified: Build) -> None:
    room.poll("one", told(classified, "a", title=TITLE), told(classified, "b", title=TITLE))
    room.poll("one", told(classified, "c", title=TITLE))
    assert stories(room.store) == [{"a"}, {"b"}, {"c"}]


def test_a_short_title_proves_nothing(room: Any, classified: Build) -> None:
    room.poll("one", told(classified, "a", title="Live updates"))
    room.poll("two", told(classified, "b", title="Live updates"))
    assert stories(room.store) == [{"a"}, {"b"}]


def test_after_seven_days_the_same_title_is_another_story(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", told(classified, "a", title=TITLE))
    room.poll("two", told(classified, "b", title=TITLE), at=now + timedelta(days=7))
    room.poll("three", told(classified, "c", title=TITLE), at=now + timedelta(days=14, seconds=1))
    assert stories(room.store) == [{"a", "b"}, {"c"}]


def test_the_seven_days_of_a_title_are_counted_to_the_microsecond(room: Any, classified: Build, now: datetime) -> None:
    begun = now + timedelta(microseconds=999_999)
    room.poll("one", told(classified, "a", title=TITLE), at=begun)
    room.poll("two", told(classified, "b", title=TITLE), at=begun + timedelta(days=7))
    room.poll("three", told(classified, "c", title=TITLE), at=begun + timedelta(days=14, microseconds=1))
    assert stories(room.store) == [{"a", "b"}, {"c"}]


def test_the_marks_of_a_document_are_claimed_by_one_statement(room: Any, classified: Build) -> None:
    said: list[str] = []
    with room.store.hold() as connection:
        event.listen(connection.engine, "before_cursor_execute", lambda *heard: said.append(heard[2]))
    room.poll("one", *(told(classified, f"{n}", title=f"Families come home, part {n}", text=TEXT) for n in range(30)))
    assert len([one for one in said if "INTO story_key" in one]) == 1


def test_a_copy_with_the_same_title_and_text_is_one_story_at_any_time_and_in_any_feed(
    room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", told(classified, "a", title=TITLE, text=TEXT))
    room.poll("two", told(classified, "b", title=TITLE, text=TEXT), at=now + timedelta(days=20))
    room.poll("one", told(classified, "c", title=TITLE, text=TEXT), at=now + timedelta(days=21))
    assert stories(room.store) == [{"a", "b", "c"}]


def test_in_one_document_the_same_link_is_one_story(room: Any, classified: Build) -> None:
    link = "https://courier.example/families"
    room.poll("one", told(classified, "a", url=link), told(classified, "b", url=link), told(classified, "c"))
    assert stories(room.store) == [{"a", "b"}, {"c"}]


def test_the_marks_of_an_entry_that_joins_a_story_lead_to_that_story(room: Any, classified: Build) -> None:
    link = "https://courier.example/families"
    room.poll("one", told(classified, "a", url=link, title="Quite another heading of four words"))
    room.poll("two", told(classified, "b", url=link, title=TITLE, text=TEXT))
    room.poll("three", told(classified, "c", title=TITLE, text=TEXT))
    assert stories(room.store) == [{"a", "b", "c"}]


def test_the_stronger_mark_decides(room: Any, classified: Build) -> None:
    link = "https://courier.example/families"
    room.poll("one", told(classified, "a", url=link, title="Quite another heading of four words"))
    room.poll("two", told(classified, "b", title=TITLE))
    room.poll("three", told(classified, "c", url=link, title=TITLE))
    assert stories(room.store) == [{"a", "c"}, {"b"}]


def test_an_entry_without_any_mark_is_a_story_of_its_own(room: Any, classified: Build) -> None:
    room.poll("one", told(classified, "a", url=None, title="Brief"), told(classified, "b", url=None, title="Brief"))
    assert stories(room.store) == [{"a"}, {"b"}]


def test_a_story_lists_its_entries_the_oldest_first(room: Any, classified: Build) -> None:
    room.poll("one", told(classified, "a", title=TITLE))
    room.poll("two", told(classified, "b", title=TITLE))
    newest = views.items(room.store, limit=1)[0]
    assert [stored.entry.guid for stored in views.story(room.store, newest.story_id)] == ["a", "b"]


def test_stories_are_listed_by_when_anything_of_them_was_seen_last(room: Any, classified: Build, now: datetime) -> None:
    day = timedelta(days=1)
    room.poll("one", classified("a"), classified("out", returns=0.2, policy=0.2), at=now - 3 * day)
    room.poll("one", classified("b", returns=0.1, policy=0.9), at=now - 2 * day)
    room.poll("two", classified("c", marks=["u:a"], returns=0.1), at=now - day)
    id_ = {stored.entry.guid: stored.id for stored in views.items(room.store, limit=0)}
    lines = {"returns": 0.5, "policy": 0.5}
    assert latest(room.store, lines) == [id_["a"], id_["b"]]
    assert latest(room.store, {"policy": 0.5}) == [id_["b"]]
    assert latest(room.store, lines, since=now - day) == [id_["a"]]
    assert latest(room.store, lines, since=now - day + timedelta(seconds=1)) == []
    assert [latest(room.store, lines, skip=n, limit=1) for n in range(3)] == [[id_["a"]], [id_["b"]], []]
    annotations.add(room.store, [NewAnnotation(id_["out"], "policy", True, "")], who="ana", via="cli", now=now)
    assert latest(room.store, lines) == [id_["a"], id_["b"], id_["out"]]
    assert latest(room.store, {"returns": 0.5}) == [id_["a"]]


def test_entries_that_are_moved_go_together_and_it_is_remembered_who_moved_them(
    room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", classified("a"), classified("b"), classified("c"))
    a, b, c = sorted(stored.id for stored in views.items(room.store, limit=0))
    move(room.store, [b, c], a, marks=["u:b"], who="ana", now=now)
    assert [stored.id for stored in of_story(room.store, a)] == [a, b, c]
    assert of_stories(room.store, [b, c]) == {}
    assert moved(room.store, [a, b, c]) == {b: ("ana", now), c: ("ana", now)}
    move(room.store, [c], c, marks=[], who="ben", now=now + timedelta(hours=1))
    assert moved(room.store, [b, c]) == {b: ("ana", now), c: ("ben", now + timedelta(hours=1))}
    assert (story_of(room.store, b), story_of(room.store, c), story_of(room.store, 999)) == (a, c, None)


def test_nothing_is_moved_where_one_of_the_entries_is_not_there(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("a"), classified("b"))
    a, b = sorted(stored.id for stored in views.items(room.store, limit=0))
    with pytest.raises(UsageError, match=r"no entries 98, 99;"):
        move(room.store, [b, 99, 98], a, marks=["u:b"], who="ana", now=now)
    assert stories(room.store) == [{"a"}, {"b"}]
    assert moved(room.store, [a, b]) == {}


def test_a_mark_that_leads_to_a_third_story_stays_with_it(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("a"), classified("b"), classified("other"))
    a, b, other = sorted(stored.id for stored in views.items(room.store, limit=0))
    move(room.store, [b], a, marks=["u:b", "u:other"], who="ana", now=now)
    room.poll("two", classified("later", marks=["u:other"]), classified("copy", marks=["u:b"]))
    assert [stored.entry.guid for stored in of_story(room.store, other)] == ["other", "later"]
    assert [stored.entry.guid for stored in of_story(room.store, a)] == ["a", "b", "copy"]


def test_what_stays_without_the_entry_that_gave_the_id_is_called_by_the_first_of_it(
    room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", classified("a", marks=["u:1", "u:2"]), classified("z"))
    room.poll("two", classified("b", marks=["u:1", "u:b"]), classified("c", marks=["u:2"]))
    room.close()
    guids = {stored.entry.guid: stored.id for stored in views.items(room.store, limit=0)}
    move(room.store, [guids["a"]], guids["z"], marks=["u:2"], who="ana", now=now)
    assert stories(room.store) == [{"a", "z"}, {"b", "c"}]
    assert story_of(room.store, guids["c"]) == guids["b"]
    room.poll("three", classified("x", marks=["u:1"]), classified("y", marks=["u:2"]))
    assert stories(room.store) == [{"a", "z", "y"}, {"b", "c", "x"}]
    # The digest told of all of them, so nothing that follows is told again.
    assert digests.unjudged(room.store, room.state(), LINES).told.keys() == {guids["z"], guids["b"]}


def test_a_story_of_which_nobody_stays_leaves_all_its_marks_and_what_it_was_told(
    room: Any, classified: Build, now: datetime
) -> None:
    then = now - timedelta(days=900)
    room.poll("one", classified("gone", marks=["u:1"]), at=then)
    room.close(at=then)
    room.poll("two", classified("b", marks=["u:1"]), classified("a"))
    guids = {stored.entry.guid: stored.id for stored in views.items(room.store, limit=0)}
    long_ago = now - timedelta(days=800)
    prune(
        room.store, entries_before=long_ago, polls_before=long_ago, digests_before=long_ago, documents_before=long_ago
    )
    assert [stored.entry.guid for stored in of_story(room.store, guids["gone"])] == ["b"]
    move(room.store, [guids["b"]], guids["a"], marks=[], who="ana", now=now)
    room.poll("three", classified("c", marks=["u:1"]))
    assert [stored.entry.guid for stored in of_story(room.store, guids["a"])] == ["b", "a", "c"]
    assert digests.unjudged(room.store, room.state(), LINES).told.keys() == {guids["a"]}
    assert story_of(room.store, guids["gone"]) == guids["a"]
