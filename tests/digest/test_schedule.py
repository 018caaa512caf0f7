"""Windows: one for each scheduled local time, on the nights of a clock change too."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digest.schedule import check, close_on, closed_at, instant, key_of, last_close, next_close

BERLIN = ZoneInfo("Europe/Berlin")
# The nights on which clocks change, from the time zone database; Lord Howe moves by half an hour.
NIGHTS = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Africa/Cairo", date(2026, 4, 24)),  # midnight itself does not exist
    ("Africa/Cairo", date(2026, 10, 29)),
]
SCHEDULES = ["daily 02:30", "daily 00:00", "30 2 * * *", "0 0 * * *", "daily 01:45", "45 1 * * *"]

schedules = st.one_of(
    st.times().map(lambda at: f"daily {at:%H:%M}"),
    st.sampled_from(["30 2 * * *", "*/20 * * * *", "0 9 * * 1-5", "15 0 1 * *", "0 */6 * * *"]),
)
zones = st.sampled_from(sorted({name for name, _ in NIGHTS} | {"UTC", "Asia/Kathmandu", "Pacific/Apia"})).map(ZoneInfo)
around_nights = st.builds(
    lambda night, minutes: datetime.combine(night[1], datetime.min.time(), UTC) + timedelta(minutes=minutes),
    st.sampled_from(NIGHTS),
    st.integers(min_value=-3000, max_value=3000),
)
moments = st.one_of(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware here
    around_nights,
)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(("zone", "night"), NIGHTS)
def test_every_local_date_has_one_window_on_the_nights_of_a_clock_change(schedule, zone, night):
    zone = ZoneInfo(zone)
    first = night - timedelta(days=2)
    now = datetime.combine(first, datetime.min.time(), zone).astimezone(UTC) - timedelta(seconds=1)
    found = []
    while len(found) < 5:
        now = next_close(schedule, zone, now)
        found.append(now.astimezone(zone).date())
    assert found == [first + timedelta(days=days) for days in range(5)]


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(("zone", "night"), NIGHTS)
def test_a_planner_that_looks_every_five_minutes_sees_each_window_once(schedule, zone, night):
    zone = ZoneInfo(zone)
    start = datetime.combine(night - timedelta(days=1), datetime.min.time(), zone).astimezone(UTC)
    seen = [last_close(schedule, zone, start + timedelta(minutes=5 * step)) for step in range(3 * 24 * 12)]
    keys = [key_of(close) for close in seen]
    runs = [key for at, key in enumerate(keys) if at == 0 or keys[at - 1] != key]
    assert len(runs) == len(set(runs))
    dates = Counter(close.date() for close in dict.fromkeys(seen))
    for days in (-1, 0, 1):
        assert dates[night + timedelta(days=days)] == 1


@given(schedules, zones, moments)
def test_now_lies_between_the_last_close_and_the_next(schedule, zone, now):
    last, following = last_close(schedule, zone, now), next_close(schedule, zone, now)
    assert closed_at(last) <= now < following


@given(schedules, zones, moments)
def test_no_window_lies_between_two_that_follow_each_other(schedule, zone, now):
    following = next_close(schedule, zone, now)
    assert closed_at(last_close(schedule, zone, following)) == following
    before = last_close(schedule, zone, following - timedelta(microseconds=1))
    assert closed_at(before) == closed_at(last_close(schedule, zone, now))


@given(zones, moments, moments)
def test_a_later_local_time_never_closes_earlier(zone, one, other):
    early, late = sorted(moment.replace(tzinfo=None, second=0, microsecond=0) for moment in (one, other))
    assert instant(early, zone) <= instant(late, zone)


def test_a_time_in_the_gap_closes_when_the_clocks_have_moved():
    assert instant(datetime(2026, 3, 29, 2, 30), BERLIN) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # noqa: DTZ001


def test_a_window_named_by_a_time_in_the_gap_has_closed_when_it_is_found():
    moved = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    close = last_close("daily 02:30", BERLIN, moved)
    assert key_of(close) == "2026-03-29T02:30+01:00"
    assert closed_at(close) == moved


def test_the_instant_of_a_close_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no IANA time zone"):
        closed_at(datetime(2026, 3, 29, 2, 30, tzinfo=UTC))


def test_a_time_that_comes_twice_closes_the_first_time():
    assert instant(datetime(2026, 10, 25, 2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # noqa: DTZ001


def test_a_close_is_counted_from_the_minute_it_is_due():
    due = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    assert key_of(last_close("daily 07:30", BERLIN, due)) == "2026-11-22T07:30+01:00"
    assert key_of(last_close("daily 07:30", BERLIN, due - timedelta(seconds=1))) == "2026-11-21T07:30+01:00"
    assert next_close("daily 07:30", BERLIN, due) == due + timedelta(days=1)


def test_monday_is_one():
    close = next_close("30 7 * * 1", BERLIN, datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert close == datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    assert close.strftime("%A") == "Monday"


def test_a_schedule_for_weekdays_closes_nothing_at_the_weekend():
    sunday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert key_of(last_close("0 7 * * 1-5", BERLIN, sunday)) == "2026-11-20T07:00+01:00"
    assert close_on("0 7 * * 1-5", BERLIN, date(2026, 11, 22)) is None
    assert key_of(close_on("0 7 * * 1-5", BERLIN, date(2026, 11, 23))) == "2026-11-23T07:00+01:00"


def test_a_day_with_several_windows_is_named_by_its_last():
    assert key_of(close_on("0 7,19 * * *", BERLIN, date(2026, 7, 1))) == "2026-07-01T19:00+02:00"


def test_a_schedule_that_comes_in_leap_years_only_has_no_window_near():
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert last_close("0 0 29 2 *", BERLIN, now) is None
    assert next_close("0 0 29 2 *", BERLIN, now) is None


@pytest.mark.parametrize("schedule", ["daily 07:30", "daily 0:00", "daily 23:59", "30 7 * * 1-5", "*/15 * * * *", "0 9 * * MON"])  # fmt: skip  # noqa: E501
def test_a_good_schedule_is_accepted_as_it_is(schedule):
    assert check(schedule) == schedule


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "daily",
        "daily 24:00",
        "daily 7.30",
        "weekly",
        "61 * * * *",
        "* * * *",
        "0 0 7 * * 1",
        "0 9 * * 8",
        "0 0 30 2 *",
    ],
)
def test_a_bad_schedule_is_refused_with_what_would_be_right(schedule):
    with pytest.raises(ValueError, match=r"(is not a schedule: .*daily 07:30.*Monday is 1|five fields)") as refused:
        check(schedule)
    assert f'"{schedule}"' in str(refused.value)
