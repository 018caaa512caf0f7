"""Backfills in the store, on both databases: page and cursor in one transaction, and turns of several processes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import SQLAlchemyError

from monitor.domain.backfill import Cursor, Job, JobState, Site, Span, Tally
from monitor.domain.entry import Origin
from monitor.store import backfill, views
from monitor.store.backfill import Brought
from monitor.store.database import Store
from monitor.store.known import known
from monitor.store.single import job_of_mine

SECOND = timedelta(seconds=1)


@pytest.fixture
def job(room: Any, now: datetime) -> Job:
    room.poll("paper")
    span = Span(now - timedelta(days=400), now)
    (made,) = backfill.create(room.store, [Job(0, "paper", span, 50, now, "paged", "paged", declared=7)])
    return made


def archived(classified: Callable[..., Any], name: str, **fields: Any) -> Any:
    return replace(classified(name, news=False, **fields), origin=Origin.BACKFILL)


def test_a_job_comes_back_as_it_was_written(room: Any, job: Job, now: datetime) -> None:
    full = replace(
        job, route="sitemap", state=JobState.RUNNING, detail="d", site=Site(kinds=("a", "b"), maps=("m",)),
        cursor=Cursor("p", ("q", "r"), "n", 3, 4, ("s",), 1, 2, 1, "e"),
        tally=Tally(1, 2, 3, 4, 5, 6, 7, 8.5, {"http-404": 2}), declared=9, gaps=("g",), announce=True, ended_at=now,
        pause_until=now,
    )  # fmt: skip
    backfill.save(room.store, full, now=now)
    assert backfill.get(room.store, job.id) == replace(full, updated_at=now)
    assert backfill.listed(room.store, states=[JobState.RUNNING]) == [replace(full, updated_at=now)]
    assert backfill.listed(room.store, states=[JobState.DONE]) == []


def test_page_and_cursor_are_written_together(
    room: Any, job: Job, classified: Callable[..., Any], now: datetime
) -> None:
    after = replace(job, cursor=Cursor(page=2), tally=Tally(pages=1, new=2))
    assert backfill.save(room.store, after, Brought([archived(classified, n) for n in "ab"]), now=now) == 2
    stored = backfill.get(room.store, job.id)
    assert stored is not None
    assert (stored.cursor.page, stored.tally.new) == (2, 2)
    assert {one.origin for one in views.items(room.store, limit=0)} == {Origin.BACKFILL}


def test_where_the_page_cannot_be_written_the_cursor_stays(
    room: Any, job: Job, classified: Callable[..., Any], now: datetime
) -> None:
    after = replace(job, cursor=Cursor(page=2))
    broken = Brought([archived(classified, "a")], {"g:other": 4711})  # an alias of an entry that is not there
    with pytest.raises(SQLAlchemyError):
        backfill.save(room.store, after, broken, now=now)
    stored = backfill.get(room.store, job.id)
    assert stored is not None
    assert stored.cursor == Cursor()
    assert views.items(room.store, limit=0) == []


def test_what_others_stored_meanwhile_counts_as_known(
    room: Any, job: Job, classified: Callable[..., Any], now: datetime
) -> None:
    room.poll("paper", classified("a"))
    after = replace(job, tally=Tally(new=2))
    assert backfill.save(room.store, after, Brought([archived(classified, n) for n in "ab"]), now=now) == 1
    stored = backfill.get(room.store, job.id)
    assert stored is not None
    assert (stored.tally.new, stored.tally.known) == (1, 1)


def test_a_cancelled_job_writes_nothing_any_more(
    room: Any, job: Job, classified: Callable[..., Any], now: datetime
) -> None:
    assert backfill.cancel(room.store, job.id, now=now)
    assert not backfill.cancel(room.store, job.id, now=now)
    assert backfill.save(room.store, job, Brought([archived(classified, "a")]), now=now) is None
    assert views.items(room.store, limit=0) == []


def test_of_two_processes_one_has_a_turn(store: Store, now: datetime) -> None:
    def take(at: datetime) -> bool:
        return backfill.take_turn(store, "domain:paper.example", apart=5 * SECOND, now=at)

    assert [take(now), take(now), take(now + 4 * SECOND), take(now + 5 * SECOND)] == [True, False, False, True]
    assert backfill.asked_since(store, now) == {"domain:paper.example": now + 5 * SECOND}
    assert backfill.asked_since(store, now + 6 * SECOND) == {}


def test_feeds_that_are_polled_or_due_are_known(room: Any, now: datetime) -> None:
    room.poll("paper", at=now - timedelta(hours=1))
    assert backfill.being_polled(room.store, now=now, due_after=now - timedelta(hours=2)) == [("paper", False)]
    assert backfill.being_polled(room.store, now=now, due_after=now) == []


def test_a_sighting_counts_once(room: Any, job: Job, classified: Callable[..., Any], now: datetime) -> None:
    from monitor.store.sighted import sight

    backfill.save(room.store, job, Brought([archived(classified, n) for n in "abc"]), now=now)
    ids = {one.entry.guid: one.id for one in views.items(room.store, limit=0)}
    with room.store.write() as connection:
        assert sight(connection, {ids["a"]: True, ids["b"]: False}) == 1
    with room.store.write() as connection:
        assert sight(connection, {ids["a"]: True, ids["b"]: True}) == 0
    found = {one.entry.guid: (one.origin, one.announceable) for one in views.items(room.store, limit=0)}
    assert found == {"a": (Origin.LIVE, True), "b": (Origin.LIVE, False), "c": (Origin.BACKFILL, False)}
    assert room.titles() == ["Harbour notes, part a"]


def test_what_is_let_out_is_judged_and_nothing_else(
    room: Any, job: Job, classified: Callable[..., Any], now: datetime
) -> None:
    old = archived(classified, "old", published=now - timedelta(days=90))
    backfill.save(room.store, job, Brought([archived(classified, "new"), old]), now=now)
    young = backfill.silent(room.store, "paper", since=job.created_at, younger_than=now - timedelta(days=9))
    assert len(young) == 1
    assert (backfill.let_out(room.store, young), backfill.let_out(room.store, young)) == (1, 0)
    assert room.titles() == ["Harbour notes, part new"]


def test_only_one_process_has_a_job_in_hand(store: Store, store_url: str) -> None:
    with job_of_mine(store, store_url, 7) as mine:
        assert mine
        with job_of_mine(store, store_url, 7) as also, job_of_mine(store, store_url, 8) as other:
            assert (also, other) == (False, True)
    with job_of_mine(store, store_url, 7) as again:
        assert again


def test_known_entries_say_where_they_came_from(
    room: Any, job: Job, classified: Callable[..., Any], now: datetime
) -> None:
    backfill.save(room.store, job, Brought([archived(classified, "a")]), now=now)
    assert known(room.store, "paper", ["g:a"])["g:a"].origin is Origin.BACKFILL
