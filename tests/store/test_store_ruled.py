"""Entries that went by rules while there was no model: which they are, and what a model's scores move."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from monitor.dedupe.story import story_keys
from monitor.domain.entry import ClassifiedEntry, Revision, Score, StoredEntry
from monitor.domain.facts import Facts, Place
from monitor.normalise.text import fingerprint
from monitor.store import digests, ruled, views
from monitor.store import entries as store_entries
from monitor.store.database import Store
from monitor.store.entries import entry_table
from monitor.store.prune import prune
from monitor.store.revisions import revise

Build = Callable[..., Any]
HOUR = timedelta(hours=1)
RULES = "rules+0123abcd"
MODEL = "2026.12+0123abcd"
LINES = {"returns": 0.5, "policy": 0.5}


@pytest.fixture
def by_rules(classified: Build) -> Build:
    """Build an entry that only a rule for ``returns`` has scored."""

    def build(name: str, *, returns: float = 0.4, **fields: Any) -> ClassifiedEntry:
        made: ClassifiedEntry = classified(name, scorer=RULES, **fields)
        return replace(made, scores={"returns": Score(returns)})

    return build


def found(store: Store, limit: int = 99) -> list[StoredEntry]:
    return ruled.by_rules_alone(store, limit=limit)


def ids(store: Store) -> list[int]:
    return [stored.id for stored in found(store)]


def places(store: Store) -> list[int | None]:
    with store.read() as connection:
        return list(connection.scalars(select(entry_table.c.announce_seq).order_by(entry_table.c.id)))


def take(
    store: Store, batch: Sequence[StoredEntry], *, now: datetime, news: Sequence[int], returns: float = 0.9
) -> int:
    pairs = [(stored, {"returns": Score(returns), "policy": Score(0.1)}) for stored in batch]
    return ruled.take(store, pairs, MODEL, news=news, now=now)


def edit(store: Store, entry_id: int, *, scorer: str | None, now: datetime, title: str = "Other words") -> None:
    """Give an entry new words; ``scorer`` None is an edit that changes nothing that matters."""
    stored = views.item(store, entry_id)
    assert stored is not None
    words = replace(stored.entry, title=title)
    scored = None
    if scorer is not None:
        scores = {"returns": Score(0.3)} if scorer else {}
        scored = ClassifiedEntry(words, scores, scorer, (), story_keys(words), news=True)
    print_ = fingerprint(words.title, words.text)
    with store.write() as connection:
        assert (
            revise(connection, [Revision(entry_id, stored.version, words, scored, print_, True, "feed")], now=now) == 1
        )


def test_they_are_those_that_no_model_has_scored_the_oldest_first(
    store: Store, room: Any, classified: Build, by_rules: Build, now: datetime
) -> None:
    room.poll(
        "one", classified("a"), by_rules("b"), classified("c", scorer=""), by_rules("d", news=False), by_rules("e")
    )
    room.poll("one", classified("f", scorer="rules2+0123abcd"))  # the name of a model
    assert ids(store) == [2, 4, 5]
    assert [stored.id for stored in found(store, limit=2)] == [2, 4]
    with store.write() as connection:
        store_entries.add_scores_of(connection, [(4, 1, {"returns": Score(0.2)}, MODEL)], now)
        store_entries.add_scores_of(connection, [(1, 1, {"returns": Score(0.2)}, RULES)], now)
    assert ids(store) == [2, 5]


def test_it_is_the_words_of_now_that_count(
    store: Store, room: Any, classified: Build, by_rules: Build, now: datetime
) -> None:
    room.poll("one", by_rules("a"), by_rules("b"), classified("c"), classified("d"), by_rules("e"))
    edit(store, 1, scorer=MODEL, now=now + HOUR)
    edit(store, 2, scorer=None, now=now + HOUR)  # a comma: the scores of the words before go on to count
    edit(store, 3, scorer=RULES, now=now + HOUR)
    edit(store, 4, scorer=None, now=now + HOUR)
    edit(store, 5, scorer="", now=now + HOUR)  # waits for whatever comes first
    assert ids(store) == [2, 3]
    assert take(store, found(store), now=now + 2 * HOUR, news=[]) == 2
    assert ids(store) == []
    edit(store, 3, scorer=None, now=now + 3 * HOUR, title="Other words,")
    assert ids(store) == []
    assert [(stored.scorer, stored.scores["returns"].probability) for stored in views.items(store, limit=0)][2:4] == [
        (MODEL, 0.9), (MODEL, 0.9)
    ]  # fmt: skip


def test_a_models_scores_stand_beside_those_of_the_rules_and_count(
    store: Store, room: Any, by_rules: Build, now: datetime
) -> None:
    room.poll("one", by_rules("a"), by_rules("b"))
    batch = found(store)
    assert take(store, batch, now=now + HOUR, news=[]) == 2
    assert ids(store) == []
    stored = views.item(store, 1)
    assert stored is not None
    assert (stored.scorer, dict(stored.scores)) == (MODEL, {"returns": Score(0.9), "policy": Score(0.1)})
    with store.read() as connection:
        scores = store_entries.prediction_table.c
        chosen = select(scores.scorer, scores.label).where(scores.entry_id == 1).order_by(scores.scorer, scores.label)
        assert [tuple(row) for row in connection.execute(chosen)] == [
            (MODEL, "policy"), (MODEL, "returns"), (RULES, "returns")
        ]  # fmt: skip
    assert take(store, [], now=now + HOUR, news=[]) == 0


def test_only_news_that_was_ready_to_be_judged_gets_a_new_place(
    store: Store, room: Any, by_rules: Build, now: datetime
) -> None:
    room.poll("one", by_rules("a"), by_rules("b", news=False), by_rules("c"), by_rules("d"))
    assert places(store) == [1, None, 2, 3]
    take(store, found(store), now=now + HOUR, news=[1, 2, 4, 99])
    assert places(store) == [4, None, 2, 5]


def test_what_was_passed_is_judged_beside_what_was_told_of_it_and_what_was_not_by_itself(
    store: Store, room: Any, by_rules: Build, now: datetime
) -> None:
    room.poll("one", by_rules("a", returns=0.7), by_rules("b", returns=0.2))
    assert room.close()
    take(store, found(store), now=now + HOUR, news=[1, 2])
    found_anew = digests.unjudged(store, room.state(at=now + HOUR), LINES)
    assert [stored.id for stored in found_anew.new] == [1, 2]
    assert [line.entry_id for lines in found_anew.told.values() for line in lines] == [1]


def test_an_entry_that_was_edited_or_emptied_meanwhile_is_left_out(
    store: Store, room: Any, by_rules: Build, now: datetime
) -> None:
    room.poll("one", by_rules("a"), at=now - 9 * 24 * HOUR)
    room.poll("one", by_rules("b"), by_rules("c"))
    batch = found(store)
    edit(store, 2, scorer=RULES, now=now + HOUR)
    prune(store, entries_before=now - HOUR, polls_before=now, digests_before=now, documents_before=now)
    before = places(store)
    assert take(store, batch, now=now + 2 * HOUR, news=[1, 2, 3]) == 1
    assert ids(store) == [2]  # it is scored by its words of now next
    assert (places(store)[:2], views.item(store, 1)) == (before[:2], None)
    edited = views.item(store, 2)
    assert edited is not None
    assert (edited.scorer, edited.scores["returns"].probability) == (RULES, 0.3)


def test_those_that_the_model_holds_for_ours_get_their_facts_and_facts_that_stand_stay(
    room: Any, by_rules: Build, now: datetime
) -> None:
    known, read = Facts(persons=("Ilse Brandt",)), Facts((Place("FR"),), persons=("Jean Roux",))
    room.poll("one", by_rules("a"), by_rules("b"), replace(by_rules("c"), facts=known))
    batch = found(room.store)
    pairs = [(stored, {"returns": Score(0.9)}) for stored in batch]
    ruled.take(room.store, pairs, MODEL, news=[], now=now, ours=[1, 3], read=lambda *_: read)
    assert [stored.facts for stored in sorted(views.items(room.store, limit=0), key=lambda s: s.id)] == [
        read,
        Facts(),
        known,
    ]
