"""Which windows of a subscription are to be closed now: what was missed, what was held, what is due. Pure.

A window that closes in quiet hours is held until their end; one that closes on a holiday is none, and the next one
holds what it would have held. So what is due is told by instants: nothing depends on when somebody looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice, takewhile

from monitor.digest import schedule
from monitor.domain.digest import Subscription

_MOST = 5_000  # windows that are looked back at: what was missed before them is merged all the same
_TURNS = 1_000  # how often quiet hours and holidays may follow each other without a pause


@dataclass(frozen=True, slots=True)
class Due:
    """A window to close by its name, when it was to go out, and how many windows before it that it holds too."""

    close: datetime
    at: datetime
    merged: int = 0

    @property
    def key(self) -> str:
        return schedule.key_of(self.close)


def quiet(subscription: Subscription, now: datetime) -> bool:
    """Say whether it is a quiet hour of a subscription."""
    hours, local = subscription.quiet, now.astimezone(subscription.zone).time()
    if hours is None:
        return False
    if hours.begin < hours.end:
        return hours.begin <= local < hours.end
    return local >= hours.begin or local < hours.end


def holiday(subscription: Subscription, now: datetime) -> bool:
    """Say whether it is a holiday of a subscription."""
    return now.astimezone(subscription.zone).date() in subscription.holidays


def held(subscription: Subscription, now: datetime) -> bool:
    """Say whether nothing of a subscription goes out now, unless it is critical."""
    return holiday(subscription, now) or quiet(subscription, now)


def released(subscription: Subscription, at: datetime) -> datetime:
    """The first instant from ``at`` on that is neither a quiet hour nor on a holiday."""
    for _ in range(_TURNS):
        local = at.astimezone(subscription.zone)
        if holiday(subscription, at):
            tomorrow = datetime.combine(local.date() + timedelta(days=1), time())
            at = max(schedule.instant(tomorrow, subscription.zone), at + timedelta(minutes=1))
        elif subscription.quiet is not None and quiet(subscription, at):
            at = _end(subscription, at, subscription.quiet.end)
        else:
            break
    return at


def _end(subscription: Subscription, at: datetime, end: time) -> datetime:
    """The next instant at which the local clock shows the end of quiet hours; a doubled hour shows it twice."""
    day = at.astimezone(subscription.zone).date()
    for days in range(3):
        local = datetime.combine(day + timedelta(days=days), end)
        second = local.replace(tzinfo=subscription.zone, fold=1)
        for found in (schedule.instant(local, subscription.zone), schedule.closed_at(second)):
            if found > at and not quiet(subscription, found):
                return found
    raise RuntimeError(f"quiet hours of {subscription.name} do not end")  # two days have every local time once


def due(subscription: Subscription, *, since: datetime, now: datetime, merge_after: timedelta) -> tuple[Due, ...]:
    """The windows that closed after ``since`` and may go out by ``now``, in their order.

    Those that may go out at the same instant are one. A window whose time is longer ago than ``merge_after`` is merged
    into the next one; the last one never is. None is left out: each is one of those returned, or merged into one.
    """
    planned = _planned(subscription, since=since, now=now)
    found: list[Due] = []
    waiting = 0
    for number, window in enumerate(planned):
        if number + 1 < len(planned) and now - window.at > merge_after:
            waiting += window.merged + 1
        else:
            found.append(Due(window.close, window.at, window.merged + waiting))
            waiting = 0
    return tuple(found)


def _planned(subscription: Subscription, *, since: datetime, now: datetime) -> Sequence[Due]:
    """The windows by the instants at which they were to go out, whatever has become of them."""
    newest_first = schedule.closes(subscription.schedule, subscription.zone, now)
    mine = list(islice(takewhile(lambda close: schedule.closed_at(close) > since, newest_first), _MOST))
    planned: list[Due] = []
    skipped = 0
    for close in reversed(mine):
        if close.date() in subscription.holidays:
            skipped += 1
            continue
        at = released(subscription, schedule.closed_at(close))
        if planned and planned[-1].at == at:
            skipped += planned.pop().merged + 1
        planned.append(Due(close, at, skipped))
        skipped = 0
    return [window for window in planned if window.at <= now]


def next_due(subscription: Subscription, now: datetime) -> datetime | None:
    """The next instant at which a window of a subscription goes out; None if none does within 400 days."""
    at = now
    waits = _held_now(subscription, now)
    for _ in range(_TURNS):
        found = schedule.next_close(subscription.schedule, subscription.zone, at)
        if found is None:
            break
        if not holiday(subscription, found):
            return min([*waits, released(subscription, found)])
        at = found
    return min(waits, default=None)


def _held_now(subscription: Subscription, now: datetime) -> list[datetime]:
    """When a window goes out that has closed and is held, if there is one."""
    close = schedule.last_close(subscription.schedule, subscription.zone, now)
    if close is None or close.date() in subscription.holidays:
        return []
    at = released(subscription, schedule.closed_at(close))
    return [at] if at > now else []
