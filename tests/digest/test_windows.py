"""Which windows are due: each scheduled one once, whatever is missed, held, or skipped by clocks."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digest import schedule
from monitor.digest.windows import due, held, next_due, released
from monitor.domain.digest import Subscription
from monitor.domain.labels import Cut, Lines
from monitor.domain.wish import QuietHours

SIX_HOURS, DAY, HOUR = timedelta(hours=6), timedelta(days=1), timedelta(hours=1)
# The nights on which clocks change in 2026, from the time zone database; Lord Howe moves by half an hour.
NIGHTS = [
    ("Europe/Berlin", date(2026, 3, 29)), ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)), ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)), ("Australia/Lord_Howe", date(2026, 10, 4)),
]  # fmt: skip


def subscription(when: str, zone: str = "UTC", **fields: object) -> Subscription:
    lines = {"returns": Lines(Cut.single(0.5))}
    return Subscription("desk", "Desk", lines, when, ZoneInfo(zone), ("files",), **fields)  # type: ignore[arg-type]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def names(made: Subscription, since: str, now: str, merge_after: timedelta = SIX_HOURS) -> list[tuple[str, int]]:
    found = due(made, since=at(since), now=at(now), merge_after=merge_after)
    return [(window.key[:16], window.merged) for window in found]


def look(made: Subscription, begin: datetime, end: datetime, every: timedelta) -> list[str]:
    """Close what is due whenever a planner looks; returns the names."""
    found, since, now = [], begin, begin
    while now <= end:
        for window in due(made, since=since, now=now, merge_after=SIX_HOURS):
            found.append(window.key)
            since = now
        now += every
    return found


@pytest.mark.parametrize(("zone", "night"), NIGHTS)
@pytest.mark.parametrize("when", ["daily 02:00", "daily 02:30", "weekdays 02:15", "30 2 * * *", "15 1,2,3 * * *"])
def test_a_time_of_the_clock_closes_one_window_a_day_on_the_nights_of_a_clock_change(
    when: str, zone: str, night: date
) -> None:
    made = subscription(when, zone)
    begin = datetime.combine(night - DAY, time(), ZoneInfo(zone)).astimezone(UTC)
    found = look(made, begin, begin + 3 * DAY, timedelta(minutes=5))
    assert len(found) == len(set(found))
    for day in (night - DAY, night, night + DAY):
        scheduled = 3 if when.startswith("15") else int(day.weekday() < 5 or not when.startswith("weekdays"))
        told = [key for key in found if key.startswith(str(day))]
        # What a gap swallows goes out at its end, together.
        assert len(told) == scheduled or (when.startswith("15") and day == night and len(told) == scheduled - 1)


@pytest.mark.parametrize(("zone", "night"), NIGHTS)
@pytest.mark.parametrize("when", ["hourly", "0 * * * *"])
def test_every_hour_that_the_clock_shows_closes_a_window_a_doubled_one_twice(when: str, zone: str, night: date) -> None:
    made, place = subscription(when, zone), ZoneInfo(zone)
    begin = datetime.combine(night, time(0, 30), place).astimezone(UTC)
    end = datetime.combine(night, time(12, 30), place).astimezone(UTC)
    found = look(made, begin, end, timedelta(minutes=1))
    shown = {
        moment.isoformat(timespec="minutes")
        for minute in range(int((end - begin) / timedelta(minutes=1)))
        if (moment := (begin + minute * timedelta(minutes=1)).astimezone(place)).minute == 0
    }
    gap = [key for key in found if key not in shown]
    assert len(found) == len(set(found))
    assert shown <= set(found)
    assert len(gap) <= 1  # Lord Howe's 02:00 in spring: it goes out when the clocks have moved
    closed = [
        schedule.closed_at(close) for close in schedule.closes(when, place, end) if schedule.closed_at(close) > begin
    ]
    assert max((a - b for a, b in pairwise(sorted(set(closed), reverse=True)))) <= timedelta(minutes=90)


WHENS = ["daily 07:30", "weekdays 07:30", "weekly mon 07:30", "hourly", "*/20 * * * *", "0 9 * * 1-5", "30 2 * * *"]
whens = st.sampled_from(WHENS)
zones = st.sampled_from(sorted({zone for zone, _ in NIGHTS} | {"UTC", "Asia/Kathmandu"}))
starts = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware here
    st.sampled_from(NIGHTS).map(lambda night: datetime.combine(night[1], time(), UTC) - timedelta(hours=20)),
)
quiets = st.none() | st.builds(
    lambda begin, hours: QuietHours(time(begin, 30), time((begin + hours) % 24, 30)),
    st.integers(0, 23),
    st.integers(1, 23),
)
gaps = st.lists(st.integers(1, 3000), min_size=1, max_size=15)  # minutes between two looks of the planner


@given(whens, zones, starts, quiets, gaps, st.booleans(), st.lists(st.integers(0, 40_000), max_size=20))
def test_no_entry_is_lost_between_windows_and_none_is_judged_twice(
    when: str, zone: str, start: datetime, quiet: QuietHours | None, gaps: list[int], free: bool, seen: list[int]
) -> None:
    """The planner looks at any times; a window takes what was seen by its time, the last one all there is."""
    holidays = frozenset({(start + DAY).date()}) if free else frozenset()
    made = subscription(when, zone, quiet=quiet, holidays=holidays)
    entries = sorted(start + minute * timedelta(minutes=1) for minute in seen)
    judged: dict[datetime, int] = {}
    closed, since, now, windows = 0, start, start, 0
    for gap in [*gaps, 60 * 24 * 40]:
        now += gap * timedelta(minutes=1)
        if held(made, now):
            continue
        found = due(made, since=since, now=now, merge_after=SIX_HOURS)
        for window in found:
            assert since < window.at <= now
            until = now if window is found[-1] else window.at
            taken = [moment for moment in entries if moment not in judged and moment <= until]
            judged |= dict.fromkeys(taken, windows)
            closed, since, windows = closed + 1 + window.merged, until, windows + 1
    late = [moment for moment in entries if moment not in judged]
    assert all(moment > since or not windows for moment in late), "what is not judged came after the last window"
    every = [c for c in schedule.closes(when, ZoneInfo(zone), since) if schedule.closed_at(c) > start]
    assert closed <= len(every), "no window is counted twice"
    if windows:
        left = [c for c in every if released(made, schedule.closed_at(c)) > since or c.date() in holidays]
        assert closed >= len(every) - len(left), "each is closed, or merged into one that is"


@given(whens, zones, starts, quiets)
def test_what_is_next_goes_out_when_it_may(when: str, zone: str, start: datetime, quiet: QuietHours | None) -> None:
    made = subscription(when, zone, quiet=quiet)
    following = next_due(made, start)
    assert following is not None
    assert following > start
    assert not held(made, following)
    assert due(made, since=start - 8 * DAY, now=following, merge_after=SIX_HOURS)[-1].at == following


def test_missed_windows_come_one_by_one_and_old_ones_with_the_next() -> None:
    hourly = subscription("hourly")
    assert names(hourly, "2026-11-22T06:00Z", "2026-11-22T09:10Z") == [
        ("2026-11-22T07:00", 0), ("2026-11-22T08:00", 0), ("2026-11-22T09:00", 0),
    ]  # fmt: skip
    assert names(hourly, "2026-11-20T06:00Z", "2026-11-22T09:10Z", HOUR) == [("2026-11-22T09:00", 50)]
    daily = subscription("daily 07:30")
    assert names(daily, "2026-11-18T07:30Z", "2026-11-22T12:00Z") == [("2026-11-22T07:30", 3)]
    assert names(daily, "2026-11-18T07:30Z", "2026-11-22T12:00Z", 2 * DAY) == [
        ("2026-11-21T07:30", 2), ("2026-11-22T07:30", 0),
    ]  # fmt: skip


def test_what_closes_in_quiet_hours_goes_out_at_their_end_as_one() -> None:
    night = subscription("hourly", quiet=QuietHours(time(22), time(7)))
    assert names(night, "2026-11-21T21:00Z", "2026-11-22T06:59Z") == []
    assert names(night, "2026-11-21T21:00Z", "2026-11-22T07:00Z") == [("2026-11-22T07:00", 9)]
    (window,) = due(night, since=at("2026-11-21T21:00Z"), now=at("2026-11-22T07:01Z"), merge_after=SIX_HOURS)
    assert window.at == at("2026-11-22T07:00Z")
    assert next_due(subscription("daily 02:00", quiet=night.quiet), at("2026-11-22T03:00Z")) == at("2026-11-22T07:00Z")


def test_the_window_of_a_holiday_comes_with_the_next_one() -> None:
    made = subscription("daily 07:30", holidays=frozenset({date(2026, 12, 25), date(2026, 12, 26)}))
    assert names(made, "2026-12-24T07:30Z", "2026-12-26T23:00Z") == []
    assert names(made, "2026-12-24T07:30Z", "2026-12-27T07:30Z") == [("2026-12-27T07:30", 2)]
    assert next_due(made, at("2026-12-25T03:00Z")) == at("2026-12-27T07:30Z")


@pytest.mark.parametrize("when", WHENS)
def test_quiet_hours_that_a_clock_change_doubles_end(when: str) -> None:
    made = subscription(when, "Europe/Berlin", quiet=QuietHours(time(22), time(2, 30)))
    for minute in range(0, 600, 7):
        now = at("2026-10-24T21:00Z") + minute * timedelta(minutes=1)
        end = released(made, now)
        assert now <= end < now + 8 * HOUR
        assert not held(made, end)
