"""Composing: what a subscription has not judged, judged and put together as a digest. Writes nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from monitor.app import App
from monitor.digest.alerts import named
from monitor.digest.near import judged, nearest
from monitor.digest.render import Rendered
from monitor.digest.select import Selection, select
from monitor.domain.delivery import Departure, Recipient
from monitor.domain.digest import Coverage, Digest, FeedFault, Message, Silence, Story, Subscription
from monitor.domain.entry import StoredEntry
from monitor.jobs.blocks import blocks
from monitor.jobs.departures import staying
from monitor.store import departures as store_departures
from monitor.store import digests as store_digests
from monitor.store import near as store_near
from monitor.store import views
from monitor.store.database import Store
from monitor.store.digests import Closing, SubscriptionState, Unjudged

_CHUNK = 50  # near-misses read at once


@dataclass(frozen=True, slots=True)
class Making:
    """A window to compose: its name, what is said of its time, and until when what it holds was seen (None: now)."""

    key: str
    now: datetime
    late: timedelta | None = None
    merged: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """Candidates for near-misses, the best first, and those of them that were read."""

    ids: list[int]
    read: list[StoredEntry] = field(default_factory=list)

    def part(self, store: Store, start: int) -> list[StoredEntry]:
        """The entries from one on, as many as are read at once."""
        while len(self.read) < min(start + _CHUNK, len(self.ids)):
            at = len(self.read)
            self.read.extend(store_near.entries_of(store, self.ids[at : at + _CHUNK]))
        return self.read[start : start + _CHUNK]


@dataclass(frozen=True, slots=True)
class Shared:
    """What the subscriptions of one run have in common, read and laid out once."""

    entries: store_digests.Shared = field(default_factory=dict)
    near: dict[tuple[object, ...], Near] = field(default_factory=dict)
    coverages: dict[tuple[datetime, datetime], Coverage] = field(default_factory=dict)
    owing: list[frozenset[str]] = field(default_factory=list)
    departed: list[list[Departure]] = field(default_factory=list)
    rendered: Rendered = field(default_factory=Rendered)


@dataclass(frozen=True, slots=True)
class Composed:
    """A digest, with what was judged for it."""

    digest: Digest
    selection: Selection
    found: Unjudged
    near: tuple[Story, ...]

    def closing(
        self, state: SubscriptionState, making: Making, message: Message | None, to: tuple[Recipient, ...]
    ) -> Closing:
        """The window to be closed; without a message no near-miss was named."""
        judgements = (*self.selection.judgements, *(judged(self.near) if message else ()))
        return Closing(
            state, making.key, self.found.upto, judgements, self.digest.stories, message, to, self.selection.named,
            making.until, tuple(stored.id for stored in self.found.alerted) if message else (),
        )  # fmt: skip


def compose(app: App, subscription: Subscription, state: SubscriptionState, making: Making, shared: Shared) -> Composed:
    """Judge what is unjudged, and make the digest of it."""
    lines = lowest(subscription)
    found = store_digests.unjudged(app.store, state, lines, until=making.until, shared=shared.entries)
    selection = select(
        subscription,
        new=found.new,
        rolled_over=found.rolled_over,
        told=found.told,
        titles=titles(app, subscription.headings),
        source_of=app.settings.source_of,
        spans=found.spans,
    )
    near = _near(app, subscription, state, found, shared) if subscription.near_misses else ()
    until = making.until or making.now
    shown = {story.id for section in selection.sections for story in section.stories}
    alerted = [stored for stored in found.alerted if stored.story_id not in shown]
    digest = Digest(
        key=making.key,
        subscription=subscription,
        made_at=making.now,
        sections=selection.sections,
        coverage=covered(app, shared, since=state.closed_at, until=until, over_line=selection.over_line),
        beyond_cap=selection.beyond_cap,
        late=making.late,
        blocks=blocks(app, subscription, selection.over, found.told, since=state.closed_at),
        merged=making.merged,
        near=near,
        alerted=named(subscription, alerted, source_of=app.settings.source_of),
    )
    return Composed(digest, selection, found, near)


def lowest(subscription: Subscription) -> dict[str, float]:
    """The line of each label below which no entry can be in."""
    return {name: lines.lowest.threshold for name, lines in subscription.lines.items()}


def titles(app: App, language: str) -> dict[str, str]:
    """The headings of labels, in a language where config has them in it."""
    return {name: label.titles.get(language, label.title) for name, label in app.settings.labels.items()}


def _near(
    app: App, subscription: Subscription, state: SubscriptionState, found: Unjudged, shared: Shared
) -> tuple[Story, ...]:
    lines = sorted((label, own.lowest.review, own.default.threshold) for label, own in subscription.lines.items())
    stretch = (state.judged_to, found.upto, *lines)
    if stretch not in shared.near:
        ids = store_near.near_ids(app.store, state.judged_to, subscription.lines, upto=found.upto)
        shared.near[stretch] = Near(ids)
    taken = {stored.story_id for stored in (*found.new, *found.rolled_over)}
    while stories := _best(app, subscription, shared.near[stretch], taken):
        # Asked of those that are chosen, since most are of stories that nobody was told of.
        known = store_near.known(app.store, state.name, [story.id for story in stories])
        if not known:
            return stories
        taken |= known
    return ()


def _best(app: App, subscription: Subscription, near: Near, taken: Collection[int]) -> tuple[Story, ...]:
    starts = count(0, _CHUNK)

    def more() -> Sequence[StoredEntry]:
        return near.part(app.store, next(starts))

    return tuple(nearest(subscription, more, taken=taken, source_of=app.settings.source_of))


def covered(app: App, shared: Shared, *, since: datetime, until: datetime, over_line: int) -> Coverage:
    """As `coverage`, read once a run for each window."""
    if (since, until) not in shared.coverages:
        shared.coverages[since, until] = coverage(app, since=since, until=until, over_line=0)
    return replace(shared.coverages[since, until], over_line=over_line)


def recipients(app: App, subscription: Subscription, shared: Shared) -> tuple[Recipient, ...]:
    """The recipients of a subscription, without those who left it; read once a run, since the transaction that writes
    deliveries looks for those who left meanwhile."""
    if not shared.departed:
        shared.departed.append(store_departures.departures(app.store))
    return staying(app.settings, subscription, shared.departed[0])


def coverage(app: App, *, since: datetime, until: datetime, over_line: int) -> Coverage:
    """Say what was looked at in a window: feeds by their state, entries by how far they came."""
    enabled = {feed.name: feed for feed in app.settings.enabled_feeds()}
    window = views.window(app.store, since=since, until=until)
    states = views.feeds(app.store, enabled)
    failed = tuple(FeedFault(state.name, state.kind, state.failing_since) for state in states if state.kind)
    quiet = [Silence(state.name, state.last_new_at) for state in states if not state.kind and state.last_new_at]
    due = {state.name for state in states if state.next_poll_at and state.next_poll_at <= until}
    silent = tuple(
        Silence(state.name, state.last_new_at)
        for state in states
        if not state.kind
        and state.polled_at is not None
        and until - (state.last_new_at or state.added_at) > enabled[state.name].source.tier.look_back
    )
    return Coverage(
        since=since,
        until=until,
        feeds=len(enabled),
        polled=len(window.polled & set(enabled)),
        failed=failed,
        silent=silent,
        seen=window.seen,
        new=window.new,
        unclassified=window.unclassified,
        over_line=over_line,
        scorers=window.scorers,
        gaps=tuple(sorted(window.gaps & set(enabled))),
        due=len((due | window.polled) & set(enabled)),
        longest=min(quiet, key=lambda silence: silence.last_new or until, default=None),
    )
