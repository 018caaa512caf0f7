"""What every verb shares: its config option, its output, and how it ends."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from monitor.app import App, build
from monitor.errors import UsageError
from monitor.normalise.duration import parse as parse_duration
from monitor.settings.load import load

DONE, WITH_FAILURES, WRONG_USAGE = 0, 1, 2
"""Exit codes."""

ConfigOption = Annotated[
    Path,
    typer.Option("--config", metavar="DIR", envvar="MONITOR_CONFIG", help="Config folder; var/ stands beside it."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON alone on stdout.")]
DEFAULT_CONFIG = Path("config")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def opened(config: Path, *, with_model: bool = True, migrate: bool = True) -> Iterator[App]:
    """Load the config and open everything it names."""
    with build(load(config), with_model=with_model, migrate=migrate) as app:
        yield app


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """A progress bar on stderr; silent when that is not a terminal."""
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as bar:
        bar.add_task(what, total=None)
        yield bar


def print_json(value: object) -> None:
    """Write one JSON document to stdout."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def plain(value: Any) -> Any:
    """Reduce our values to what JSON knows; times as ISO 8601 in UTC."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(plain(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return str(value) if isinstance(value, Path) else value


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def local(moment: datetime | None, app: App) -> str:
    """A time for people, in the configured zone."""
    return "never" if moment is None else moment.astimezone(app.settings.zone).strftime("%Y-%m-%d %H:%M")


def read_day(value: str | None) -> date | None:
    """Read ``--date``; raises UsageError."""
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise UsageError(f'--date {value}: give a day such as "2026-11-22"') from error


def read_since(value: str | None, now: datetime) -> datetime | None:
    """Read ``--since``: a day, a time (UTC unless it says), or how long ago (``7d``); raises UsageError."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        pass
    try:
        return now - parse_duration(value)
    except (ValueError, OverflowError) as error:
        message = f'--since {value}: give a day ("2026-11-22"), a time ("2026-11-22T07:30Z") or how long ago ("7d")'
        raise UsageError(message) from error
