"""What the record of polls says of feeds, on each database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from monitor.domain.entry import ClassifiedEntry, Origin
from monitor.domain.feed import Feed, FeedUpdate, Outcome, PollEvent, Source
from monitor.domain.notice import Asked, Attempts, Brought, Look, Standing
from monitor.errors import Severity
from monitor.store import feeds as store_feeds
from monitor.store import rhythm
from monitor.store.database import Store
from monitor.store.feeds import Which
from monitor.store.rhythm import rhythms

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = NOW - 400 * DAY


def test_polls_and_new_entries_are_counted_but_for_what_the_first_good_poll_brought(
    store: Store, classified: Callable[..., ClassifiedEntry], now
) -> None:
    names = ("courier", "never-polled")
    store_feeds.sync(store, [Feed(n, f"https://{n}.example/feed", Source(n, n)) for n in names], now=now)
    polls = ((Outcome.FAILED, 0), (Outcome.OK, 3), (Outcome.OK, 2), (Outcome.FAILED, 0))
    for day, (outcome, new) in enumerate(polls):
        at = now + timedelta(days=day)
        (state,) = store_feeds.claim(store, ["courier"], Which.NAMED, now=at, lease=timedelta(minutes=1))
        entries = tuple(classified(f"{day}-{number}") for number in range(new))
        event = PollEvent("courier", at, outcome, new=new)
        store_feeds.apply(store, FeedUpdate(event, at, "interval", state.lease, 0.0, new=entries))
    found = rhythms(store, names, since=now + timedelta(days=1))
    assert found.keys() == {"courier"}
    courier = found["courier"]
    assert (courier.first, courier.polls, courier.failed, courier.new) == (now + timedelta(days=1), 3, 1, 2)


@dataclass
class Polls:
    """Writes polls of feeds as the poll job does."""

    store: Store
    make: Callable[..., ClassifiedEntry]
    entries: int = 0

    def add(
        self,
        feed: str,
        at: datetime,
        new: int = 0,
        *,
        fail: str = "",
        quarantined: int = 0,
        gone: bool = False,
        origin: Origin = Origin.LIVE,
    ) -> None:
        store_feeds.sync(self.store, [Feed(feed, f"https://{feed}.example/feed", Source(feed, feed))], now=at)
        (state,) = store_feeds.claim(self.store, [feed], Which.NAMED, now=at, lease=timedelta(minutes=1))
        made = tuple(self.make(f"{feed}-{self.entries + n}") for n in range(new))
        made = tuple(ClassifiedEntry(m.entry, m.scores, m.scorer, (), m.story_keys, m.news, origin) for m in made)
        self.entries += new
        outcome = Outcome.FAILED if fail else Outcome.OK
        event = PollEvent(
            feed, at, outcome, None, fail, Severity.HARD if fail else None, "it is down" if fail else "",
            entries=new, new=new, quarantined=quarantined,
        )  # fmt: skip
        store_feeds.apply(self.store, FeedUpdate(event, at + HOUR, "interval", state.lease, 1.0, new=made, gone=gone))


@pytest.fixture
def polls(store: Store, classified: Callable[..., ClassifiedEntry]) -> Polls:
    return Polls(store, classified)


def test_a_standing_is_where_a_feed_was_left(polls: Polls) -> None:
    polls.add("courier", NOW - DAY, 2)
    polls.add("courier", NOW)
    polls.add("wire", NOW - DAY, fail="dns")
    polls.add("wire", NOW, fail="http-410", gone=True)
    assert rhythm.standings(polls.store, ["courier", "wire", "unknown"]) == {
        "courier": Standing("courier", NOW - DAY, polled_at=NOW, last_new_at=NOW - DAY),
        "wire": Standing("wire", NOW - DAY, None, None, NOW - DAY, "http-410", "it is down", gone=True),
    }
    assert rhythm.standings(polls.store, ["wire"]).keys() == {"wire"}


def test_arrivals_are_the_times_of_live_entries_each_once(polls: Polls) -> None:
    for days, new, origin in ((9, 30, Origin.LIVE), (5, 2, Origin.LIVE), (4, 9, Origin.BACKFILL), (3, 1, Origin.LIVE)):
        polls.add("courier", NOW - days * DAY, new, origin=origin)
    polls.add("courier", NOW - 2 * DAY)
    polls.add("wire", NOW - DAY, 3)
    found = rhythm.arrivals(polls.store, ["courier", "wire", "unknown"], since=LONG_AGO)
    assert found == {"courier": (NOW - 9 * DAY, NOW - 5 * DAY, NOW - 3 * DAY), "wire": (NOW - DAY,)}
    part = rhythm.arrivals(polls.store, ["courier"], since=NOW - 9 * DAY, before=NOW - 3 * DAY)
    assert part == {"courier": (NOW - 9 * DAY, NOW - 5 * DAY)}


def test_attempts_are_counted_from_the_first_failure_on(polls: Polls) -> None:
    polls.add("courier", NOW - 9 * DAY, fail="dns")
    polls.add("courier", NOW - 5 * DAY, 1)
    for days in (4, 2, 1):
        polls.add("courier", NOW - days * DAY, fail="dns")
    polls.add("wire", NOW - DAY, fail="dns")
    assert rhythm.attempts(polls.store, failing_before=NOW - 3 * DAY) == {"courier": Attempts(3, NOW - DAY)}
    assert rhythm.attempts(polls.store, failing_before=NOW - 5 * DAY) == {}


def test_what_a_day_brought_names_those_that_brought_much_or_were_rotated(polls: Polls) -> None:
    polls.add("courier", NOW - 2 * DAY, 50)
    polls.add("courier", NOW - HOUR, 2)
    polls.add("courier", NOW, 3)
    polls.add("wire", NOW, 4)
    polls.add("paper", NOW, 1, quarantined=1)
    found = rhythm.brought(polls.store, since=NOW - DAY, least=5)
    assert found == {"courier": Brought(5, 0), "paper": Brought(1, 1)}


def test_what_came_before_leaves_out_the_richest_poll(polls: Polls) -> None:
    for days, new in ((30, 9), (20, 40), (10, 3), (5, 2), (0, 7)):
        polls.add("courier", NOW - days * DAY, new)
    polls.add("wire", NOW - 10 * DAY, 1)
    window = {"since": NOW - 29 * DAY, "until": NOW - DAY}
    assert rhythm.before(polls.store, ["courier"], **window) == {"courier": 5}
    assert rhythm.before(polls.store, [], **window) == {}


def test_looks_are_the_good_polls_ascending(polls: Polls) -> None:
    for days, new, fail in ((3, 9, ""), (2, 2, ""), (1, 0, "dns"), (0, 0, "")):
        polls.add("courier", NOW - days * DAY, new, fail=fail)
    found = rhythm.looks(polls.store, ["courier", "unknown"], since=NOW - 3 * DAY)
    assert found == {"courier": (Look(NOW - 2 * DAY, 2), Look(NOW, 0))}


def test_who_was_asked_says_since_when_and_whether_it_went_well(polls: Polls) -> None:
    polls.add("wire", NOW - 2 * HOUR, 1)
    for minutes, fail in ((50, "dns"), (20, "")):
        polls.add("courier", NOW - timedelta(minutes=minutes), fail=fail)
    polls.add("wire", NOW - timedelta(minutes=5), fail="dns")
    found = rhythm.asked(polls.store, since=NOW - HOUR)
    assert sorted(found, key=lambda one: one.feed) == [
        Asked("courier", NOW - timedelta(minutes=50), good=True),
        Asked("wire", NOW - timedelta(minutes=5), good=False),
    ]
