"""What follows an attempt: delivered, tried again, or given up. Pure."""

from datetime import datetime, timedelta
from hashlib import sha256

from monitor.domain.delivery import Accepted, DeliveryState, Failure, Settled
from monitor.errors import DeliveryError, Fault

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
_LONGEST_ASKED = 10 * 365 * 86_400.0  # seconds; what is beyond any deadline is cut before timedelta overflows on it


def settle(result: Accepted | DeliveryError, *, attempts: int, deadline: datetime, now: datetime, seed: int) -> Settled:
    """Decide what becomes of a delivery after its attempt number ``attempts``, which ended at ``now``.

    Accepted: delivered. Refused for good: failed at once, and the recipient suspended where it is its address that was
    refused. Anything else, where it is not known how it ended too (once too often is better than never): tried again
    after `wait`, never before the other side's ``retry_after``; from ``deadline`` on it has failed. Where the wait
    would pass the deadline, one last attempt is made then, unless ``retry_after`` lies beyond it.
    """
    if isinstance(result, Accepted):
        return Settled(DeliveryState.DELIVERED, detail=result.said, code=result.code)
    failure = failure_of(result)
    if failure is Failure.PERMANENT:
        detail = f"not tried again: {result.detail}"
        return Settled(DeliveryState.FAILED, None, detail, failure, result.code, suspends=suspends(result))
    # In this order NaN, which compares with nothing, counts as no pause.
    asked = timedelta(seconds=min(max(0.0, result.retry_after or 0.0), _LONGEST_ASKED))
    if now >= deadline:
        return _given_up(result, failure, attempts, "its deadline has passed")
    if asked > deadline - now:
        return _given_up(result, failure, attempts, "the other side asked for a longer pause than its deadline leaves")
    pause = max(wait(attempts, seed, slowly=result.fault is Fault.OURS), asked)
    return Settled(DeliveryState.PENDING, min(now + pause, deadline), result.detail, failure, result.code)


def failure_of(error: DeliveryError) -> Failure:
    """Class an error. One that is both ambiguous and permanent is permanent: parts of it may have arrived, at most."""
    if error.permanent:
        return Failure.PERMANENT
    return Failure.UNKNOWN if error.ambiguous else Failure.TRANSIENT


def suspends(error: DeliveryError) -> bool:
    """Say whether an error shows that a recipient can be sent nothing until a person has looked at its address."""
    return error.permanent and error.fault is Fault.RECIPIENT


def wait(attempts: int, seed: int, *, slowly: bool = False) -> timedelta:
    """Return the pause after attempt number ``attempts``: 30 s · 2^(n-1), at most an hour, of that half to all.

    The same ``seed`` and number give the same pause; different seeds spread deliveries that failed together. With
    ``slowly`` it is the hour at once: a wrong password that is tried often shuts an account.
    """
    exponent = min(max(attempts, 1) - 1, 16)
    whole = LONGEST_WAIT if slowly else min(FIRST_WAIT * (1 << exponent), LONGEST_WAIT)
    digest = sha256(f"{seed}:{attempts}".encode()).digest()
    share = int.from_bytes(digest[:6], "big") / 2**48
    return whole * (0.5 + 0.5 * share)


def _given_up(error: DeliveryError, failure: Failure, attempts: int, reason: str) -> Settled:
    tries = f"{attempts} attempt{'' if attempts == 1 else 's'}"
    detail = f"given up after {tries}, {reason}; the last: {error.detail}"
    return Settled(DeliveryState.FAILED, None, detail, failure, error.code)
