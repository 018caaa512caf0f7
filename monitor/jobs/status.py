"""How things stand, for people, scripts and health checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.app import App
from monitor.domain.backfill import Job, JobState
from monitor.domain.channel import ChannelState
from monitor.domain.delivery import DeliveryState, Departure
from monitor.domain.feed import Feed
from monitor.domain.notice import Notice
from monitor.domain.reclassify import Job as Reclassification
from monitor.jobs import channels, drift
from monitor.jobs.digest import next_windows
from monitor.jobs.drift import Glance
from monitor.jobs.reclassify.judging import in_hand
from monitor.store import backfill as store_backfill
from monitor.store import deliveries, outbox, views
from monitor.store import reclassify as store_reclassify
from monitor.store.database import Store
from monitor.store.deliveries import Delivery
from monitor.store.departures import departures
from monitor.store.notices import open_notices
from monitor.store.views import FeedStatus, Totals

SCHEDULER = "scheduler"
"""The name under which the daemon leaves its sign of life."""
_SLACK = 60.0  # seconds that a sign of life may be late, beside three missed ones


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the daemon is alive and the store answers; a dead feed is not ill health."""

    healthy: bool
    reason: str
    last_beat: datetime | None


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that `monitor status` shows. ``notices`` are the open ones, the oldest first; ``backfills`` those that
    are not over, the newest first; ``left`` are the recipients who left a subscription of config. ``reclassification``
    is the last one if it is not at its end, and ``reclassifying`` says whether some process has it in hand."""

    health: Health
    totals: Totals
    feeds: tuple[FeedStatus, ...]
    never_polled: tuple[str, ...]
    deliveries: Mapping[DeliveryState, int]
    unsettled: tuple[Delivery, ...]
    next_windows: Mapping[str, datetime | None]
    model: str
    model_problem: str
    warnings: tuple[str, ...]
    drift: Glance
    channels: tuple[ChannelState, ...] = ()
    left: tuple[Departure, ...] = ()
    notices: tuple[Notice, ...] = ()
    backfills: tuple[Job, ...] = ()
    reclassification: Reclassification | None = None
    reclassifying: bool = False

    @property
    def failing(self) -> tuple[FeedStatus, ...]:
        return tuple(feed for feed in self.feeds if feed.kind)


def health(store: Store, *, now: datetime) -> Health:
    """Judge the scheduler's heartbeat; reading it shows that the store answers."""
    found = views.heartbeat(store, SCHEDULER)
    if found is None:
        return Health(False, "no daemon has run on this database yet; `monitor run` starts one", None)
    at, every = found
    age = (now - at).total_seconds()
    if age > 3 * every + _SLACK:
        return Health(False, f"the daemon's last sign of life is {age:.0f} s old, one was due every {every:.0f} s", at)
    return Health(True, "the daemon is alive and the database answers", at)


def status(app: App, *, now: datetime) -> Status:
    """Gather how things stand."""
    enabled: tuple[Feed, ...] = app.settings.enabled_feeds()
    states = views.feeds(app.store, [feed.name for feed in enabled])
    last = store_reclassify.last(app.store)
    reclassification = last if last is not None and last.ended_at is None else None
    polled = {state.name for state in states if state.polled_at or state.kind}
    return Status(
        health=health(app.store, now=now),
        totals=views.totals(app.store),
        feeds=tuple(states),
        never_polled=tuple(feed.name for feed in enabled if feed.name not in polled),
        deliveries=outbox.counts(app.store),
        unsettled=tuple(deliveries.unsettled(app.store)),
        next_windows=next_windows(app, now=now),
        model=app.model.name,
        model_problem=app.model.problem,
        warnings=(*app.settings.warnings, *app.store.warnings),
        drift=drift.glance(app, now=now),
        channels=channels.states(app),
        left=tuple(one for one in departures(app.store) if one.subscription in app.settings.subscriptions),
        notices=tuple(open_notices(app.store)),
        backfills=tuple(store_backfill.listed(app.store, states=[state for state in JobState if not state.over])),
        reclassification=reclassification,
        # By its signs of life: who tried for its lock would keep out one that begins just then.
        reclassifying=reclassification is not None and in_hand(reclassification, now=now),
    )
