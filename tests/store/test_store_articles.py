"""Entries that want their article: which are taken, by whom, and what is noted of them, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from monitor.domain.entry import ClassifiedEntry, Revision
from monitor.store import articles
from monitor.store.articles import Claimed
from monitor.store.database import Store
from monitor.store.entries import entry_table
from monitor.store.revisions import versions

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
LEASE = timedelta(minutes=30)
LONG = "The minister said on Monday that eleven children had returned. " * 8


@pytest.fixture
def want(room: Any, classified: Callable[..., ClassifiedEntry]) -> Callable[..., None]:
    """``want("a", "b", feed="paper")`` stores entries that want their article."""

    def store_them(*names: str, feed: str = "paper", wants: bool = True, **fields: Any) -> None:
        room.poll(feed, *(replace(classified(name, **fields), wants_article=wants) for name in names))

    return store_them


def names(store: Store, *feeds: str, now: datetime = NOW, limit: int = 10) -> list[str]:
    found = articles.wanted(store, feeds or ("paper",), shorter_than=400, now=now, limit=limit)
    return [wish.url.rpartition("/")[2] for wish in found]


def claim(store: Store, *, now: datetime = NOW) -> list[Claimed]:
    found = articles.wanted(store, ["paper"], shorter_than=400, now=now, limit=10)
    return articles.claim(store, [wish.id for wish in found], now=now, until=now + LEASE)


def state(store: Store, claimed: Claimed) -> tuple[str, datetime | None, int, int]:
    columns = entry_table.c
    wanted = select(columns.article, columns.article_at, columns.article_tries, columns.version)
    with store.read() as connection:
        return tuple(connection.execute(wanted.where(columns.id == claimed.known.id)).one())  # type: ignore[return-value]


def test_the_newest_of_the_named_feeds_that_want_theirs_come_first(store: Store, want: Callable[..., None]) -> None:
    want("a", "b")
    want("c", wants=False)
    want("d", url=None)
    want("e", text=LONG)
    want("f")
    want("g", feed="wire")
    assert names(store) == ["f", "b", "a"]
    assert names(store, limit=2) == ["f", "b"]
    assert names(store, "paper", "wire") == ["g", "f", "b", "a"]
    assert names(store, "other") == []


def test_a_claimed_entry_is_nobody_elses_until_its_time_runs_out(store: Store, want: Callable[..., None]) -> None:
    want("a", "b")
    ids = [wish.id for wish in articles.wanted(store, ["paper"], shorter_than=400, now=NOW, limit=10)]
    first = articles.claim(store, ids, now=NOW, until=NOW + LEASE)
    assert [(c.stored.entry.guid, c.known.id, c.tries) for c in first] == [("b", ids[0], 1), ("a", ids[1], 1)]
    assert articles.claim(store, ids, now=NOW, until=NOW + LEASE) == []
    assert names(store) == []
    assert names(store, now=NOW + LEASE) == ["b", "a"]
    assert [c.tries for c in claim(store, now=NOW + LEASE)] == [2, 2]


def test_a_try_that_failed_is_noted_for_later_or_for_good(store: Store, want: Callable[..., None]) -> None:
    want("a", "b", "c")
    later, good, back = claim(store)
    articles.again(store, later, at=LATER)
    articles.give_up(store, good, "http-403")
    articles.release(store, back, now=NOW)
    assert state(store, later) == ("wanted", LATER, 1, 1)
    assert state(store, good) == ("failed:http-403", None, 1, 1)
    assert state(store, back) == ("wanted", NOW, 0, 1)
    assert names(store) == [back.stored.entry.guid]
    assert names(store, now=LATER) == [later.stored.entry.guid, back.stored.entry.guid]
    assert versions(store, good.known.id) == []


def revision(claimed: Claimed, text: str, *, why: str = "article") -> Revision:
    entry = replace(claimed.stored.entry, text=text)
    return Revision(claimed.known.id, claimed.known.version, entry, None, None, news=False, why=why)


def test_the_text_of_an_article_is_a_new_version(store: Store, want: Callable[..., None]) -> None:
    want("a", text="Short.")
    (claimed,) = claim(store)
    assert articles.take(store, revision(claimed, LONG), now=LATER)
    assert state(store, claimed) == ("taken", None, 1, 2)
    assert [(past.text, past.why) for past in versions(store, claimed.known.id)] == [("Short.", "article")]
    assert not articles.take(store, revision(claimed, LONG), now=LATER)


def test_an_entry_that_was_edited_meanwhile_keeps_what_its_feed_says_of_it(
    store: Store, want: Callable[..., None]
) -> None:
    want("a", text="Short.")
    (claimed,) = claim(store)
    assert articles.take(store, revision(claimed, "Other.", why="feed"), now=NOW)
    assert not articles.take(store, revision(claimed, LONG), now=LATER)
    before = state(store, claimed)
    articles.again(store, claimed, at=LATER)
    articles.give_up(store, claimed, "short")
    articles.release(store, claimed, now=LATER)
    assert state(store, claimed) == before
    assert before[0] == "wanted"
