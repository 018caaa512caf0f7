"""`monitor sources check` and `health`."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.app import App
from monitor.cli.common import local, opened, progress
from monitor.cli.console import DONE, WITH_FAILURES, err, out, plural, print_json, save, tell
from monitor.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption
from monitor.jobs import check as check_job
from monitor.jobs import health as health_job
from monitor.jobs import sources, verdicts
from monitor.jobs.check import CheckReport, Verdict
from monitor.jobs.clock import utc_now
from monitor.jobs.health import FeedHealth, State
from monitor.jobs.verdicts import Written

verbs = typer.Typer(rich_markup_mode=None)
_STYLES = {Verdict.OK: "green", Verdict.STALE: "yellow", Verdict.EMPTY: "yellow"}


@verbs.command("check")
def check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Sources or feeds; else all.")] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Markdown; else var/sources-check.md.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write each feed's status and the day into config; switches nothing.")
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Ask each feed once, disabled ones too, and say what came, with evidence; exit 1 if an enabled one is bad."""
    with opened(config, with_model=False, channels=False) as app:
        chosen = _chosen(app, names)
        with progress("asking") as bar:
            task = bar.task_ids[0]
            found = check_job.run(
                app, chosen, progress=lambda done, total: bar.update(task, completed=done, total=total)
            )
        file = report or app.settings.base / "var" / "sources-check.md"
        save(file, check_job.markdown(found).encode())
    if not json:
        _show_check(found, file)
    written = verdicts.write(app.settings.folder, found) if write else None
    if json:
        told = {"at": found.at, "counts": found.counts, "report": file.absolute(), "feeds": found.probes}
        print_json({**told, **({} if written is None else {"written": written})})
    elif written is not None:
        _show_written(written)
    raise typer.Exit(WITH_FAILURES if any(probe.enabled for probe in found.bad) else DONE)


def _chosen(app: App, names: list[str] | None) -> list[str] | None:
    """The feeds that the names stand for; None for all."""
    if not names:
        return None
    pairs = [sources.named(app.settings, name) for name in names]
    return [
        name
        for key, feed in pairs
        for name in ([feed] if feed else app.settings.options.sources[key].feeds)
    ]  # fmt: skip


def _show_check(found: CheckReport, file: Path) -> None:
    for probe in found.bad:
        began = f"; it began with {probe.first_bytes}" if probe.first_bytes else ""
        off = " (disabled)" if not probe.enabled else ""
        text = f"{probe.verdict.value:8} {probe.feed}{off}: {probe.detail}{began}"
        tell(text, indent=13, style=_STYLES.get(probe.verdict, "red"))
    counts = ", ".join(f"{count} {verdict.value}" for verdict, count in found.counts.items() if count)
    tell(f"{plural(len(found.probes), 'feed')}: {counts or 'none asked'}; the report is in {file}", indent=4)


def _show_written(written: Written) -> None:
    for feed, before, after in written.changed:
        tell(f"{feed}: {before} -> {after}", indent=4)
    where = f"written to {', '.join(map(str, written.files))}" if written.files else "nothing was written"
    left = f"; {plural(len(written.unasked), 'feed')} not asked, and left as they are" if written.unasked else ""
    tell(f"{where}{left}", indent=4)
    if written.rested:
        tell(f"good, and disabled: {', '.join(written.rested)}; `monitor sources enable NAME`", indent=4, to=err)


@verbs.command("health")
def health(config: ConfigOption = DEFAULT_CONFIG, json: JsonOption = False) -> None:
    """Show how each feed does: last success, failures, silence, entries a week. Asks nobody."""
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        found = health_job.health(app, now=utc_now())
        if json:
            print_json(found)
            return
        for feed in found:
            if feed.state is not State.DISABLED:
                _show_health(feed, app)
    counts = ", ".join(f"{n} {state.value}" for state in State if (n := sum(f.state is state for f in found)))
    out.print(f"{plural(len(found), 'feed')}: {counts or 'none'}")


def _show_health(feed: FeedHealth, app: App) -> None:
    rate = "" if feed.a_week is None else f", {feed.a_week:.1f} entries a week"
    quiet = f", nothing new for {feed.silent_days} days" if feed.state is State.SILENT else ""
    failed = f", {feed.failed} of {plural(feed.polls, 'poll')} failed" if feed.failed else ""
    why = f", {feed.kind} since {local(feed.failing_since, app)}: {feed.detail}" if feed.kind else ""
    why += "".join(f"; notice {notice.kind.value} since {local(notice.opened_at, app)}" for notice in feed.notices)
    style = "yellow" if feed.state in {State.FAILING, State.SILENT} else None
    text = f"{feed.state.value:12} {feed.feed}: last success {local(feed.last_success, app)}{rate}{quiet}{failed}{why}"
    tell(text, indent=17, style=style)
