"""`monitor status`."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.app import App
from monitor.cli.backfill_show import numbers
from monitor.cli.channels_show import channel_json, channel_lines
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, local, opened
from monitor.cli.console import DONE, WITH_FAILURES, err, out, plain, plural, print_json, tell
from monitor.cli.drift_words import glanced
from monitor.cli.reclassify_show import numbers as reclassified
from monitor.domain.delivery import DeliveryState
from monitor.errors import StoreError
from monitor.jobs.clock import utc_now
from monitor.jobs.status import Status
from monitor.jobs.status import health as judge_health
from monitor.jobs.status import status as gather

_ALWAYS_TOLD = (DeliveryState.PENDING, DeliveryState.DELIVERED, DeliveryState.FAILED)


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("status")(status)


def status(
    health: Annotated[
        bool, typer.Option("--health", help="Only: is the daemon alive and the database there? Exit 1 if not.")
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Show last polls, failing feeds, deliveries, next runs, and the model in use."""
    if health:
        raise typer.Exit(_health(config, json=json))
    with opened(config, migrate=False, channels=False) as app:
        found = gather(app, now=utc_now())
        if json:
            more = {"failing": [feed.name for feed in found.failing]}
            print_json({**plain(found), **more, "channels": [channel_json(one) for one in found.channels]})
        else:
            _show(found, app)


def _health(config: Path, *, json: bool) -> int:
    try:
        with opened(config, with_model=False, migrate=False, channels=False) as app:
            found = judge_health(app.store, now=utc_now())
            healthy, reason = found.healthy, found.reason
    except StoreError as error:
        healthy, reason = False, str(error)
    if json:
        print_json({"healthy": healthy, "reason": reason})
    else:
        (out if healthy else err).print(reason)
    return DONE if healthy else WITH_FAILURES


def _show(found: Status, app: App) -> None:
    _row("daemon", found.health.reason)
    _row("model", app.model.consequence or found.model)
    _row("drift", glanced(found.drift))
    waiting = f", {found.totals.unclassified} wait for a model" if found.totals.unclassified else ""
    _row("entries", f"{found.totals.entries}{waiting}")
    _row("last poll", f"{local(found.totals.last_poll_at, app)} {app.settings.zone.key}")
    _row("feeds", f"{len(found.feeds)} known, {len(found.failing)} failing, {len(found.never_polled)} never polled")
    for feed in found.failing:
        since = local(feed.failing_since, app)
        _row("", f"{feed.name}: {feed.kind} since {since}, next {local(feed.next_poll_at, app)} ({feed.detail})")
    if found.notices:
        _row("notices", f"{len(found.notices)} open")
    for notice in found.notices:
        about = f"{notice.subject}: {notice.kind.value}" if notice.subject else notice.kind.value
        _row("", f"{about} since {local(notice.opened_at, app)}: {notice.detail}")
    for number, channel in enumerate(found.channels):
        for position, (line, wrong) in enumerate(channel_lines(channel, app, every=False)):
            head = "channels" if number == position == 0 else ""
            _row(head, line, style="yellow" if wrong else None)
    for job in found.backfills:
        last = f"last page {local(job.updated_at, app)}"
        _row("backfill", f"{job.id}, {job.feed} by {job.route}: {job.state.value}, {last}: {numbers(job)}")
    if (run := found.reclassification) is not None:
        state = "running" if found.reclassifying else "interrupted; the same command goes on with it"
        _row(
            "reclassify",
            f"{run.id}, by {run.model}: {state}, last page {local(run.updated_at, app)}: {reclassified(run)}",
        )
    _left(found, app)
    states = {state: found.deliveries.get(state, 0) for state in DeliveryState}
    told = [f"{count} {state.value}" for state, count in states.items() if count or state in _ALWAYS_TOLD]
    _row("deliveries", ", ".join(told))
    for delivery in found.unsettled:
        again = f", again {local(delivery.next_at, app)}" if delivery.state is DeliveryState.PENDING else ""
        detail = f": {delivery.detail}" if delivery.detail else ""
        _row("", f"{delivery.recipient}: {delivery.state.value} after {_tries(delivery.attempts)}{again}{detail}")
    for name, at in found.next_windows.items():
        _row("next digest", f"{name}: {local(at, app) if at else 'not by the clock; `monitor subscriptions list`'}")
    for warning in found.warnings:
        tell(f"warning: {warning}", indent=4, to=err, style="yellow")


def _left(found: Status, app: App) -> None:
    names = sorted({one.subscription for one in found.left})
    for number, name in enumerate(names):
        times = [one.at for one in found.left if one.subscription == name]
        counted = f"{plural(len(times), 'recipient')}, the last {local(max(times), app)}"
        _row("" if number else "left", f"{name}: {counted}; `monitor subscriptions show {name}`")


def _tries(number: int) -> str:
    return f"{number} {'try' if number == 1 else 'tries'}"


def _row(name: str, text: str, *, style: str | None = None) -> None:
    """Print one line under its heading; a row without one belongs to the row above, and is set in when it is long."""
    tell(f"{name:12} {text}", indent=13 if name else 17, style=style)
