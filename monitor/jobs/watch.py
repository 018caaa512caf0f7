"""What the record of polls says of the feeds now: read from the store, judged by `fetch.rhythm`; writes nothing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.app import App
from monitor.domain.notice import Finding, Key, Notice, NoticeKind, Silent, Spike, Standing
from monitor.fetch import rhythm as rules
from monitor.store import rhythm

RECENT, FAR = timedelta(days=90), timedelta(days=365)
"""How far back a feed's pauses are looked for: what comes daily shows them in 90 days, what comes weekly in a year."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is worth a notice now, what is over of the notices there are, and which of them have become pointless."""

    found: Mapping[Key, Finding]
    over: Mapping[Key, datetime]
    pointless: frozenset[Key]


def look(app: App, notices: Collection[Notice], *, now: datetime) -> Seen:
    """Judge every enabled feed, and the newest poll cycle."""
    names = [feed.name for feed in app.settings.enabled_feeds()]
    standings = rhythm.standings(app.store, names)
    found = {(finding.KIND, finding.subject): finding for finding in _findings(app, standings, notices, now)}
    last_good = rules.newest_good(standings.values())
    over = {
        notice.key: since
        for notice in notices
        if notice.open and notice.key not in found
        and (since := rules.over(notice, standings.get(notice.subject), last_good=last_good, now=now)) is not None
    }  # fmt: skip
    covered = {(kind, finding.subject) for finding in found.values() for kind in rules.supersedes(finding)}
    left = {notice.key for notice in notices if notice.subject and notice.subject not in names}
    return Seen(found, over, frozenset(covered | left))


def _findings(
    app: App, standings: Mapping[str, Standing], notices: Iterable[Notice], now: datetime
) -> Iterable[Finding]:
    asked = [one for one in rhythm.asked(app.store, since=now - rules.CYCLE) if one.feed in standings]
    everything = rules.all_failing(asked, standings, now=now)
    if everything is not None:
        yield everything
    else:
        outage = next((notice for notice in notices if notice.kind is NoticeKind.ALL_FAILING), None)
        attempts = rhythm.attempts(app.store, failing_before=now - rules.FAILING_AFTER)
        failing = (rules.failing(standing, attempts.get(name), outage) for name, standing in standings.items())
        yield from filter(None, failing)
    yield from filter(None, map(rules.gone, standings.values()))
    yield from silences(app, standings).values()
    yield from _spikes(app, standings, now)


def silences(app: App, standings: Mapping[str, Standing]) -> dict[str, Silent]:
    """Find the feeds that have been silent for too long; more is read of those only that were quiet for a while."""
    quiet = {name: standing for name, standing in standings.items() if rules.quiet(standing) > rules.WEEKEND}
    arrivals = _arrivals(app, quiet)
    found: dict[str, Silent] = {}
    for name, standing in quiet.items():
        feed = app.settings.feeds[name]
        look_back = feed.source.tier.look_back
        allowed = rules.allowance(arrivals.get(name, ()), expected=feed.rhythm, look_back=look_back)
        if (silent := rules.silent(standing, allowed)) is not None:
            found[name] = silent
    return found


def _arrivals(app: App, quiet: Mapping[str, Standing]) -> dict[str, tuple[datetime, ...]]:
    """When each feed brought something in `RECENT` before the newest poll; in `FAR`, where that tells little.

    The first time on record is left out: it may be that of the first poll, which brought the feed's past.
    """
    if not quiet:
        return {}
    newest = max(standing.polled_at for standing in quiet.values() if standing.polled_at is not None)
    recent = rhythm.arrivals(app.store, quiet, since=newest - RECENT)
    few = [name for name in quiet if len(recent.get(name, ())) <= rules.WELL_KNOWN + 1]
    older = rhythm.arrivals(app.store, few, since=newest - FAR, before=newest - RECENT)
    return {name: (*older.get(name, ()), *recent.get(name, ()))[1:] for name in quiet}


def _spikes(app: App, standings: Mapping[str, Standing], now: datetime) -> Iterable[Spike]:
    day = now - rules.DAY
    begin = day - rules.SPIKE_BEFORE
    many = rhythm.brought(app.store, since=day, least=rules.SPIKE_LEAST)
    mine = {name: brought for name, brought in many.items() if name in standings}
    usual = rhythm.before(app.store, mine, since=begin, until=day)
    per_day = rules.SPIKE_TIMES * rules.DAY / rules.SPIKE_BEFORE
    # Most of what brings much always does: the long record is read only of feeds that may be over the line.
    odd = [name for name, brought in mine.items() if brought.quarantined or brought.new > per_day * usual.get(name, 0)]
    looks = rhythm.looks(app.store, odd, since=begin)
    for name in odd:
        if spike := rules.spike(name, mine[name], looks.get(name, ()), now=now):
            yield spike
