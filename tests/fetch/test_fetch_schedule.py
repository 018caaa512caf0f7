"""When a feed is due again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.entry import DocumentHints
from monitor.domain.feed import FeedMemory, FeedState, Outcome
from monitor.errors import Severity
from monitor.fetch.options import PollOptions
from monitor.fetch.schedule import MAX_JITTER, Came, Next, next_poll

NOW = datetime(2026, 3, 2, 9, 31, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OFF_ROUND = timedelta(minutes=2)
intervals = st.timedeltas(timedelta(), 2 * DAY)
backoffs = st.timedeltas(timedelta(), 30 * DAY)
failures = st.floats(0, 10_000)
seeds = st.integers(0, 2**32)
severities = st.sampled_from(list(Severity))
retries = st.none() | st.floats(0, 1e12)
shares = st.none() | st.floats(0, 1)
durations = st.none() | st.timedeltas(timedelta(), 400 * DAY)
hints = st.builds(
    DocumentHints, durations, durations, st.frozensets(st.integers(0, 23)), st.frozensets(st.integers(0, 6))
)


def options(interval: timedelta = HOUR, cap: timedelta = DAY) -> PollOptions:
    return PollOptions(interval=interval, max_backoff=cap)


def failed(
    before: float = 0.0,
    *,
    interval: timedelta = HOUR,
    cap: timedelta = DAY,
    seed: int = 0,
    severity: Severity | None = Severity.HARD,
    retry_after: float | None = None,
    status: int | None = None,
    failing_for: timedelta | None = None,
) -> Next:
    state = FeedState("a", failures=before, failing_since=None if failing_for is None else NOW - failing_for)
    came = Came(Outcome.FAILED, severity, status, retry_after)
    return next_poll(state, came, now=NOW, options=options(interval, cap), seed=seed)


def came_well(
    memory: FeedMemory = FeedMemory(),  # noqa: B008 - a frozen value
    *,
    known: float | None = 0.5,
    interval: timedelta = HOUR,
    fixed: timedelta | None = None,
    seed: int = 0,
    now: datetime = NOW,
    fresh_for: timedelta | None = None,
    retry_after: float | None = None,
    asked: DocumentHints | None = None,
    outcome: Outcome = Outcome.OK,
) -> Next:
    came = Came(outcome, None, 200, retry_after, known, fresh_for)
    state = FeedState("a", failures=3.0, memory=memory)
    return next_poll(state, came, now=now, options=options(interval), seed=seed, fixed=fixed, hints=asked)


@given(failures, intervals, backoffs, seeds, severities, retries)
def test_after_a_failure_a_feed_is_never_due_before_retry_after_and_waits_no_longer_than_the_cap(
    before: float, interval: timedelta, cap: timedelta, seed: int, severity: Severity, retry: float | None
) -> None:
    found = failed(before, interval=interval, cap=cap, seed=seed, severity=severity, retry_after=retry)
    asked = min(timedelta(seconds=min(retry or 0, 1e9)), cap)
    assert found.at >= NOW + max(asked, interval)
    assert found.at <= NOW + max(interval, cap) * 1.1 + timedelta(microseconds=9)
    assert found.paused_until == (NOW + asked if asked else None)


@given(shares, seeds, durations, retries, hints, st.timedeltas(timedelta(), 30 * DAY), st.integers(0, 5))
def test_after_a_success_a_feed_is_due_within_its_bounds_whatever_was_learnt_or_hinted_at(
    known: float | None,
    seed: int,
    fresh: timedelta | None,
    retry: float | None,
    asked: DocumentHints,
    learned: timedelta,
    full: int,
) -> None:
    memory = FeedMemory(learned=min(max(learned, 15 * MINUTE), DAY), full=full)
    found = came_well(memory, known=known, seed=seed, fresh_for=fresh, retry_after=retry, asked=asked)
    wanted = min(timedelta(seconds=min(retry or 0, 1e9)), DAY)
    assert NOW + max(15 * MINUTE, wanted) <= found.at <= NOW + DAY + MAX_JITTER + OFF_ROUND
    assert found.failures == 0.0
    assert found.at.minute % 15 != 0
    assert found.learned is None or 15 * MINUTE <= found.learned <= DAY


@given(intervals, seeds, shares, hints, durations)
def test_an_interval_of_the_user_s_stands_against_everything_that_a_feed_says(
    fixed: timedelta, seed: int, known: float | None, asked: DocumentHints, fresh: timedelta | None
) -> None:
    found = came_well(fixed=fixed, seed=seed, known=known, asked=asked, fresh_for=fresh)
    assert fixed <= found.at - NOW <= fixed + min(fixed * 0.1, MAX_JITTER) + timedelta(microseconds=1)
    assert (found.reason, found.learned) == ("interval", None)


@given(failures, failures, intervals, backoffs, seeds, severities)
def test_more_failures_never_make_the_wait_shorter(
    few: float, more: float, interval: timedelta, cap: timedelta, seed: int, severity: Severity
) -> None:
    few, more = sorted((few, more))
    early = failed(few, interval=interval, cap=cap, seed=seed, severity=severity)
    late = failed(more, interval=interval, cap=cap, seed=seed, severity=severity)
    assert early.at <= late.at
    assert early.failures <= late.failures


@given(failures, intervals, backoffs, seeds, severities, retries)
def test_the_same_seed_gives_the_same_time(
    before: float, interval: timedelta, cap: timedelta, seed: int, severity: Severity, retry: float | None
) -> None:
    def once() -> Next:
        return failed(before, interval=interval, cap=cap, seed=seed, severity=severity, retry_after=retry)

    assert once() == once()


def test_feeds_with_other_seeds_drift_apart() -> None:
    assert len({came_well(seed=seed).at for seed in range(50)}) == 50


def test_hard_failures_double_the_wait_from_half_an_hour_to_the_cap() -> None:
    waits = [failed(n, interval=timedelta()).at - NOW for n in range(8)]
    expected = [timedelta(minutes=30) * 2**n for n in range(6)] + [DAY] * 2
    assert all(0 <= (wait / base - 1) <= 0.1 for wait, base in zip(waits, expected, strict=True))


def test_a_busy_server_is_asked_again_within_six_hours_and_one_long_dead_once_a_week() -> None:
    assert failed(50, status=429).at - NOW <= 6.7 * HOUR
    assert DAY <= failed(50, failing_for=13 * DAY).at - NOW <= 1.1 * DAY
    assert 7 * DAY <= failed(50, failing_for=15 * DAY).at - NOW <= 7 * DAY + MAX_JITTER


def test_milder_failures_count_less() -> None:
    counts = [failed(1.0, severity=severity).failures for severity in Severity]
    assert dict(zip(Severity, counts, strict=True)) == {
        Severity.HARD: 2.0,
        Severity.SOFT: 1.5,
        Severity.TEMPORARY: 1.25,
    }
    assert failed(1.0, severity=None).failures == 1.25


def test_little_overlap_halves_the_interval_down_to_the_floor() -> None:
    memory = FeedMemory()
    learned = []
    for _ in range(4):
        found = came_well(memory, known=0.2)
        memory = replace(memory, learned=found.learned, full=found.full)
        learned.append(found.learned)
    assert learned == [30 * MINUTE, 15 * MINUTE, 15 * MINUTE, 15 * MINUTE]
    assert found.reason == "learned"


def test_three_polls_that_find_nothing_new_stretch_the_interval_by_a_quarter_up_to_the_ceiling() -> None:
    memory = FeedMemory()
    for expected in (None, None, 75 * MINUTE):
        found = came_well(memory, known=0.95)
        assert found.learned == expected
        memory = replace(memory, learned=found.learned, full=found.full)
    for _ in range(100):
        found = came_well(memory, known=1.0, outcome=Outcome.NOT_MODIFIED)
        memory = replace(memory, learned=found.learned, full=found.full)
    assert memory.learned == DAY


def test_a_middling_overlap_leaves_the_interval_and_breaks_the_row() -> None:
    found = came_well(FeedMemory(learned=2 * HOUR, full=2), known=0.5)
    assert (found.learned, found.full, found.reason) == (2 * HOUR, 0, "learned")


def test_a_first_poll_and_an_interval_below_the_floor_teach_nothing() -> None:
    assert came_well(known=None).learned is None
    assert came_well(known=0.0, interval=MINUTE).learned is None
    assert came_well(known=0.0, interval=MINUTE).at - NOW <= 1.1 * MINUTE


@pytest.mark.parametrize(
    ("asked", "fresh", "hours"),
    [
        (DocumentHints(ttl=2 * HOUR), None, 2),
        (DocumentHints(every=3 * HOUR), None, 3),
        (None, 4 * HOUR, 4),
        (DocumentHints(ttl=2 * HOUR), 3 * HOUR, 3),
        (DocumentHints(ttl=400 * DAY), None, 5),  # max_hint
        (DocumentHints(ttl=5 * MINUTE), None, 1),  # a hint never makes it sooner
    ],
)
def test_what_headers_and_document_hint_at_is_waited_for_within_reason(
    asked: DocumentHints | None, fresh: timedelta | None, hours: int
) -> None:
    found = came_well(asked=asked, fresh_for=fresh)
    assert hours * HOUR <= found.at - NOW <= hours * 1.1 * HOUR + OFF_ROUND
    assert found.reason == ("hint" if hours > 1 else "interval")


def test_a_304_without_hints_keeps_those_of_the_document() -> None:
    memory = FeedMemory(hints=DocumentHints(ttl=3 * HOUR))
    assert came_well(memory, outcome=Outcome.NOT_MODIFIED, known=1.0).at - NOW >= 3 * HOUR


def test_hours_and_days_that_a_document_asks_to_be_left_alone_are() -> None:
    quiet = DocumentHints(skip_hours=frozenset({10, 11, 12}))
    assert came_well(asked=quiet).at.hour == 13
    monday = DocumentHints(skip_days=frozenset({0}))
    late = NOW.replace(hour=22)
    assert came_well(asked=monday, now=late).at.weekday() == 1
    assert came_well(asked=monday).at.weekday() == 1
    both = DocumentHints(skip_days=frozenset({0, 1}))
    assert came_well(asked=both).at - NOW <= 1.1 * HOUR + OFF_ROUND, "not beyond a day"
    always = DocumentHints(skip_hours=frozenset(range(24)))
    assert came_well(asked=always).at - NOW <= 1.1 * HOUR + OFF_ROUND


def test_the_reason_is_what_set_the_wait() -> None:
    assert came_well().reason == "interval"
    assert came_well(retry_after=7200).reason == "retry-after"
    assert failed(3).reason == "back-off"
    assert failed(0, retry_after=36_000).reason == "retry-after"
    assert failed(5, retry_after=60).reason == "back-off"


def test_zero_is_an_interval() -> None:
    assert came_well(interval=timedelta()).at == NOW
    assert failed(9, interval=timedelta(), cap=timedelta()).at == NOW
