"""`monitor train`."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.classify.train import TrainReport
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, progress
from monitor.cli.console import print_json, tell
from monitor.jobs import train as job
from monitor.settings.load import load


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
    activate: Annotated[bool, typer.Option("--activate", help="Use the new version from now on.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Train a model from the corpus and write it as a version of its own."""
    models = load(config, channels=False).models
    with progress("training") as bar:
        task = bar.task_ids[0]
        report = job.run(
            models,
            corpus=corpus or models / "corpus",
            version=version,
            seed=seed,
            activate=activate,
            progress=lambda step: bar.update(task, description=step),
        )
    if json:
        print_json(report)
        return
    tell(f"wrote {models / version}")
    for line in summary(report):
        tell(line, indent=4)
    if not activate:
        tell(f"in use: still the version that {models / 'ACTIVE'} or [model] version names", indent=4)


def summary(report: TrainReport) -> list[str]:
    """What a person wants to know of a training, a line each."""
    lines = [f"{report.items} items, {report.features} features, out of fold:"]
    for label, quality in report.quality.items():
        lines.append(
            f"  {label}: precision {quality.precision:.2f}, recall {quality.recall:.2f}, average precision "
            f"{quality.average_precision:.2f}, recommended threshold {report.thresholds[label]:g}"
        )
    return lines
