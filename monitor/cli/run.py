"""`monitor run`."""

import logging

import typer

from monitor.cli.common import DEFAULT_CONFIG, ConfigOption
from monitor.observe import start_logging


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("run")(run)


def run(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Run the daemon: poll, compose and deliver on schedule, until SIGTERM or Ctrl-C. SIGHUP re-reads the config."""
    from monitor.daemon import Daemon  # noqa: PLC0415 - the only verb that needs APScheduler

    start_logging(logging.INFO)
    Daemon(config).serve()
