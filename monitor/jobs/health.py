"""How each feed is doing, from what the store holds; asks nobody."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.app import App
from monitor.domain.feed import Feed
from monitor.domain.notice import Notice, Silent, Standing
from monitor.jobs.watch import silences
from monitor.store import rhythm
from monitor.store.notices import open_notices
from monitor.store.rhythm import Rhythm

WINDOW = timedelta(days=28)
"""The stretch of time over which polls are counted."""
_WEEK = timedelta(days=7)


class State(StrEnum):
    """How a feed is doing, in one word."""

    OK = "ok"
    FAILING = "failing"
    SILENT = "silent"
    UNKNOWN = "never polled"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One feed. ``a_week`` is the number of new entries a week, None where it was observed for less than a week.

    ``silent_days`` is how long nothing new had come when it was last looked at. ``notices`` are the open ones about it.
    """

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
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one feed."""

    standing: Standing | None
    rhythm: Rhythm | None
    silent: Silent | None
    notices: tuple[Notice, ...]


def health(app: App, *, now: datetime) -> tuple[FeedHealth, ...]:
    """Judge every feed of config, by name; what is silent, is so by the rule that notices go by."""
    feeds = [app.settings.feeds[name] for name in sorted(app.settings.feeds)]
    names = [feed.name for feed in feeds]
    standings = rhythm.standings(app.store, names)
    counted = rhythm.rhythms(app.store, names, since=now - WINDOW)
    silent = silences(app, standings)
    notices: dict[str, list[Notice]] = defaultdict(list)
    for notice in open_notices(app.store):
        notices[notice.subject].append(notice)
    known = {
        name: _Known(standings.get(name), counted.get(name), silent.get(name), tuple(notices[name])) for name in names
    }
    return tuple(_judge(feed, known[feed.name], now) for feed in feeds)


def _judge(feed: Feed, known: _Known, now: datetime) -> FeedHealth:
    standing, counted = known.standing, known.rhythm
    return FeedHealth(
        feed=feed.name,
        source=feed.source.key,
        state=_state(feed, known),
        last_success=standing.polled_at if standing else None,
        last_new=standing.last_new_at if standing else None,
        failing_since=standing.failing_since if standing else None,
        kind=standing.kind if standing else "",
        detail=standing.detail if standing else "",
        polls=counted.polls if counted else 0,
        failed=counted.failed if counted else 0,
        a_week=entries_a_week(counted, now),
        silent_days=_silent_days(known),
        notices=known.notices,
    )


def _silent_days(known: _Known) -> int | None:
    if known.silent is not None:
        return (known.silent.until - known.silent.since).days
    standing = known.standing
    if standing is None or standing.polled_at is None or standing.last_new_at is None:
        return None
    return (standing.polled_at - standing.last_new_at).days


def _state(feed: Feed, known: _Known) -> State:
    standing = known.standing
    if not feed.enabled:
        return State.DISABLED
    if standing is None or (standing.polled_at is None and not standing.kind):
        return State.UNKNOWN
    if standing.kind:
        return State.FAILING
    return State.SILENT if known.silent else State.OK


def entries_a_week(counted: Rhythm | None, now: datetime) -> float | None:
    """New entries a week over `WINDOW`, or over what was observed of it."""
    if counted is None or counted.first is None:
        return None
    observed = now - max(counted.first, now - WINDOW)
    return counted.new / (observed / _WEEK) if observed >= _WEEK else None
