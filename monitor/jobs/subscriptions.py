"""Subscriptions: how each stands, pausing and resuming them, and a test of what one would be sent."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.app import App
from monitor.digest.render import render
from monitor.domain.delivery import Departure
from monitor.domain.digest import Message
from monitor.errors import UsageError
from monitor.jobs import departures
from monitor.jobs.clock import utc_now
from monitor.jobs.compose import Making, Shared, compose, recipients
from monitor.jobs.digest import next_windows, state_of, subscription_named
from monitor.store import departures as store_departures
from monitor.store import digests as store_digests
from monitor.store import subscriptions as store_subscriptions
from monitor.store.digests import SubscriptionState
from monitor.store.subscriptions import SentDigest
from monitor.tongue.tongue import of

_LAST = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """How a subscription stands. ``next_at`` is None where it is paused, or the clock does not say; ``left`` are the
    recipients who left it."""

    name: str
    title: str
    schedule: str
    timezone: str
    channels: tuple[str, ...]
    paused_at: datetime | None
    next_at: datetime | None
    last: tuple[SentDigest, ...]
    alerts: int
    left: tuple[Departure, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """A test: the message, the labels of those that it goes to, and the ids of its deliveries.

    They are all of them, also when nothing was sent; then there are no deliveries.
    """

    subscription: str
    key: str
    stories: int
    message: Message
    recipients: tuple[str, ...]
    sent: bool
    deliveries: tuple[int, ...] = ()


def standing(app: App, name: str, *, now: Callable[[], datetime] = utc_now) -> Standing:
    """Say how a subscription stands; raises UsageError where there is none of this name."""
    subscription, moment = subscription_named(app, name), now()
    state = state_of(app, name, moment)
    last = store_subscriptions.sent_last(app.store, name, limit=_LAST)
    return Standing(
        name, subscription.title, subscription.schedule, subscription.zone.key, subscription.channels, state.paused_at,
        next_windows(app, now=moment)[name], tuple(last), state.alerts,
        tuple(store_departures.departures(app.store, name)),
    )  # fmt: skip


def pause(app: App, name: str, *, now: Callable[[], datetime] = utc_now) -> int:
    """Pause a subscription; returns how many rows changed, and raises UsageError where that is none."""
    subscription_named(app, name)
    moment = now()
    state = _met(app, name, moment)
    rows = store_subscriptions.pause(app.store, name, now=moment)
    if not rows:
        since = f" since {state.paused_at:%Y-%m-%d %H:%M} UTC" if state.paused_at else ""
        raise UsageError(f'subscription "{name}" is paused already{since}; nothing was changed')
    return rows


def resume(app: App, name: str, *, now: Callable[[], datetime] = utc_now) -> int:
    """Resume a subscription as if it were new; returns how many rows changed, and raises UsageError where that is
    none."""
    subscription_named(app, name)
    rows = store_subscriptions.resume(app.store, name, now=now(), begin=app.settings.options.digest.begin)
    if not rows:
        raise UsageError(f'subscription "{name}" is not paused; nothing was changed')
    return rows


def rejoin(app: App, name: str, wanted: str) -> Departure:
    """Bring back a recipient who left a subscription; raises UsageError where that is none, or nobody of that name
    left."""
    subscription_named(app, name)
    return departures.rejoin(app, name, wanted)


def try_out(app: App, name: str, *, dry_run: bool = False, now: Callable[[], datetime] = utc_now) -> Trial:
    """Compose what a subscription would be sent now, marked as a test, and put it into the outbox.

    What the subscription has judged, and its ledger, stay as they are.
    """
    subscription, moment = subscription_named(app, name), now()
    shared = Shared()
    making = Making(f"{moment.astimezone(subscription.zone).isoformat(timespec='milliseconds')}-test", moment)
    marked = replace(subscription, title=of(subscription.headings).say("digest.test", title=subscription.title))
    digest = compose(app, marked, state_of(app, name, moment), making, shared).digest
    message, to = render(digest), recipients(app, subscription, shared)
    labels = tuple(one.label for one in to)
    if dry_run:
        return Trial(name, making.key, digest.stories, message, labels, sent=False)
    put = store_subscriptions.put(app.store, name, making.key, message, to, stories=digest.stories, now=moment)
    if put is None:
        raise UsageError(f'another test of subscription "{name}" began at the same moment; try again')
    return Trial(name, making.key, digest.stories, message, labels, sent=True, deliveries=put)


def _met(app: App, name: str, now: datetime) -> SubscriptionState:
    """A subscription that no daemon has met yet is remembered first."""
    state = state_of(app, name, now)
    store_digests.register(app.store, [state])
    return state
