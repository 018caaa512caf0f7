"""Dates: what a feed claims, as aware UTC, or None where it cannot be true."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""No feed entry is older than the web's news: Hugo's zero date and years such as 1772 are mistakes."""
AHEAD = timedelta(hours=48)
"""How far in the future a date may lie: embargoes and wrong zones, not calendars."""

# Zone names that RFC 822 does not know and that parsers take for UTC (feedparser 6.0.14: CEST two hours wrong).
_ZONES = {
    "CET": "+0100", "CEST": "+0200", "MET": "+0100", "MEZ": "+0100", "MESZ": "+0200", "WET": "+0000", "WEST": "+0100",
    "BST": "+0100", "EET": "+0200", "EEST": "+0300", "MSK": "+0300", "TRT": "+0300", "IST": "+0530", "SGT": "+0800",
    "AEST": "+1000", "AEDT": "+1100", "JST": "+0900", "HKT": "+0800", "PKT": "+0500", "WIB": "+0700",
}  # fmt: skip
_ZONE_AT_END = re.compile(r"\b([A-Z]{3,5})\s*$")
_YEAR_ONE = re.compile(r"\b0001\b")  # Hugo's zero date, which the email package takes for 2001


def claimed(raw: str | None, hint: datetime | None, *, now: datetime) -> datetime | None:
    """Read a feed's date.

    ``raw`` is the feed's own string, ``hint`` what the parser made of it (aware), used where the string is of a form
    that is not read here. A time without zone counts as UTC. Returns None outside `EARLIEST` … ``now`` + `AHEAD`.
    """
    if raw and _YEAR_ONE.search(raw):
        return None
    found = (_rfc822(raw) or _iso(raw) or hint) if raw else hint
    return found if found is not None and EARLIEST <= found <= now + AHEAD else None


def _rfc822(raw: str) -> datetime | None:
    try:
        return _utc(parsedate_to_datetime(_numeric_zone(raw, " ")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _iso(raw: str) -> datetime | None:
    try:
        return _utc(datetime.fromisoformat(_numeric_zone(raw.strip(), "")))
    except (ValueError, OverflowError):
        return None


def _numeric_zone(raw: str, before: str) -> str:
    """Write a zone's name at the end as an offset, which the parsers know."""
    named = _ZONE_AT_END.search(raw)
    if named is None or named[1] not in _ZONES:
        return raw
    return raw[: named.start()].rstrip() + before + _ZONES[named[1]]


def _utc(found: datetime) -> datetime:
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
