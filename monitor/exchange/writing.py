"""Exports on disk, to write: under a name of their own and renamed, so that what has the final name is whole."""

import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from monitor.errors import UsageError
from monitor.exchange import cells, lines, parquet
from monitor.exchange.files import HEAD_FILE, Form
from monitor.exchange.head import Head
from monitor.exchange.packing import packed
from monitor.exchange.tables import Table, Values

_LONGEST = 50
"""Characters of the final name in that of a part, which may not be longer than a file's name can be."""


_STREAMS = ("/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")
"""Links to whatever a stream leads to, also to a file, which is not there to be replaced."""


class Writer(Protocol):
    """Takes the rows of all tables."""

    def begin(self, head: Head) -> None:
        """Write what the export says of itself."""

    def write(self, table: Table, rows: Sequence[Values]) -> None:
        """Write some rows of a table."""

    def end(self, rows: Mapping[str, int]) -> None:
        """Write how many there were."""


class _OneTable(Protocol):
    def write(self, rows: Sequence[Values]) -> None: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class FolderWriter:
    """Writes a file for each table that is given rows, and the head beside them."""

    folder: Path
    form: Form
    head: Head | None = None
    tables: dict[str, _OneTable] = field(default_factory=dict)

    def begin(self, head: Head) -> None:
        self.head = head

    def write(self, table: Table, rows: Sequence[Values]) -> None:
        if table.name not in self.tables:
            one = cells.CellWriter if self.form is Form.CSV else parquet.ParquetWriter
            self.tables[table.name] = one.open(self.folder, table)
        self.tables[table.name].write(rows)

    def end(self, rows: Mapping[str, int]) -> None:
        self.close()
        said = {**(self.head.as_json() if self.head else {}), "form": self.form.value, "rows": dict(rows)}
        with (self.folder / HEAD_FILE).open("w", encoding="utf-8") as stream:
            json.dump(said, stream, ensure_ascii=False, indent=2)
            stream.flush()
            os.fsync(stream.fileno())

    def close(self) -> None:
        while self.tables:
            self.tables.popitem()[1].close()


@contextmanager
def to_stream(stream: IO[bytes]) -> Iterator[Writer]:
    """Write JSON lines to a stream; raises UsageError where it cannot be written."""
    try:
        yield lines.LineWriter(stream)
    except BrokenPipeError:  # who reads it has enough
        raise
    except OSError as error:
        raise UsageError(f"stdout cannot be written: {error.strerror or error}") from error


@contextmanager
def to_path(given: Path, form: Form) -> Iterator[Writer]:
    """Write to a file (JSON lines) or a folder, which have their name only when the block has ended without an error.

    A file that is there is replaced; a folder that holds something is not. Until then it is under a name that is its
    own, so that two at once, or what is left of one that was killed, do no harm. Raises UsageError where it cannot be
    written.
    """
    if form is Form.PARQUET:
        parquet.arrow()
    try:
        path = Path(os.path.realpath(given))  # a link stays one
        _demand(given, path, form)
        part = path.with_name(f".{path.name[:_LONGEST]}.{secrets.token_hex(8)}.part")
        with ExitStack() as stack:
            stack.callback(_remove, part)
            if form is Form.JSONL:
                with packed(part, path.name) as stream:
                    yield lines.LineWriter(stream)
            else:
                part.mkdir()
                writer = FolderWriter(part, form)
                stack.callback(writer.close)
                yield writer
            part.replace(path)
    except OSError as error:
        raise UsageError(f"{given} cannot be written: {error.strerror or error}") from error


def _demand(given: Path, path: Path, form: Form) -> None:
    """Refuse what is no place for this form; raises UsageError, or OSError where it cannot be looked at."""
    if str(given.absolute()).startswith(_STREAMS):
        raise UsageError(f"{given} is a stream of this process; - writes to stdout")
    if not path.parent.is_dir():
        raise UsageError(f"{given} cannot be written: there is no folder {given.parent}; make it first")
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    kind = "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "device, pipe or socket"
    if form is Form.JSONL and kind == "folder":
        raise UsageError(f"{given} is a folder; JSON lines are a file")
    if form is Form.JSONL and kind != "file":
        raise UsageError(f"{given} is a {kind}, and an export takes the place of a file; - writes to stdout")
    if form is not Form.JSONL and kind != "folder":
        raise UsageError(f"{given} is a {kind}; {form.value.upper()} is written into a folder that is new or empty")
    if form is not Form.JSONL and any(path.iterdir()):
        raise UsageError(
            f"{given} is there already; {form.value.upper()} is written into a folder that is new or empty"
        )


def _remove(part: Path) -> None:
    if part.is_dir():
        shutil.rmtree(part, ignore_errors=True)
    else:
        part.unlink(missing_ok=True)
