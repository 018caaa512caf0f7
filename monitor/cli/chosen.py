"""Which stored entries are meant by --since, --until and --source."""

import re
from datetime import UTC, datetime, timedelta

from monitor.cli.common import read_since
from monitor.errors import UsageError
from monitor.jobs.sources import named
from monitor.settings.model import Settings

_A_DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}|\d{4}-?W\d{2}(-?\d)?")


def read_range(since: str | None, until: str | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The first and the last moment that are meant, None where nothing is said; raises UsageError.

    A day as ``--until`` is meant with its whole length, and no moment later than now.
    """
    begin, end = read_since(since, now), _end(until, now)
    if begin is not None and begin > now:
        raise UsageError(f"--since {since}: that is still to come")
    if begin is not None and end is not None and begin > end:
        raise UsageError(f"--since {since} --until {until}: the range is reversed")
    return begin, end


def _end(until: str | None, now: datetime) -> datetime | None:
    moment = read_since(until, now, "--until")
    if until is None or moment is None:
        return None
    if moment > now:
        raise UsageError(f"--until {until}: that is still to come")
    if _A_DAY.fullmatch(until.strip()):
        moment += timedelta(days=1) - timedelta(microseconds=1)
    return min(moment.astimezone(UTC), now)


def feeds_of(settings: Settings, names: list[str] | None) -> frozenset[str] | None:
    """The feeds of the sources that are named; None for all there are. Raises UsageError."""
    if not names:
        return None
    chosen = [named(settings, name) for name in names]
    return frozenset(
        feed.name
        for feed in settings.feeds.values()
        for key, inner in chosen
        if feed.source.key == key and inner in {"", feed.name}
    )
