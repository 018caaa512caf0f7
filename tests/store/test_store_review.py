"""What a review chooses from, and where it was left."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.domain.entry import WATCH, Score
from monitor.store import annotations, review
from monitor.store import entries as store_entries
from monitor.store.annotations import NewAnnotation
from monitor.store.database import Store

Build = Callable[..., Any]
BOTH = ("returns", "policy")


@pytest.fixture
def say(store: Store, now: datetime) -> Callable[..., list[int]]:
    def run(*words: tuple[Any, ...], who: str = "ana", via: str = "review") -> list[int]:
        return annotations.add(store, [NewAnnotation(*word) for word in words], who=who, via=via, now=now)

    return run


def ids(store: Store, labels: tuple[str, ...] = BOTH, since: datetime | None = None) -> list[int]:
    return [one.id for one in review.unsaid(store, since=since, labels=labels)]


def test_scored_entries_of_which_nobody_spoke_come_with_their_newest_scores(
    store: Store, room: Any, classified: Build, say: Any, now: datetime
) -> None:
    room.poll("one", classified("a", returns=0.2), classified("b", scorer=""), classified("c", lang="fr", news=False))
    with store.write() as connection:
        newer = {"returns": Score(0.7), WATCH: Score(1.0), "trial": Score(0.4)}
        store_entries.add_scores_of(connection, [(1, 1, newer, "test+1")], now + timedelta(days=1))
        older = {"returns": Score(0.4)}
        store_entries.add_scores_of(connection, [(1, 1, older, "test-1")], now - timedelta(days=1))
    first, last = review.unsaid(store, since=None, labels=BOTH)
    assert (first.id, first.feed, first.lang, first.watched) == (1, "one", "en", True)
    assert first.scores == {"returns": 0.7, "policy": 0.1}
    assert (last.id, last.lang, last.watched) == (3, "fr", False)


def test_since_counts_by_when_entries_were_first_seen(
    store: Store, room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", classified("a"), at=now - timedelta(days=2))
    room.poll("one", classified("b"), at=now)
    assert ids(store, since=now - timedelta(days=1)) == [2]
    assert ids(store, since=None) == [1, 2]


def test_a_story_of_which_people_spoke_is_left_out_for_the_labels_they_spoke_of(
    store: Store, room: Any, classified: Build, say: Any, now: datetime
) -> None:
    room.poll("one", classified("a", marks=("u:1",)), classified("b", marks=("u:2",)), classified("c", marks=("u:3",)))
    room.poll("two", classified("d", marks=("u:1",)))
    say((4, "returns", False), via="cli")
    (unsure,) = say((2, "returns", None))
    assert ids(store) == [3]
    assert ids(store, ("policy",)) == [1, 2, 3, 4]
    annotations.withdraw(store, [unsure], now=now)
    assert ids(store) == [2, 3]


def test_what_a_person_left_half_answered_in_a_review_is_found_again(
    store: Store, room: Any, classified: Build, say: Any, now: datetime
) -> None:
    room.poll("one", *(classified(str(n)) for n in range(4)))
    assert review.begun(store, who="ana", labels=BOTH) is None
    say((1, "returns", True), (1, "policy", True))
    assert review.begun(store, who="ana", labels=BOTH) is None
    half = say((2, "returns", None))
    say((3, "returns", True), who="ben")
    say((4, "returns", True), via="cli")
    assert review.begun(store, who="ana", labels=BOTH) == 2
    assert review.begun(store, who="ana", labels=("returns",)) is None
    assert review.begun(store, who="ana", labels=("policy",)) is None
    annotations.withdraw(store, half, now=now)
    assert review.begun(store, who="ana", labels=BOTH) is None


def test_the_words_of_what_people_spoke_of_come_newest_first(
    store: Store, room: Any, classified: Build, say: Any
) -> None:
    room.poll("one", *(classified(str(n), title=f"Note {n}", text="Told.") for n in range(3)))
    say((1, "returns", True), (1, "policy", True), (3, "returns", None))
    assert review.said_words(store, limit=9) == [("Note 2", "Told."), ("Note 0", "Told.")]
    assert review.said_words(store, limit=1) == [("Note 2", "Told.")]
