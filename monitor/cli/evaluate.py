"""`monitor evaluate`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.classify.quality.page import page
from monitor.classify.quality.wording import lines_of
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, opened, progress
from monitor.cli.console import plain, plural, print_json, save, tell
from monitor.cli.evaluate_show import show
from monitor.errors import UsageError
from monitor.jobs import evaluate as job
from monitor.jobs.evaluate import EvaluateReport, ItemSet
from monitor.settings.load import load
from monitor.settings.model import Settings

_MOST = 100_000  # resamples; more would take minutes and change no digit that is shown


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("evaluate")(evaluate)


def evaluate(
    *,
    sets: Annotated[
        list[Path] | None,
        typer.Option("--set", metavar="FILE|DIR", help="Items as JSON lines; repeatable; default: the held-out set."),
    ] = None,
    annotations: Annotated[
        bool, typer.Option("--annotations", help="Measure on what people said of stored entries instead.")
    ] = False,
    model: Annotated[
        str | None, typer.Option("--model", metavar="VERSION", help="Another version than the one in use.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Also write a page with plots.")] = None,
    resamples: Annotated[
        int, typer.Option("--resamples", min=0, max=_MOST, metavar="N", help="For the intervals; 0: none.")
    ] = 1_000,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Measure a model on items whose truth is known, at the lines of the config."""
    if sets and annotations:
        raise UsageError("--set and --annotations: measure on one of them at a time")
    settings = load(config, channels=False)
    measured = _from_people(config, model) if annotations else job.from_files(settings, sets or [])
    report = _run(settings, measured, model, resamples)
    if html is not None:
        save(html, as_page(report, settings).encode())
    if json:
        print_json(as_json(report))
        return
    show(report, settings)
    if html is not None:
        tell(f"\nthe page is in {html}")


def _run(settings: Settings, measured: ItemSet, version: str | None, resamples: int) -> EvaluateReport:
    with progress("scoring") as bar:
        task = bar.task_ids[0]
        return job.run(
            settings,
            measured,
            version=version,
            resamples=resamples,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _from_people(config: Path, version: str | None) -> ItemSet:
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        return job.from_people(app.settings, app.store, version)


def as_json(report: EvaluateReport) -> dict[str, Any]:
    """A report as scripts get it; docs/guide.md, "Measuring a model"."""
    told = {
        "scorer": report.scorer,
        "measured_on": report.measured_on,
        "notes": report.notes,
        "lines": report.lines,
    }
    return {**plain(told), **plain(report.evaluation)}


def as_page(report: EvaluateReport, settings: Settings) -> str:
    """A report as a page of HTML."""
    evaluation = report.evaluation
    apart = f", {evaluation.borderline} of them borderline and told apart" if evaluation.borderline else ""
    facts = [("measured on", f"{report.measured_on}: {plural(evaluation.items, 'item')}{apart}")]
    facts += [("note", note) for note in report.notes]
    labels = {name: (label.title, lines_of(label.lines)) for name, label in settings.labels.items()}
    return page(evaluation, report.curves, heading=f"Model {report.scorer}", facts=facts, labels=labels)
