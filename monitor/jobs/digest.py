"""Digests: judge what a subscription has not judged, render it, and close its window into the outbox."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from monitor.app import App
from monitor.deliver.unsubscribe import links
from monitor.digest import schedule, windows
from monitor.domain.digest import Message, Subscription
from monitor.errors import UsageError
from monitor.jobs.clock import utc_now
from monitor.jobs.compose import Composed, Making, Shared, compose, lowest, recipients
from monitor.jobs.fold import folds, groups
from monitor.jobs.seam import each_for_itself
from monitor.observe import fields, log
from monitor.store import digests as store_digests
from monitor.store.digests import Closing, SubscriptionState

WORTH_SAYING = timedelta(minutes=15)
"""A digest that is later than this says so."""
_TRIES = 3  # to close a window while alerts go out


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

    ``already`` says that it had been closed before, and nothing was done. ``folded`` counts the recipients whose digest
    tells, too, what an earlier one could not deliver.
    """

    subscription: str
    key: str
    stories: int
    recipients: int
    already: bool = False
    folded: int = 0


def preview(
    app: App,
    name: str,
    *,
    day: date | None = None,
    key: str | None = None,
    headings: str | None = None,
    now: Callable[[], datetime] = utc_now,
) -> Preview:
    """Compose the open window of a subscription and change nothing; or show what closed the window of ``day``.

    ``key`` names a window that was closed, whenever that was. ``headings`` is a language instead of the subscription's;
    what was sent stays in its own. Raises UsageError where a window was closed without a digest.
    """
    subscription = subscription_named(app, name)
    if headings is not None:
        subscription = replace(subscription, headings=headings)
    if key is not None:
        sent = store_digests.digest_of_window(app.store, name, key)
        if sent is None:
            shown = f"`monitor subscriptions show {name}` lists the last ones"
            raise UsageError(f'subscription "{name}": no digest closed the window {key}, or it is pruned; {shown}')
        return Preview(name, key, sent, 0, frozen=True)
    moment = now()
    window = _window(subscription, day, moment)
    frozen = store_digests.digest_of_window(app.store, name, window.key)
    if frozen is not None:
        return Preview(name, window.key, frozen, 0, frozen=True)
    state = state_of(app, name, moment)
    if window.passed(state, moment):
        raise UsageError(f'subscription "{name}": the window {window.key} was closed without a digest')
    shared = Shared()
    digest = compose(app, subscription, state, Making(window.key, moment), shared).digest
    return Preview(name, window.key, shared.rendered.render(digest), digest.stories)


def send(
    app: App, names: Collection[str], *, day: date | None = None, now: Callable[[], datetime] = utc_now
) -> list[Sent]:
    """Close the open windows of subscriptions, now; delivering is the deliver job's work.

    With ``day`` the window is the one that closes on that day by schedule, and closing it twice does nothing. Those
    that are paused are passed over; raises UsageError where that leaves none.
    """
    given = [subscription_named(app, name) for name in names]
    subscriptions = [one for one in given if state_of(app, one.name, now()).paused_at is None]
    for paused in (one.name for one in given if one not in subscriptions):
        if not subscriptions:
            raise UsageError(f'subscription "{paused}" is paused; `monitor subscriptions resume {paused}` first')
        log.warning(fields("digest", subscription=paused, outcome="paused"))
    return [_send(app, subscription, day, now()) for subscription in subscriptions]


def _send(app: App, subscription: Subscription, day: date | None, now: datetime) -> Sent:
    window, state = _window(subscription, day, now), state_of(app, subscription.name, now)
    sent_before = store_digests.digest_of_window(app.store, subscription.name, window.key) is not None
    if sent_before or window.passed(state, now):
        return Sent(subscription.name, window.key, 0, 0, already=True)
    return _close(app, subscription, state, Making(window.key, now), Shared())


def run(app: App, *, now: Callable[[], datetime] = utc_now) -> list[Sent]:
    """Close every window that is due by schedule; what was missed while nobody ran comes late, once, and says so.

    What goes wrong with one subscription keeps no other waiting: it is raised at the end, as an ExceptionGroup.
    """
    sent, shared, moment = list[Sent](), Shared(), now()
    with each_for_itself("digest") as alone:
        for subscription in app.settings.subscriptions.values():
            with alone(subscription.name):
                sent += _run(app, subscription, moment, shared)
    return sent


def _run(app: App, subscription: Subscription, now: datetime, shared: Shared) -> list[Sent]:
    state = state_of(app, subscription.name, now)
    if state.began_at == now:
        store_digests.register(app.store, [state])
        return []
    if state.paused_at is not None or windows.held(subscription, now):
        return []
    if subscription.schedule == schedule.IMMEDIATE:
        return _immediate(app, subscription, state, now, shared)
    since = max(state.closed_at, state.began_at)
    merge_after = app.settings.options.digest.merge_after
    due = windows.due(subscription, since=since, now=now, merge_after=merge_after)
    sent = []
    for window in due:
        if store_digests.digest_of_window(app.store, subscription.name, window.key) is not None:
            continue  # closed by hand before its time: what came since belongs to the next window
        late = now - window.at
        making = Making(
            window.key,
            now,
            late if late > WORTH_SAYING else None,
            window.merged,
            None if window is due[-1] else window.at,
        )
        sent.append(_close(app, subscription, state_of(app, subscription.name, now), making, shared))
    return sent


def _immediate(
    app: App, subscription: Subscription, state: SubscriptionState, now: datetime, shared: Shared
) -> list[Sent]:
    """Send what is new once it has waited for what comes with it; what is not worth a digest waits for what is."""
    making = Making(now.astimezone(subscription.zone).isoformat(timespec="seconds"), now)
    first = store_digests.first_unjudged(app.store, state, lowest(subscription))
    if first is not None and now - first < app.settings.options.digest.group_wait:
        return []  # what was missed comes with it
    if first is None and not groups(app, subscription, state, shared, now=now, suspended=False):
        return []
    sent = _close(app, subscription, state, making, shared)
    return [sent] if sent.recipients else []


def subscription_named(app: App, name: str) -> Subscription:
    """Find a subscription; raises UsageError that names those there are."""
    found = app.settings.subscriptions.get(name)
    if found is None:
        known = ", ".join(sorted(app.settings.subscriptions)) or "none"
        raise UsageError(f'no subscription "{name}" in subscriptions.toml; there are: {known}')
    return found


def next_windows(app: App, *, now: datetime) -> Mapping[str, datetime | None]:
    """When the next digest of each subscription goes out; None where the clock does not say."""
    subscriptions = app.settings.subscriptions
    return {
        name: None if state_of(app, name, now).paused_at else windows.next_due(subscription, now)
        for name, subscription in subscriptions.items()
    }


def state_of(app: App, name: str, now: datetime) -> SubscriptionState:
    """Read how far a subscription has judged."""
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


def _close(app: App, subscription: Subscription, state: SubscriptionState, making: Making, shared: Shared) -> Sent:
    for _ in range(_TRIES):
        composed = compose(app, subscription, state, making, shared)
        closing = _closing(app, subscription, state, composed, making, shared)
        done = store_digests.close_window(app.store, closing, now=making.now)
        if done:
            break
        again = state_of(app, subscription.name, making.now)
        if (again.judged_to, again.closed_at) != (state.judged_to, state.closed_at):
            break
        state = again  # an alert went out meanwhile, or what was missed is sent again: nothing is told twice
    folded = sum(len(fold.recipients) for fold in closing.folds)
    stories, to = composed.digest.stories, len(closing.recipients) + folded
    log.info(
        fields(
            "digest", subscription=subscription.name, window=making.key, stories=stories, recipients=to,
            folded=folded or None, outcome="closed" if done else "closed-by-another",
        )
    )  # fmt: skip
    if not done:
        return Sent(subscription.name, making.key, 0, 0, already=True)
    return Sent(subscription.name, making.key, stories, to, folded=folded)


def _closing(
    app: App, subscription: Subscription, state: SubscriptionState, composed: Composed, making: Making, shared: Shared
) -> Closing:
    """Render what was composed: for all, and for those who missed something."""
    wanted = composed.digest.stories > 0 or subscription.empty_digests
    beside = folds(app, subscription, state, composed, shared, wanted=wanted)
    elsewhere = {recipient.id for fold in beside for recipient in fold.recipients}
    to = tuple(one for one in recipients(app, subscription, shared) if one.id not in elsewhere) if wanted else ()
    leaving = links(app.settings.options.mail, subscription.name, to)
    message = replace(shared.rendered.render(composed.digest), unsubscribe=leaving) if wanted else None
    closing = replace(composed.closing(state, making, message, to), folds=beside)
    if subscription.schedule == schedule.IMMEDIATE and not wanted and not closing.judgements:
        return replace(closing, upto=state.judged_to)  # near-misses gather for a digest that has news
    return closing
