"""The verbs put together, and the one place where our errors become a sentence and an exit code."""

import logging
import sys
from collections.abc import Mapping
from importlib import import_module, metadata
from types import MappingProxyType
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from monitor.cli.console import WRONG_USAGE, err, prepare_streams, tell
from monitor.errors import ConfigError, MonitorError
from monitor.observe import mask, start_logging

VERBS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "init": ("config", "Write a commented starter config."),
        "check": ("config", "Say what is wrong with the configuration, and where."),
        "config": ("config", "Look into the configuration."),
        "poll": ("poll", "Poll the feeds that are due, and store what is new."),
        "backfill": ("backfill", "Bring in what was published before, without announcing it."),
        "export": ("exchange", "Write entries and all about them to files."),
        "import": ("exchange", "Take in what another monitor exported."),
        "replay": ("replay", "Read kept documents once more: what was missed, or misread."),
        "reclassify": ("reclassify", "Run stored entries through a model; see what changes."),
        "digest": ("digest", "Preview and send digests."),
        "subscriptions": ("subscriptions", "See how subscriptions stand; pause, resume, test, rejoin."),
        "silence": ("silence", "Send no alerts of something for a while."),
        "deliveries": ("deliveries", "See what became of digests sent, and send again."),
        "channels": ("channels", "See how channels are doing, test one, resume a recipient."),
        "sources": ("sources", "Manage the sources: add, check, import, and how they do."),
        "items": ("items", "Look at stored entries."),
        "stories": ("stories", "Look at stories, merge them, and split them."),
        "facts": ("facts", "Show what states do, by measure and stage; who counts what."),
        "label": ("label", "Say which labels entries have, or show what people said."),
        "review": ("review", "Label entries by single keys, those worth asking about."),
        "status": ("status", "Show how things stand: feeds, deliveries, model."),
        "drift": ("drift", "Say whether what comes has moved from what was."),
        "classify": ("classify", "Score texts, one JSON object a line."),
        "train": ("train", "Train a model from the corpus."),
        "models": ("models", "Look at trained models, compare them, and choose."),
        "evaluate": ("evaluate", "Measure a model on items whose truth is known."),
        "tune": ("tune", "Find the line of a label that meets a goal."),
        "run": ("run", "Run the daemon: poll, compose, deliver on schedule."),
        "demo": ("demo", "Run the main job offline on sample feeds."),
    }
)
"""Each verb with its module in this room, and its line in the list of verbs."""


class Verbs(TyperGroup):
    """The verbs, each imported when it is called: all of them together take seconds, one of them less than one."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        self.commands = {name: TyperCommand(name, help=summary) for name, (_, summary) in VERBS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the verb by its name, then take the real one from its module."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, (_imported(name) if name and found else found), rest


def _imported(name: str) -> Any:
    holder = typer.Typer(rich_markup_mode=None)
    import_module(f"monitor.cli.{VERBS[name][0]}").add_to(holder)
    return get_group(holder).commands[name]


app = typer.Typer(
    name="monitor",
    cls=Verbs,
    help="Returns Monitor: follow the return of foreign fighters and the policies about it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"monitor {metadata.version('returns-monitor')}")
        raise typer.Exit


@app.callback()
def _root(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done, to stderr.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    start_logging(logging.INFO if verbose else logging.WARNING)


def main() -> None:
    """Run the command line; our own errors are told in a sentence, without a traceback."""
    prepare_streams()
    try:
        app(prog_name="monitor")
    except ConfigError as error:
        count = len(error.problems)
        err.print(
            f"monitor: the configuration is refused, {count} problem{'s' if count > 1 else ''}:", style="bold red"
        )
        for problem in error.problems:
            tell(f"  {mask(str(problem))}", indent=6, to=err)
        sys.exit(WRONG_USAGE)
    except MonitorError as error:
        tell(f"monitor: {mask(str(error))}", indent=4, to=err, style="bold red")
        sys.exit(WRONG_USAGE)
