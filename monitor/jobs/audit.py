"""The record of what was put in use: <models>/audit.jsonl, one JSON object a line, only ever appended to."""

import getpass
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.errors import UsageError

NAME = "audit.jsonl"


def append(models: Path, what: str, *, now: datetime, **told: Any) -> None:
    """Append one line: when, who, ``what``, and all that is told; it is on the disk when this returns.

    One write in append mode, so that two processes never mix their lines. Raises UsageError where that cannot be.
    """
    line = {"at": now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"), "who": who(), "what": what}
    body = json.dumps({**line, **told}, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    path = models / NAME
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
        try:
            body = _parted(descriptor) + body
            if os.write(descriptor, body) != len(body):
                raise UsageError(f"{path} cannot be written whole: the disk is full; nothing was changed")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UsageError(unwritable(path, error)) from error


def unwritable(path: Path, error: OSError) -> str:
    """Say that a file of the models cannot be written, and what to do."""
    return (
        f"{path} cannot be written ({error.strerror}): nothing was put in use; copy the models into a folder of your "
        "own and name it as model.directory in monitor.toml, or run as the user who owns this one"
    )


def _parted(descriptor: int) -> bytes:
    """A line break, where the last line was broken off before its own."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if not size:
        return b""
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return b"" if os.read(descriptor, 1) == b"\n" else b"\n"


def read(models: Path) -> tuple[list[Mapping[str, Any]], int]:
    """Return the lines, the oldest first, and how many others cannot be read."""
    try:
        written = (models / NAME).read_bytes().splitlines()
    except FileNotFoundError:
        return [], 0
    except OSError as error:
        raise UsageError(f"{models / NAME} cannot be read: {error.strerror}") from error
    found = [line for line in map(_line, filter(None, written)) if line is not None]
    return found, sum(map(bool, written)) - len(found)


def _line(written: bytes) -> Mapping[str, Any] | None:
    try:
        line = json.loads(written)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def who() -> str:
    """Name the user that the operating system knows; its number where it has no name."""
    if not hasattr(os, "getuid"):
        return getpass.getuser()
    import pwd  # noqa: PLC0415 - not on Windows

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
