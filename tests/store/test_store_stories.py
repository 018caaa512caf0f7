"""Which entries are one story, as the store joins them by the marks of `monitor.dedupe.story`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from monitor.dedupe.story import story_keys
from monitor.domain.entry import ClassifiedEntry
from monitor.store import views
from monitor.store.database import Store

TITLE = "Ministry brings four families home from the north-east"
TEXT = "A flight with eleven children and their mothers landed before dawn, the ministry said, and was met by doctors."
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
