"""Let what a backfill brought be announced after all: what is young enough, once its owner has seen what it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.app import App
from monitor.domain.backfill import Job
from monitor.domain.entry import StoredEntry
from monitor.domain.labels import Band, decide
from monitor.jobs.clock import utc_now
from monitor.observe import fields, log
from monitor.store import backfill as store_backfill
from monitor.store import views


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be announced of jobs: ``ids`` of all entries within their sources' look-back, and ``over``, those of
    them that pass a label's line."""

    ids: tuple[int, ...]
    over: tuple[StoredEntry, ...]


def offer(app: App, jobs: Sequence[Job], *, now: datetime) -> Offer:
    """Gather what jobs have stored that is not older than its source's look-back; changes nothing."""
    ids = {id_ for job in jobs for id_ in _young(app, job, now)}
    found = [stored for id_ in sorted(ids) if (stored := views.item(app.store, id_)) is not None]
    return Offer(tuple(sorted(ids)), tuple(stored for stored in found if _is_in(app, stored)))


def _young(app: App, job: Job, now: datetime) -> list[int]:
    feed = app.settings.feeds.get(job.feed)
    if feed is None:
        return []
    youngest = now - feed.source.tier.look_back
    return store_backfill.silent(app.store, job.feed, since=job.created_at, younger_than=youngest)


def _is_in(app: App, stored: StoredEntry) -> bool:
    cuts = app.settings.cuts(stored.feed, stored.entry.lang)
    return any(one.band is Band.IN for one in decide(stored.scores, cuts, human=stored.human))


def announce(app: App, offered: Offer, *, now: Callable[[], datetime] = utc_now) -> int:
    """Let subscriptions judge what was offered, from now on; returns how many entries."""
    count = store_backfill.let_out(app.store, offered.ids)
    log.info(fields("backfill", outcome="announced", entries=count, at=now().isoformat()))
    return count
