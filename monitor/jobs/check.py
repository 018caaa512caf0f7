"""Probe feeds: one request each, a verdict with its evidence, and a report. Changes nothing of what polls found."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.app import App
from monitor.domain.feed import Feed, Tier
from monitor.errors import FetchError, Severity
from monitor.jobs.ask import Asked, Asking, asking
from monitor.jobs.clock import utc_now
from monitor.normalise import date
from monitor.normalise.text import clean
from monitor.observe import fields, log, mask
from monitor.parse.stranger import recognised
from monitor.store import views

STALE_AFTER = {Tier.NEWS: timedelta(days=60), Tier.ANALYSIS: timedelta(days=180)}
"""How old a feed's newest entry may be before the feed counts as stale."""
_FIRST_BYTES = 80


class Verdict(StrEnum):
    """What a probe found."""

    OK = "OK"
    STALE = "STALE"  # a feed whose newest entry is older than `STALE_AFTER`
    EMPTY = "EMPTY"  # a feed without entries, or no bytes at all
    HTML = "HTML"  # a web page, or something else that is no feed
    BLOCKED = "BLOCKED"  # we may not: 401, 403, 429 and the like, or a challenge page
    GONE = "GONE"  # 404, 410
    TLS = "TLS"  # no secure connection
    PARKED = "PARKED"  # the domain is for sale or has run out
    DOWN = "DOWN"  # no whole answer: name, connection, time, 5xx, or a page that tells of the site's own trouble


_BLOCKING = frozenset({401, 402, 403, 406, 407, 418, 429, 451})
_GONE = frozenset({404, 410})
_STRANGERS = {"parked": Verdict.PARKED, "challenge": Verdict.BLOCKED}


@dataclass(frozen=True, slots=True)
class Probe:
    """One feed's verdict with its evidence; ``first_bytes`` stands where something other than a good feed came."""

    feed: str
    source: str
    enabled: bool
    url: str
    verdict: Verdict
    detail: str = ""
    status: int | None = None
    final_url: str = ""
    format: str = ""
    entries: int = 0
    newest: datetime | None = None
    first_bytes: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All probes, by name of the feed."""

    at: datetime
    probes: tuple[Probe, ...]

    @property
    def bad(self) -> tuple[Probe, ...]:
        return tuple(probe for probe in self.probes if probe.verdict is not Verdict.OK)

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many of each verdict, all of them named."""
        found = Counter(probe.verdict for probe in self.probes)
        return {verdict: found[verdict] for verdict in Verdict}


def run(
    app: App,
    names: Collection[str] | None = None,
    *,
    now: Callable[[], datetime] = utc_now,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> CheckReport:
    """Ask each named feed once (None: every feed of config, disabled ones too), as politely as a poll.

    A feed whose server asked for patience is not asked.
    """
    started = now()
    feeds = [app.settings.feeds[name] for name in sorted(app.settings.feeds if names is None else set(names))]
    paused = {
        state.name: state.paused_until
        for state in views.feeds(app.store, [feed.name for feed in feeds])
        if state.paused_until is not None and state.paused_until > started
    }
    probes = [_held(feed, paused[feed.name]) for feed in feeds if feed.name in paused]
    open_ = [feed for feed in feeds if feed.name not in paused]
    probes += asyncio.run(_probe_all(app, open_, now, progress))
    return CheckReport(started, tuple(sorted(probes, key=lambda probe: probe.feed)))


def _held(feed: Feed, until: datetime) -> Probe:
    detail = f"not asked: its server asked us to wait until {until:%Y-%m-%d %H:%M} UTC"
    return Probe(feed.name, feed.source.key, feed.enabled, mask(feed.url), Verdict.BLOCKED, detail)


async def _probe_all(
    app: App, feeds: Collection[Feed], now: Callable[[], datetime], progress: Callable[[int, int], None]
) -> list[Probe]:
    probes: list[Probe] = []

    async def one(line: Asking, feed: Feed) -> None:
        asked = await line.ask(feed.url, feed.name)
        try:
            probes.append(judge(feed, asked, now=now()))
        except Exception as error:  # noqa: BLE001 - the seam: whatever one document breaks, the others are judged
            log.exception(fields("check", feed=feed.name, outcome="crashed"))
            detail = f"broke the check: {type(error).__name__}: {error}"
            probes.append(Probe(feed.name, feed.source.key, feed.enabled, mask(feed.url), Verdict.HTML, mask(detail)))
        progress(len(probes), len(feeds))

    async with asking(app, now) as line, asyncio.TaskGroup() as group:
        for feed in feeds:
            group.create_task(one(line, feed))
    return probes


def judge(feed: Feed, asked: Asked, *, now: datetime) -> Probe:
    """Name what came; pure."""
    fetched, document = asked.fetched, asked.document
    dates = [date.claimed(raw.published, raw.published_hint, now=now) for raw in document.entries] if document else []
    newest = max(filter(None, dates), default=None)
    if document is not None:
        verdict, detail = _of_feed(len(document.entries), newest, feed.source.tier, now)
    elif fetched is not None:
        verdict, detail = _of_page(fetched.body, fetched.url, str(asked.error))
    else:
        verdict, detail = _of_error(asked.error), str(asked.error)
    shown = fetched is not None and verdict not in {Verdict.OK, Verdict.STALE}
    return Probe(
        feed.name,
        feed.source.key,
        feed.enabled,
        mask(feed.url),
        verdict,
        mask(detail),
        asked.status,
        mask(fetched.url) if fetched else "",
        document.version if document else "",
        len(document.entries) if document else 0,
        newest,
        mask(clean(fetched.body[:_FIRST_BYTES].decode("utf-8", "replace"))) if fetched and shown else "",
        asked.seconds,
    )


def _of_feed(entries: int, newest: datetime | None, tier: Tier, now: datetime) -> tuple[Verdict, str]:
    if not entries:
        return Verdict.EMPTY, "a feed without entries"
    if newest is None:
        return Verdict.OK, "none of its entries has a date that can be true"
    if now - newest > STALE_AFTER[tier]:
        return Verdict.STALE, f"nothing for {(now - newest).days} days"
    return Verdict.OK, ""


def _of_page(body: bytes, url: str, problem: str) -> tuple[Verdict, str]:
    """Judge what is no feed by where it came from and what it says."""
    if not body.strip():
        return Verdict.EMPTY, problem
    told = recognised(body, url)
    if told is None:
        return Verdict.HTML, problem
    if told.severity is Severity.TEMPORARY:
        return Verdict.DOWN, told.detail
    return _STRANGERS.get(told.kind, Verdict.HTML), told.detail


def _of_error(error: Exception | None) -> Verdict:
    if not isinstance(error, FetchError):
        return Verdict.DOWN
    if error.status in _BLOCKING or error.kind in {"blocked-address", "paused"}:
        return Verdict.BLOCKED
    if error.status in _GONE:
        return Verdict.GONE
    return Verdict.TLS if error.kind == "tls" else Verdict.DOWN


def markdown(report: CheckReport) -> str:
    """The report as a Markdown file: the counts, what needs a look, then everything."""
    counts = ", ".join(f"{count} {verdict.value}" for verdict, count in report.counts.items() if count)
    lines = [
        "# Check of the sources",
        "",
        f"{report.at:%Y-%m-%d %H:%M} UTC; {len(report.probes)} feeds asked once each: {counts or 'none'}.",
    ]
    for heading, probes in (("Needs a look", report.bad), ("All feeds", report.probes)):
        lines += ["", f"## {heading}", "", *_table(probes)] if probes else []
    return "\n".join(lines) + "\n"


def _table(probes: Collection[Probe]) -> list[str]:
    rows = [
        "| verdict | feed | status | newest entry | entries | address, evidence |",
        "|---|---|---|---|---|---|",
    ]
    for p in probes:
        moved = f"came from {p.final_url}" if p.final_url and p.final_url != p.url else ""
        began = f"began with: {p.first_bytes}" if p.first_bytes else ""
        evidence = "; ".join(filter(None, (p.url, "disabled" * (not p.enabled), moved, p.detail, began)))
        newest = f"{p.newest:%Y-%m-%d}" if p.newest else ""
        cells = (p.verdict.value, p.feed, str(p.status or ""), newest, str(p.entries), evidence)
        rows.append("| " + " | ".join(map(_cell, cells)) + " |")
    return rows


def _cell(text: str) -> str:
    """A text that no server can turn into markup or a new column."""
    escaped = re.sub(r"([\\`*\[\]|])", r"\\\1", clean(text))
    return escaped.replace("&", "&amp;").replace("<", "&lt;")
