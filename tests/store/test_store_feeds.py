"""Feeds in the store: claims with leases, and polls that are written as a whole."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from monitor.domain.entry import ClassifiedEntry
from monitor.domain.feed import Feed, FeedUpdate, Outcome, PollEvent, Validators
from monitor.errors import Severity
from monitor.observe import hide
from monitor.store import feeds, views
from monitor.store.database import Store, open_store
from monitor.store.feeds import Which
from monitor.store.known import known

LEASE = timedelta(minutes=15)
Build = Callable[..., Any]


def claim(store: Store, *names: str, now: datetime, which: Which = Which.DUE, limit: int = 100) -> dict[str, int]:
    return {s.name: s.lease for s in feeds.claim(store, names, which, now=now, lease=LEASE, limit=limit)}


def test_a_feed_is_due_when_new_and_then_again_after_its_time(
    store: Store, make_feed: Build, make_update: Build, now: datetime
) -> None:
    feeds.sync(store, [make_feed("a")], now=now)
    leases = claim(store, "a", now=now)
    feeds.apply(store, make_update("a", leases["a"], at=now))
    assert claim(store, "a", now=now + timedelta(minutes=59)) == {}
    assert claim(store, "a", now=now + timedelta(minutes=60)) == {"a": 2}


def test_only_the_named_feeds_are_claimed_and_those_unknown_to_the_store_are_passed_over(
    store: Store, make_feed: Build, now: datetime
) -> None:
    feeds.sync(store, [make_feed("a"), make_feed("b")], now=now)
    assert claim(store, "b", "nobody", now=now) == {"b": 1}
    assert claim(store, now=now) == {}


def test_a_claimed_feed_is_nobody_elses_until_its_lease_runs_out(store: Store, make_feed: Build, now: datetime) -> None:
    feeds.sync(store, [make_feed("a")], now=now)
    assert claim(store, "a", now=now) == {"a": 1}
    assert claim(store, "a", now=now + LEASE - timedelta(seconds=1), which=Which.NAMED) == {}
    assert claim(store, "a", now=now + LEASE) == {"a": 2}


def test_a_worker_that_held_its_lease_too_long_writes_nothing(
    store: Store, make_feed: Build, make_update: Build, classified: Build, now: datetime
) -> None:
    feeds.sync(store, [make_feed("a")], now=now)
    old = claim(store, "a", now=now)["a"]
    late = now + LEASE
    new = claim(store, "a", now=late)["a"]
    refused = feeds.apply(store, make_update("a", old, [classified("x")], at=late))
    assert (refused.current, refused.new, views.totals(store).entries) == (False, 0, 0)
    assert feeds.apply(store, make_update("a", new, [classified("x")], at=late)).new == 1
    assert claim(store, "a", now=late) == {}


def test_a_feed_that_is_given_back_is_due_at_once_and_only_by_its_holder(
    store: Store, make_feed: Build, now: datetime
) -> None:
    feeds.sync(store, [make_feed("a")], now=now)
    (state,) = feeds.claim(store, ["a"], Which.DUE, now=now, lease=LEASE)
    feeds.release(store, [replace(state, lease=state.lease + 7)])
    assert claim(store, "a", now=now) == {}
    feeds.release(store, [state])
    assert claim(store, "a", now=now) == {"a": 2}


def test_what_retry_after_paused_is_not_claimed_even_by_name(
    store: Store, make_feed: Build, make_update: Build, now: datetime
) -> None:
    feeds.sync(store, [make_feed("a")], now=now)
    lease = claim(store, "a", now=now)["a"]
    feeds.apply(store, replace(make_update("a", lease, at=now), paused_until=now + timedelta(hours=6)))
    assert claim(store, "a", now=now + timedelta(hours=5), which=Which.NAMED) == {}
    assert claim(store, "a", now=now + timedelta(hours=6), which=Which.NAMED) == {"a": 2}


def test_the_longest_due_come_first_and_those_never_polled_before_all(
    store: Store, make_feed: Build, make_update: Build, now: datetime
) -> None:
    feeds.sync(store, [make_feed(name) for name in "abc"], now=now)
    for name, hours in (("a", 1), ("b", 2)):
        lease = claim(store, name, now=now)[name]
        feeds.apply(store, replace(make_update(name, lease, at=now), next_poll_at=now - timedelta(hours=hours)))
    claimed = [list(claim(store, *"abc", now=now, limit=1)) for _ in range(4)]
    assert claimed == [["c"], ["b"], ["a"], []]
    later = now + LEASE
    assert list(claim(store, *"abc", now=later)) == ["c", "b", "a"]


def test_no_feed_is_claimed_by_two_workers(store_url: str, make_feed: Build, now: datetime) -> None:
    names = [f"f{number:02}" for number in range(40)]
    with open_store(store_url) as one, open_store(store_url) as two:
        feeds.sync(one, [make_feed(name) for name in names], now=now)
        taken: list[str] = []
        start = threading.Barrier(4)

        def work(store: Store) -> None:
            start.wait(10)
            while found := claim(store, *names, now=now, limit=3):
                assert len(found) <= 3
                taken.extend(found)

        threads = [threading.Thread(target=work, args=(store,)) for store in (one, two, one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        rest = claim(one, *names, now=now)
    assert sorted([*taken, *rest]) == names


def test_a_feed_whose_address_changed_forgets_its_validators_and_is_due(
    store: Store, make_feed: Build, make_update: Build, now: datetime
) -> None:
    feeds.sync(store, [make_feed("a")], now=now)
    lease = claim(store, "a", now=now)["a"]
    feeds.apply(store, replace(make_update("a", lease, at=now), paused_until=now + timedelta(days=1)))
    feeds.sync(store, [make_feed("a", url="https://elsewhere.example/feed")], now=now)
    (state,) = feeds.claim(store, ["a"], Which.DUE, now=now, lease=LEASE)
    assert (state.validators, state.paused_until, state.polled_at) == (Validators(), None, now)


def test_a_poll_of_an_address_that_changed_meanwhile_writes_nothing(
    store: Store, make_feed: Build, make_update: Build, now: datetime
) -> None:
    feeds.sync(store, [make_feed("a")], now=now)
    lease = claim(store, "a", now=now)["a"]
    feeds.sync(store, [make_feed("a", url="https://elsewhere.example/feed")], now=now)
    assert not feeds.apply(store, make_update("a", lease, at=now)).current
    (state,) = feeds.claim(store, ["a"], Which.DUE, now=now, lease=LEASE)
    assert state.validators == Validators()


def test_a_feed_that_only_changes_its_title_keeps_everything_else(
    store: Store, make_feed: Build, make_update: Build, now: datetime
) -> None:
    first: Feed = make_feed("a")
    feeds.sync(store, [first], now=now)
    lease = claim(store, "a", now=now)["a"]
    feeds.apply(store, make_update("a", lease, at=now))
    feeds.sync(store, [replace(first, source=replace(first.source, title="Renamed"))], now=now)
    (status,) = views.feeds(store, ["a"])
    assert (status.source, status.polled_at, status.next_poll_at) == ("Renamed", now, now + timedelta(hours=1))
    assert claim(store, "a", now=now) == {}


def test_validators_and_entries_are_stored_together_or_not_at_all(
    store: Store,
    make_feed: Build,
    make_update: Build,
    classified: Build,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feeds.sync(store, [make_feed("a")], now=now)
    lease = claim(store, "a", now=now)["a"]

    def crash(*_: object) -> None:
        raise RuntimeError("the process ends here")

    with monkeypatch.context() as patched:
        patched.setattr("monitor.store.entries.announce", crash)
        with pytest.raises(RuntimeError):
            feeds.apply(store, make_update("a", lease, [classified("x")], at=now))
    with store.read() as connection:
        for table in ("entry", "prediction", "story_key", "poll"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0
        assert connection.execute(text("SELECT etag, polled_at, next_poll_at FROM feed")).one() == (None, None, None)
    assert feeds.apply(store, make_update("a", lease, [classified("x")], at=now)).new == 1
    (again,) = feeds.claim(store, ["a"], Which.NAMED, now=now, lease=LEASE)
    assert again.validators == Validators('"1"', None)


def test_an_update_without_validators_leaves_the_stored_pair(
    store: Store, make_feed: Build, make_update: Build, now: datetime
) -> None:
    feeds.sync(store, [make_feed("a")], now=now)
    lease = claim(store, "a", now=now)["a"]
    feeds.apply(store, make_update("a", lease, at=now))
    lease = claim(store, "a", now=now, which=Which.NAMED)["a"]
    feeds.apply(store, replace(make_update("a", lease, at=now), validators=None))
    (state,) = feeds.claim(store, ["a"], Which.NAMED, now=now, lease=LEASE)
    assert state.validators == Validators('"1"', None)


def failure(at: datetime, lease: int, detail: str = "no answer") -> FeedUpdate:
    event = PollEvent("a", at, Outcome.FAILED, None, "timeout", Severity.TEMPORARY, detail)
    return FeedUpdate(event, at, "back-off", lease, 0.25)


def test_a_failure_says_since_when_and_a_success_ends_it(
    store: Store, make_feed: Build, make_update: Build, now: datetime
) -> None:
    feeds.sync(store, [make_feed("a")], now=now)
    for hours in (0, 1):
        moment = now + timedelta(hours=hours)
        feeds.apply(store, failure(moment, claim(store, "a", now=moment)["a"]))
    (status,) = views.feeds(store, ["a"])
    assert (status.kind, status.detail, status.failing_since, status.polled_at) == ("timeout", "no answer", now, None)
    later = now + timedelta(hours=2)
    feeds.apply(store, make_update("a", claim(store, "a", now=later)["a"], at=later))
    (status,) = views.feeds(store, ["a"])
    assert (status.kind, status.detail, status.failing_since, status.polled_at) == ("", "", None, later)


def test_a_detail_that_no_database_takes_is_cleaned(store: Store, make_feed: Build, now: datetime) -> None:
    feeds.sync(store, [make_feed("a")], now=now)
    feeds.apply(store, failure(now, claim(store, "a", now=now)["a"], "nul \x00 and half \ud800 a pair"))
    (status,) = views.feeds(store, ["a"])
    assert status.detail == "nul and half a pair"


def test_secrets_in_addresses_are_not_stored(store: Store, make_feed: Build, make_update: Build, now: datetime) -> None:
    hide(["s3cr3t-token"])
    for _ in range(2):
        feeds.sync(store, [make_feed("a", url="https://a.example/feed?key=s3cr3t-token")], now=now)
    with store.read() as connection:
        assert connection.execute(text("SELECT url FROM feed")).scalar_one() == "https://a.example/feed?key=****"
    lease = claim(store, "a", now=now)["a"]
    feeds.sync(store, [make_feed("a", url="https://a.example/feed?key=s3cr3t-token")], now=now)
    assert feeds.apply(store, make_update("a", lease, at=now)).current


def test_known_keys_are_those_of_the_feed_alone(room: Any, classified: Build) -> None:
    room.poll("one", classified("x"), classified("y"))
    room.poll("two", classified("z"))
    assert set(known(room.store, "one", ["g:x", "g:z", "g:new"])) == {"g:x"}
    assert set(known(room.store, "one", [f"g:{number}" for number in range(25_000)] + ["g:y"])) == {"g:y"}


def test_two_workers_that_bring_the_same_entries_store_each_once(
    store_url: str, make_feed: Build, make_update: Build, classified: Build, now: datetime
) -> None:
    """The lease keeps two polls of a feed apart; that entries are unique is the database's own doing."""
    entries: list[ClassifiedEntry] = [classified(f"e{number}") for number in range(30)]
    stored: list[int] = []
    start = threading.Barrier(3)
    with open_store(store_url) as one, open_store(store_url) as two:
        feeds.sync(one, [make_feed("a")], now=now)
        lease = claim(one, "a", now=now)["a"]

        def work(store: Store, part: list[ClassifiedEntry]) -> None:
            start.wait(10)
            stored.append(feeds.apply(store, make_update("a", lease, part, at=now)).new)

        parts = (entries, entries[::-1], entries[10:])
        threads = [threading.Thread(target=work, args=pair) for pair in zip((one, two, one), parts, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert (len(stored), sum(stored), views.totals(one).entries) == (3, 30, 30)
