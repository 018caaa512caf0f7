"""Wording that all forms of a digest share: cleaned texts, times, counts and scores."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.normalise.text import clean

NAME = 80
"""Characters shown of a name: of a source, a feed, a label."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Unicode's Bidi_Control property: `clean` takes the strong ones, these marks have no place in a text that is isolated.
_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def shown(text: str, limit: int) -> str:
    """Make a text from outside fit to be shown: one line, no control of any kind, at most ``limit`` characters."""
    return cut(clean(_BIDI.sub("", text)), limit)


def cut(text: str, limit: int) -> str:
    """Shorten ``text`` to ``limit`` characters, an ellipsis included, on a word where there is one in the last half."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at = len(head) if text[limit - 1] == " " else head.rfind(" ")
    if at > limit // 2:
        head = head[:at]
    return head.rstrip(" ,;:.–—-") + "…"


def day(moment: datetime, zone: ZoneInfo) -> str:
    """``22 Nov 2026``; month names are ours because strftime's follow the process's locale."""
    local = moment.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1][:3]} {local.year:04d}"


def minute(moment: datetime, zone: ZoneInfo) -> str:
    """``22 Nov 2026, 07:30``."""
    local = moment.astimezone(zone)
    return f"{day(moment, zone)}, {local.hour:02d}:{local.minute:02d}"


def long_day(moment: datetime, zone: ZoneInfo) -> str:
    """``Sunday 22 November 2026``."""
    local = moment.astimezone(zone)
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year:04d}"


def duration(span: timedelta) -> str:
    """``2 days 4 h``, ``3 h 10 min``, ``45 min``: the two largest units, rounded down to the minute."""
    minutes = max(0, int(span.total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [count(days, "day") if days else "", f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join([part for part in parts if part][:2]) or "less than a minute"


def count(number: int, one: str, many: str = "") -> str:
    """``1 story``, ``1,204 stories``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def line(threshold: float) -> str:
    """Write a threshold with two decimals, or as many as the user wrote."""
    return f"{threshold:.2f}" if round(threshold, 2) == threshold else f"{threshold:.6g}"


def score(probability: float, places: int) -> str:
    """Write a score with as many decimals as its line; cut, not rounded, so that only 1 is shown as 1.00."""
    scale = 10.0**places
    return f"{int(probability * scale + 1e-9) / scale:.{places}f}"
