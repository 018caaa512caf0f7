"""Deliveries by hand: what became of one, sending again what was not received, and giving up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.app import App
from monitor.domain.delivery import DeliveryState, Suspension
from monitor.errors import UsageError
from monitor.store import channels, deliveries, departures, outbox
from monitor.store.deliveries import Delivery, Tried

_REFUSALS = {
    DeliveryState.DELIVERED: "was received already",
    DeliveryState.SUPERSEDED: "is superseded: a later digest carries its stories",
    DeliveryState.SENDING: "is being sent at this moment; see again in a minute",
    DeliveryState.ABANDONED: "was abandoned before",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A delivery with every attempt, with the suspension of its recipient, and with the delivery that carries its
    stories, if there are such."""

    delivery: Delivery
    attempts: tuple[Tried, ...]
    suspension: Suspension | None
    carrier: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """What is sent again.

    ``received`` counts the deliveries of the same digests that were received already, and are not repeated;
    ``suspended`` and ``gone`` those that are left, since their recipients are suspended or not in channels.toml.
    """

    deliveries: tuple[Delivery, ...]
    received: int
    suspended: int = 0
    gone: int = 0

    @property
    def ids(self) -> frozenset[int]:
        return frozenset(delivery.id for delivery in self.deliveries)


def shown(app: App, number: int) -> Shown:
    """Everything about one delivery; raises UsageError."""
    delivery = _named(app, number)
    suspended = {one.recipient_id: one for one in channels.suspensions(app.store)}
    by = [delivery.superseded_by] if delivery.superseded_by is not None else []
    carriers = (one for one in deliveries.of_digests(app.store, by) if one.recipient_id == delivery.recipient_id)
    tried = tuple(deliveries.tried(app.store, number))
    return Shown(delivery, tried, suspended.get(delivery.recipient_id), next(carriers, None))


def again(app: App, number: int | None = None, *, channel: str | None = None, now: datetime) -> Again:
    """Have one delivery, or all that failed (of a channel), sent again; raises UsageError where there is none.

    It begins anew, with the whole of [deliver] deadline before it, and the same content under the same name.
    """
    departures.give_up(app.store, now=now)
    chosen = _failed(app, channel) if number is None else [_may_go_again(app, _named(app, number))]
    found = _sorted_out(app, chosen)
    if number is not None and not found.deliveries:
        raise UsageError(_why_not(chosen[0], suspended=found.suspended > 0))
    if not found.deliveries:
        raise UsageError(f"{_left(found)}; nothing was changed")
    deadline = now + app.settings.options.deliver.deadline
    if not deliveries.again(app.store, found.ids, now=now, deadline=deadline):
        raise UsageError("what had failed has been sent again by somebody else meanwhile; nothing was changed")
    return found


def abandon(app: App, number: int, *, now: datetime) -> Delivery:
    """Give up a delivery that waits or has failed, for good; raises UsageError where it does not."""
    delivery = _named(app, number)
    if delivery.state not in {DeliveryState.PENDING, DeliveryState.FAILED}:
        raise UsageError(f"delivery {number} {_REFUSALS[delivery.state]}; nothing was changed")
    if not deliveries.abandon(app.store, [number], now=now):
        raise UsageError(f"delivery {number} has changed meanwhile; `monitor deliveries show {number}` shows it")
    return _named(app, number)


def known_channel(app: App, name: str) -> str:
    """Return a channel's name; raises UsageError that names those there are."""
    if name not in app.settings.options.channels:
        known = ", ".join(sorted(app.settings.options.channels)) or "none"
        raise UsageError(f'no channel "{name}" in channels.toml; there are: {known}')
    return name


def _named(app: App, number: int) -> Delivery:
    found = deliveries.by_ids(app.store, [number])
    if not found:
        newest = deliveries.listed(app.store, limit=1)
        there = f"the newest is {newest[0].id}" if newest else "there is none yet"
        raise UsageError(f"no delivery {number}; {there}; `monitor deliveries list` lists them")
    return found[0]


def _may_go_again(app: App, delivery: Delivery) -> Delivery:
    if delivery.state not in {DeliveryState.FAILED, DeliveryState.ABANDONED, DeliveryState.PENDING}:
        raise UsageError(f"delivery {delivery.id} {_REFUSALS[delivery.state]}; nothing was changed")
    departed = departures.departures(app.store, delivery.subscription)
    if any(one.is_of(delivery.recipient_id, delivery.recipient) for one in departed):
        back = f"`monitor subscriptions rejoin {delivery.subscription} {delivery.recipient}` brings it back"
        raise UsageError(f"{delivery.recipient} has left subscription {delivery.subscription}; {back}")
    return delivery


def _failed(app: App, channel: str | None) -> list[Delivery]:
    where = f' in channel "{known_channel(app, channel)}"' if channel is not None else ""
    found = deliveries.listed(app.store, states=[DeliveryState.FAILED], channel=channel)
    if not found:
        counts = ", ".join(f"{count} {state.value}" for state, count in sorted(outbox.counts(app.store).items()))
        raise UsageError(f"no delivery{where} has failed; there are: {counts or 'none'}")
    return found


def _sorted_out(app: App, chosen: Sequence[Delivery]) -> Again:
    """Leave out those that cannot be sent, and count what the same digests need not be sent to."""
    suspended = {one.recipient_id for one in channels.suspensions(app.store)}
    here = app.settings.recipients()
    gone = [one for one in chosen if (one.channel, one.recipient_id) not in here]
    waits = [one for one in chosen if one not in gone and one.recipient_id in suspended]
    left = tuple(one for one in chosen if one not in gone and one not in waits)
    same = deliveries.of_digests(app.store, {one.digest_id for one in left})
    received = sum(one.state is DeliveryState.DELIVERED for one in same)
    return Again(left, received, len(waits), len(gone))


def _why_not(delivery: Delivery, *, suspended: bool) -> str:
    if suspended:
        return f"{delivery.recipient} is suspended; `monitor channels resume {delivery.recipient}` sends what waits"
    return f"{delivery.recipient} is no longer in channels.toml under {delivery.channel}; nothing was changed"


def _left(found: Again) -> str:
    reasons = [
        *([f"{found.suspended} failed for suspended recipients (`monitor channels list`)"] if found.suspended else []),
        *([f"{found.gone} failed for recipients that left channels.toml"] if found.gone else []),
    ]
    return " and ".join(reasons)
