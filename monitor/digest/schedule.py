"""When a digest's window closes: local time in, instants out. Pure.

APScheduler's cron triggers skip or double around daylight saving and count Monday as 0; these rules do neither.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_DAILY = re.compile(r"^daily ([01]?\d|2[0-3]):([0-5]\d)$")
_FARTHEST = timedelta(days=400)  # a cron expression that has not fired for longer counts as never


def check(schedule: str) -> str:
    """Accept a schedule; raises ValueError with what would be right."""
    if not _DAILY.match(schedule):
        try:
            CronSim(schedule, datetime(2026, 1, 1))  # noqa: DTZ001 - cron expressions are read on the local wall clock
        except CronSimError as error:
            raise ValueError(
                f'"{schedule}" is not a schedule: {error}; write "daily 07:30", or a cron expression such as '
                '"30 7 * * 1-5" (Monday is 1)'
            ) from error
        if len(schedule.split()) != 5:
            raise ValueError(f'"{schedule}" has not five fields; write minute, hour, day, month and weekday')
    return schedule


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Turn a naive local time into UTC.

    In an autumn's doubled hour it is the first of the two, in a spring's gap the next valid instant.
    """
    found = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local:
        return found
    # In a gap fold=0 lands behind the change of offset and fold=1 before it (PEP 495).
    return _change(local.replace(tzinfo=zone, fold=1).astimezone(UTC), found, zone)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Find the instant, to the minute, at which the zone's offset changes between two instants."""
    offset = before.astimezone(zone).utcoffset()
    low, high = before, after
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == offset else (low, middle)
    return high.replace(second=0, microsecond=0)


def last_close(schedule: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the newest local time, aware in ``zone``, at which a window had closed by ``now``; None if none had.

    Every scheduled local time closes exactly one window, on the nights of a clock change too.
    """
    local_now = now.astimezone(zone).replace(tzinfo=None)
    # One day more than now: in a doubled or skipped hour the local order and the order of instants differ.
    for local in _backwards(schedule, local_now + timedelta(days=1)):
        if instant(local, zone) <= now:
            return local.replace(tzinfo=zone)
    return None


def next_close(schedule: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the next instant (UTC) after ``now`` at which a window closes; None if none does within 400 days."""
    local = (now.astimezone(zone) - timedelta(days=1)).replace(tzinfo=None)
    for candidate in _forwards(schedule, local):
        found = instant(candidate, zone)
        if found > now:
            return found
    return None


def close_on(schedule: str, zone: ZoneInfo, day: date) -> datetime | None:
    """Return the last local time on ``day`` at which a window closes, aware in ``zone``; None if none does that day."""
    for local in _backwards(schedule, datetime.combine(day, time.max)):
        return local.replace(tzinfo=zone) if local.date() == day else None
    return None


def closed_at(close: datetime) -> datetime:
    """Return the instant (UTC) at which a window closes that is named by its local time, aware in its zone."""
    if not isinstance(close.tzinfo, ZoneInfo):
        raise ValueError(f"{close} has no IANA time zone")  # noqa: TRY004 - the value is wrong, not its type
    return instant(close.replace(tzinfo=None), close.tzinfo)


def key_of(close: datetime) -> str:
    """The name of a window: the local time it closes with its zone's offset, e.g. ``2026-11-22T07:30+01:00``."""
    return close.isoformat(timespec="minutes")


def _backwards(schedule: str, start: datetime) -> Iterator[datetime]:
    """Yield naive local times of the schedule from ``start`` back."""
    daily = _DAILY.match(schedule)
    if daily:
        at = time(int(daily[1]), int(daily[2]))
        for days in range(_FARTHEST.days):
            local = datetime.combine(start.date() - timedelta(days=days), at)
            if local <= start:
                yield local
        return
    for local in CronSim(schedule, start, reverse=True):
        if start - local > _FARTHEST:
            return
        yield local


def _forwards(schedule: str, start: datetime) -> Iterator[datetime]:
    """Yield naive local times of the schedule after ``start``."""
    daily = _DAILY.match(schedule)
    if daily:
        at = time(int(daily[1]), int(daily[2]))
        for days in range(_FARTHEST.days):
            local = datetime.combine(start.date() + timedelta(days=days), at)
            if local > start:
                yield local
        return
    for local in CronSim(schedule, start):
        if local - start > _FARTHEST:
            return
        yield local
