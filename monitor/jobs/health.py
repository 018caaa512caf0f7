"""How each feed is doing, from what the store holds; asks nobody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.app import App
from monitor.domain.feed import Feed
from monitor.store import views
from monitor.store.rhythm import Rhythm, rhythms
from monitor.store.views import FeedStatus

WINDOW = timedelta(days=28)
"""The stretch of time over which polls are counted."""
_WEEK = timedelta(days=7)
_GAPS = 4  # a feed is silent when nothing has come for this many of its usual gaps


class State(StrEnum):
    """How a feed is doing, in one word."""

    OK = "ok"
    FAILING = "failing"
    SILENT = "silent"
    UNKNOWN = "never polled"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One feed. ``a_week`` is the number of new entries a week, None where it was observed for less than a week."""

    feed: str
    source: str
    state: State
    last_success: datetime | None
    last_new: datetime | None
    failing_since: datetime | None
    kind: str
    detail: str
    polls: int
    failed: int
    a_week: float | None
    silent_days: int | None


def health(app: App, *, now: datetime) -> tuple[FeedHealth, ...]:
    """Judge every feed of config, by name."""
    feeds = [app.settings.feeds[name] for name in sorted(app.settings.feeds)]
    names = [feed.name for feed in feeds]
    states = {state.name: state for state in views.feeds(app.store, names)}
    counted = rhythms(app.store, names, since=now - WINDOW)
    return tuple(_judge(feed, states.get(feed.name), counted.get(feed.name), now) for feed in feeds)


def _judge(feed: Feed, status: FeedStatus | None, rhythm: Rhythm | None, now: datetime) -> FeedHealth:
    a_week = entries_a_week(rhythm, now)
    last_new = status.last_new_at if status else None
    quiet = None if last_new is None else now - last_new
    if not feed.enabled:
        state = State.DISABLED
    elif status is None or (status.polled_at is None and not status.kind):
        state = State.UNKNOWN
    elif status.kind:
        state = State.FAILING
    else:
        state = State.SILENT if is_silent(quiet, a_week, feed.source.tier.look_back) else State.OK
    return FeedHealth(
        feed=feed.name,
        source=feed.source.key,
        state=state,
        last_success=status.polled_at if status else None,
        last_new=last_new,
        failing_since=status.failing_since if status else None,
        kind=status.kind if status else "",
        detail=status.detail if status else "",
        polls=rhythm.polls if rhythm else 0,
        failed=rhythm.failed if rhythm else 0,
        a_week=a_week,
        silent_days=None if quiet is None else quiet.days,
    )


def entries_a_week(rhythm: Rhythm | None, now: datetime) -> float | None:
    """New entries a week over `WINDOW`, or over what was observed of it."""
    if rhythm is None or rhythm.first is None:
        return None
    observed = now - max(rhythm.first, now - WINDOW)
    return rhythm.new / (observed / _WEEK) if observed >= _WEEK else None


def is_silent(quiet: timedelta | None, a_week: float | None, least: timedelta) -> bool:
    """Say whether a feed has been quiet for longer than it usually is, and than ``least`` in any case."""
    if quiet is None:
        return False
    usual = _WEEK / a_week if a_week else timedelta()
    return quiet > max(least, _GAPS * usual)
