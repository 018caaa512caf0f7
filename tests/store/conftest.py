"""Builders for the store's tests: feeds in the store, polls that bring entries, windows that close."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.domain.delivery import Recipient
from monitor.domain.digest import Judgement, Message, Verdict
from monitor.domain.entry import ClassifiedEntry
from monitor.domain.feed import Feed, FeedUpdate, Outcome, PollEvent, Source, Validators
from monitor.domain.labels import Decision
from monitor.store import digests, feeds
from monitor.store.database import Store
from monitor.store.digests import Closing, SubscriptionState
from monitor.store.feeds import Applied, Which

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LEASE = timedelta(minutes=15)
LINES = {"returns": 0.5, "policy": 0.5}
RECIPIENTS = (Recipient("r1", "mail", "mailto://one", "x"), Recipient("r2", "mail", "mailto://two", "y"))


def feed(name: str, **fields: object) -> Feed:
    made = Feed(name, f"https://{name}.example/feed", Source(name, name.title()))
    return replace(made, **fields)  # type: ignore[arg-type]


def update_of(name: str, lease: int, entries: Sequence[ClassifiedEntry] = (), *, at: datetime = NOW) -> FeedUpdate:
    event = PollEvent(name, at, Outcome.OK, 200, entries=len(entries), new=len(entries))
    return FeedUpdate(
        event, at + timedelta(hours=1), "interval", lease, 0.0, None, Validators('"1"', None), tuple(entries)
    )


def message(key: str = "k") -> Message:
    return Message(f"desk/{key}", "Subject", "<p>html</p>", "text", (({"type": "divider"},),))


@dataclass
class Room:
    """A store with hands: polls that bring entries, windows of the subscription ``desk``."""

    store: Store

    def poll(self, name: str, *entries: ClassifiedEntry, at: datetime = NOW) -> Applied:
        feeds.sync(self.store, [feed(name)], now=at)
        (state,) = feeds.claim(self.store, [name], Which.NAMED, now=at, lease=LEASE)
        return feeds.apply(self.store, update_of(name, state.lease, entries, at=at))

    def state(self, *, at: datetime = NOW, begin: timedelta = timedelta(hours=24)) -> SubscriptionState:
        return digests.subscription_state(self.store, "desk", now=at, begin=begin)

    def titles(self, state: SubscriptionState | None = None) -> list[str]:
        found = digests.unjudged(self.store, state or self.state(), LINES)
        return [stored.entry.title for stored in found.new]

    def close(
        self,
        state: SubscriptionState | None = None,
        *,
        key: str = "k",
        verdict: Verdict = Verdict.SHOWN,
        at: datetime = NOW,
        recipients: tuple[Recipient, ...] = RECIPIENTS,
    ) -> bool:
        """Judge everything that is unjudged in one way and close the window."""
        state = state or self.state(at=at)
        found = digests.unjudged(self.store, state, LINES)
        judged = tuple(
            Judgement(
                e.id, e.story_id, verdict, Decision("returns", 0.9, 0.5), None if verdict is Verdict.CUT else e.facts
            )
            for e in (*found.new, *found.rolled_over)
        )
        closing = Closing(state, key, found.upto, judged, len(judged), message(key), recipients)
        return digests.close_window(self.store, closing, now=at)


@pytest.fixture
def room(store: Store) -> Room:
    return Room(store)


@pytest.fixture
def make_feed() -> Callable[..., Feed]:
    return feed


@pytest.fixture
def make_update() -> Callable[..., FeedUpdate]:
    return update_of
