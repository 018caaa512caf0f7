"""Labels that people gave: which word counts, what it moves, and what it keeps."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, text
from sqlalchemy.exc import IntegrityError

from monitor.domain.digest import Verdict
from monitor.domain.entry import WATCH, Score
from monitor.errors import UsageError
from monitor.store import annotations, digests, views
from monitor.store import entries as store_entries
from monitor.store import waiting as waiting_store
from monitor.store.annotations import Annotation, NewAnnotation
from monitor.store.database import Store
from monitor.store.prune import prune
from monitor.store.said import annotation_table, said, said_yes

Build = Callable[..., Any]
DAY = timedelta(days=1)
LINES = {"returns": 0.5, "policy": 0.5}


@pytest.fixture
def say(store: Store, now: datetime) -> Callable[..., list[int]]:
    """Say things: ``say((1, "returns", True), (1, "policy", None, "a note"))``."""

    def run(*words: tuple[Any, ...], who: str = "ana", via: str = "cli", at: datetime = now) -> list[int]:
        return annotations.add(store, [NewAnnotation(*word) for word in words], who=who, via=via, now=at)

    return run


def human(store: Store, entry_id: int = 1) -> dict[str, bool]:
    found = views.item(store, entry_id)
    assert found is not None
    return dict(found.human)


def seq(store: Store) -> list[int | None]:
    with store.read() as connection:
        return list(connection.scalars(text("SELECT announce_seq FROM entry ORDER BY id")))


def test_the_newest_word_on_each_label_counts_and_entries_bring_it_along(
    store: Store, room: Any, classified: Build, say: Any
) -> None:
    room.poll("one", classified("a"), classified("b"))
    assert human(store) == {}
    say((1, "returns", True), (1, "policy", True), (2, "policy", False))
    say((1, "policy", False), who="ben")
    assert human(store) == {"returns": True, "policy": False}
    assert [dict(found.human) for found in views.items(store, limit=0)] == [
        {"policy": False}, {"returns": True, "policy": False}
    ]  # fmt: skip


def test_unsure_is_nobodys_word_and_takes_the_place_of_what_was_said_before(
    store: Store, room: Any, classified: Build, say: Any
) -> None:
    room.poll("one", classified("a"))
    say((1, "returns", True))
    say((1, "returns", None))
    assert human(store) == {}
    assert annotations.labelled(store) == []
    assert annotations.counts(store) == {}


def test_a_word_that_was_taken_back_leaves_the_one_before_and_stays_in_the_history(
    store: Store, room: Any, classified: Build, say: Any, now: datetime
) -> None:
    room.poll("one", classified("a"))
    (first,) = say((1, "returns", True, "flown home"), who="ana", via="review")
    (second,) = say((1, "returns", False), who="ben", at=now + DAY)
    assert annotations.withdraw(store, [second], now=now + 2 * DAY) == 1
    assert human(store) == {"returns": True}
    assert annotations.history(store, 1) == [
        Annotation(first, 1, "returns", True, "ana", "review", now, "flown home", None),
        Annotation(second, 1, "returns", False, "ben", "cli", now + DAY, "", now + 2 * DAY),
    ]
    assert annotations.withdraw(store, [second, 99], now=now) == 0
    assert annotations.history(store, 1)[1].withdrawn_at == now + 2 * DAY


def test_the_ids_of_words_come_back_in_their_order(store: Store, room: Any, classified: Build, say: Any) -> None:
    room.poll("one", *(classified(str(n)) for n in range(3)))
    ids = say((3, "returns", True), (1, "policy", None), (2, "returns", False))
    words = {word.id: word.entry_id for n in (1, 2, 3) for word in annotations.history(store, n)}
    assert [words[id_] for id_ in ids] == [3, 1, 2]
    assert say() == []


def test_an_entry_that_is_not_there_is_refused_by_name_and_nothing_is_written(
    store: Store, room: Any, classified: Build, say: Any, now: datetime
) -> None:
    room.poll("one", classified("a"), classified("b"), at=now - 9 * DAY)
    with pytest.raises(UsageError, match=r"no entry 7;.*items list"):
        say((1, "returns", True), (7, "returns", True))
    with pytest.raises(UsageError, match=r"no entries 7, 9;"):
        say((9, "returns", True), (7, "returns", True))
    prune_before(store, now - DAY)
    with pytest.raises(UsageError, match=r"no entry 2;"):
        say((2, "returns", True))
    assert annotations.history(store, 1) == []
    assert seq(store) == [1, 2]


def prune_before(store: Store, moment: datetime) -> int:
    return prune(
        store, entries_before=moment, polls_before=moment, digests_before=moment, documents_before=moment
    ).entries


def test_an_entry_that_a_person_puts_in_is_judged_anew_beside_what_was_told_of_it(
    store: Store, room: Any, classified: Build, say: Any
) -> None:
    room.poll("one", classified("a", returns=0.2), classified("b", returns=0.9))
    assert room.close()
    assert room.titles() == []
    say((1, "returns", True), (2, "policy", True))
    assert seq(store) == [3, 4]
    found = digests.unjudged(store, room.state(), LINES)
    assert [(one.id, dict(one.human)) for one in found.new] == [(1, {"returns": True}), (2, {"policy": True})]
    assert {line.entry_id: line.verdict for lines in found.told.values() for line in lines} == {2: Verdict.SHOWN}


def test_a_word_that_is_no_yes_moves_nothing_and_neither_does_taking_one_back(
    store: Store, room: Any, classified: Build, say: Any, now: datetime
) -> None:
    room.poll("one", classified("a"), classified("b"), classified("c", news=False), classified("d", scorer=""))
    assert seq(store) == [1, 2, None, None]
    say((1, "returns", False), (2, "returns", None), (3, "returns", True), (4, "returns", True))
    assert seq(store) == [1, 2, None, None]
    (id_,) = say((1, "returns", True))
    assert seq(store) == [3, 2, None, None]
    annotations.withdraw(store, [id_], now=now)
    assert seq(store) == [3, 2, None, None]


def test_an_entry_that_waits_for_a_model_gets_its_place_with_its_scores(
    store: Store, room: Any, classified: Build, say: Any, now: datetime
) -> None:
    room.poll("one", classified("a", scorer=""))
    say((1, "returns", True))
    waiting_store.add_scores(store, [(1, classified("a").scores)], "test+0", now=now)
    assert seq(store) == [1]
    assert human(store) == {"returns": True}


def test_labelled_entries_and_their_numbers(store: Store, room: Any, classified: Build, say: Any) -> None:
    room.poll("one", *(classified(str(n), title=f"Note {n}") for n in range(5)))
    say((1, "returns", True), (1, "policy", False), (2, "returns", False), (3, "returns", None), (4, "policy", True))
    say((4, "policy", False))
    found = annotations.labelled(store)
    assert [(one.entry.entry.title, dict(one.labels)) for one in found] == [
        ("Note 0", {"returns": True, "policy": False}), ("Note 1", {"returns": False}), ("Note 3", {"policy": False})
    ]  # fmt: skip
    assert annotations.counts(store) == {"policy": (0, 2), "returns": (1, 1)}


def test_what_people_spoke_of_is_not_pruned_until_they_take_it_back(
    store: Store, room: Any, classified: Build, say: Any, now: datetime
) -> None:
    room.poll("one", *(classified(str(n)) for n in range(3)), at=now - 9 * DAY)
    (_, unsure) = say((1, "returns", False), (2, "returns", None))
    assert prune_before(store, now - DAY) == 1
    assert [found.id for found in views.items(store, limit=0)] == [2, 1]
    annotations.withdraw(store, [unsure], now=now)
    assert prune_before(store, now - DAY) == 1
    (left,) = annotations.labelled(store)
    assert (left.entry.id, left.entry.scores.keys()) == (1, {"returns", "policy"})


@pytest.mark.postgres
def test_an_entry_that_is_being_labelled_is_not_pruned_meanwhile(
    store: Store, room: Any, classified: Build, now: datetime
) -> None:
    if store.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    room.poll("one", classified("a"), classified("b"), at=now - 9 * DAY)
    word = {"entry_id": 1, "label": "returns", "value": True, "who": "ana", "via": "cli", "at": now, "note": ""}
    with store.write() as connection:
        connection.execute(insert(annotation_table), word)
        assert prune_before(store, now - DAY) == 1
    assert [found.id for found in views.items(store, limit=0)] == [1]


def test_an_entry_cannot_be_deleted_under_what_people_said_of_it(
    store: Store, room: Any, classified: Build, say: Any
) -> None:
    room.poll("one", classified("a"))
    say((1, "returns", True))
    with pytest.raises(IntegrityError), store.write() as connection:
        connection.execute(delete(store_entries.entry_table))


def test_given_by_a_person_means_by_the_newest_word_that_stands(
    store: Store, room: Any, classified: Build, say: Any, now: datetime
) -> None:
    room.poll("one", *(classified(str(n)) for n in range(4)))
    say(*((n, "returns", True) for n in (1, 2, 3)), (4, "policy", True))
    say((2, "returns", False))
    (back,) = say((3, "returns", None))
    annotations.withdraw(store, [back], now=now)
    for labels, ids in ((["returns"], [1, 3]), (["policy"], [4]), (["returns", "policy"], [1, 3, 4]), ([], [])):
        with store.read() as connection:
            assert [one.id for one in store_entries.stored_entries(connection, said_yes(labels))] == ids


def test_lists_over_a_line_hold_what_people_put_in_and_with_watched_what_is_on_the_watch_list(
    store: Store, room: Any, classified: Build, say: Any, now: datetime
) -> None:
    room.poll("one", *(classified(str(n), returns=0.9 if n == 1 else 0.1) for n in range(1, 6)))
    say((2, "returns", True), (3, "policy", True), (4, "returns", False))
    with store.write() as connection:
        store_entries.add_scores_of(connection, [(5, 1, {WATCH: Score(1.0)}, "test+1")], now)
    over = {"returns": 0.5}
    assert [one.id for one in views.items(store, limit=0, over=over)] == [2, 1]
    assert [one.id for one in views.items(store, limit=0, over=over, watched=True)] == [5, 2, 1]
    assert [one.id for one in views.items(store, limit=0, over=over, watched=True, before=2)] == [1]
    assert [one.id for one in views.items(store, limit=2, before=4)] == [3, 2]


Act = tuple[str, int, str, bool | None]
_acts = st.lists(
    st.tuples(
        st.sampled_from(["say", "say", "withdraw"]),
        st.integers(1, 3),
        st.sampled_from(["returns", "policy"]),
        st.sampled_from([True, False, None]),
    ),
    max_size=12,
)


@given(acts=_acts)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_said_and_taken_back_every_reading_agrees_with_a_plain_stack(
    store: Store, room: Any, classified: Build, say: Any, now: datetime, acts: list[Act]
) -> None:
    room.poll("one", *(classified(str(n)) for n in range(3)))
    with store.write() as connection:
        connection.execute(delete(annotation_table))
    stacks: dict[tuple[int, str], list[tuple[int, bool | None]]] = {}
    for what, entry_id, label, value in acts:
        stack = stacks.setdefault((entry_id, label), [])
        if what == "say":
            stack.append((say((entry_id, label, value))[0], value))
        elif stack:
            assert annotations.withdraw(store, [stack.pop()[0]], now=now) == 1
    expected = {key: stack[-1][1] for key, stack in stacks.items() if stack and stack[-1][1] is not None}
    with store.read() as connection:
        read = said(connection, [1, 2, 3])
        yes = {one.id for one in store_entries.stored_entries(connection, said_yes(["returns"]))}
    assert {(id_, label): value for id_, labels in read.items() for label, value in labels.items()} == expected
    assert yes == {id_ for (id_, label), value in expected.items() if label == "returns" and value}
    listed = annotations.labelled(store)
    assert {(one.entry.id, label): value for one in listed for label, value in one.labels.items()} == expected
    for label, (positives, negatives) in annotations.counts(store).items():
        values = [value for (_, of), value in expected.items() if of == label]
        assert (positives, negatives) == (values.count(True), values.count(False))


def test_a_digest_closed_over_a_refused_entry_keeps_its_verdict(
    store: Store, room: Any, classified: Build, say: Any
) -> None:
    room.poll("one", classified("a"))
    assert room.close(verdict=Verdict.DROPPED)
    say((1, "returns", True))
    ((line,),) = digests.unjudged(store, room.state(), LINES).told.values()
    assert (line.entry_id, line.verdict) == (1, Verdict.DROPPED)
