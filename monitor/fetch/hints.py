"""What an answer's headers say about when to come back: Retry-After (RFC 9110) and freshness (RFC 9111); and what
WordPress says in them of itself."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

_DIRECTIVE = re.compile(r"([a-z-]+)(?:\s*=\s*\"?([^\",]*)\"?)?", re.IGNORECASE)
_DIGITS = 12  # of a number of seconds; more are a year anyway
_LONGEST = 365 * 86_400  # a year; a max-age of 16 years has been seen


def freshness(cache_control: str | None, expires: str | None, date: str | None, now: datetime) -> timedelta | None:
    """How long the answer says it is good for; None where it says nothing, or that it is not to be kept.

    max-age goes before Expires, which counts from the server's own Date.
    """
    said = {name.lower(): value for name, value in _DIRECTIVE.findall(cache_control or "")}
    if said.keys() & {"no-cache", "no-store"}:
        return None
    if (age := said.get("max-age", "").strip()).isascii() and age.isdigit():
        return timedelta(seconds=min(int(age[:_DIGITS]), _LONGEST)) or None
    until = http_date(expires)
    if until is None:
        return None
    wait = until - (http_date(date) or now)
    return min(wait, timedelta(seconds=_LONGEST)) if wait > timedelta() else None


def read_retry_after(value: str | None, date: str | None, now: datetime) -> float | None:
    """Read a Retry-After header: seconds, or a date, which counts from the server's own ``Date`` where there is one.

    Returns seconds, a year's at the most: a longer number fits no calendar.
    """
    if not value:
        return None
    if re.fullmatch(r"[0-9]+", value.strip()):
        return float(min(int(value.strip()[:_DIGITS]), _LONGEST))
    until = http_date(value)
    if until is None:
        return None
    return min(max(0.0, (until - (http_date(date) or now)).total_seconds()), float(_LONGEST))


def http_date(value: str | None) -> datetime | None:
    """Read an HTTP date; None for what is none."""
    try:
        found = parsedate_to_datetime(value) if value else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return None if found is None else found.replace(tzinfo=found.tzinfo or UTC)


_API_LINK = re.compile(r"<([^>\s]+)>\s*;[^,]*?\brel\s*=\s*\"?https://api\.w\.org/", re.IGNORECASE)


def read_total(value: str | None) -> int | None:
    """Read how many there are in all, as WordPress's REST interface says it."""
    given = (value or "").strip()
    return int(given[:_DIGITS]) if given.isascii() and given.isdigit() else None


def read_api(links: Iterable[str], base: str) -> str:
    """Read where WordPress says in its ``Link`` headers that its REST interface is, "" where it says nothing."""
    found = next((match[1] for link in links if (match := _API_LINK.search(link))), "")
    try:
        return urljoin(base, found) if found else ""
    except ValueError:
        return ""
