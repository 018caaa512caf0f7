"""Output: lines for people, JSON for scripts, and exit codes."""

import io
import json
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from textwrap import wrap
from typing import Any

from rich.console import Console

from monitor.errors import UsageError

DONE, WITH_FAILURES, WRONG_USAGE = 0, 1, 2
"""Exit codes."""

# Nothing in a text from outside is markup or an emoji code.
out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


def tell(text: str, *, indent: int = 0, to: Console = out, style: str | None = None) -> None:
    """Print one line; a terminal gets it broken at words, with ``indent`` spaces before what follows the first."""
    if to.is_terminal:
        width = max(to.width, indent + 20)
        lines = wrap(text, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
        text = "\n".join(lines)
    to.print(text, style=style)


def plural(number: int, what: str, many: str = "") -> str:
    """Count things: "1 feed", "2 feeds"; ``many`` is the plural where it takes more than an s."""
    return f"{number} {what if number == 1 else many or what + 's'}"


def save(file: Path, body: bytes) -> None:
    """Write a file that the user asked for, with the folders it needs; raises UsageError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error


def prepare_streams() -> None:
    r"""Let no character break a line of output: what a stream's encoding lacks is written as ``\uXXXX``.

    In JSON that means the same character, also for the lone surrogates that UTF-8 has no bytes for.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def print_json(value: object) -> None:
    """Write one JSON document to stdout."""
    sys.stdout.write(to_json(plain(value), indent=2) + "\n")


def to_json(value: object, *, indent: int | None = None) -> str:
    """Write JSON that stdout can take: readable where it speaks UTF-8, else in ASCII with escapes."""
    unicode = (sys.stdout.encoding or "utf-8").replace("-", "").lower() == "utf8"
    return json.dumps(value, ensure_ascii=not unicode, indent=indent)


def plain(value: Any) -> Any:
    """Reduce our values to what JSON knows; times as ISO 8601 in UTC."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return str(value) if isinstance(value, Path) else value


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
