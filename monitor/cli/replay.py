"""`monitor replay`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from monitor.app import App
from monitor.cli.common import local, opened, progress, read_since
from monitor.cli.console import DONE, WITH_FAILURES, err, plain, print_json, tell
from monitor.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption
from monitor.cli.reclassify_show import report_json, show_begin, show_scores
from monitor.errors import UsageError
from monitor.jobs import replay as job
from monitor.jobs.clock import utc_now
from monitor.jobs.replay import Progress, ReplayReport
from monitor.normalise.duration import show
from monitor.store.documents import Holding, holdings

_LINES = 10  # of progress at the most, where stderr is no terminal
_NAMES = 10  # of feeds told at the most


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("replay")(replay)


def replay(
    feed: Annotated[
        list[str] | None, typer.Option("--feed", metavar="NAME", help="Documents of this feed; may be repeated.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="T", help="That came since a day, a time, or 7d ago.")
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that no poll could read.")] = False,
    classify: Annotated[
        bool, typer.Option("--classify", help="Also score the entries of their time with the model of today.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; say what would be.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Read the documents that are kept once more, and store what was missed or misread."""
    with opened(config, migrate=False, channels=False) as app:
        there = holdings(app.store)
        for name in feed or ():
            _demand(name, app, there)
        moment = read_since(since, utc_now())
        with _shown() as bar:
            report = job.run(
                app, names=feed, since=moment, failed=failed, dry_run=dry_run, classify=classify, asked=since or "",
                progress=bar,
            )  # fmt: skip
        nothing = "" if report.documents else _nothing(app, there, feed, moment)
        if json:
            print_json(_summary(report, nothing))
        else:
            _show(report, nothing, app)
    raise typer.Exit(WITH_FAILURES if report.failures or report.model_problem else DONE)


def _demand(name: str, app: App, there: Mapping[str, Holding]) -> None:
    """Refuse a feed that neither config nor the kept documents know."""
    if name in there or name in app.settings.feeds:
        return
    near = get_close_matches(name, {*there, *app.settings.feeds})
    hint = f"did you mean {', '.join(near)}?" if near else f"documents are kept of: {_named(there)}"
    raise UsageError(f'--feed {name}: no feed "{name}" in feeds.toml, and no document of one is kept; {hint}')


def _named(there: Mapping[str, Holding]) -> str:
    names = sorted(there)
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more if names else "none"


@contextmanager
def _shown() -> Iterator[Progress]:
    """Progress on stderr: a bar in a terminal, elsewhere a plain line for each tenth."""
    if not err.is_terminal:
        yield _line
        return
    with progress("replaying") as bar:
        tasks = {"documents": bar.task_ids[0]}

        def update(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task("classifying", total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield update


def _line(what: str, done: int, total: int) -> None:
    if done == total or done * _LINES // total > (done - 1) * _LINES // total:
        err.print(f"{done} of {total} {what}")


def _nothing(app: App, there: Mapping[str, Holding], feed: list[str] | None, since: datetime | None) -> str:
    """Say why there is nothing to read, and what there is."""
    kept_for = app.settings.options.retention.documents
    if not there and not kept_for:
        return "nothing is kept: retention.documents is 0d; set it to 14d, and polls keep documents from then on"
    if not there:
        return f"nothing is kept yet: polls keep the documents that come from now on, for {show(kept_for)}"
    mine = {name: holding for name, holding in there.items() if not feed or name in feed}
    if not mine:
        return f"no document of {', '.join(feed or ())} is kept; there are documents of: {_named(there)}"
    newest = max(holding.last_at for holding in mine.values())
    if since is not None and newest < since:
        return f"no document has come since {local(since, app)}; the newest that is kept came {local(newest, app)}"
    count = sum(holding.documents for holding in mine.values())
    return f"no kept document is one that no poll could read; without --failed there are {count}"


def _summary(report: ReplayReport, nothing: str) -> dict[str, Any]:
    found = plain(report)
    return {
        **{name: found[name] for name in ("dry_run", "feeds", "documents")},
        "failed": dict(report.failed),
        **{name: found[name] for name in ("entries", "new", "announced", "changed")},
        "unchanged": report.unchanged,
        **{name: found[name] for name in ("released", "failures")},
        "reclassified": report_json(report.reclassified) if report.reclassified else None,
        "model_problem": report.model_problem,
        "nothing": nothing,
    }


def _show(report: ReplayReport, nothing: str, app: App) -> None:
    for failure in report.failures:
        last = f"{_count(failure.documents, 'document')}, the last of {local(failure.last_at, app)}"
        tell(f"{failure.feed}: {failure.kind}: {last}: {failure.detail}", indent=4, to=err, style="yellow")
    if app.model.consequence:
        tell(app.model.consequence, indent=4, to=err, style="bold red")
    if nothing:
        tell(nothing, indent=4)
        return
    for name in report.released:
        tell(f"{name}: the document that was put aside can be read now", indent=4)
    dry = "dry run, nothing is written: " if report.dry_run else ""
    tell(
        f"{dry}read {_count(report.documents, 'document')} of {_count(report.feeds, 'feed')}, "
        f"{sum(report.failed.values())} failed: {report.entries} entries found, {report.new} new, "
        f"{report.changed} changed, {report.unchanged} unchanged; {report.announced} to be announced",
        indent=4,
    )
    if report.reclassified is not None:
        show_begin(report.reclassified, app)
        show_scores(report.reclassified, app)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
