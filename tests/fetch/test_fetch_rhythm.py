"""When silence, spikes and failures are worth a notice."""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.notice import (
    Allowance,
    Asked,
    Attempts,
    Basis,
    Brought,
    Look,
    Notice,
    NoticeKind,
    Standing,
)
from monitor.fetch import rhythm
from monitor.fetch.rhythm import OF_EXPECTED, OF_KNOWN, WEEKEND, WELL_KNOWN, allowance

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)
NINE = timedelta(days=9)


def times(pauses: Sequence[timedelta], start: datetime = NOW) -> list[datetime]:
    """The arrivals that lie so far apart."""
    found = [start]
    for pause in pauses:
        found.append(found[-1] + pause)
    return found


def allowed(arrivals: Sequence[datetime], expected: timedelta | None = None) -> Allowance:
    return allowance(arrivals, expected=expected, look_back=NINE)


def standing(**fields: object) -> Standing:
    made = Standing("courier", NOW - 400 * DAY, polled_at=NOW, last_new_at=NOW - HOUR)
    return replace(made, **fields)  # type: ignore[arg-type]


steady = st.builds(
    lambda step, shares: [step * (1 + share) for share in shares],
    st.timedeltas(min_value=timedelta(minutes=30), max_value=timedelta(days=45)),
    st.lists(st.floats(0, 0.9), min_size=2, max_size=150),
)
"""Pauses of which none is twice as long as another."""
any_pauses = st.lists(st.timedeltas(min_value=MINUTE, max_value=timedelta(days=60)), min_size=4, max_size=120)


@given(steady)
def test_a_steady_feed_never_falls_silent(pauses: list[timedelta]) -> None:
    arrivals = times(pauses)
    for known in range(1, len(arrivals)):
        last, next_ = arrivals[known - 1], arrivals[known]
        just_before = standing(polled_at=next_, last_new_at=last)
        # What config expects covers the time until its own rhythm is known.
        found = allowed(arrivals[:known], expected=max(pauses))
        assert rhythm.silent(just_before, found) is None


@given(st.integers(0, 6), st.integers(5, 23), st.integers(1, 12))
def test_a_feed_that_rests_at_weekends_never_falls_silent(weekday: int, hour: int, a_day: int) -> None:
    start = NOW.replace(hour=0, minute=0) + weekday * DAY
    days = [start + day * DAY for day in range(100)]
    arrivals = [
        day + timedelta(hours=hour * n / a_day) for day in days if day.weekday() < 5 for n in range(1, a_day + 1)
    ]
    for known in range(1, len(arrivals)):
        found = allowed(arrivals[:known])
        assert arrivals[known] - arrivals[known - 1] < found.longest


@given(any_pauses)
def test_a_feed_that_stopped_is_told_within_four_of_its_longest_pauses_and_a_weekend(pauses: list[timedelta]) -> None:
    arrivals = times(pauses)
    bound = max(OF_EXPECTED * max(pauses), OF_EXPECTED * NINE) + WEEKEND
    if arrivals[-1] - arrivals[0] >= rhythm.ARRIVALS_SPAN:
        bound = OF_EXPECTED * max(pauses) + WEEKEND
    stopped = standing(last_new_at=arrivals[-1], polled_at=arrivals[-1] + bound + MINUTE)
    found = rhythm.silent(stopped, allowed(arrivals))
    assert found is not None
    assert (found.since, found.until) == (arrivals[-1], stopped.polled_at)


@given(
    st.lists(st.timedeltas(min_value=18 * HOUR, max_value=timedelta(days=4)), min_size=WELL_KNOWN, max_size=100),
    st.data(),
)
def test_one_long_stop_is_no_rhythm_of_a_feed_that_is_well_known(pauses: list[timedelta], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(pauses)))
    stop = data.draw(st.timedeltas(min_value=timedelta(days=4), max_value=timedelta(days=300)))
    found = allowed(times([*pauses[:at], stop, *pauses[at:]]))
    assert found.basis is Basis.OWN
    assert found.longest <= OF_KNOWN * max(pauses) + WEEKEND


@given(any_pauses, st.timedeltas(min_value=HOUR, max_value=timedelta(days=90)))
def test_no_silence_is_shorter_than_a_weekend(pauses: list[timedelta], expected: timedelta) -> None:
    assert allowed(times(pauses)).longest > WEEKEND
    assert allowed([], expected).longest > WEEKEND


@pytest.mark.parametrize(
    ("arrivals", "expected", "basis", "longest"),
    [
        ([], None, Basis.TIER, 4 * NINE),
        ([], 10 * DAY, Basis.CONFIG, 40 * DAY),
        ([], DAY, Basis.CONFIG, 6 * DAY),  # and a weekend
        (times([30 * DAY, 2 * DAY]), None, Basis.TIER, 120 * DAY),
        (times([4 * DAY] * 3), 10 * DAY, Basis.CONFIG, 40 * DAY),  # four arrivals are too few
        (times([3 * DAY] * 4), 10 * DAY, Basis.CONFIG, 40 * DAY),  # five within twelve days have seen one weekend
        (times([4 * DAY] * 4), 10 * DAY, Basis.OWN, 16 * DAY),
        (times([WEEK] * 19), None, Basis.OWN, 4 * WEEK),
        (times([WEEK] * 20), None, Basis.OWN, 2 * WEEK),
        (times([DAY] * 40), None, Basis.OWN, 4 * DAY),
        (times([DAY] * 30 + [20 * DAY]), None, Basis.OWN, 4 * DAY),
        (times([DAY] * 30 + [20 * DAY] * 2), None, Basis.OWN, 40 * DAY),
    ],
)
def test_how_long_a_feed_may_be_silent(
    arrivals: list[datetime], expected: timedelta | None, basis: Basis, longest: timedelta
) -> None:
    found = allowed(arrivals, expected)
    assert (found.basis, found.longest) == (basis, longest)


@pytest.mark.parametrize(("known", "chance"), [(4, 0.0143), (WELL_KNOWN, 0.0130), (60, 0.0016)])
def test_feeds_that_publish_at_random_are_told_as_seldom_as_the_rule_says(known: int, chance: float) -> None:
    source, tries = random.Random(7), 10_000
    told = 0
    for _ in range(tries):
        *pauses, next_ = (source.expovariate(1 / 20) * DAY for _ in range(known + 1))
        found = allowed(times(pauses))
        told += found.basis is Basis.OWN and next_ > found.longest
    assert told / tries == pytest.approx(chance, abs=4 * math.sqrt(chance / tries))


def test_a_feed_that_fails_is_not_silent() -> None:
    quiet = standing(last_new_at=NOW - 100 * DAY)
    assert rhythm.silent(quiet, allowed([])) is not None
    assert rhythm.silent(replace(quiet, failing_since=NOW - HOUR, kind="dns"), allowed([])) is None
    assert rhythm.silent(replace(quiet, gone=True), allowed([])) is None


def test_while_nobody_polls_no_feed_falls_silent() -> None:
    stopped = standing(last_new_at=NOW - 100 * DAY, polled_at=NOW - 99 * DAY)
    assert rhythm.silent(stopped, allowed([])) is None
    assert rhythm.silent(replace(stopped, polled_at=None), allowed([])) is None


def test_a_feed_that_never_brought_anything_is_silent_since_it_was_added() -> None:
    found = rhythm.silent(standing(added_at=NOW - 40 * DAY, last_new_at=None), allowed([]))
    assert found is not None
    assert (found.since, found.last_new) == (NOW - 40 * DAY, None)


# --- spikes


def hourly(per_day: Sequence[int], today: int) -> list[Look]:
    """Good polls of every hour up to NOW; ``per_day`` from the oldest day on, each spread over its day."""
    found = [Look(NOW - (len(per_day) + 1) * DAY, 500)]  # a first poll
    for back, new in zip(range(len(per_day), -1, -1), [*per_day, today], strict=True):
        found += [Look(NOW - back * DAY - (23 - n) * HOUR, new // 24 + (n < new % 24)) for n in range(24)]
    return found


def spike(per_day: Sequence[int], today: int, quarantined: int = 0) -> object:
    return rhythm.spike("courier", Brought(today, quarantined), hourly(per_day, today), now=NOW)


@given(st.lists(st.integers(0, 60), min_size=7, max_size=28), st.integers(0, 400))
def test_a_spike_is_over_each_of_the_three_lines(per_day: list[int], today: int) -> None:
    mean = sum(per_day) / len(per_day)
    sigma = math.sqrt(sum((new - mean) ** 2 for new in per_day) / len(per_day))
    expected = today >= 20 and today > 3 * mean + 1e-9 and today > mean + 2 * sigma + 1e-9
    assert (spike(per_day, today) is not None) == expected


@given(st.integers(0, 80), st.lists(st.floats(0.4, 1), min_size=28, max_size=28), st.floats(0.4, 1))
def test_a_feed_that_brings_its_usual_never_spikes(most: int, shares: list[float], today: float) -> None:
    assert spike([round(most * share) for share in shares], round(most * today)) is None


def test_too_little_is_known_of_a_feed_in_its_first_week() -> None:
    assert spike([3] * 6, 200) is None
    assert spike([3] * 7, 200) is not None


def test_what_a_first_poll_brings_is_no_spike() -> None:
    assert rhythm.spike("courier", Brought(500, 0), [Look(NOW, 500)], now=NOW) is None


def test_what_piled_up_while_nobody_polled_is_no_spike() -> None:
    usual = hourly([20] * 28, 0)
    before = [look for look in usual if look.at < NOW - 10 * DAY]
    assert rhythm.spike("courier", Brought(200, 0), [*before, Look(NOW, 200)], now=NOW) is None
    assert rhythm.spike("courier", Brought(900, 0), [*before, Look(NOW, 900)], now=NOW) is not None


def test_a_rotation_is_told_whatever_its_size() -> None:
    found = spike([3] * 28, 9, quarantined=9)
    assert found is not None
    assert spike([], 0, quarantined=1) is not None


# --- failures

OUTAGE = Notice(NoticeKind.ALL_FAILING, "", "", opened_at=NOW - 30 * HOUR, closed_at=NOW - 20 * HOUR)


def failing(since: timedelta, last: timedelta, outage: Notice | None = None) -> bool:
    down = standing(failing_since=NOW - since, kind="http-503", detail="down", polled_at=NOW - since - HOUR)
    return rhythm.failing(down, Attempts(9, NOW - last), outage) is not None


def test_failures_are_told_when_they_have_lasted_a_day_and_were_seen_to() -> None:
    assert not failing(23 * HOUR, timedelta())
    assert failing(24 * HOUR, timedelta())
    assert not failing(90 * HOUR, 67 * HOUR)  # asked for 23 hours, and then by nobody
    assert rhythm.failing(standing(), Attempts(9, NOW)) is None


def test_an_outage_of_ours_tells_nothing_of_a_feed() -> None:
    still = replace(OUTAGE, closed_at=None)
    again = replace(OUTAGE, closed_at=NOW - 40 * HOUR)
    for open_ in (still, again):
        assert open_.open
        assert not failing(90 * HOUR, timedelta(), open_)
    assert not failing(29 * HOUR, timedelta(), OUTAGE)  # it began in the outage: 20 hours count
    assert not failing(30.9 * HOUR, timedelta(), OUTAGE)  # or within the hour that it took to see it
    assert failing(31.1 * HOUR, timedelta(), OUTAGE)
    assert not failing(90 * HOUR, 21 * HOUR, OUTAGE)  # not asked since
    assert failing(25 * HOUR, timedelta(), replace(OUTAGE, opened_at=NOW - 90 * HOUR, closed_at=NOW - 80 * HOUR))


def cycle(good: int = 0, fresh: int = 3, old: int = 0, minutes: float = 30) -> bool:
    """Whether a cycle that began so long ago, with so many feeds of each kind, counts as all failing."""
    last_good = NOW - 2 * HOUR
    first = NOW - minutes * MINUTE
    feeds = {f"good-{n}": standing(polled_at=first) for n in range(good)}
    feeds |= {f"fresh-{n}": standing(polled_at=last_good, failing_since=first, kind="dns") for n in range(fresh)}
    feeds |= {f"old-{n}": standing(polled_at=None, failing_since=NOW - 90 * DAY, kind="tls") for n in range(old)}
    asked = [Asked(name, first, name.startswith("good")) for name in feeds]
    idle = {"idle": standing(polled_at=last_good)}
    return rhythm.all_failing(asked, feeds | idle, now=NOW) is not None


@given(st.integers(0, 2), st.integers(0, 6), st.integers(0, 6), st.sampled_from([5, 9.9, 10, 60]))
def test_every_poll_fails_when_three_feeds_that_answered_do_not_and_none_does(
    good: int, fresh: int, old: int, minutes: float
) -> None:
    assert cycle(good, fresh, old, minutes) == (good == 0 and fresh >= 3 and minutes >= 10)


def test_feeds_that_always_fail_prove_nothing() -> None:
    assert not cycle(fresh=0, old=9)


def test_before_any_poll_went_well_every_failure_counts() -> None:
    feeds = {name: standing(polled_at=None, failing_since=NOW - HOUR, kind="dns") for name in "abc"}
    found = rhythm.all_failing([Asked(name, NOW - HOUR, good=False) for name in "abc"], feeds, now=NOW)
    assert found is not None
    assert (found.since, found.feeds, found.kinds, found.last_good) == (NOW - HOUR, tuple("abc"), (("dns", 3),), None)


# --- what is over


def is_over(kind: NoticeKind, known: Standing | None, last_good: datetime | None = None) -> datetime | None:
    notice = Notice(kind, "" if kind is NoticeKind.ALL_FAILING else "courier", "", opened_at=NOW - 5 * DAY)
    return rhythm.over(notice, known, last_good=last_good, now=NOW)


def test_a_silence_is_over_when_something_came_and_not_when_the_feed_begins_to_fail() -> None:
    before = standing(last_new_at=NOW - 20 * DAY)
    assert is_over(NoticeKind.SILENT, before) is None
    assert is_over(NoticeKind.SILENT, replace(before, failing_since=NOW, kind="dns")) is None
    assert is_over(NoticeKind.SILENT, standing()) == NOW - HOUR


@pytest.mark.parametrize("kind", [NoticeKind.FAILING, NoticeKind.GONE])
def test_a_failure_is_over_when_a_poll_went_well(kind: NoticeKind) -> None:
    assert is_over(kind, standing()) == NOW
    assert is_over(kind, standing(failing_since=NOW - HOUR)) is None
    assert is_over(kind, standing(gone=True)) is None
    assert is_over(kind, None) is None


def test_an_outage_is_over_when_any_poll_went_well_after_the_notice() -> None:
    assert is_over(NoticeKind.ALL_FAILING, None, NOW - HOUR) == NOW - HOUR
    assert is_over(NoticeKind.ALL_FAILING, None, NOW - 6 * DAY) is None
    assert is_over(NoticeKind.ALL_FAILING, None, None) is None
