"""Alerts: which stories are worth one now, which wait, and which no alert is sent of. Pure.

An alert is a digest of one story or a group. A story waits `group_wait` from when its first entry was stored; what else
is worth an alert by then goes with it. Of a story that was told, further news waits `group_interval` from then.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.digest import windows
from monitor.digest.select import SourceOf, overtaken, passed, wants
from monitor.domain.alert import Silence
from monitor.domain.digest import Heard, Story, Subscription, Verdict
from monitor.domain.entry import StoredEntry
from monitor.domain.labels import Decision
from monitor.domain.story import lead_order
from monitor.domain.wish import QuietMode


class Hold(StrEnum):
    """What may go out now."""

    NONE = "none"  # every alert
    CRITICAL = "critical"  # what is critical; the rest waits
    PASSED = "passed"  # what is critical; the rest is for the next digest
    ALL = "all"  # nothing


@dataclass(frozen=True, slots=True)
class Gathered:
    """Entries of stories that go out now, and those of which an alert may go out later."""

    go: tuple[StoredEntry, ...] = ()
    wait: tuple[StoredEntry, ...] = ()


def hold(subscription: Subscription, now: datetime) -> Hold:
    """Say what may go out now."""
    critical = subscription.critical is not None
    if windows.holiday(subscription, now):
        return Hold.PASSED
    if not windows.quiet(subscription, now) or subscription.quiet is None:
        return Hold.NONE
    return Hold.CRITICAL if critical and subscription.quiet.mode is QuietMode.CRITICAL else Hold.ALL


def gather(
    subscription: Subscription,
    new: Sequence[StoredEntry],
    *,
    told: Mapping[int, Sequence[Heard]],
    silences: Sequence[Silence],
    source_of: SourceOf,
    now: datetime,
    window_waits: bool,
    group_wait: timedelta,
    group_interval: timedelta,
) -> Gathered:
    """Sort out what is worth an alert. ``window_waits``: a digest would have gone out, if it were not held."""
    held = hold(subscription, now)
    stories: dict[int, list[StoredEntry]] = defaultdict(list)
    worth, going = set[int](), set[int]()
    for stored in new:
        decisions = _in(subscription, stored, source_of)
        if not decisions:
            continue
        stories[stored.story_id].append(stored)
        if any(silence.covers(stored, frozenset(d.label for d in decisions)) for silence in silences):
            continue
        alert, critical = _is_alert(subscription, stored, decisions), _is_critical(subscription, decisions)
        if alert and held is not Hold.PASSED:
            worth.add(stored.story_id)
        if alert if held is Hold.NONE else critical and held is not Hold.ALL and (alert or window_waits):
            going.add(stored.story_id)
    ready = {
        id_
        for id_ in going
        if now - min(stored.first_seen for stored in stories[id_]) >= group_wait
        and (id_ not in told or now - _told_at(told[id_]) >= group_interval)
    }
    # What is new goes with what is ready; of what was told each waits for itself.
    go = {id_ for id_ in going if id_ in ready or (ready and id_ not in told)}
    return Gathered(
        tuple(stored for id_ in sorted(go) for stored in stories[id_]),
        tuple(stored for id_ in sorted((worth | going) - go) for stored in stories[id_]),
    )


def named(subscription: Subscription, entries: Sequence[StoredEntry], *, source_of: SourceOf) -> tuple[Story, ...]:
    """Make stories of what alerts told, for a digest that names them: the best margin first."""
    by_story: dict[int, list[StoredEntry]] = defaultdict(list)
    for stored in entries:
        by_story[stored.story_id].append(stored)
    found = []
    for id_, mine in by_story.items():
        lead, *others = sorted(mine, key=lambda stored: lead_order(stored, source_of(stored.feed)))
        decisions = passed(lead, subscription, source_of(lead.feed)) or (overtaken(lead, subscription.lines),)
        found.append(Story(id_, lead, tuple(others), decisions, ()))
    return tuple(sorted(found, key=lambda story: (-story.decisions[0].margin, story.id)))


def _in(subscription: Subscription, stored: StoredEntry, source_of: SourceOf) -> tuple[Decision, ...]:
    source = source_of(stored.feed)
    if not wants(subscription, stored, source.key if source else ""):
        return ()
    return passed(stored, subscription, source)


def _is_alert(subscription: Subscription, stored: StoredEntry, decisions: Sequence[Decision]) -> bool:
    lines = subscription.alert.lines
    over = any(d.label in lines and d.probability >= lines[d.label] for d in decisions)
    return over or any(rule.meets(stored) for rule in subscription.alert.rules)


def _is_critical(subscription: Subscription, decisions: Sequence[Decision]) -> bool:
    line = subscription.critical
    return line is not None and any(decision.probability >= line for decision in decisions)


def _told_at(heard: Sequence[Heard]) -> datetime:
    """When a story was told last; a line of what was only noted does not count, unless there are no others."""
    told = [line.at for line in heard if line.verdict in {Verdict.SHOWN, Verdict.ALERTED}]
    return max(told or [line.at for line in heard])
