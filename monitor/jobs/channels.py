"""Channels: how each is doing, a test of one, and recipients that are sent to again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from monitor.app import App
from monitor.deliver.note import note
from monitor.deliver.retry import failure_of, suspends
from monitor.domain.channel import ChannelState, RecipientState
from monitor.domain.delivery import Accepted, Failure, Recipient, Suspension
from monitor.errors import DeliveryError, UsageError
from monitor.observe import mask
from monitor.settings.model import Settings
from monitor.store import channels as store_channels
from monitor.store.channels import Reach, Resumed

_SHORTEST_PREFIX = 4
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tested:
    """What was said to a test message. ``failure`` is None where it was taken; nothing here holds a secret."""

    recipient: str
    said: str
    code: str
    failure: Failure | None
    suspended: bool = False


def states(app: App) -> tuple[ChannelState, ...]:
    """Say how each channel of config is doing, in its order; recipients that were never sent to are named where the
    channels were loaded."""
    suspended = {one.recipient_id: one for one in store_channels.suspensions(app.store)}
    troubles = {(one.channel, one.recipient_id): one for one in store_channels.troubles(app.store)}
    reached = store_channels.reach(app.store)
    found = []
    for name in app.settings.options.channels:
        ways = [(one.recipient_id, one.recipient, one) for one in reached if one.channel == name]
        if app.settings.channels:
            by_id = {one[0]: one[2] for one in ways}
            ways = [(one.id, one.label, by_id.get(one.id, _never(one))) for one in app.settings.channels[name]]
        found.append(
            ChannelState(
                name,
                tuple(
                    RecipientState(
                        ident, label, way.last_success, way.waiting, way.failed, troubles.get((name, ident)),
                        suspended.get(ident),
                    )
                    for ident, label, way in ways
                ),
            )
        )  # fmt: skip
    return tuple(found)


def _never(recipient: Recipient) -> Reach:
    return Reach(recipient.channel, recipient.id, recipient.label, None, 0, 0)


def try_out(
    settings: Settings, name: str, wanted: str | None = None, *, now: Callable[[], datetime]
) -> tuple[Tested, ...]:
    """Send a marked test message to a channel, or to one recipient of it, and return what was really said.

    Nothing of it is stored. Raises UsageError where there is no such channel or recipient.
    """
    if name not in settings.channels:
        raise UsageError(f'no channel "{name}" in channels.toml; there are: {", ".join(settings.channels) or "none"}')
    recipients: Sequence[Recipient] = settings.channels[name]
    if wanted is not None:
        recipients = [chosen(recipients, wanted, lambda r: (r.id, r.label), f'recipient of channel "{name}"')]
    timeout = settings.options.deliver.timeout.total_seconds()
    return tuple(_tested(recipient, now(), timeout) for recipient in recipients)


def _tested(recipient: Recipient, now: datetime, timeout: float) -> Tested:
    from monitor.deliver.channel import send  # noqa: PLC0415 - Apprise, 0.8 s, only where something is sent

    at = now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    lines = (f"This is a test of the channel {recipient.channel} to {recipient.label}, sent at {at}.",)
    title = f"[Test] Returns Monitor, channel {recipient.channel}"
    message = note(f"test/{recipient.channel}/{now.isoformat()}", title, lines, about="It needs no answer.")
    try:
        result: Accepted | DeliveryError = send(recipient, message, timeout=timeout)
    except DeliveryError as error:
        result = error
    if isinstance(result, Accepted):
        return Tested(recipient.label, mask(result.said), result.code, None)
    return Tested(recipient.label, mask(result.detail), result.code, failure_of(result), suspends(result))


def resume(app: App, wanted: str, *, now: datetime) -> tuple[Suspension, Resumed]:
    """Send to a suspended recipient again, what waited included; raises UsageError where none is called so."""
    suspension = chosen(
        store_channels.suspensions(app.store), wanted, lambda s: (s.recipient_id, s.recipient), "suspended recipient"
    )
    deadline = now + app.settings.options.deliver.deadline
    done = store_channels.resume(app.store, suspension, now=now, deadline=deadline)
    if not done.suspensions:
        raise UsageError(f"{suspension.recipient} has been resumed by somebody else meanwhile; nothing was changed")
    return suspension, done


def chosen(things: Iterable[T], wanted: str, names: Callable[[T], tuple[str, str]], what: str) -> T:
    """Find what is called ``wanted``: by its id or label, the beginning of its id, or a part of its label that no
    other has; raises UsageError that names what there is."""
    all_ = list(things)
    rules: tuple[Callable[[str, str], bool], ...] = (
        lambda ident, label: wanted in {ident, label},
        lambda ident, label: len(wanted) >= _SHORTEST_PREFIX and ident.startswith(wanted),
        lambda ident, label: bool(wanted) and wanted.lower() in label.lower(),
    )
    for rule in rules:
        found = [thing for thing in all_ if rule(*names(thing))]
        if len(found) == 1:
            return found[0]
    if not all_:
        raise UsageError(f'there is no {what}, and so none that is called "{wanted}"')
    there = ", ".join(names(thing)[1] for thing in all_)
    raise UsageError(f'no {what} is called "{wanted}", or more than one is; there are: {there}')
