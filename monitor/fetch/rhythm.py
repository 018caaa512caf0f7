"""When a feed's behaviour is worth a notice: silence, spikes, failures. Pure, like `schedule`, from the same record.

All rules look at polls that took place, never at the clock alone: while nobody polls, no feed falls silent or fails.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from monitor.domain.notice import (
    AllFailing,
    Allowance,
    Asked,
    Attempts,
    Basis,
    Brought,
    Failing,
    Finding,
    Gone,
    Look,
    Notice,
    NoticeKind,
    Silent,
    Spike,
    Standing,
)

DAY, WEEK = timedelta(days=1), timedelta(days=7)

ARRIVALS, ARRIVALS_SPAN = 5, timedelta(days=14)
"""How often, and over how long, something new must have come before a feed has a rhythm: two weekends are in it."""
WELL_KNOWN = 20
"""Pauses on record from which on the longest but one is trusted: one holiday, or one stop of ours, is no rhythm."""
OF_KNOWN, OF_EXPECTED = 2, 4
"""How many usual pauses are silence: for a feed that is well known, and for one that is not.

Of a feed whose entries come at random (exponential pauses, the worst case) the next pause is longer than twice the
longest but one of n with a chance of 6/((n+1)(n+2)), and longer than four times the longest of n with one of
24/((n+1)(n+2)(n+3)(n+4)): 1.3 % at 20 and 1.4 % at 4, where these rules begin, and much less soon after.
"""
WEEKEND = timedelta(days=2)
"""What is allowed beyond, where that would be less than a week: a long weekend."""

SPIKE_BEFORE = timedelta(days=28)
SPIKE_SIGMAS, SPIKE_TIMES, SPIKE_LEAST, SPIKE_DAYS = 2.0, 3.0, 20, 7
"""A spike is over mean + 2σ of the 28 days before (Media Cloud's web-search alerts), over thrice the mean, and 20
entries or more; a feed that was looked at on fewer than seven of those days has no usual day yet."""

FAILING_AFTER = timedelta(hours=24)
"""Failures in a row over so long are told: a night of maintenance passes, and no more than one daily digest goes out
before."""

CYCLE, CYCLE_FEEDS = timedelta(hours=1), 3
"""The newest poll cycle is the last hour, if it asked so many feeds: a feed is due hourly until its pace is learnt."""
CYCLE_UNDER_WAY = timedelta(minutes=10)
"""A cycle that began later may have asked one dead domain only, so far."""


def allowance(arrivals: Sequence[datetime], *, expected: timedelta | None, look_back: timedelta) -> Allowance:
    """Say how long a feed may bring nothing new, from the times (ascending) at which it brought something.

    Until its own rhythm is known, ``expected`` from config counts, or else the longer of its tier's ``look_back`` and
    the longest pause that it has made.
    """
    pauses = sorted((later - earlier for earlier, later in pairwise(arrivals)), reverse=True)
    if len(arrivals) >= ARRIVALS and arrivals[-1] - arrivals[0] >= ARRIVALS_SPAN:
        basis = Basis.OWN
        usual, times = (pauses[1], OF_KNOWN) if len(pauses) >= WELL_KNOWN else (pauses[0], OF_EXPECTED)
    elif expected:
        basis, usual, times = Basis.CONFIG, expected, OF_EXPECTED
    else:
        basis, usual, times = Basis.TIER, max([look_back, *pauses[:1]]), OF_EXPECTED
    longest = usual * times
    return Allowance(longest + WEEKEND if longest < WEEK else longest, usual, basis)


def quiet(standing: Standing) -> timedelta:
    """How long a feed had brought nothing new when it was last looked at; nothing for one that fails, or is new.

    The clock does not count: after a stop of ours no feed is silent that has not been asked again.
    """
    if standing.polled_at is None or standing.failing_since is not None or standing.gone:
        return timedelta()
    return standing.polled_at - (standing.last_new_at or standing.added_at)


def silent(standing: Standing, allowed: Allowance) -> Silent | None:
    """Judge a feed's silence."""
    if standing.polled_at is None or quiet(standing) <= allowed.longest:
        return None
    since = standing.last_new_at or standing.added_at
    return Silent(standing.name, since, standing.polled_at, standing.last_new_at, allowed)


def spike(feed: str, brought: Brought, looks: Sequence[Look], *, now: datetime) -> Spike | None:
    """Judge what a feed brought in the last 24 hours against its good polls (ascending) since `SPIKE_BEFORE` and a day.

    The oldest poll is left out, since it may be the feed's first, which brings its past. After a stretch without a good
    poll, a day may bring that stretch's share.
    """
    usual, limit = _usual(looks[1:], now)
    much = limit is not None and brought.new > limit
    if not much and not brought.quarantined:
        return None
    return Spike(feed, now, brought.new, brought.quarantined, usual, limit)


def _usual(looks: Sequence[Look], now: datetime) -> tuple[float | None, float | None]:
    """The mean of a day, and what today may bring; None where too little is known."""
    before: Counter[int] = Counter()
    for look in looks:
        before[(now - look.at) // DAY] += look.new
    today = [look.at for look in looks if now - look.at < DAY]
    days = [new for day, new in before.items() if day > 0]
    if len(days) < SPIKE_DAYS or not today:
        return None, None
    last = max(look.at for look in looks if now - look.at >= DAY)
    stretch = max(1.0, (today[0] - last) / DAY)
    mean = statistics.fmean(days)
    limit = stretch * max(mean + SPIKE_SIGMAS * statistics.pstdev(days), SPIKE_TIMES * mean)
    return mean, max(limit, SPIKE_LEAST - 1)


def failing(standing: Standing, attempts: Attempts | None, outage: Notice | None = None) -> Failing | None:
    """Judge a feed's failures; ``outage`` is the last notice that every poll failed.

    An outage of ours tells nothing of a feed: failures that began in it count from its end, and while it lasts, and
    until the feed has been asked after it, nothing is said.
    """
    since = standing.failing_since
    if since is None or attempts is None or standing.gone:
        return None
    counted = since if outage is None else _without(outage, since, attempts.last)
    if counted is None or attempts.last - counted < FAILING_AFTER:
        return None
    return Failing(standing.name, since, attempts.polls, standing.kind, standing.detail, standing.polled_at)


def _without(outage: Notice, since: datetime, last: datetime) -> datetime | None:
    """From when on failures since ``since`` count; None while the outage lasts or nothing was asked after it."""
    ended = outage.closed_at
    if ended is None or outage.open or last <= ended:
        return None
    return ended if outage.opened_at - CYCLE <= since < ended else since


def gone(standing: Standing) -> Gone | None:
    """Tell of a feed that is polled no more."""
    return Gone(standing.name, standing.failing_since or standing.added_at) if standing.gone else None


def all_failing(asked: Sequence[Asked], standings: Mapping[str, Standing], *, now: datetime) -> AllFailing | None:
    """Judge the newest poll cycle: the feeds that were asked within `CYCLE`.

    Feeds that had failed before prove nothing, since some always do: at least three must have answered until the last
    good poll of any.
    """
    if len(asked) < CYCLE_FEEDS or any(one.good for one in asked):
        return None
    last_good = newest_good(standings.values())
    fresh = [one for one in asked if _fell(standings.get(one.feed), last_good)]
    began = min((one.first for one in fresh), default=now)
    if len(fresh) < CYCLE_FEEDS or now - began < CYCLE_UNDER_WAY:
        return None
    fallen = [standings[one.feed] for one in fresh]
    since = min(standing.failing_since or now for standing in fallen)
    kinds = Counter(standing.kind for standing in fallen).most_common()
    return AllFailing(since, tuple(sorted(one.feed for one in asked)), tuple(kinds), last_good)


def _fell(standing: Standing | None, last_good: datetime | None) -> bool:
    since = standing.failing_since if standing else None
    return since is not None and (last_good is None or since > last_good)


def newest_good(standings: Iterable[Standing]) -> datetime | None:
    """When a poll of any feed last went well."""
    return max((s.polled_at for s in standings if s.polled_at is not None), default=None)


def over(notice: Notice, standing: Standing | None, *, last_good: datetime | None, now: datetime) -> datetime | None:
    """Say since when that is over which is not found any more; None where it is not, or cannot be known.

    It takes an event, not a rule that says no longer: a silent feed that begins to fail has not recovered.
    """
    if notice.kind is NoticeKind.ALL_FAILING:
        return last_good if last_good is not None and last_good > notice.opened_at else None
    if notice.kind is NoticeKind.SPIKE:
        return now
    if standing is None:
        return None
    if notice.kind is NoticeKind.SILENT:
        # No silence is shorter than a weekend, so what came after its start came less than that before the notice.
        came = standing.last_new_at
        return came if came is not None and came > notice.opened_at - WEEKEND else None
    return standing.polled_at if standing.failing_since is None and not standing.gone else None


def supersedes(finding: Finding) -> tuple[NoticeKind, ...]:
    """The kinds of notice about the same feed that a finding makes pointless."""
    return (NoticeKind.FAILING, NoticeKind.SILENT) if isinstance(finding, Gone) else ()
