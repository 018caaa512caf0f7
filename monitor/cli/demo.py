"""`monitor demo`."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.common import progress
from monitor.cli.console import err, out, tell
from monitor.demo.run import DemoReport, run
from monitor.settings.load import load


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("demo")(demo)


def demo(
    folder: Annotated[Path, typer.Option("--dir", metavar="DIR", help="Where the demo leaves its files.")] = Path(
        "var/demo"
    ),
    config: Annotated[
        Path | None, typer.Option("--config", metavar="DIR", help="Take the labels and their lines from this config.")
    ] = None,
) -> None:
    """Run the main job offline: sample feeds on loopback, polled, classified, and shown as a digest."""
    labels = None if config is None else load(config, channels=False).labels
    with progress("starting") as bar:
        task = bar.task_ids[0]
        report = run(
            folder,
            labels=labels,
            progress=lambda step, done, total: bar.update(task, description=step, completed=done, total=total),
        )
    out.print(report.message.text, no_wrap=True)
    out.print()
    _summary(report)


def _summary(report: DemoReport) -> None:
    first, again = report.polled, report.repeated
    for event in sorted(first.failed, key=lambda event: event.feed):
        tell(f"{event.feed}: {event.kind}: {event.detail} (as the demo means it to)", to=err, style="yellow")
    out.print(f"polled   {len(first.events)} feeds, {len(first.failed)} failed, and once more: {again.new} new")
    out.print(f"seen     {first.entries} entries, {first.new} new to the store")
    out.print(f"kept     {report.stories} stories, scored by model {report.model}; why stands under each")
    out.print(f"written  {report.html}")
    out.print(f"         {report.text}")
