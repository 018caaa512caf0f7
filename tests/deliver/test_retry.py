"""What follows an attempt: rules of deadlines, pauses and caps."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.deliver.retry import FIRST_WAIT, LONGEST_WAIT, settle, wait
from monitor.domain.delivery import Accepted, DeliveryState, Failure, Settled
from monitor.errors import DeliveryError, Fault

BEGAN = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
DAY = timedelta(hours=24)
passing = st.builds(
    DeliveryError,
    st.just("later"),
    ambiguous=st.booleans(),
    retry_after=st.none() | st.floats(-5, 1e300),
    fault=st.sampled_from(Fault),
)
errors = st.builds(
    DeliveryError,
    st.just("no"),
    permanent=st.booleans(),
    ambiguous=st.booleans(),
    retry_after=st.none() | st.floats(),
    code=st.sampled_from(["", "550 5.1.1", "429"]),
    fault=st.sampled_from(Fault),
)
lifetimes = st.timedeltas(timedelta(seconds=1), timedelta(days=400))


def after(result: Accepted | DeliveryError, **more: object) -> Settled:
    given_ = {"attempts": 1, "deadline": BEGAN + DAY, "now": BEGAN, "seed": 1, **more}
    return settle(result, **given_)  # type: ignore[arg-type]


def test_what_the_other_side_said_stays_with_a_delivered_one() -> None:
    assert after(Accepted("250 taken", "250")) == Settled(DeliveryState.DELIVERED, None, "250 taken", None, "250")


@pytest.mark.parametrize(
    ("error", "failure", "suspends"),
    [
        (DeliveryError("550", permanent=True, fault=Fault.RECIPIENT), Failure.PERMANENT, True),
        (DeliveryError("invalid_blocks", permanent=True), Failure.PERMANENT, False),
        (DeliveryError("no such plugin", permanent=True, fault=Fault.OURS), Failure.PERMANENT, False),
        (DeliveryError("535", fault=Fault.OURS), Failure.TRANSIENT, False),
        (DeliveryError("451"), Failure.TRANSIENT, False),
        (DeliveryError("no answer", ambiguous=True), Failure.UNKNOWN, False),
    ],
)
def test_only_an_address_that_refuses_for_good_is_suspended(
    error: DeliveryError, failure: Failure, suspends: bool
) -> None:
    settled = after(error)
    assert (settled.failure, settled.suspends) == (failure, suspends)
    assert (settled.state is DeliveryState.FAILED) == (failure is Failure.PERMANENT)


def test_a_pause_that_is_no_number_is_none() -> None:
    assert after(DeliveryError("busy", retry_after=float("nan"))) == after(DeliveryError("busy"))


@given(error=errors, attempts=st.integers(1, 10_000), seed=st.integers(), age=lifetimes, lifetime=lifetimes)
def test_the_result_decides_the_state_and_nothing_else_does(
    error: DeliveryError, attempts: int, seed: int, age: timedelta, lifetime: timedelta
) -> None:
    settled = after(error, attempts=attempts, seed=seed, now=BEGAN + age, deadline=BEGAN + lifetime)
    assert settled.state in {DeliveryState.PENDING, DeliveryState.FAILED}
    assert (settled.next_at is not None) == (settled.state is DeliveryState.PENDING)
    assert (settled.failure is Failure.PERMANENT) == error.permanent
    assert settled.suspends == (error.permanent and error.fault is Fault.RECIPIENT)
    assert settled.code == error.code
    assert settled.detail.endswith(error.detail)
    if error.permanent or age >= lifetime:
        assert settled.state is DeliveryState.FAILED


@given(attempts=st.integers(1, 10_000), seed=st.integers())
def test_the_pause_lies_between_half_and_all_of_a_doubling_up_to_an_hour(attempts: int, seed: int) -> None:
    whole = min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)
    assert whole / 2 <= wait(attempts, seed) <= whole
    assert wait(attempts, seed) == wait(attempts, seed)
    assert LONGEST_WAIT / 2 <= wait(attempts, seed, slowly=True) <= LONGEST_WAIT


@given(error=passing, attempts=st.integers(1, 200), seed=st.integers(), age=st.floats(0, 200_000), lifetime=lifetimes)
def test_a_next_attempt_is_never_before_what_was_asked_and_never_after_the_deadline(
    error: DeliveryError, attempts: int, seed: int, age: float, lifetime: timedelta
) -> None:
    now, deadline = BEGAN + timedelta(seconds=age), BEGAN + lifetime
    settled = after(error, attempts=attempts, seed=seed, now=now, deadline=deadline)
    if settled.next_at is not None:
        assert now < settled.next_at <= deadline
        assert (settled.next_at - now).total_seconds() >= min(error.retry_after or 0, 1e8) - 1e-5
    else:
        assert now >= deadline or (error.retry_after or 0) > (deadline - now).total_seconds()


@given(
    error=st.builds(
        DeliveryError, st.just("451"), retry_after=st.none() | st.floats(0, 4000), fault=st.sampled_from(Fault)
    ),
    seed=st.integers(),
    lifetime=st.timedeltas(timedelta(minutes=1), DAY),
)
def test_a_delivery_that_always_fails_is_tried_to_its_deadline_and_ends_there(
    error: DeliveryError, seed: int, lifetime: timedelta
) -> None:
    now, attempts, settled = BEGAN, 0, Settled(DeliveryState.PENDING, BEGAN)
    while settled.next_at is not None and attempts < 200:
        now, attempts = settled.next_at, attempts + 1
        settled = after(error, attempts=attempts, seed=seed, now=now, deadline=BEGAN + lifetime)
    assert settled.state is DeliveryState.FAILED
    assert now <= BEGAN + lifetime
    assert now == BEGAN + lifetime or (error.retry_after or 0) > (BEGAN + lifetime - now).total_seconds()
    assert attempts < 100


def test_a_wrong_login_is_not_tried_often() -> None:
    error, now, tries = DeliveryError("535", fault=Fault.OURS), BEGAN, 0
    while (settled := after(error, attempts=tries + 1, now=now)).next_at is not None:
        now, tries = settled.next_at, tries + 1
    assert 24 <= tries <= 48
