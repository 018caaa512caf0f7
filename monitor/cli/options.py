"""The options that most verbs have."""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path,
    typer.Option("--config", metavar="DIR", envvar="MONITOR_CONFIG", help="Config folder; var/ stands beside it."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON alone on stdout.")]
DEFAULT_CONFIG = Path("config")
