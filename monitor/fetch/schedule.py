"""When a feed is due again: a pure function of its state, the clock and a seed, with the reason."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain.feed import FeedState, Outcome
from monitor.errors import Severity

FIRST_BACKOFF = timedelta(minutes=30)
"""Wait after one hard failure; doubles with each further one (lion-reader)."""
JITTER = 0.1
"""Up to this share of the wait is added, so that feeds drift apart; never more than `MAX_JITTER`."""
MAX_JITTER = timedelta(minutes=30)
WEIGHT = {Severity.HARD: 1.0, Severity.SOFT: 0.5, Severity.TEMPORARY: 0.25}
"""How much a failure of each severity counts (Media Cloud)."""


@dataclass(frozen=True, slots=True)
class Next:
    """When to poll again, why then, and what is kept of the failures so far."""

    at: datetime
    reason: str
    failures: float
    paused_until: datetime | None = None


def next_poll(
    state: FeedState,
    *,
    now: datetime,
    interval: timedelta,
    max_backoff: timedelta,
    seed: int,
    outcome: Outcome,
    severity: Severity | None = None,
    retry_after: float | None = None,
) -> Next:
    """Decide when a feed is due again.

    A success: ``interval`` and jitter. A failure: at least ``interval``, and 30 min · 2^(n-1) capped at
    ``max_backoff``, where n counts failures by their `WEIGHT`; never before the ``retry_after`` seconds that the server
    asked for, capped likewise. A feed is never given up.
    """
    asked = timedelta(seconds=min(retry_after or 0.0, max_backoff.total_seconds()))
    if outcome is not Outcome.FAILED:
        wait, failures, reason = max(interval, asked), 0.0, "interval"
    else:
        failures = state.failures + WEIGHT[severity or Severity.TEMPORARY]
        backoff = min(FIRST_BACKOFF * 2 ** min(failures - 1, 16), max_backoff)
        wait, reason = max(interval, backoff, asked), "back-off"
    if asked and wait == asked:
        reason = "retry-after"
    jitter = min(wait * JITTER, MAX_JITTER) * random.Random(seed).random()  # noqa: S311 - spreads load, guards nothing
    return Next(now + wait + jitter, reason, failures, now + asked if asked else None)
