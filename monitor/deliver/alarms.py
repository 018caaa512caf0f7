"""When a channel's failures are worth an alarm, and on which other channel it is told. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.domain.channel import Alarm, AlarmKind, ChannelState, Trouble
from monitor.domain.delivery import Recipient

_FOLDER = "folder://"


@dataclass(frozen=True, slots=True)
class Turn:
    """What changes: alarms that are over, and those that begin or are to be told only now."""

    opened: tuple[Alarm, ...] = ()
    closed: tuple[Alarm, ...] = ()

    @property
    def news(self) -> tuple[Alarm, ...]:
        """What there is to tell: of what nobody was told the end is not told either."""
        return (*self.opened, *(alarm for alarm in self.closed if alarm.told))


def decide(
    kept: Sequence[Alarm], channels: Sequence[ChannelState], *, after: timedelta, reachable: bool, now: datetime
) -> Turn:
    """Compare how channels are doing with the alarms that are open.

    A channel's alarm begins when a recipient of it has had failures only for ``after``, and nothing is just due to be
    tried; it ends when none has any more. A suspended recipient is told of at once, and again when it is resumed. An
    open alarm that reached nobody is opened anew as soon as somebody is ``reachable``.
    """
    before = {alarm.key: alarm for alarm in kept}
    found = [alarm for channel in channels for alarm in _of(channel, after, now)]
    lasting = {(AlarmKind.CHANNEL, channel.name) for channel in channels if channel.troubles}
    still = {alarm.key for alarm in found} | lasting
    opened = [alarm for alarm in found if alarm.key not in before]
    untold = [alarm for alarm in kept if reachable and not alarm.told and alarm.key in still]
    return Turn((*untold, *opened), tuple(alarm for alarm in kept if alarm.key not in still))


def teller(
    channels: Sequence[ChannelState],
    recipients: Mapping[str, tuple[Recipient, ...]],
    *,
    preferred: str,
    after: timedelta,
    now: datetime,
) -> tuple[Recipient, ...]:
    """Choose to whom alarms are told: ``preferred``, else the first channel that delivers, folders last.

    A channel in which somebody has had failures only for ``after`` is none that delivers. Suspended recipients are
    left out; () where nobody is left.
    """
    failing = {channel.name for channel in channels if _failing(channel, after, now)}
    gone = {one.id for channel in channels for one in channel.suspended}
    order = sorted(recipients, key=lambda name: (name != preferred, _is_folder(recipients[name])))
    for name in order:
        left = tuple(recipient for recipient in recipients[name] if recipient.id not in gone)
        if left and name not in failing:
            return left
    return ()


def told(turn: Turn, *, reached: bool) -> tuple[Alarm, ...]:
    """The alarms of a turn that are open from now on."""
    return tuple(replace(alarm, told=reached) for alarm in turn.opened)


def _of(channel: ChannelState, after: timedelta, now: datetime) -> list[Alarm]:
    found = []
    if failing := _failing(channel, after, now):
        detail = _detail(failing, len(channel.recipients))
        found.append(Alarm(AlarmKind.CHANNEL, channel.name, channel.name, detail, now))
    for one in channel.suspended:
        if one.suspension is not None:
            found.append(Alarm(AlarmKind.RECIPIENT, one.id, one.label, one.suspension.reason, now))
    return found


def _failing(channel: ChannelState, after: timedelta, now: datetime) -> list[Trouble]:
    return [
        trouble
        for trouble in channel.troubles
        if now - trouble.since >= after and (trouble.next_at is None or trouble.next_at > now)
    ]


def _detail(failing: Sequence[Trouble], recipients: int) -> str:
    first = failing[0]
    whom = first.recipient if len(failing) == 1 else f"{len(failing)} of {recipients} recipients"
    since = f"{first.since:%Y-%m-%d %H:%M} UTC"
    return f"nothing has reached {whom} since {since}; the last answer to {first.recipient}: {first.detail}"


def _is_folder(recipients: Collection[Recipient]) -> bool:
    return all(recipient.label.startswith(_FOLDER) for recipient in recipients)
