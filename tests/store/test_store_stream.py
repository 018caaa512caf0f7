"""The stream without its words, and which scores of one scorer count."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.domain.entry import ClassifiedEntry, Revision, Score
from monitor.normalise.text import fingerprint
from monitor.store.database import Store
from monitor.store.entries import add_scores_of
from monitor.store.known import known
from monitor.store.prune import prune
from monitor.store.revisions import revise
from monitor.store.stream import Held, held, seen, words

DAY = timedelta(days=1)
Build = Callable[..., Any]
BEFORE = ("entries_before", "polls_before", "digests_before", "documents_before")


def test_the_stream_is_what_came_in_its_time_and_may_be_announced(
    room: Any, store: Store, classified: Build, now: datetime
) -> None:
    room.poll("one", classified("a"), at=now - 3 * DAY)
    room.poll("one", classified("b", lang="fr", marks=("u:s",)), classified("old", news=False), at=now - DAY)
    room.poll("two", classified("c", marks=("u:s",), scorer=""), at=now)
    found = seen(store, since=now - 3 * DAY, until=now)  # the beginning itself is out
    assert [(one.id, one.story_id, one.feed, one.lang) for one in found] == [(2, 2, "one", "fr"), (4, 2, "two", "en")]
    assert [one.first_seen for one in found] == [now - DAY, now]


def test_what_was_pruned_is_no_part_of_it(room: Any, store: Store, classified: Build, now: datetime) -> None:
    room.poll("one", classified("a"), at=now - 10 * DAY)
    prune(store, **dict.fromkeys(BEFORE, now - DAY))
    assert seen(store, since=now - 30 * DAY, until=now) == []


def test_only_scores_of_the_scorer_count_and_a_label_that_it_gave_none_is_0(
    room: Any, store: Store, classified: Build, now: datetime
) -> None:
    watched = replace(classified("b"), scores={"returns": Score(0.2), "watch": Score(1.0)})
    room.poll("one", classified("a", returns=0.7), watched, classified("c", scorer="older"), classified("d", scorer=""))
    assert held(store, [1, 2, 3, 4, 99], "test+0", "returns") == {1: Held(0.7, False), 2: Held(0.2, True)}
    assert held(store, [1, 2], "test+0", "repatriation") == {1: Held(0.0, False), 2: Held(0.0, True)}
    assert held(store, [2], "test+0", "returns") == {2: Held(0.2, True)}
    assert held(store, [], "test+0", "returns") == {}
    for counts, expected in ((False, {}), (True, {3: Held(0.4, False)})):
        with store.write() as connection:
            add_scores_of(connection, [(3, 1, {"returns": Score(0.4)}, "test+0")], now, counts=counts)
        assert held(store, [3], "test+0", "returns") == expected


@pytest.mark.parametrize(
    ("scorer", "score", "expected"),
    [
        ("test+0", 0.9, {1: Held(0.9, False)}),  # scored anew
        ("newer", 0.9, {}),  # by another scorer: the old score is of words that it does not have any more
        ("", 0.0, {}),  # it waits for a model
        (None, 0.0, {1: Held(0.3, False)}),  # the edit changed nothing that matters
    ],
)
def test_of_an_edited_entry_the_scores_of_the_version_that_counts_are_held(
    room: Any,
    store: Store,
    classified: Build,
    now: datetime,
    scorer: str | None,
    score: float,
    expected: dict[int, Held],
) -> None:
    room.poll("one", classified("a", returns=0.3))
    (one,) = known(store, "one", ["g:a"]).values()
    edit = classified("a", returns=score, scorer=scorer or "", title="Another title altogether")
    scored: ClassifiedEntry | None = edit if scorer is not None else None
    mark = fingerprint(edit.entry.title, edit.entry.text)
    with store.write() as connection:
        revise(connection, [Revision(1, one.version, edit.entry, scored, mark, True, "feed")], now=now + DAY)
    assert held(store, [1], "test+0", "returns") == expected


def test_words_come_by_id(room: Any, store: Store, classified: Build) -> None:
    room.poll("one", classified("a", title="Titel", text="Text", lang="de"), classified("b"))
    assert words(store, [1, 99]) == {1: ("Titel", "Text", "de")}
