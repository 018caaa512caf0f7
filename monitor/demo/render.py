"""Fill the dates of a sample feed in, relative to now, in the date format of the feed."""

import re
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")
_DATE = re.compile(r"date ([+-]\d+)([mhd])(?: ([+-])(\d\d)(\d\d))?")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def render(template: str, now: datetime) -> str:
    """Replace each ``{{date -3h}}`` by the time that lies so far from ``now``.

    Units are m, h and d; a zone may follow, as in ``{{date -2d +0300}}``, else the time is given in UTC. RSS 2.0 gets
    RFC 822 dates, every other format RFC 3339. ``now`` is aware. Raises ValueError for any other placeholder.
    """
    write = _rfc822 if "<rss" in template else _rfc3339
    return _PLACEHOLDER.sub(lambda found: write(_moment(found[1], now)), template)


def _moment(text: str, now: datetime) -> datetime:
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(
            f"placeholder {{{{{text}}}}} of a sample feed: write it like {{{{date -3h}}}} or {{{{date -2d +0300}}}}"
        )
    amount, unit, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    zone = timezone(-offset if sign == "-" else offset)
    return (now + timedelta(**{_UNITS[unit]: int(amount)})).astimezone(zone)


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment)


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
