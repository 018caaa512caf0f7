"""Which stored entries a new one is held against, on both databases, and what is read of them."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from monitor.domain.entry import ClassifiedEntry
from monitor.domain.facts import Facts, Place, Role
from monitor.normalise.text import fingerprint
from monitor.store import views
from monitor.store.database import Store, open_store
from monitor.store.neighbours import MOST_CANDIDATES, PER_KEY, nearest, readings
from monitor.store.prune import prune, prune_index

Build = Callable[..., Any]


def indexed(classified: Build, name: str, *keys: str) -> ClassifiedEntry:
    """An entry that is found by these keys."""
    return replace(classified(name), index_keys=keys)


def guids(store: Store) -> dict[int, str]:
    return {stored.id: stored.entry.guid or "" for stored in views.items(store, limit=0)}


def found(store: Store, *keys: str, since: datetime) -> list[str]:
    """The guids of the entries that share keys, in their order."""
    (near,) = nearest(store, [keys], since=since)
    names = guids(store)
    return [names[one.id] for one in near]


def test_neighbours_are_those_that_share_keys_since_a_time_the_most_shared_first(
    room: Any, classified: Build, now: datetime
) -> None:
    old = now - timedelta(days=3)
    room.poll("one", indexed(classified, "early", "p:FR", "w:court", "w:camp"), at=old - timedelta(seconds=1))
    room.poll("one", indexed(classified, "a", "p:FR"), indexed(classified, "b", "p:FR", "w:court"), at=old)
    room.poll("two", indexed(classified, "c", "p:FR", "w:camp", "w:court"), indexed(classified, "d", "p:DE"), at=now)
    room.poll("two", indexed(classified, "e", "w:camp", "p:DE"), at=now)
    assert found(room.store, "w:court", "p:FR", "w:camp", "w:camp", since=old) == ["c", "b", "e", "a"]


def test_each_set_of_keys_has_neighbours_of_its_own_and_one_without_keys_has_none(
    room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", indexed(classified, "a", "p:FR"), indexed(classified, "b", "p:DE"))
    a, b = sorted(guids(room.store))
    sets = [["p:DE"], [], ["p:F", "p:fr"], ["p:FR", "p:DE"]]
    assert [[one.id for one in near] for near in nearest(room.store, sets, since=now)] == [[b], [], [], [b, a]]
    assert nearest(room.store, [], since=now) == []


def test_of_too_many_neighbours_those_stay_that_share_most_and_then_the_newest(
    room: Any, classified: Build, now: datetime
) -> None:
    first = indexed(classified, "first", "p:FR", "w:camp")
    others = [indexed(classified, str(number), "p:FR") for number in range(MOST_CANDIDATES + 5)]
    room.poll("one", first, *others)
    ids = {guid: id_ for id_, guid in guids(room.store).items()}
    newest = sorted((guid for guid in ids if guid != "first"), key=lambda guid: -ids[guid])
    assert found(room.store, "p:FR", "w:camp", since=now) == ["first", *newest[: MOST_CANDIDATES - 1]]


def test_of_a_common_key_only_the_newest_entries_count(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", indexed(classified, "out", "p:FR", "w:camp"), indexed(classified, "in", "p:FR", "w:camp"))
    common = [indexed(classified, str(number), "p:FR") for number in range(PER_KEY - 1)]
    room.poll("two", *common)
    names = found(room.store, "p:FR", "w:camp", since=now)
    assert names[0] == "in"  # by both keys; the other is beyond the newest of one of them
    assert "out" not in names
    assert found(room.store, "w:camp", since=now) == ["in", "out"]


def test_a_neighbour_is_told_with_the_story_and_the_version_that_it_is_in_now(
    room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", indexed(classified, "a", "p:FR"), indexed(classified, "b", "p:FR"))
    a, b = sorted(guids(room.store))
    with room.store.write() as connection:
        connection.execute(text("UPDATE entry SET version = 3, story_id = :a WHERE id = :b"), {"a": a, "b": b})
    ((first, second),) = nearest(room.store, [["p:FR"]], since=now)
    assert (first.id, first.version, first.story_id) == (b, 3, a)
    assert (second.id, second.version, second.story_id) == (a, 1, a)
    assert (second.feed, second.key) == ("one", "g:a")
    assert second.fingerprint == readings(room.store, [a])[0].fingerprint != ""


def test_what_is_compared_of_an_entry_is_read_with_its_facts(room: Any, classified: Build, now: datetime) -> None:
    facts = Facts((Place("FR", frozenset({Role.ACTOR, Role.EVENT})), Place("SY")), persons=("Ilse Brandt",))
    made = replace(classified("a"), facts=facts)
    room.poll("one", made, classified("b"))
    a, b = sorted(guids(room.store))
    (first, second) = sorted(readings(room.store, [a, b, b + 1]), key=lambda one: one.id)
    assert (first.id, first.version, first.feed, first.entry, first.first_seen) == (a, 1, "one", made.entry, now)
    assert first.fingerprint == fingerprint(made.entry.title, made.entry.text)
    assert first.facts == facts
    assert second.id == b


def test_pruned_entries_are_no_neighbours_and_nothing_is_read_of_them(
    room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", indexed(classified, "a", "p:FR"), at=now - timedelta(days=2))
    room.poll("one", indexed(classified, "b", "p:FR"), at=now)
    a, b = sorted(guids(room.store))
    before = now - timedelta(days=1)
    prune(room.store, entries_before=before, polls_before=before, digests_before=before, documents_before=before)
    ((only,),) = nearest(room.store, [["p:FR"]], since=now - timedelta(days=9))
    assert only.id == b
    assert [one.id for one in readings(room.store, [a, b])] == [b]


def test_the_index_forgets_what_no_entry_can_join_any_more(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", indexed(classified, "a", "p:FR", "w:camp"), at=now - timedelta(days=15))
    room.poll("one", indexed(classified, "b", "p:FR"), at=now - timedelta(days=14))
    assert prune_index(room.store, before=now - timedelta(days=14)) == 2
    assert found(room.store, "p:FR", "w:camp", since=now - timedelta(days=99)) == ["b"]
    assert len(guids(room.store)) == 2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_neighbours_are_those_that_the_rule_names(room: Any, classified: Build, now: datetime, seed: int) -> None:
    chance = random.Random(seed)
    keys = "abcdef"
    entries = [
        indexed(classified, str(n), *(key for at, key in enumerate(keys, 1) if chance.random() < 1 / at))
        for n in range(3 * PER_KEY)
    ]
    for n in range(0, len(entries), 12):
        room.poll("one", *entries[n : n + 12], at=now + timedelta(minutes=n))
    by_key = {key: [n for n, entry in enumerate(entries) if key in entry.index_keys] for key in keys}
    since = chance.choice((0, 12, 60))
    shared = Counter(n for key in keys for n in by_key[key][-PER_KEY:] if n >= since)
    expected = sorted(shared, key=lambda n: (-shared[n], -n))[:MOST_CANDIDATES]
    assert found(room.store, *keys, since=now + timedelta(minutes=since)) == [str(n) for n in expected]


def test_on_sqlite_neighbours_are_found_by_the_key_alone_however_many_there_are(tmp_path: Path, now: datetime) -> None:
    """Nothing is looked through but the few keys, and what they lead to. LATERAL leaves PostgreSQL no choice."""
    with open_store(f"sqlite:///{tmp_path / 'monitor.db'}") as store:
        plan = plan_of(store, lambda: nearest(store, [["p:FR"]], since=now))
    assert "SEARCH row USING PRIMARY KEY (key=? AND entry_id>?)" in plan
    assert "SEARCH other USING PRIMARY KEY (key=?)" in plan
    assert "SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)" in plan
    assert len([step for step in plan if step.startswith("SCAN")]) == 2


def plan_of(store: Store, query: Callable[[], object]) -> list[str]:
    """How SQLite runs the only statement of a query."""
    said: list[tuple[str, Any]] = []

    def hear(_1: Any, _2: Any, statement: str, parameters: Any, *_: Any) -> None:
        said.append((statement, parameters))

    with store.read() as connection:
        engine = connection.engine
    event.listen(engine, "before_cursor_execute", hear)
    query()
    event.remove(engine, "before_cursor_execute", hear)
    ((statement, parameters),) = [one for one in said if one[0].startswith("SELECT")]
    with store.read() as connection:
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
