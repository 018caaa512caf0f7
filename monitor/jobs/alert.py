"""Alerts: a digest of one story or a group, soon after it was stored, by the composer, ledger and outbox of digests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.app import App
from monitor.deliver.unsubscribe import links
from monitor.digest import schedule, windows
from monitor.digest.alerts import Gathered, Hold, gather, hold
from monitor.digest.corrections import mend_of
from monitor.digest.render import render
from monitor.digest.select import Selection, select
from monitor.digest.words import shown
from monitor.domain.alert import Silence
from monitor.domain.digest import Digest, Message, Story, Subscription, Verdict
from monitor.domain.entry import StoredEntry
from monitor.jobs.clock import utc_now
from monitor.jobs.compose import Shared, covered, lowest, recipients, titles
from monitor.jobs.digest import state_of
from monitor.jobs.seam import each_for_itself
from monitor.observe import fields, log
from monitor.store import alerts as store_alerts
from monitor.store import digests as store_digests
from monitor.store.digests import Closing, SubscriptionState, Unjudged
from monitor.tongue.tongue import of

_HOUR, _MOMENT = timedelta(hours=1), timedelta(minutes=1)
_SUBJECT = 150  # characters of a headline in a subject
_STRIDE = 1_000  # entries of no interest after which it is noted that they were looked at


@dataclass(frozen=True, slots=True)
class SentAlert:
    """An alert that was put into the outbox; ``more``: it says that the cap is reached."""

    subscription: str
    key: str
    stories: int
    recipients: int
    more: bool = False


def run(app: App, *, now: Callable[[], datetime] = utc_now) -> list[SentAlert]:
    """Send every alert that is due.

    What goes wrong with one subscription keeps no other waiting: it is raised at the end, as an ExceptionGroup.
    """
    sent: list[SentAlert] = []
    moment, shared = now(), Shared()
    silences = store_alerts.silences(app.store, now=moment)
    with each_for_itself("alert") as alone:
        for subscription in app.settings.subscriptions.values():
            with alone(subscription.name):
                sent += _run(app, subscription, silences, moment, shared)
    return sent


def _run(
    app: App, subscription: Subscription, silences: Sequence[Silence], now: datetime, shared: Shared
) -> list[SentAlert]:
    held = hold(subscription, now)
    if held is Hold.ALL or not (subscription.alert or (held is not Hold.NONE and subscription.critical is not None)):
        return []
    state = state_of(app, subscription.name, now)
    if state.paused_at is not None or state.began_at == now or _digest_is_due(subscription, state, now):
        return []
    behind = replace(state, judged_to=max(state.alert_to, state.judged_to))
    found = store_digests.unjudged(app.store, behind, lowest(subscription), shared=shared.entries)
    gathered = gather(
        subscription,
        found.new,
        told=found.told,
        silences=silences,
        source_of=app.settings.source_of,
        now=now,
        window_waits=_window_waits(subscription, state, now),
        group_wait=app.settings.options.digest.group_wait,
        group_interval=app.settings.options.digest.group_interval,
    )
    if sent := _send(app, subscription, state, found, gathered, now, shared):
        return [sent]
    if found.new or found.upto - behind.judged_to > _STRIDE:
        store_alerts.pass_by(app.store, state, found.upto, waiting=[stored.id for stored in gathered.wait])
    return []


def _digest_is_due(subscription: Subscription, state: SubscriptionState, now: datetime) -> bool:
    """Say whether a digest goes out at this moment: then it tells what is new, at the end of quiet hours above all."""
    close = schedule.last_close(subscription.schedule, subscription.zone, now)
    if close is None or not _window_waits(subscription, state, now):
        return False
    return timedelta() <= now - windows.released(subscription, schedule.closed_at(close)) < _MOMENT


def _window_waits(subscription: Subscription, state: SubscriptionState, now: datetime) -> bool:
    """Say whether a window has closed since the last one that was sent, and so is held."""
    if subscription.schedule == schedule.IMMEDIATE:
        return True
    close = schedule.last_close(subscription.schedule, subscription.zone, now)
    return close is not None and schedule.closed_at(close) > max(state.closed_at, state.began_at)


def _send(
    app: App,
    subscription: Subscription,
    state: SubscriptionState,
    found: Unjudged,
    gathered: Gathered,
    now: datetime,
    shared: Shared,
) -> SentAlert | None:
    """Send what is gathered, unless nothing in it is new, or the cap was reached and that was said."""
    recent = store_alerts.recent(app.store, subscription.name, since=now - _HOUR) if gathered.go else None
    if recent is None or recent.told_of_more:
        return None
    more = recent.alerts >= subscription.alert.cap
    marked = replace(subscription, max_stories=1 if more else subscription.max_stories)
    selection = _select(app, marked, gathered.go, found)
    if not selection.sections:
        return None
    kind = store_alerts.MORE if more else store_alerts.ALERT
    key = f"{now.astimezone(subscription.zone).isoformat(timespec='seconds')}{kind}{state.alerts + 1}"
    digest = Digest(
        key=key,
        subscription=marked,
        made_at=now,
        sections=selection.sections,
        coverage=covered(app, shared, since=state.closed_at, until=now, over_line=selection.over_line),
        beyond_cap=selection.beyond_cap,
        alert=True,
    )
    told = tuple(
        replace(judgement, verdict=Verdict.ALERTED)
        for judgement in selection.judgements
        if judgement.verdict is Verdict.SHOWN
    )
    to = recipients(app, subscription, shared)
    message = replace(_message(digest, more), unsubscribe=links(app.settings.options.mail, subscription.name, to))
    closing = Closing(state, key, found.upto, told, digest.stories, message, to, selection.named)
    done = store_alerts.send(app.store, closing, waiting=[stored.id for stored in gathered.wait], now=now)
    outcome = "sent" if done else "overtaken"
    log.info(fields("alert", subscription=subscription.name, key=key, stories=digest.stories, outcome=outcome))
    return SentAlert(subscription.name, key, digest.stories, len(to), more) if done else None


def _select(app: App, subscription: Subscription, go: Sequence[StoredEntry], found: Unjudged) -> Selection:
    """The composer of digests, over what goes out."""
    return select(
        subscription,
        new=go,
        rolled_over=(),
        told=found.told,
        titles=titles(app, subscription.headings),
        source_of=app.settings.source_of,
        spans=found.spans,
    )


def _message(digest: Digest, more: bool) -> Message:
    """Render an alert; what it is about stands in its subject."""
    message = render(digest)
    (story, *others) = [story for section in digest.sections for story in section.stories]
    tongue, headline = of(digest.subscription.headings), shown(story.lead.entry.title, _SUBJECT)
    if more:
        subject = tongue.count("alert.last", digest.stories + digest.beyond_cap, headline=tongue.apart(headline))
    elif others or digest.beyond_cap or not headline:
        return message
    else:
        subject = tongue.say(f"alert.{_again(story)}", headline=tongue.apart(headline))
    return replace(message, subject=subject, data={**message.data, "subject": subject})


def _again(story: Story) -> str:
    """What an alert's subject calls it; a title that says itself that it corrects or withdraws needs no word before."""
    if story.news is None or mend_of(story.lead.entry.title):
        return "subject"
    return "correction" if story.news.only_corrected else "update"
