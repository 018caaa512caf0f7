"""`monitor reclassify`."""

from typing import Annotated

import typer

from monitor.app import App, build, words_of
from monitor.classify.classifier import RULES, Classifier
from monitor.cli.chosen import feeds_of, read_range
from monitor.cli.common import stopping
from monitor.cli.console import DONE, WITH_FAILURES, err, print_json, tell
from monitor.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption
from monitor.cli.reclassify_show import numbers, range_of, report_json, show_begin, show_scores, shown
from monitor.domain.backfill import ALL_TIME
from monitor.domain.reclassify import Span
from monitor.errors import UsageError
from monitor.jobs import models as job_models
from monitor.jobs.clock import utc_now
from monitor.jobs.reclassify import run as job
from monitor.jobs.reclassify.run import Report, Wanted
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.store.database import refusals


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("reclassify")(reclassify)


def reclassify(
    model: Annotated[
        str | None, typer.Option("--model", metavar="VERSION", help="By this version; without it the one in use.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="T", help="Entries first seen since a day, a time, or 7d ago.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", help="And until then, a day with its whole length.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="NAME", help="Of this source or feed; may be repeated.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, max=64, metavar="N", help="Processes in all; two without it.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; say what would change.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Run stored entries through a model, beside their old scores, and say which decisions change."""
    settings, now = load(config, channels=False), utc_now()
    begin, end = read_range(since, until, now)
    span = Span(begin or ALL_TIME.since, end or now, feeds_of(settings, source))
    asked = f"since {since} until {until} of {', '.join(sorted(source or ['all']))}"
    classifier = _named(settings, model) if model is not None else None
    with refusals(), build(settings, migrate=not dry_run) as app, stopping() as stop, shown() as told:
        chosen = classifier or _in_use(app)
        report = job.run(
            app, chosen, Wanted(span, asked, dry_run, workers), progress=told, stop=stop.is_set,
            resumes=lambda run: tell(f"going on with reclassification {run.id}: {range_of(run, app)}", to=err),
        )  # fmt: skip
    if json:
        print_json(report_json(report))
    else:
        _show(report, app)
    raise typer.Exit(DONE if report.ended else WITH_FAILURES)


def _named(settings: Settings, version: str) -> Classifier:
    job_models.named(settings.models, version)
    return Classifier.load(settings.models, version, words_of(settings))


def _in_use(app: App) -> Classifier:
    classifier = app.model.classifier
    if classifier is None or classifier.version == RULES:
        raise UsageError(f"the model in use cannot be loaded: {app.model.problem}; --model names another")
    return classifier


def _show(report: Report, app: App) -> None:
    done = report.job
    if not done.entries and not done.total:
        tell("no stored entry with scores was first seen then; nothing to do", indent=4)
        return _show_waiting(report)
    show_begin(report, app)
    if report.dry_run:
        part = "" if report.ended else " of a part"
        tell(f"dry run{part}, nothing is written:", indent=4)
    show_scores(report, app)
    _show_waiting(report)
    if not report.ended:
        more = "the numbers are of this part only" if report.dry_run else "the same command goes on from here"
        return tell(f"stopped after {numbers(done)}; {more}", indent=4, to=err, style="yellow")
    return tell(_in_force(report, app), indent=4)


def _show_waiting(report: Report) -> None:
    if report.waiting:
        which = "1 entry has" if report.waiting == 1 else f"{report.waiting} entries have"
        tell(f"{which} no scores of a model yet: the next poll scores what waits, since it may be news", indent=4)


def _in_force(report: Report, app: App) -> str:
    """By whose scores decisions go."""
    model = report.job.model
    if report.job.counts:
        return (
            f"{model} is in use: lists, facts and what is yet to be judged go by its scores; nothing is announced by it"
        )
    return (
        f"{model} is not in use: digests and views go on by {app.model.name}; once `monitor models activate {model}` "
        "has put it in use, `monitor reclassify` lets its scores count"
    )
