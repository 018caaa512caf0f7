"""When a digest's window closes: local time in, instants out. Pure.

APScheduler's cron triggers skip or double around daylight saving and count Monday as 0; these rules do neither.
"""

import heapq
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

IMMEDIATE = "immediate"
"""The schedule of who wants each story as it comes; none of its windows closes by the clock."""
_HOURLY = "hourly"
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIMED = re.compile(rf"^(daily|weekdays|weekly (?:{'|'.join(_WEEK)})) ([01]?\d|2[0-3]):([0-5]\d)$")
_FARTHEST = timedelta(days=400)  # a cron expression that has not fired for longer counts as never
_SHIFT = timedelta(hours=3)  # more than clocks are moved by


def check(schedule: str) -> str:
    """Accept a schedule; raises ValueError with what would be right."""
    if schedule not in {IMMEDIATE, _HOURLY} and not _TIMED.match(schedule):
        try:
            CronSim(schedule, datetime(2026, 1, 1))  # noqa: DTZ001 - cron expressions are read on the local wall clock
        except CronSimError as error:
            raise ValueError(
                f'"{schedule}" is not a schedule: {error}; write "daily 07:30", "weekdays 07:30", "weekly mon 07:30", '
                '"hourly", "immediate", or a cron expression such as "30 7 * * 1-5" (Monday is 1)'
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


def closes(schedule: str, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    """Yield the windows that had closed by ``now``, the newest first: each the local time of its close, aware.

    Every scheduled local time closes one window, on the nights of a clock change too; where the schedule names every
    hour, a doubled hour closes its windows twice (``fold`` tells them apart), since both hours pass.
    """
    waiting: list[tuple[float, float, datetime]] = []
    # Clocks that go back make the order of local times another than that of instants.
    for local in _backwards(schedule, now.astimezone(zone).replace(tzinfo=None) + _SHIFT):
        while waiting and waiting[0][2].replace(tzinfo=None, fold=0) - local > _SHIFT:
            yield heapq.heappop(waiting)[2]
        for close in _closes(schedule, local, zone):
            at = closed_at(close)
            if at <= now:
                heapq.heappush(waiting, (-at.timestamp(), -local.replace(tzinfo=UTC).timestamp(), close))
    while waiting:
        yield heapq.heappop(waiting)[2]


def last_close(schedule: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the newest local time, aware in ``zone``, at which a window had closed by ``now``; None if none had."""
    return next(closes(schedule, zone, now), None)


def next_close(schedule: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the next instant (UTC) after ``now`` at which a window closes; None if none does within 400 days."""
    best, first = None, None
    for local in _forwards(schedule, (now.astimezone(zone) - _SHIFT).replace(tzinfo=None)):
        if first is not None and local - first > _SHIFT:
            break
        later = [at for close in _closes(schedule, local, zone) if (at := closed_at(close)) > now]
        if later:
            best, first = min([*later, *([best] if best else [])]), first or local
            if not _every_hour(schedule):
                break
    return best


def close_on(schedule: str, zone: ZoneInfo, day: date) -> datetime | None:
    """Return the last local time on ``day`` at which a window closes, aware in ``zone``; None if none does that day."""
    for local in _backwards(schedule, datetime.combine(day, time.max)):
        return local.replace(tzinfo=zone) if local.date() == day else None
    return None


def closed_at(close: datetime) -> datetime:
    """Return the instant (UTC) at which a window closes that is named by its local time, aware in its zone."""
    if not isinstance(close.tzinfo, ZoneInfo):
        raise ValueError(f"{close} has no IANA time zone")  # noqa: TRY004 - the value is wrong, not its type
    return close.astimezone(UTC) if close.fold else instant(close.replace(tzinfo=None), close.tzinfo)


def key_of(close: datetime) -> str:
    """The name of a window: the local time it closes with its zone's offset, e.g. ``2026-11-22T07:30+01:00``."""
    return close.isoformat(timespec="minutes")


def _every_hour(schedule: str) -> bool:
    return schedule == _HOURLY or schedule.split()[1:2] == ["*"]


def _closes(schedule: str, local: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The windows that close at a naive local time: two in a doubled hour where the schedule names every hour."""
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    yield first
    # In a doubled hour the first offset is the greater one, in a gap the smaller (PEP 495).
    if _every_hour(schedule) and (first.utcoffset() or timedelta()) > (second.utcoffset() or timedelta()):
        yield second


def _on_days(schedule: str) -> tuple[frozenset[int], time] | None:
    """The weekdays (Monday is 0) and the time of a schedule that names them in words."""
    timed = _TIMED.match(schedule)
    if timed is None:
        return None
    when, at = timed[1], time(int(timed[2]), int(timed[3]))
    if when.startswith("weekly"):
        return frozenset({_WEEK.index(when.split()[1])}), at
    return frozenset(range(7 if when == "daily" else 5)), at


def _backwards(schedule: str, start: datetime) -> Iterator[datetime]:
    """Yield naive local times of the schedule from ``start`` back."""
    timed = _on_days(schedule)
    if timed:
        for days in range(_FARTHEST.days):
            local = datetime.combine(start.date() - timedelta(days=days), timed[1])
            if local <= start and local.weekday() in timed[0]:
                yield local
    elif schedule != IMMEDIATE:
        for local in CronSim("0 * * * *" if schedule == _HOURLY else schedule, start, reverse=True):
            if start - local > _FARTHEST:
                return
            yield local


def _forwards(schedule: str, start: datetime) -> Iterator[datetime]:
    """Yield naive local times of the schedule after ``start``."""
    timed = _on_days(schedule)
    if timed:
        for days in range(_FARTHEST.days):
            local = datetime.combine(start.date() + timedelta(days=days), timed[1])
            if local > start and local.weekday() in timed[0]:
                yield local
    elif schedule != IMMEDIATE:
        for local in CronSim("0 * * * *" if schedule == _HOURLY else schedule, start):
            if local - start > _FARTHEST:
                return
            yield local
