"""Entries that score low and of which nobody spoke, for training on one's own stream."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from monitor.domain.entry import WATCH, Score
from monitor.store import annotations, sample
from monitor.store import entries as store_entries
from monitor.store.annotations import NewAnnotation
from monitor.store.database import Store
from monitor.store.prune import prune

Build = Callable[..., Any]
LABELS = ("returns", "policy")


def low(store: Store, labels: Sequence[str] = LABELS) -> list[int]:
    return [found.id for found in sample.low(store, labels, below=0.05)]


def say(store: Store, now: datetime, entry_id: int, value: bool | None) -> int:
    (id_,) = annotations.add(store, [NewAnnotation(entry_id, "returns", value)], who="ana", via="cli", now=now)
    return id_


def test_low_is_what_no_score_of_the_labels_reaches_the_line_of(store: Store, room: Any, classified: Build) -> None:
    room.poll(
        "one",
        classified("a", returns=0.049, policy=0.049),
        classified("b", returns=0.05, policy=0.0),
        classified("c", returns=0.0, policy=0.9),
        classified("d", scorer=""),
    )
    assert low(store) == [1]
    assert low(store, ["returns"]) == [1, 3]
    assert low(store, []) == [1, 2, 3]  # the one that waits for a model is never low


def test_a_score_that_was_high_once_counts_whatever_came_later(
    store: Store, room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", classified("a", returns=0.2), classified("b", returns=0.01, policy=0.01))
    with store.write() as connection:
        store_entries.add_scores_of(connection, [(1, 1, {"returns": Score(0.01)}, "test+1")], now + timedelta(hours=1))
        store_entries.add_scores_of(connection, [(2, 1, {WATCH: Score(1.0)}, "test+1")], now + timedelta(hours=1))
    assert low(store) == [2]
    assert low(store, [*LABELS, WATCH]) == []


def test_a_story_of_which_people_spoke_is_left_out_whole_and_comes_back_when_they_take_it_back(
    store: Store, room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", *(classified(name, returns=0.01, policy=0.01, marks=(mark,)) for name, mark in ("ax", "by", "cx")))
    assert [(found.id, found.story_id) for found in sample.low(store, LABELS, below=0.05)] == [(1, 1), (2, 2), (3, 1)]
    for value in (True, False, None):
        word = say(store, now, 3, value)
        assert low(store) == [2]
        annotations.withdraw(store, [word], now=now)
    assert low(store) == [1, 2, 3]


def test_entries_without_words_are_not_counted_and_not_taken(
    store: Store, room: Any, classified: Build, now: datetime
) -> None:
    old = now - timedelta(days=9)
    room.poll("one", classified("a", returns=0.01, policy=0.01), at=old)
    room.poll("one", classified("b", returns=0.01, policy=0.01), classified("c"), classified("d", scorer=""))
    assert [sample.count(store, since=since) for since in (1, 2, 3, 9)] == [3, 2, 1, 0]
    before = now - timedelta(days=1)
    prune(store, entries_before=before, polls_before=before, digests_before=before, documents_before=before)
    assert low(store) == [2]
    assert sample.count(store, since=1) == 2


def test_words_come_in_the_order_of_their_entries_over_many_statements(
    store: Store, room: Any, classified: Build, monkeypatch: Any
) -> None:
    monkeypatch.setattr(sample, "_IN", 2)
    room.poll("one", *(classified(str(n), title=f"Note {n}", text=f"Text {n}") for n in range(1, 6)))
    assert list(sample.texts(store, [1, 3, 4, 5])) == [(f"Note {n}", f"Text {n}") for n in (1, 3, 4, 5)]
    assert list(sample.texts(store, [])) == []
