"""The verbs put together, and the one place where our errors become a sentence and an exit code."""

import logging
import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from monitor.cli import classify, config, demo, digest, items, poll, run, status, train
from monitor.cli.common import WRONG_USAGE, err
from monitor.errors import ConfigError, MonitorError
from monitor.observe import mask, start_logging

app = typer.Typer(
    name="monitor",
    help="Returns Monitor: follow the return of foreign fighters and the policies about it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for group in (config, poll, digest, items, status, classify, train, run, demo):
    group.add_to(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"monitor {version('returns-monitor')}")
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
    try:
        app()
    except ConfigError as error:
        count = len(error.problems)
        err.print(
            f"monitor: the configuration is refused, {count} problem{'s' if count > 1 else ''}:", style="bold red"
        )
        for problem in error.problems:
            err.print(f"  {mask(str(problem))}", markup=False)
        sys.exit(WRONG_USAGE)
    except MonitorError as error:
        err.print(f"monitor: {mask(str(error))}", markup=False, style="bold red")
        sys.exit(WRONG_USAGE)
    except BrokenPipeError:
        # The reader of our output has gone (`monitor items list | head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
