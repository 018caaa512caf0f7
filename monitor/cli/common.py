"""What the verbs share: their options, opening what the config names, and progress."""

import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from monitor.app import App, build
from monitor.cli.console import err
from monitor.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption
from monitor.errors import UsageError
from monitor.normalise.duration import parse as parse_duration
from monitor.settings.load import load
from monitor.store.database import refusals

__all__ = [
    "DEFAULT_CONFIG",
    "ConfigOption",
    "JsonOption",
    "ending",
    "local",
    "opened",
    "progress",
    "read_day",
    "read_since",
    "stopping",
]


@contextmanager
def opened(config: Path, *, with_model: bool = True, migrate: bool = True, channels: bool = True) -> Iterator[App]:
    """Load the config and open what it names; a verb that sends nothing does without ``channels``."""
    settings = load(config, channels=channels)
    with refusals(), build(settings, with_model=with_model, migrate=migrate) as app:
        gc.freeze()  # what is loaded stays: half a million objects that the collector would go through again and again
        try:
            yield app
        finally:
            gc.unfreeze()


@contextmanager
def progress(what: str, *, silent: bool = False) -> Iterator[Progress]:
    """A progress bar on stderr; silent when that is not a terminal. What is printed meanwhile goes to stdout itself."""
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    bar = Progress(
        *columns,
        console=err,
        disable=silent or not err.is_terminal,
        transient=True,
        # Else Rich sends what is written to stdout to the bar's terminal, also where stdout is a file.
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with bar:
        bar.add_task(what, total=None)
        yield bar


@contextmanager
def stopping() -> Iterator[Event]:
    """Let the first Ctrl-C, or a SIGTERM, end the run after the page that is being read; the second ends it at once."""
    asked = Event()

    def stop(number: int, _: object) -> None:
        if asked.is_set():
            raise SystemExit(128 + number)
        asked.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def ending() -> Iterator[None]:
    """Let a SIGTERM end the run as an error would, so that nothing half-written is left."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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


def read_since(value: str | None, now: datetime, option: str = "--since") -> datetime | None:
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
        message = f'{option} {value}: give a day ("2026-11-22"), a time ("2026-11-22T07:30Z") or how long ago ("7d")'
        raise UsageError(message) from error
