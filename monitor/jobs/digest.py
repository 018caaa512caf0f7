"""Digests: judge what a subscription has not judged, render it, and close its window into the outbox."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from monitor.app import App
from monitor.deliver.unsubscribe import links
from monitor.digest import schedule
from monitor.digest.render import Rendered
from monitor.digest.select import Selection, select
from monitor.domain.delivery import Recipient
from monitor.domain.digest import Coverage, Digest, FeedFault, Message, Silence, Subscription
from monitor.errors import UsageError
from monitor.jobs.blocks import blocks
from monitor.jobs.clock import utc_now
from monitor.observe import fields, log
from monitor.store import digests as store_digests
from monitor.store import views
from monitor.store.digests import Closing, SubscriptionState, Unjudged

WORTH_SAYING = timedelta(minutes=15)
"""A digest that is later than this says so."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What the subscriptions of one run have in common, read and laid out once."""

    entries: store_digests.Shared = field(default_factory=dict)
    coverages: dict[tuple[datetime, datetime], Coverage] = field(default_factory=dict)
    rendered: Rendered = field(default_factory=Rendered)


@dataclass(frozen=True, slots=True)
class Preview:
    """A digest as it would be sent now; ``frozen`` where the window was closed before, and this is what was sent."""

    subscription: str
    key: str
    message: Message
    stories: int
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A window that was closed. ``recipients`` is 0 for an empty digest that the subscription does not want.

    ``already`` says that it had been closed before, and nothing was done.
    """

    subscription: str
    key: str
    stories: int
    recipients: int
    already: bool = False


def preview(
    app: App, name: str, *, day: date | None = None, key: str | None = None, now: Callable[[], datetime] = utc_now
) -> Preview:
    """Compose the open window of a subscription and change nothing; or show what closed the window of ``day``.

    ``key`` names a window that was closed, whenever that was. Raises UsageError where a window was closed without a
    digest.
    """
    subscription = subscription_named(app, name)
    if key is not None:
        sent = store_digests.digest_of_window(app.store, name, key)
        if sent is None:
            raise UsageError(f'subscription "{name}": no digest closed the window {key}, or it is pruned')
        return Preview(name, key, sent, 0, frozen=True)
    moment = now()
    window = _window(subscription, day, moment)
    frozen = store_digests.digest_of_window(app.store, name, window.key)
    if frozen is not None:
        return Preview(name, window.key, frozen, 0, frozen=True)
    state = _state(app, name, moment)
    if window.passed(state, moment):
        raise UsageError(f'subscription "{name}": the window {window.key} was closed without a digest')
    shared = Shared()
    digest, _, _ = _compose(app, subscription, state, window.key, moment, late=None, shared=shared)
    return Preview(name, window.key, shared.rendered.render(digest), digest.stories)


def send(
    app: App, names: Collection[str], *, day: date | None = None, now: Callable[[], datetime] = utc_now
) -> list[Sent]:
    """Close the open windows of subscriptions, now; delivering is the deliver job's work.

    With ``day`` the window is the one that closes on that day by schedule, and closing it twice does nothing.
    """
    subscriptions = [subscription_named(app, name) for name in names]
    return [_send(app, subscription, day, now()) for subscription in subscriptions]


def _send(app: App, subscription: Subscription, day: date | None, now: datetime) -> Sent:
    window, state = _window(subscription, day, now), _state(app, subscription.name, now)
    sent_before = store_digests.digest_of_window(app.store, subscription.name, window.key) is not None
    if sent_before or window.passed(state, now):
        return Sent(subscription.name, window.key, 0, 0, already=True)
    return _close(app, subscription, state, window.key, now, late=None, shared=Shared())


def run(app: App, *, now: Callable[[], datetime] = utc_now) -> list[Sent]:
    """Close every window that is due by schedule; what was missed while nobody ran comes late, once, and says so."""
    sent, moment, shared = [], now(), Shared()
    for subscription in app.settings.subscriptions.values():
        state = _state(app, subscription.name, moment)
        if state.began_at == moment:
            store_digests.register(app.store, [state])
            continue
        close = schedule.last_close(subscription.schedule, subscription.zone, moment)
        if close is None:
            continue
        at = schedule.closed_at(close)
        if at > state.closed_at and at > state.began_at:
            key = schedule.key_of(close)
            if store_digests.digest_of_window(app.store, subscription.name, key) is not None:
                continue  # closed by hand before its time: what came since belongs to the next window
            late: timedelta | None = moment - at
            late = late if late and late > WORTH_SAYING else None
            sent.append(_close(app, subscription, state, key, moment, late=late, shared=shared))
    return sent


def subscription_named(app: App, name: str) -> Subscription:
    """Find a subscription; raises UsageError that names those there are."""
    found = app.settings.subscriptions.get(name)
    if found is None:
        known = ", ".join(sorted(app.settings.subscriptions)) or "none"
        raise UsageError(f'no subscription "{name}" in subscriptions.toml; there are: {known}')
    return found


def next_windows(app: App, *, now: datetime) -> Mapping[str, datetime | None]:
    """When the next window of each subscription closes."""
    subscriptions = app.settings.subscriptions
    return {name: schedule.next_close(s.schedule, s.zone, now) for name, s in subscriptions.items()}


def _state(app: App, name: str, now: datetime) -> SubscriptionState:
    begin = app.settings.options.digest.begin
    return store_digests.subscription_state(app.store, name, now=now, begin=begin)


@dataclass(frozen=True, slots=True)
class _Window:
    """A window by its key, and the instant at which the schedule closes it (None: it is closed by hand, now)."""

    key: str
    at: datetime | None = None

    def passed(self, state: SubscriptionState, now: datetime) -> bool:
        """Say whether the subscription has closed this window, or a later one; one that begins only now has not."""
        return self.at is not None and self.at <= state.closed_at and state.began_at != now


def _window(subscription: Subscription, day: date | None, now: datetime) -> _Window:
    """Find the window that closes on ``day``, or the one that closes now; raises UsageError where there is none."""
    if day is None:
        return _Window(now.astimezone(subscription.zone).isoformat(timespec="seconds"))
    if day > now.astimezone(subscription.zone).date():
        raise UsageError(f"{day} is in the future")
    close = schedule.close_on(subscription.schedule, subscription.zone, day)
    if close is None:
        raise UsageError(
            f'subscription "{subscription.name}" has no window that closes on {day} ({subscription.schedule})'
        )
    return _Window(schedule.key_of(close), schedule.closed_at(close))


def _close(
    app: App,
    subscription: Subscription,
    state: SubscriptionState,
    key: str,
    now: datetime,
    *,
    late: timedelta | None,
    shared: Shared,
) -> Sent:
    digest, selection, found = _compose(app, subscription, state, key, now, late=late, shared=shared)
    wanted = digest.stories > 0 or subscription.empty_digests
    recipients = _recipients(app, subscription) if wanted else ()
    leaving = links(app.settings.options.mail, subscription.name, recipients)
    message = replace(shared.rendered.render(digest), unsubscribe=leaving) if wanted else None
    closing = Closing(
        state, key, found.upto, selection.judgements, digest.stories, message, recipients, selection.named
    )
    done = store_digests.close_window(app.store, closing, now=now)
    log.info(
        fields(
            "digest", subscription=subscription.name, window=key, stories=digest.stories, recipients=len(recipients),
            outcome="closed" if done else "closed-by-another",
        )
    )  # fmt: skip
    return Sent(subscription.name, key, digest.stories if done else 0, len(recipients) if done else 0, already=not done)


def _recipients(app: App, subscription: Subscription) -> tuple[Recipient, ...]:
    """The recipients of a subscription's channels; one that is in two channels gets one message."""
    found = {r.id: r for channel in reversed(subscription.channels) for r in app.settings.channels[channel]}
    return tuple(sorted(found.values(), key=lambda r: (r.channel, r.label)))


def _compose(
    app: App,
    subscription: Subscription,
    state: SubscriptionState,
    key: str,
    now: datetime,
    *,
    late: timedelta | None,
    shared: Shared,
) -> tuple[Digest, Selection, Unjudged]:
    lowest = {name: lines.lowest.threshold for name, lines in subscription.lines.items()}
    found = store_digests.unjudged(app.store, state, lowest, shared=shared.entries)
    stretch = (state.closed_at, now)
    if stretch not in shared.coverages:
        shared.coverages[stretch] = coverage(app, since=state.closed_at, until=now, over_line=0)
    selection = select(
        subscription,
        new=found.new,
        rolled_over=found.rolled_over,
        told=found.told,
        titles={name: label.title for name, label in app.settings.labels.items()},
        source_of=app.settings.source_of,
        spans=found.spans,
    )
    digest = Digest(
        key=key,
        subscription=subscription,
        made_at=now,
        sections=selection.sections,
        coverage=replace(shared.coverages[stretch], over_line=selection.over_line),
        beyond_cap=selection.beyond_cap,
        late=late,
        blocks=blocks(app, subscription, selection.over, found.told, since=state.closed_at),
    )
    return digest, selection, found


def coverage(app: App, *, since: datetime, until: datetime, over_line: int) -> Coverage:
    """Say what was looked at in a window: feeds by their state, entries by how far they came."""
    enabled = {feed.name: feed for feed in app.settings.enabled_feeds()}
    window = views.window(app.store, since=since, until=until)
    states = views.feeds(app.store, enabled)
    failed = tuple(FeedFault(state.name, state.kind, state.failing_since) for state in states if state.kind)
    quiet = [Silence(state.name, state.last_new_at) for state in states if not state.kind and state.last_new_at]
    due = {state.name for state in states if state.next_poll_at and state.next_poll_at <= until}
    silent = tuple(
        Silence(state.name, state.last_new_at)
        for state in states
        if not state.kind
        and state.polled_at is not None
        and until - (state.last_new_at or state.added_at) > enabled[state.name].source.tier.look_back
    )
    return Coverage(
        since=since,
        until=until,
        feeds=len(enabled),
        polled=len(window.polled & set(enabled)),
        failed=failed,
        silent=silent,
        seen=window.seen,
        new=window.new,
        unclassified=window.unclassified,
        over_line=over_line,
        scorers=window.scorers,
        gaps=tuple(sorted(window.gaps & set(enabled))),
        due=len((due | window.polled) & set(enabled)),
        longest=min(quiet, key=lambda silence: silence.last_new or until, default=None),
    )
