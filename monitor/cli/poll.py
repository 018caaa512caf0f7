"""`monitor poll`."""

from difflib import get_close_matches
from typing import Annotated

import typer

from monitor.app import App
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, opened, progress
from monitor.cli.console import DONE, WITH_FAILURES, err, out, print_json, tell
from monitor.errors import UsageError
from monitor.jobs import poll as job
from monitor.jobs.poll import PollReport
from monitor.store.feeds import Which


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("poll")(poll)


def poll(
    feed: Annotated[
        list[str] | None, typer.Option("--feed", metavar="NAME", help="This feed, now; may be repeated.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every enabled feed, now.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Poll the feeds that are due, and store what is new."""
    if feed and everything:
        raise UsageError("--feed and --all: give one of them")
    with opened(config, channels=False) as app:
        names = _names(app, feed)
        which = Which.NAMED if feed or everything else Which.DUE
        with progress("polling") as bar:
            task = bar.task_ids[0]
            report = job.run(
                app,
                names=names,
                which=which,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    if json:
        print_json(_summary(report))
    else:
        _show(report)
    raise typer.Exit(WITH_FAILURES if report.failed or report.model_problem else DONE)


def _names(app: App, wanted: list[str] | None) -> list[str] | None:
    for name in wanted or ():
        found = app.settings.feeds.get(name)
        if found is None:
            near = ", ".join(get_close_matches(name, app.settings.feeds))
            hint = f"did you mean {near}?" if near else "`monitor config explain sources` lists them"
            raise UsageError(f'no feed "{name}" in feeds.toml; {hint}')
        if not found.enabled:
            raise UsageError(f'feed "{name}" is disabled in feeds.toml')
    return wanted or None


def _summary(report: PollReport) -> dict[str, object]:
    return {
        "polled": len(report.events),
        "failed": len(report.failed),
        "entries": report.entries,
        "new": report.new,
        "repeats": report.repeats,
        "held": report.held,
        "caught_up": report.caught_up,
        "model_problem": report.model_problem,
        "feeds": report.events,
    }


def _show(report: PollReport) -> None:
    for event in sorted(report.failed, key=lambda event: event.feed):
        tell(f"{event.feed}: {event.kind}: {event.detail}", indent=4, to=err, style="yellow")
    for name in report.held:
        reason = "its server asked for patience, or another process polls it"
        tell(f"{name}: not asked: {reason}", indent=4, to=err, style="yellow")
    if report.model_problem:
        problem = f"entries are stored unclassified and wait: {report.model_problem}"
        tell(problem, indent=4, to=err, style="bold red")
    if not report.events and not report.held:
        out.print("no feed was due")
        return
    caught_up = f", {report.caught_up} older ones classified" if report.caught_up else ""
    feeds = f"{len(report.events)} feed{'' if len(report.events) == 1 else 's'}"
    tell(
        f"polled {feeds}, {len(report.failed)} failed: {report.entries} entries seen, "
        f"{report.new} new, {report.repeats} repeats{caught_up}",
        indent=4,
    )
