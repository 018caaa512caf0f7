"""What follows an attempt: delivered, tried again, or given up. Pure."""

from datetime import datetime, timedelta
from hashlib import sha256

from monitor.domain.delivery import DeliveryState, Settled
from monitor.errors import DeliveryError

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)


def settle(error: DeliveryError | None, *, attempts: int, created_at: datetime, now: datetime, seed: int) -> Settled:
    """Decide what becomes of a delivery after its attempt number ``attempts``, which ended at ``now``.

    No error: delivered. A permanent one: failed at once. Any other, an ambiguous one too (once too often is better
    than never): tried again after `wait`, never before the other side's ``retry_after``; 24 hours after
    ``created_at`` it has failed. Where the wait would pass that end, one last attempt is made at the end, unless
    ``retry_after`` lies beyond it.
    """
    if error is None:
        return Settled(DeliveryState.DELIVERED)
    if error.permanent:
        return Settled(DeliveryState.FAILED, detail=f"not tried again: {error.detail}")
    deadline = created_at + GIVE_UP_AFTER
    asked = _asked(error.retry_after)
    if now >= deadline:
        return _given_up(error, attempts, "24 hours are over")
    if asked > deadline - now:
        return _given_up(error, attempts, "the other side asked for a longer pause than the 24 hours leave")
    pause = max(wait(attempts, seed), asked)
    return Settled(DeliveryState.PENDING, next_at=min(now + pause, deadline), detail=error.detail)


def wait(attempts: int, seed: int) -> timedelta:
    """Return the pause after attempt number ``attempts``: 30 s · 2^(n-1), at most an hour, of that half to all.

    The same ``seed`` and number give the same pause; different seeds spread deliveries that failed together.
    """
    exponent = min(max(attempts, 1) - 1, 16)
    whole = min(FIRST_WAIT * (1 << exponent), LONGEST_WAIT)
    digest = sha256(f"{seed}:{attempts}".encode()).digest()
    share = int.from_bytes(digest[:6], "big") / 2**48
    return whole * (0.5 + 0.5 * share)


def _asked(retry_after: float | None) -> timedelta:
    # A number beyond any deadline is cut before timedelta overflows on it.
    return timedelta(seconds=min(max(retry_after or 0.0, 0.0), 10 * GIVE_UP_AFTER.total_seconds()))


def _given_up(error: DeliveryError, attempts: int, reason: str) -> Settled:
    tries = f"{attempts} attempt{'' if attempts == 1 else 's'}"
    return Settled(DeliveryState.FAILED, detail=f"given up after {tries}, {reason}; the last: {error.detail}")
