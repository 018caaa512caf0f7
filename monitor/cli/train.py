"""`monitor train`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from monitor.classify.train import Stream, TrainReport
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, progress
from monitor.cli.console import plain, print_json, tell
from monitor.cli.gate import demand_activated, outcome_json, show_outcome
from monitor.domain.labels import Label
from monitor.errors import UsageError
from monitor.jobs import adapt
from monitor.jobs import train as job
from monitor.jobs.clock import utc_now
from monitor.jobs.models import Outcome
from monitor.jobs.trial import opened_if_there
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.store.database import Store

_HELD = ("precision", "recall", "average_precision")


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("train")(train)


def train(
    *,
    version: Annotated[str, typer.Option("--version", metavar="V", help="Name of the new version.")] = "local",
    corpus: Annotated[
        Path | None, typer.Option("--corpus", metavar="DIR", help="Folder of *.jsonl; default: models/corpus.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same corpus and seed give the same weights.")] = 0,
    annotations: Annotated[
        bool, typer.Option("--with-annotations", help="Also learn from the labels that people gave.")
    ] = False,
    stream: Annotated[
        bool,
        typer.Option("--with-store", help="Also learn from ordinary stored entries, and calibrate to their base rate."),
    ] = False,
    activate: Annotated[
        bool, typer.Option("--activate", help="Use the new version from now on, if it is better than the one in use.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="With --activate: also if it is not better.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Train a model from the corpus and write it as a version of its own."""
    settings = load(config, channels=False)
    if force and not activate:
        raise UsageError("--force: only with --activate, which it lets past the gate")
    source = corpus or settings.models / "corpus"
    wanted = _Wanted(source, version, seed, annotations, stream, activate, force)
    report, outcome = _run(settings, wanted)
    if json:
        print_json({**plain(report), "activation": outcome and outcome_json(outcome)})
    else:
        _show(settings, report, outcome)
    if outcome is not None:
        demand_activated(outcome)


@dataclass(frozen=True, slots=True)
class _Wanted:
    corpus: Path
    version: str
    seed: int
    annotations: bool
    stream: bool
    activate: bool
    force: bool


def _run(settings: Settings, wanted: _Wanted) -> tuple[TrainReport, Outcome | None]:
    with progress("training") as bar, opened_if_there(settings) as store:

        def told(step: str) -> None:
            bar.update(bar.task_ids[0], description=step)

        if not wanted.activate:
            job.demand_unused(settings, wanted.version)
        stream = _stream(settings, store, wanted, told)
        if not wanted.activate:
            report = job.run(
                settings.models, corpus=wanted.corpus, version=wanted.version, seed=wanted.seed, stream=stream,
                progress=told,
            )  # fmt: skip
            return report, None
        return job.run_into_use(
            settings, corpus=wanted.corpus, version=wanted.version, store=store, now=utc_now, seed=wanted.seed,
            stream=stream, force=wanted.force, progress=told,
        )  # fmt: skip


def _stream(settings: Settings, store: Store | None, wanted: _Wanted, told: Callable[[str], None]) -> Stream | None:
    if not (wanted.annotations or wanted.stream):
        return None
    if store is None:
        raise UsageError("there is no store to learn from yet: `monitor poll` makes it")
    return adapt.gather(store, settings, annotations=wanted.annotations, stream=wanted.stream, progress=told)


def _show(settings: Settings, report: TrainReport, outcome: Outcome | None) -> None:
    models = settings.models
    tell(f"wrote {models / report.version}" if outcome is None or outcome.kept else f"trained {report.version}")
    for line in summary(report, settings.labels):
        tell(line, indent=4)
    if outcome is not None:
        show_outcome(outcome)
    else:
        tell(f"in use: still the version that {models / 'ACTIVE'} or [model] version names", indent=4)


def summary(report: TrainReport, labels: Mapping[str, Label]) -> list[str]:
    """What a person wants to know of a training, a line each."""
    added = (
        f", {report.annotated} of people and {report.ordinary} ordinary ones"
        if report.annotated + report.ordinary
        else ""
    )
    lines = [f"{report.items} items of the corpus{added}, {report.features} features"]
    for label, quality in report.quality.items():
        found = f"out of fold at .5 precision {quality.precision:.2f}, recall {quality.recall:.2f}"
        if held := report.held_out.get(label):
            told = ", ".join(
                f"{name.replace('_', ' ')} {held[name]:.2f}" for name in _HELD if held.get(name) is not None
            )
            found = f"{told} on what was held out"
        line = f"threshold {report.thresholds[label]:g} is recommended"
        if label in labels and labels[label].threshold != report.thresholds[label]:
            line += f", labels.toml has {labels[label].threshold:g} (`monitor tune {label}`)"
        lines.append(f"  {label}: {found}; {line}")
    return lines
