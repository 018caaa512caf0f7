"""Poll feeds: claim, fetch, parse, ingest, apply; one bad feed never stops the others."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.app import App
from monitor.classify.classifier import RULES, Classifier
from monitor.domain.feed import FeedState, Outcome, PollEvent, Tier
from monitor.extract.facts import extract
from monitor.fetch.client import Fetcher
from monitor.jobs import rounds
from monitor.jobs.clock import utc_now
from monitor.jobs.running import Progress, parser_pool, until_stopped
from monitor.jobs.turn import Run, poll_feed
from monitor.parse.workers import ParserPool
from monitor.pipeline import may_be_ours
from monitor.store import feeds as store_feeds
from monitor.store import ruled as store_ruled
from monitor.store import waiting as store_waiting
from monitor.store.feeds import Which

LEASE = timedelta(minutes=15)
"""How long a claimed feed is this process's: many times a round; a kill -9 delays its feeds by no more."""
_CATCH_UP = 1_000  # waiting entries classified at once
_ROOM = 32  # documents that are fetched and not yet taken: what comes faster than it is read waits at its server


@dataclass(frozen=True, slots=True)
class PollReport:
    """What a run of the job did. ``held`` names the feeds that were asked for and not polled, since they were paused or
    are being polled by another process."""

    events: tuple[PollEvent, ...]
    held: tuple[str, ...] = ()
    caught_up: int = 0
    model_problem: str = ""

    @property
    def failed(self) -> tuple[PollEvent, ...]:
        return tuple(event for event in self.events if event.outcome is Outcome.FAILED)

    @property
    def new(self) -> int:
        return sum(event.new for event in self.events)

    @property
    def entries(self) -> int:
        return sum(event.entries for event in self.events)

    @property
    def edited(self) -> int:
        return sum(event.edited for event in self.events)

    @property
    def quarantined(self) -> int:
        return sum(event.quarantined for event in self.events)

    @property
    def repeats(self) -> int:
        return sum(event.repeats for event in self.events)


def run(
    app: App,
    *,
    names: Collection[str] | None = None,
    which: Which = Which.DUE,
    now: Callable[[], datetime] = utc_now,
    progress: Progress = lambda done, total: None,
    stop: Callable[[], bool] = lambda: False,
    parser: ParserPool | None = None,
    one_round: bool = False,
) -> PollReport:
    """Poll the feeds that are due, or with `Which.NAMED` those that are named, due or not, in rounds.

    ``names`` None means every enabled feed. With ``one_round`` feeds that did not fit into it stay due. Feeds that
    ``stop`` finds not yet begun are given back. ``parser`` is a pool that outlives the run; without one the run has its
    own.
    """
    feeds = app.settings.feeds
    wanted = sorted(names if names is not None else (feed.name for feed in app.settings.enabled_feeds()))
    store_feeds.sync(app.store, (feeds[name] for name in wanted), now=now())
    caught_up = catch_up(app, now=now)
    left, events = set(wanted), list[PollEvent]()
    with ExitStack() as held:
        while left and not stop():
            due = rounds.due(app, left, which, now=now())
            chosen = rounds.choose(app, due, now=now())
            states = store_feeds.claim(app.store, chosen, which, now=now(), lease=LEASE)
            if not states:
                break
            left -= {state.name for state in states}
            parser = parser or held.enter_context(parser_pool(app))
            shown = _continued(progress, len(events), len(due) - len(states))
            events += asyncio.run(_poll_all(app, states, now, shown, stop, parser))
            if one_round:
                break
    unpolled = rounds.unpolled(wanted, (event.feed for event in events)) if which is Which.NAMED else ()
    return PollReport(tuple(events), unpolled, caught_up, app.model.problem)


def _continued(progress: Progress, before: int, after: int) -> Progress:
    """Tell the progress of one round as that of all, with the feeds ``before`` it and ``after`` it."""
    return lambda done, total: progress(before + done, before + total + after)


def catch_up(app: App, *, now: Callable[[], datetime] = utc_now) -> int:
    """Classify what was stored while no model could be loaded, and what went by rules meanwhile; returns how many."""
    classifier, done = app.model.classifier, 0
    if classifier and classifier.version != RULES:
        done += _judge_anew(app, classifier, now())
    while classifier and (batch := store_waiting.waiting(app.store, limit=_CATCH_UP)):
        texts, langs = [(w.entry.title, w.entry.text) for w in batch], [w.entry.lang for w in batch]
        scores = classifier.classify(texts, langs)
        scored = [(w.id, found) for w, found in zip(batch, scores, strict=True)]
        versions = {w.id: w.version for w in batch}
        ours = {id_ for id_, found in scored if may_be_ours(found)}
        store_waiting.add_scores(
            app.store, scored, classifier.scorer, now=now(), versions=versions, ours=ours, read=extract
        )
        done += len(batch)
    return done


def _judge_anew(app: App, classifier: Classifier, now: datetime) -> int:
    """Score what only rules have scored; what subscriptions have not passed, and is news still, they judge anew."""
    done = 0
    while batch := store_ruled.by_rules_alone(app.store, limit=_CATCH_UP):
        scores = classifier.classify(
            [(s.entry.title, s.entry.text) for s in batch], [s.entry.lang for s in batch]
        )  # fmt: skip
        news = {s.id for s in batch if now - s.first_seen <= Tier.NEWS.look_back}
        pairs = list(zip(batch, scores, strict=True))
        ours = {s.id for s, found in pairs if may_be_ours(found)}
        taken = store_ruled.take(app.store, pairs, classifier.scorer, news=news, now=now, ours=ours, read=extract)
        if not taken:  # all of them were edited meanwhile: the next poll looks again
            break
        done += taken
    return done


async def _poll_all(
    app: App,
    states: Sequence[FeedState],
    now: Callable[[], datetime],
    progress: Progress,
    stop: Callable[[], bool],
    parser: ParserPool,
) -> list[PollEvent]:
    """Fetch side by side, read in processes, and take the documents in one thread, each while the others go on."""
    if app.politeness is None:
        raise RuntimeError("this App was built without politeness")
    rounds.keep_distance(app, app.politeness, now=now())
    reading = app.settings.options.parse.workers
    with ThreadPoolExecutor(1, "ingest") as worker, ThreadPoolExecutor(reading, "read") as readers:
        async with Fetcher(app.settings.options.fetch) as fetcher, asyncio.TaskGroup() as group:
            run_ = Run(
                app, fetcher, app.politeness.session(), parser, readers, worker, now, progress, len(states),
                asyncio.Semaphore(_ROOM),
            )  # fmt: skip
            tasks = [group.create_task(poll_feed(run_, app.settings.feeds[state.name], state)) for state in states]
            group.create_task(until_stopped(tasks, stop))
    return run_.events
