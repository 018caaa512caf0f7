"""`monitor poll`."""

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from monitor.app import App
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, opened, progress
from monitor.cli.console import DONE, WITH_FAILURES, err, out, print_json, tell
from monitor.errors import UsageError
from monitor.jobs import articles, notices
from monitor.jobs import poll as job
from monitor.jobs.articles import ArticlesReport, Ending
from monitor.jobs.poll import PollReport
from monitor.settings.load import load
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
        with progress("fetching articles") as bar:
            task = bar.task_ids[0]
            pages = articles.run(app, progress=lambda done, total: bar.update(task, completed=done, total=total))
        _tell_owner(app, config)
    if json:
        print_json(_summary(report, pages))
    else:
        _show(report, app.model.consequence)
        _show_articles(pages)
    raise typer.Exit(WITH_FAILURES if report.failed or report.model_problem else DONE)


def _tell_owner(app: App, config: Path) -> None:
    """Keep and tell what the polls say of the feeds; the deliver job sends it."""
    told = notices.CHANNEL in app.settings.options.channels  # the others need no Apprise, which takes its time
    notices.run(replace(app, settings=load(config)) if told else app)


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


def _summary(report: PollReport, pages: ArticlesReport) -> dict[str, object]:
    return {
        "polled": len(report.events),
        "failed": len(report.failed),
        "entries": report.entries,
        "new": report.new,
        "repeats": report.repeats,
        "edited": report.edited,
        "quarantined": report.quarantined,
        "articles": {**{ending.value: pages.count(ending) for ending in Ending}, "left": pages.left},
        "held": report.held,
        "caught_up": report.caught_up,
        "model_problem": report.model_problem,
        "feeds": report.events,
    }


def _show(report: PollReport, consequence: str) -> None:
    for event in sorted(report.failed, key=lambda event: event.feed):
        tell(f"{event.feed}: {event.kind}: {event.detail}", indent=4, to=err, style="yellow")
    for event in sorted(report.events, key=lambda event: event.feed):
        if event.cut:
            left = f"{event.cut} entries beyond [poll] max_entries were left out"
            tell(f"{event.feed}: {left}", indent=4, to=err, style="yellow")
    for name in report.held:
        reason = "its server asked for patience, or another process polls it"
        tell(f"{name}: not asked: {reason}", indent=4, to=err, style="yellow")
    if consequence:
        tell(consequence, indent=4, to=err, style="bold red")
    caught_up = f", {report.caught_up} older entries classified" if report.caught_up else ""
    if not report.events and not report.held:
        out.print(f"no feed was due{caught_up}")
        return
    edited = f", {report.edited} edited" if report.edited else ""
    past = f", {report.quarantined} of them old under new names, and not announced" if report.quarantined else ""
    feeds = f"{len(report.events)} feed{'' if len(report.events) == 1 else 's'}"
    tell(
        f"polled {feeds}, {len(report.failed)} failed: {report.entries} entries seen, "
        f"{report.new} new{past}, {report.repeats} repeats{edited}{caught_up}",
        indent=4,
    )


def _show_articles(pages: ArticlesReport) -> None:
    if not pages.tried and not pages.left:
        return
    without = len(pages.tried) - pages.count(Ending.TAKEN)
    left = f"; {pages.left} more wait for the next time" if pages.left else ""
    tell(f"articles: {pages.count(Ending.TAKEN)} taken, {without} without success{left}", indent=4)
