"""Raw documents: kept once, compressed, read again as they came, and let go of."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from monitor.domain.feed import Captured
from monitor.store import feeds
from monitor.store.database import Store
from monitor.store.documents import document_table, keep, kept
from monitor.store.feeds import Which
from monitor.store.prune import prune

NOW = datetime.fromisoformat("2026-03-02T09:30:00+00:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Build = Callable[..., Any]


def captured(body: bytes) -> Captured:
    return Captured(hashlib.sha256(body).hexdigest(), "https://paper.example/feed", "application/rss+xml", body)


@pytest.fixture
def keeps(store: Store, make_feed: Build) -> Callable[..., None]:
    """Keep documents of a feed that came at a time."""
    feeds.sync(store, [make_feed("paper"), make_feed("wire")], now=NOW)

    def bring(*bodies: bytes, feed: str = "paper", at: datetime = NOW) -> None:
        with store.write() as connection:
            for body in bodies:
                keep(connection, feed, captured(body), now=at)

    return bring


def bodies(store: Store, *names: str, since: datetime | None = None) -> list[bytes]:
    return [found.captured.body for found in kept(store, names or None, since=since)]


def test_a_document_comes_back_as_it_was(store: Store, keeps: Build) -> None:
    keeps(b"\x00\xff<rss/>")
    (found,) = kept(store)
    assert found.captured == captured(b"\x00\xff<rss/>")
    assert (found.feed, found.first_at, found.last_at) == ("paper", NOW, NOW)


def test_the_same_bytes_are_kept_once_a_feed_with_when_they_came_first_and_last(store: Store, keeps: Build) -> None:
    for hours in range(5):
        keeps(b"<rss/>", at=NOW + hours * HOUR)
    keeps(b"<rss/>", feed="wire")
    keeps(b"<rss></rss>")
    found = {(one.feed, one.captured.body): (one.first_at, one.last_at) for one in kept(store)}
    assert found == {
        ("paper", b"<rss/>"): (NOW, NOW + 4 * HOUR),
        ("paper", b"<rss></rss>"): (NOW, NOW),
        ("wire", b"<rss/>"): (NOW, NOW),
    }


def test_what_is_kept_is_compressed(store: Store, keeps: Build) -> None:
    keeps(b"<item><title>The same again</title></item>" * 10_000)
    with store.read() as connection:
        stored = connection.scalar(select(func.length(document_table.c.body)))
    assert stored is not None
    assert stored < 4_200, "a hundredth of it"


def test_documents_come_the_oldest_first_also_over_several_pages(
    store: Store, keeps: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.store.documents._PAGE", 3)
    expected = []
    for n in range(10):
        # Four come at each time, as when several feeds are read at once.
        keeps(str(n).encode(), feed="paper" if n % 2 else "wire", at=NOW + n // 4 * HOUR)
        expected.append(str(n).encode())
    found = list(kept(store))
    assert sorted(one.captured.body for one in found) == expected
    times = [(one.first_at, one.feed, one.captured.sha256) for one in found]
    assert times == sorted(times)
    assert len(bodies(store, "paper")) == len(bodies(store, "wire")) == 5


def test_documents_can_be_chosen_by_feed_and_by_when_they_came_last(store: Store, keeps: Build) -> None:
    keeps(b"old")
    keeps(b"lasting")
    keeps(b"lasting", b"new", at=NOW + DAY)
    keeps(b"other", feed="wire", at=NOW + DAY)
    assert set(bodies(store, "paper", since=NOW + HOUR)) == {b"lasting", b"new"}
    assert bodies(store, "wire") == [b"other"]
    assert [list(kept(store, names)) for names in ([], ["nobody"])] == [[], []]


def test_what_a_poll_brought_is_kept_with_its_entries_or_not_at_all(
    store: Store, make_feed: Build, make_update: Build, classified: Build
) -> None:
    feeds.sync(store, [make_feed("paper")], now=NOW)
    (state,) = feeds.claim(store, ["paper"], Which.DUE, now=NOW, lease=HOUR)
    brought = replace(make_update("paper", state.lease, [classified("a")]), document=captured(b"<rss/>"))
    assert not feeds.apply(store, replace(brought, lease=state.lease + 1)).current
    assert bodies(store) == []
    assert feeds.apply(store, brought).new == 1
    assert bodies(store) == [b"<rss/>"]


def test_retention_lets_go_of_what_has_not_come_again(store: Store, keeps: Build) -> None:
    keeps(b"old", b"lasting")
    keeps(b"lasting", at=NOW + DAY)
    times = dict.fromkeys(("entries_before", "polls_before", "digests_before"), NOW - DAY)
    assert prune(store, **times, documents_before=NOW).documents == 0
    assert prune(store, **times, documents_before=NOW + HOUR).documents == 1
    assert bodies(store) == [b"lasting"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(body=st.binary(min_size=1, max_size=5_000) | st.binary(min_size=1, max_size=40).map(lambda part: part * 500))
def test_any_bytes_come_back(store: Store, keeps: Build, body: bytes) -> None:
    with store.write() as connection:
        connection.execute(text("DELETE FROM document"))
    keeps(body)
    assert bodies(store) == [body]
