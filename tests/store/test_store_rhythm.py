"""What the record of polls says of a feed, on each database."""

from collections.abc import Callable
from datetime import timedelta

from monitor.domain.entry import ClassifiedEntry
from monitor.domain.feed import Feed, FeedUpdate, Outcome, PollEvent, Source
from monitor.store import feeds as store_feeds
from monitor.store.database import Store
from monitor.store.feeds import Which
from monitor.store.rhythm import rhythms


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
