"""Dates: what a feed claims, as aware UTC, or None where it cannot be true."""

import re
from datetime import UTC, datetime, timedelta

from monitor.normalise.date_text import Claim, Confidence, Reason, read_text

__all__ = ["AHEAD", "EARLIEST", "Claim", "Confidence", "Reason", "claimed", "read"]

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""No feed entry is older than the web's news: Hugo's zero date and years such as 1772 are mistakes."""
AHEAD = timedelta(hours=48)
"""How far in the future a date may lie: embargoes and wrong zones, not calendars."""
_NAMED_MONTH = re.compile(r"[^\W\d_]{3}|[^\W\d_a-zA-Z]")


def claimed(raw: str | None, hint: datetime | None, *, now: datetime) -> datetime | None:
    """Read a feed's date: the moment of `read` alone."""
    return read(raw, hint, now=now).moment


def read(raw: str | None, hint: datetime | None, *, now: datetime) -> Claim:
    """Read a feed's date, and say how sure it is.

    ``raw`` is the feed's own string, ``hint`` what the parser made of it (aware), which counts only where there is no
    string or one of a form that is not read here. A time without zone counts as UTC. What lies outside `EARLIEST` …
    ``now`` + `AHEAD` is None, for `Reason.IMPLAUSIBLE`.

    Where day and month could change places the hint does not count: it could only be a guess. A guess that is months
    too old keeps an entry from ever being announced, and no date does not.
    """
    claim = read_text(raw or "")
    if hint is not None and (
        claim.reason is Reason.MISSING or (claim.reason is Reason.UNREADABLE and _may_know(raw or "", hint))
    ):
        claim = Claim(hint, Confidence.ZONELESS)
    if claim.moment is None:
        return claim
    if not EARLIEST <= claim.moment <= now + AHEAD:
        return Claim(None, Confidence.NONE, Reason.IMPLAUSIBLE)
    return Claim(claim.moment.astimezone(UTC), claim.confidence)


def _may_know(raw: str, hint: datetime) -> bool:
    """Say whether the parser can have read the string, for example in Greek, Hungarian or Korean.

    Without a month's name and the year in full it guesses: feedparser 6.0.14 makes November of 2026-W09-3, May of
    2026-056, the first of the month of 2026-02, and 1772 of a number of seconds.
    """
    return bool(_NAMED_MONTH.search(raw)) and any(str(year) in raw for year in range(hint.year - 1, hint.year + 2))
