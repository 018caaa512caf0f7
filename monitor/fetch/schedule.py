"""When a feed is due again: a pure function of its state, what came, the clock and a seed, with the reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain.entry import DocumentHints
from monitor.domain.feed import FeedMemory, FeedState, Outcome
from monitor.errors import Severity
from monitor.fetch.options import PollOptions

FIRST_BACKOFF = timedelta(minutes=30)
"""Wait after one hard failure; doubles with each further one (lion-reader)."""
BUSY_BACKOFF = timedelta(hours=6)
"""The longest back-off from a server that is only busy and names no time of its own."""
BUSY = frozenset({429, 503})
"""Answers that ask to be left alone for a while."""
BUSY_PAUSE = timedelta(minutes=10)
"""How long a 429 without a Retry-After shuts its domain (NetNewsWire)."""
LONG_FAILING, LONG_BACKOFF = timedelta(days=14), timedelta(days=7)
"""After two weeks of failures a feed is tried once a week; it is never given up."""
JITTER = 0.1
"""Up to this share of the wait is added, so that feeds drift apart; never more than `MAX_JITTER`."""
MAX_JITTER = timedelta(minutes=30)
WEIGHT = {Severity.HARD: 1.0, Severity.SOFT: 0.5, Severity.TEMPORARY: 0.25}
"""How much a failure of each severity counts (Media Cloud)."""
SOONER_BELOW, LATER_FROM, LATER_AFTER = 0.33, 0.9, 3
"""A document of which less was known before: poll sooner; of which so much was known, so often in a row: later."""
_SEEDS, _GOLDEN = 2**32, 2_654_435_761  # Knuth's multiplicative hash: seeds that lie together drift apart too
_ROUND = 15  # minutes; every cron job of the world starts on these, so we do not
_OFF_ROUND = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Came:
    """What a poll brought, as far as it matters for the next.

    ``known`` is the share of the document's entries that were known before: None on a first poll and for an empty
    document, 1.0 for an unchanged one. ``fresh_for`` is what the headers say. ``retry_after`` is in seconds.
    """

    outcome: Outcome
    severity: Severity | None = None
    status: int | None = None
    retry_after: float | None = None
    known: float | None = None
    fresh_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """When to poll again, why then, and what is kept for the time after."""

    at: datetime
    reason: str
    failures: float
    paused_until: datetime | None = None
    learned: timedelta | None = None
    full: int = 0


def next_poll(
    state: FeedState,
    came: Came,
    *,
    now: datetime,
    options: PollOptions,
    seed: int,
    fixed: timedelta | None = None,
    hints: DocumentHints | None = None,
) -> Next:
    """Decide when a feed is due again.

    A success: the learnt interval, or what headers and document hint at (``hints``: of the newest document) where that
    is longer, clamped; a ``fixed`` interval of the user's stands against both. A failure: at least the interval, and 30
    min · 2^(n-1), capped, where n counts failures by their `WEIGHT`. Never before the ``retry_after`` seconds that the
    server asked for, capped at ``max_backoff``. Then jitter by ``seed`` (of which 32 bits count), and off the round
    minutes.
    """
    asked = timedelta(seconds=min(came.retry_after or 0.0, options.max_backoff.total_seconds()))
    paused_until = now + asked if asked else None
    hints = hints or state.memory.hints
    if came.outcome is Outcome.FAILED:
        failures = state.failures + WEIGHT[came.severity or Severity.TEMPORARY]
        wait = max(_after_failure(state, came, options, fixed, hints, failures=failures, now=now), asked)
        reason = "retry-after" if asked and wait == asked else "back-off"
        at = now + _spread(wait, seed)
        return Next(at, reason, failures, paused_until, state.memory.learned, state.memory.full)
    learned, full = _learn(state.memory, came, options, fixed)
    wait, reason = _after_success(learned, came, options, fixed, hints)
    if asked > wait:
        wait, reason = asked, "retry-after"
    at = now + _spread(wait, seed)
    if fixed is None and wait >= options.min_interval:
        at = _allowed(at, hints, latest=now + max(options.max_interval, wait))
        at = at + _OFF_ROUND if at.minute % _ROUND == 0 else at
    return Next(at, reason, 0.0, paused_until, learned, full)


def _after_failure(
    state: FeedState,
    came: Came,
    options: PollOptions,
    fixed: timedelta | None,
    hints: DocumentHints,
    *,
    failures: float,
    now: datetime,
) -> timedelta:
    """The back-off, but never less than a success would wait: what fails is not asked more often than what works.

    A server that is too busy and does not say for how long is left alone twice as long as usual.
    """
    usual, _ = _after_success(state.memory.learned, came, options, fixed, hints)
    usual = max(usual, fixed if fixed is not None else options.interval)
    cap = _cap(state, came, options, now)
    back_off = FIRST_BACKOFF * 2 ** min(failures - 1, 16)
    if came.status in BUSY and came.retry_after is None:
        back_off = max(back_off, 2 * usual)
    return max(usual, min(back_off, cap))


def _cap(state: FeedState, came: Came, options: PollOptions, now: datetime) -> timedelta:
    """The longest back-off: longer for what has failed for weeks, shorter for what is only busy."""
    if state.failing_since is not None and now - state.failing_since > LONG_FAILING:
        return max(LONG_BACKOFF, options.max_backoff)
    return min(BUSY_BACKOFF, options.max_backoff) if came.status in BUSY else options.max_backoff


def _learn(
    memory: FeedMemory, came: Came, options: PollOptions, fixed: timedelta | None
) -> tuple[timedelta | None, int]:
    """Halve the interval where entries may have been missed, stretch it by a quarter where nothing new comes.

    An interval that the user fixed, or set below the shortest that is learnt, is not the feed's to change.
    """
    if not options.learn or fixed is not None or options.interval < options.min_interval or came.known is None:
        return memory.learned, memory.full
    base = memory.learned or options.interval
    if came.known < SOONER_BELOW:
        return max(base / 2, options.min_interval), 0
    if came.known < LATER_FROM:
        return memory.learned, 0
    if memory.full + 1 < LATER_AFTER:
        return memory.learned, memory.full + 1
    return min(base * 5 / 4, max(options.max_interval, options.interval)), 0


def _after_success(
    learned: timedelta | None, came: Came, options: PollOptions, fixed: timedelta | None, hints: DocumentHints
) -> tuple[timedelta, str]:
    if fixed is not None:
        return fixed, "interval"
    if options.interval < options.min_interval:
        return options.interval, "interval"
    base, reason = (learned, "learned") if learned is not None else (options.interval, "interval")
    hint = max((h for h in (came.fresh_for, hints.ttl, hints.every) if h is not None), default=timedelta())
    hint = min(hint, options.max_hint)
    return (min(hint, options.max_interval), "hint") if hint > base else (base, reason)


def _spread(wait: timedelta, seed: int) -> timedelta:
    return wait + min(wait * JITTER, MAX_JITTER) * (seed * _GOLDEN % _SEEDS / _SEEDS)


def _allowed(at: datetime, hints: DocumentHints, *, latest: datetime) -> datetime:
    """Move a time out of the hours and days that a document asks to be left alone, but never beyond ``latest``."""
    if len(hints.skip_hours) >= 24 or len(hints.skip_days) >= 7:
        return at
    moved = at
    while moved.hour in hints.skip_hours or moved.weekday() in hints.skip_days:
        moved = (moved + timedelta(hours=1)).replace(minute=at.minute, second=at.second)
        if moved > latest:
            return at
    return moved
