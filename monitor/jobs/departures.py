"""Who gets a subscription: the recipients of its channels, but for those who left it; leaving, and coming back."""

from collections.abc import Callable, Iterable
from datetime import datetime

from monitor.app import App
from monitor.domain.delivery import Departure, Recipient, Via
from monitor.domain.digest import Subscription
from monitor.errors import UsageError
from monitor.jobs.channels import chosen
from monitor.jobs.clock import utc_now
from monitor.observe import fields, log
from monitor.settings.model import Settings
from monitor.store import departures as store_departures


def addressed(settings: Settings, subscription: Subscription) -> tuple[Recipient, ...]:
    """The recipients of a subscription's channels; one that is in two channels gets one message."""
    found = {r.id: r for channel in reversed(subscription.channels) for r in settings.channels[channel]}
    return tuple(sorted(found.values(), key=lambda r: (r.channel, r.label)))


def staying(settings: Settings, subscription: Subscription, departed: Iterable[Departure]) -> tuple[Recipient, ...]:
    """Those of the recipients of a subscription's channels who are not among those who left it."""
    gone = [one for one in departed if one.subscription == subscription.name]
    to = addressed(settings, subscription)
    return tuple(one for one in to if not any(departure.is_of(one.id, one.label) for departure in gone))


def has_left(app: App, name: str, recipient: Recipient) -> bool:
    """Say whether a recipient has left a subscription."""
    return any(
        departure.is_of(recipient.id, recipient.label) for departure in store_departures.departures(app.store, name)
    )


def leave(app: App, name: str, recipient: Recipient, via: Via, *, now: Callable[[], datetime] = utc_now) -> bool:
    """Take a recipient off a subscription, with what waits for it; False, and nothing changed, where it had left.

    The log tells no address: whoever leaves is nobody's business but the owner's, who finds it in the database.
    """
    new = not has_left(app, name, recipient)
    if new:
        departure = Departure(name, recipient.id, recipient.label, now(), via)
        new = store_departures.leave(app.store, departure)
    log.info(fields("leave", subscription=name, via=via.value, outcome="left" if new else "had-left"))
    return new


def rejoin(app: App, name: str, wanted: str) -> Departure:
    """Send a subscription to a recipient who left it again, from its next digest on.

    Raises UsageError where nobody of that name has left, with those who have.
    """
    departed = store_departures.departures(app.store, name)
    if not departed:
        others = sorted({one.subscription for one in store_departures.departures(app.store)})
        where = f"; somebody has left {', '.join(others)}" if others else ""
        raise UsageError(f'nobody has left subscription "{name}"; nothing was changed{where}')
    what = f'recipient who left subscription "{name}"'
    found = chosen(departed, wanted, lambda one: (one.recipient_id, one.recipient), what)
    if not store_departures.rejoin(app.store, found):
        raise UsageError(f"{found.recipient} has been brought back by somebody else meanwhile; nothing was changed")
    return found
