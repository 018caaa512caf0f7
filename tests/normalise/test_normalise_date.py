"""What a feed claims of a date, where it can be true."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.normalise.date import AHEAD, EARLIEST, claimed

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MOMENT = datetime(2026, 2, 25, 21, 7, tzinfo=UTC)
HINT = datetime(2026, 1, 1, tzinfo=UTC)
east = timezone(timedelta(hours=3))


@pytest.mark.parametrize(
    "raw",
    [
        "Wed, 25 Feb 2026 21:07:00 GMT", "Wed, 25 Feb 2026 21:07:00 +0000", "Wed, 25 Feb 2026 21:07:00 -0000",
        "Wed, 25 Feb 2026 22:07:00 CET", "Wed, 25 Feb 2026 23:07:00 CEST", "Wed, 25 Feb 2026 22:07:00 MEZ",
        "Thu, 26 Feb 2026 00:07:00 MSK", "Wed, 25 Feb 2026 16:07:00 EST", "Wed, 25 Feb 2026 13:07:00 PST ",
        "Wed, 25 Feb 26 21:07:00 GMT", "25 Feb 2026 21:07 +0000", "Wednesday, 25 February 2026 22:07:00 +0100",
        "2026-02-25T21:07:00Z", "2026-02-25T22:07:00+01:00", "2026-02-25T22:07:00+0100", "2026-02-25 21:07:00",
        " 2026-02-25T21:07Z ", "20260225T210700Z", "2026-02-25 23:07:00 CEST", "Wed, 25 Feb 2026 21:07:00 XYZ",
    ],
)  # fmt: skip
def test_dates_are_read_in_utc_whatever_their_zone(raw: str) -> None:
    assert claimed(raw, HINT, now=NOW) == MOMENT


@pytest.mark.parametrize(
    "raw", ["gestern", "1772053620", "31 Feb 2026 10:00:00 GMT", "2026-02-25T25:07:00Z", "Feb 25, 2026"]
)
def test_of_what_is_not_read_here_the_parsers_reading_counts(raw: str) -> None:
    assert claimed(raw, HINT, now=NOW) == HINT
    assert claimed(raw, None, now=NOW) is None


@pytest.mark.parametrize(
    "raw",
    [
        "Mon, 01 Jan 0001 00:00:00 +0000", "0001-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", "1772-01-01",
        "Sat, 31 Dec 1994 23:59:59 GMT", "Wed, 04 Mar 2026 09:30:01 GMT", "Fri, 31 Dec 9999 23:59:59 -0500",
        "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00",
    ],
)  # fmt: skip
def test_dates_that_cannot_be_true_are_none(raw: str) -> None:
    assert claimed(raw, None, now=NOW) is None
    assert claimed(raw, datetime(2001, 1, 1, tzinfo=UTC) if "0001" in raw else None, now=NOW) is None


def test_the_window_has_its_ends_inside() -> None:
    assert claimed(None, EARLIEST, now=NOW) == EARLIEST
    assert claimed(None, NOW + AHEAD, now=NOW) == NOW + AHEAD
    assert claimed(None, EARLIEST - timedelta(seconds=1), now=NOW) is None
    assert claimed(None, NOW + AHEAD + timedelta(seconds=1), now=NOW) is None
    assert claimed(None, None, now=NOW) is None


digits = st.text(alphabet="0123456789-:+TZ .,/JanFebWedGMTCEST", max_size=40)


@given(st.text(max_size=40) | digits, st.none() | st.datetimes(timezones=st.just(UTC)))
def test_any_text_is_read_into_the_window_or_not_at_all(raw: str, hint: datetime | None) -> None:
    found = claimed(raw, hint, now=NOW)
    if found is not None:
        assert EARLIEST <= found <= NOW + AHEAD
        assert found.utcoffset() == timedelta()


@given(st.datetimes(EARLIEST.replace(tzinfo=None), NOW.replace(tzinfo=None), timezones=st.sampled_from([UTC, east])))
def test_what_the_formats_write_is_read_back(moment: datetime) -> None:
    from email.utils import format_datetime

    if moment.astimezone(UTC) < EARLIEST:
        return
    whole = moment.replace(microsecond=0)
    assert claimed(format_datetime(whole), None, now=NOW) == whole
    assert claimed(moment.isoformat(), None, now=NOW) == moment
