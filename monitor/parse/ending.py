"""Whether a document came to its end, and what it asks about when to come back; both are read from the bytes."""

import re
from datetime import timedelta

from monitor.domain.entry import DocumentHints

_TAIL, _HEAD = 4096, 65_536  # bytes looked at
_CLOSED = re.compile(
    rb"</(?:\w+:)?(?:rss|rdf|feed|channel)\s*>(?:\s|<!--.*?-->|<\?.*?\?>|\x00)*\Z", re.IGNORECASE | re.DOTALL
)
_OPENS = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_CLOSES = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(rb"<sy:updatePeriod>\s*(\w+)\s*</sy:updatePeriod>", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<sy:updateFrequency>\s*([\d.]{1,8})\s*</sy:updateFrequency>", re.IGNORECASE)
_SKIP_HOURS = re.compile(rb"<skipHours>(.*?)</skipHours>", re.IGNORECASE | re.DOTALL)
_SKIP_DAYS = re.compile(rb"<skipDays>(.*?)</skipDays>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(rb"<day>\s*([a-z]+)\s*</day>", re.IGNORECASE)
_PERIODS = {"hourly": 1, "daily": 24, "dayly": 24, "weekly": 168, "monthly": 720, "yearly": 8760}  # hours
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def is_complete(body: bytes) -> bool:
    """Say whether an XML feed came to its end: its root is closed.

    A document that is ended by closing the connection may break off anywhere, and HTTP does not tell.
    """
    return _CLOSED.search(body[-_TAIL:]) is not None


def has_open_entry(body: bytes) -> bool:
    """Say whether the last entry of a document that breaks off was begun and not ended."""
    return len(_OPENS.findall(body)) > len(_CLOSES.findall(body))


def hints(body: bytes) -> DocumentHints:
    """Read RSS ttl (minutes), sy:updatePeriod over sy:updateFrequency, skipHours and skipDays (GMT, as RSS has them).

    feedparser 6 keeps the last of several hours only, and no days.
    """
    head = body[:_HEAD]
    ttl = _TTL.search(head)
    return DocumentHints(
        ttl=timedelta(minutes=int(ttl[1])) if ttl and int(ttl[1]) else None,
        every=_every(head),
        skip_hours=frozenset(int(hour) % 24 for block in _SKIP_HOURS.findall(head) for hour in _HOUR.findall(block)),
        skip_days=frozenset(
            _DAYS.index(name)
            for block in _SKIP_DAYS.findall(head)
            for day in _DAY.findall(block)
            if (name := day.decode("ascii", "replace").lower()) in _DAYS
        ),
    )


def _every(head: bytes) -> timedelta | None:
    period = _PERIOD.search(head)
    hours = _PERIODS.get(period[1].decode("ascii", "replace").lower()) if period else None
    if hours is None:
        return None
    frequency = _FREQUENCY.search(head)
    try:
        times = float(frequency[1]) if frequency else 1.0
    except ValueError:
        times = 1.0
    return timedelta(hours=hours / times) if 0.01 <= times <= 1000 else None
