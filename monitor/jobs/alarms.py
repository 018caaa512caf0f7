"""Alarms: tell on another channel when one has failed for a while, once, and once more when it is over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.app import App
from monitor.deliver.alarms import Turn, decide, teller, told
from monitor.deliver.note import note
from monitor.domain.channel import SUBSCRIPTION, Alarm, AlarmKind
from monitor.domain.delivery import Recipient
from monitor.jobs import channels
from monitor.jobs.clock import utc_now
from monitor.jobs.notices import CHANNEL
from monitor.observe import fields, log
from monitor.store import alarms as store_alarms
from monitor.store.notices import Telling

_ABOUT = "Each alarm is told once, and once more when it is over; `monitor status` shows how channels are doing."


@dataclass(frozen=True, slots=True)
class AlarmsReport:
    """What a run of the job found, and how many recipients it is told to."""

    opened: tuple[Alarm, ...] = ()
    closed: tuple[Alarm, ...] = ()
    recipients: int = 0


def run(app: App, *, now: Callable[[], datetime] = utc_now) -> AlarmsReport:
    """Compare how channels are doing with the alarms that are open, and tell what changed; deliver sends it."""
    moment, options = now(), app.settings.options.deliver
    states = channels.states(app)
    kept = store_alarms.open_alarms(app.store)
    recipients = teller(
        states,
        app.settings.channels,
        preferred=options.alarm_channel or CHANNEL,
        after=options.alarm_after,
        now=moment,
    )
    turn = decide(kept, states, after=options.alarm_after, reachable=bool(recipients), now=moment)
    if not turn.opened and not turn.closed:
        return AlarmsReport()
    before = [alarm for alarm in kept if alarm in turn.closed or alarm in turn.opened]
    after = told(turn, reached=bool(recipients))
    telling = _telling(turn, recipients, moment) if recipients and turn.news else None
    if not store_alarms.change(app.store, before, after, telling=telling, now=moment):
        return AlarmsReport()
    _log(turn, recipients)
    return AlarmsReport(after, turn.closed, len(recipients) if telling else 0)


def _telling(turn: Turn, recipients: tuple[Recipient, ...], now: datetime) -> Telling:
    lines = [*map(_begins, turn.opened), *(_ends(alarm) for alarm in turn.closed if alarm.told)]
    title = lines[0][0] if len(lines) == 1 else f"{len(lines)} changes in how digests arrive"
    # The time is for people, in the names of files; the subjects make the key the only one.
    about = "+".join(sorted(f"{alarm.kind.value}-{alarm.subject}" for alarm in turn.news))
    key = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}-{about}"
    said = [f"{head}. {rest}" for head, rest in lines]
    message = note(f"{SUBSCRIPTION}/{key}", f"Returns Monitor: {title}", said, about=_ABOUT)
    return Telling(key, len(turn.news), message, recipients)


def _begins(alarm: Alarm) -> tuple[str, str]:
    if alarm.kind is AlarmKind.CHANNEL:
        test = f"`monitor channels test {alarm.name}` tries it; what waits is sent when it works again."
        return f"channel {alarm.name} fails", f"It is so: {alarm.detail}. {test}"
    resume = f"Correct its address in channels.toml, or `monitor channels resume {alarm.name}`; what waits is kept."
    return f"{alarm.name} is suspended", f"Its address refused us for good: {alarm.detail}. {resume}"


def _ends(alarm: Alarm) -> tuple[str, str]:
    opened = f"The alarm was of {alarm.opened_at:%Y-%m-%d %H:%M} UTC."
    if alarm.kind is AlarmKind.CHANNEL:
        return f"channel {alarm.name} delivers again", opened
    return f"{alarm.name} is no longer suspended", opened


def _log(turn: Turn, recipients: tuple[Recipient, ...]) -> None:
    where = recipients[0].channel if recipients else "nowhere"
    for alarm in turn.opened:
        log.warning(fields("alarm", **_about(alarm), state="opened", told=where, detail=alarm.detail))
    for alarm in turn.closed:
        log.info(fields("alarm", **_about(alarm), state="closed", told=where))


def _about(alarm: Alarm) -> dict[str, str]:
    if alarm.kind is AlarmKind.CHANNEL:
        return {"kind": alarm.kind.value, "about": alarm.name}
    return {"kind": alarm.kind.value, "recipient": alarm.subject, "to": alarm.name}
