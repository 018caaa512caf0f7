"""When a feed is due again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.feed import FeedState, Outcome
from monitor.errors import Severity
from monitor.fetch.schedule import MAX_JITTER, Next, next_poll

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
intervals = st.timedeltas(timedelta(), timedelta(days=2))
backoffs = st.timedeltas(timedelta(), timedelta(days=30))
failures = st.floats(0, 10_000)
seeds = st.integers(0, 2**32)
severities = st.sampled_from(list(Severity))
retries = st.none() | st.floats(0, 1e12)


def plan(
    failed_before: float = 0.0,
    outcome: Outcome = Outcome.FAILED,
    *,
    interval: timedelta = HOUR,
    max_backoff: timedelta = timedelta(hours=24),
    seed: int = 0,
    severity: Severity | None = Severity.HARD,
    retry_after: float | None = None,
) -> Next:
    return next_poll(
        FeedState("a", failures=failed_before), now=NOW, interval=interval, max_backoff=max_backoff, seed=seed,
        outcome=outcome, severity=None if outcome is not Outcome.FAILED else severity, retry_after=retry_after,
    )  # fmt: skip


@given(failures, intervals, seeds, st.sampled_from([Outcome.OK, Outcome.NOT_MODIFIED]))
def test_after_a_success_a_feed_is_due_after_its_interval_and_a_little(
    failed: float, interval: timedelta, seed: int, outcome: Outcome
) -> None:
    found = plan(failed, outcome, interval=interval, seed=seed)
    wait = found.at - NOW
    assert interval <= wait <= interval + min(interval * 0.1, MAX_JITTER) + timedelta(microseconds=1)
    assert (found.reason, found.failures, found.paused_until) == ("interval", 0.0, None)


@given(failures, intervals, backoffs, seeds, severities, retries, st.sampled_from(list(Outcome)))
def test_a_feed_is_never_due_before_retry_after_and_waits_no_longer_than_the_cap(
    failed: float,
    interval: timedelta,
    cap: timedelta,
    seed: int,
    severity: Severity,
    retry: float | None,
    outcome: Outcome,
) -> None:
    found = plan(failed, outcome, interval=interval, max_backoff=cap, seed=seed, severity=severity, retry_after=retry)
    asked = min(timedelta(seconds=min(retry or 0, 1e9)), cap)
    assert found.at >= NOW + asked
    assert found.at <= NOW + max(interval, cap) * 1.1 + timedelta(microseconds=9)
    assert found.at >= NOW + interval
    assert found.paused_until == (NOW + asked if asked else None)


@given(failures, failures, intervals, backoffs, seeds, severities)
def test_more_failures_never_make_the_wait_shorter(
    few: float, more: float, interval: timedelta, cap: timedelta, seed: int, severity: Severity
) -> None:
    few, more = sorted((few, more))
    early = plan(few, interval=interval, max_backoff=cap, seed=seed, severity=severity)
    late = plan(more, interval=interval, max_backoff=cap, seed=seed, severity=severity)
    assert early.at <= late.at
    assert early.failures <= late.failures


@given(failures, intervals, backoffs, seeds, severities, retries)
def test_the_same_seed_gives_the_same_time(
    failed: float, interval: timedelta, cap: timedelta, seed: int, severity: Severity, retry: float | None
) -> None:
    def once() -> Next:
        return plan(failed, interval=interval, max_backoff=cap, seed=seed, severity=severity, retry_after=retry)

    assert once() == once()


def test_feeds_with_other_seeds_drift_apart() -> None:
    assert len({plan(outcome=Outcome.OK, seed=seed).at for seed in range(50)}) == 50


def test_hard_failures_double_the_wait_from_half_an_hour_to_the_cap() -> None:
    waits = [plan(n, interval=timedelta()).at - NOW for n in range(8)]
    expected = [timedelta(minutes=30) * 2**n for n in range(6)] + [timedelta(hours=24)] * 2
    assert all(0 <= (wait / base - 1) <= 0.1 for wait, base in zip(waits, expected, strict=True))


def test_milder_failures_count_less() -> None:
    counts = [plan(1.0, severity=severity).failures for severity in Severity]
    assert dict(zip(Severity, counts, strict=True)) == {
        Severity.HARD: 2.0,
        Severity.SOFT: 1.5,
        Severity.TEMPORARY: 1.25,
    }
    assert plan(1.0, severity=None).failures == 1.25


def test_the_reason_is_what_set_the_wait() -> None:
    assert plan(0, Outcome.OK).reason == "interval"
    assert plan(0, Outcome.OK, retry_after=7200).reason == "retry-after"
    assert plan(3).reason == "back-off"
    assert plan(0, retry_after=36_000).reason == "retry-after"
    assert plan(5, retry_after=60).reason == "back-off"


def test_zero_is_an_interval() -> None:
    assert plan(0, Outcome.OK, interval=timedelta()).at == NOW
    assert plan(9, interval=timedelta(), max_backoff=timedelta()).at == NOW
