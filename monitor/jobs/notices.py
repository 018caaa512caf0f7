"""Notices: find what the owner should know, tell it once through the channel `ops`, and tell when it is over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.app import App
from monitor.digest.notice_message import render_notices
from monitor.digest.notice_words import Words
from monitor.digest.notices import Turn, decide
from monitor.domain.delivery import Recipient
from monitor.domain.notice import Finding, Key, Notice
from monitor.jobs.clock import utc_now
from monitor.jobs.watch import look
from monitor.observe import fields, log
from monitor.store import notices as store_notices
from monitor.store.notices import Telling

CHANNEL = "ops"
"""The channel that notices go to; without one in config they are kept, logged and shown."""


@dataclass(frozen=True, slots=True)
class NoticesReport:
    """What a run of the job told. ``quiet`` are changes that were kept without a word, since they flap.

    ``recipients`` is how many were written to; ``lost`` says that another process was faster, and told it itself.
    """

    opened: tuple[Notice, ...] = ()
    closed: tuple[Notice, ...] = ()
    quiet: tuple[Notice, ...] = ()
    recipients: int = 0
    lost: bool = False


def run(app: App, *, now: Callable[[], datetime] = utc_now) -> NoticesReport:
    """Compare the record of polls with the notices that are kept, and tell what changed in one message.

    The notices and the message are one transaction; sending is the deliver job's work.
    """
    moment = now()
    recipients = _recipients(app)
    kept = store_notices.kept(app.store)
    seen = look(app, kept.notices, now=moment)
    words = Words(app.settings.zone, app.settings.feeds)
    found = {key: words.detail(finding) for key, finding in seen.found.items()}
    turn = decide(kept.notices, found, seen.over, pointless=seen.pointless, now=moment)
    if not turn.changes:
        return NoticesReport()
    telling = _telling(turn, seen.found, words, recipients, kept.turn + 1, moment) if turn.news else None
    closed = tuple(over.notice for over in turn.closed)
    changed = (*turn.opened, *closed, *turn.quiet)
    if not store_notices.write(app.store, kept.turn, changed, dropped=turn.dropped, telling=telling, now=moment):
        return NoticesReport(lost=True)
    _log(turn)
    return NoticesReport(turn.opened, closed, turn.quiet, len(telling.recipients) if telling else 0)


def _recipients(app: App) -> tuple[Recipient, ...]:
    if CHANNEL in app.settings.options.channels and CHANNEL not in app.settings.channels:
        raise RuntimeError("these settings were loaded without channels: what is kept as told would reach nobody")
    return tuple(sorted(app.settings.channels.get(CHANNEL, ()), key=lambda recipient: recipient.label))


def _telling(
    turn: Turn,
    findings: Mapping[Key, Finding],
    words: Words,
    recipients: tuple[Recipient, ...],
    number: int,
    now: datetime,
) -> Telling | None:
    if not recipients:
        return None
    # The time is for people, in the names of files; the number makes the key the only one.
    key = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}-{number}"
    message = render_notices(turn, findings, key=key, words=words, now=now)
    return Telling(key, turn.news, message, recipients)


def _log(turn: Turn) -> None:
    for notice in turn.opened:
        log.warning(fields("notice", kind=notice.kind.value, feed=notice.subject, state="opened", detail=notice.detail))
    for over in turn.closed:
        log.info(fields("notice", kind=over.notice.kind.value, feed=over.notice.subject, state="closed"))
    for notice in turn.quiet:
        state = "opened-again" if notice.open else "closed-again"
        log.info(fields("notice", kind=notice.kind.value, feed=notice.subject, state=state, times=notice.times))
    for kind, subject in turn.dropped:
        log.info(fields("notice", kind=kind.value, feed=subject, state="dropped"))
