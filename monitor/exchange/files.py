"""Exports on disk: written under a name of their own and renamed, so that what has the final name is whole."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Protocol

from monitor.errors import ExportError, UsageError
from monitor.exchange import cells, lines, parquet
from monitor.exchange.head import Head, read_head
from monitor.exchange.packing import BROKEN, packed, unpacked
from monitor.exchange.tables import TABLES, Row, Table, Values

HEAD_FILE = "export.json"
"""What a folder of CSV or Parquet has for the first and the last line of JSON lines."""


class Form(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


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
    """Write JSON lines to a stream."""
    yield lines.LineWriter(stream)


@contextmanager
def to_path(path: Path, form: Form) -> Iterator[Writer]:
    """Write to a file (JSON lines) or a folder, which have their name only when the block has ended without an error.

    A file that is there is replaced; a folder that holds something is not. Raises UsageError where it cannot be
    written.
    """
    if form is Form.PARQUET:
        parquet.arrow()
    if form is Form.JSONL and path.is_dir():
        raise UsageError(f"{path} is a folder; JSON lines are a file")
    if form is not Form.JSONL and path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise UsageError(f"{path} is there already; {form.value.upper()} is written into a folder that is new or empty")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
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
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error


def _remove(part: Path) -> None:
    if part.is_dir():
        shutil.rmtree(part, ignore_errors=True)
    else:
        part.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Exported:
    """An export that can be read: its form, its head, and of a folder how many rows each table has."""

    path: Path
    form: Form
    head: Head
    counts: Mapping[str, int] = field(default_factory=dict)

    def place(self, row: Row) -> str:
        """Say where a row stands."""
        if self.form is Form.JSONL:
            return f"{self.path}, line {row.number}"
        what = "line" if self.form is Form.CSV else "row"
        return f"{self.path / f'{row.table.name}.{self.form}'}, {what} {row.number}"


def is_export(path: Path) -> bool:
    """Say whether a file or folder is one of ours, by how it begins."""
    if path.is_dir():
        return (path / HEAD_FILE).is_file()
    try:
        with unpacked(path) as stream:
            return stream.read(len(lines.BEGIN)) == lines.BEGIN
    except BROKEN:
        return False


def find(path: Path) -> Exported:
    """Look at an export's head; raises ExportError."""
    if path.is_dir():
        return _find_folder(path)
    if not path.is_file():
        raise ExportError(str(path), "there is no such file or folder")
    if path.suffix in {cells.SUFFIX, parquet.SUFFIX}:
        raise ExportError(str(path), f"a table alone is no export; give the folder, with {HEAD_FILE} in it")
    return Exported(path, Form.JSONL, lines.head_of(path))


def _find_folder(path: Path) -> Exported:
    file = path / HEAD_FILE
    try:
        said: Any = json.loads(file.read_bytes())
    except FileNotFoundError as error:
        raise ExportError(str(path), f"no export: there is no {HEAD_FILE} in this folder") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ExportError(str(file), f"cannot be read: {error}") from error
    head = read_head(said if isinstance(said, dict) else {}, str(file))
    form, counts = said.get("form"), said.get("rows")
    whole = isinstance(counts, dict) and all(isinstance(count, int) for count in counts.values())
    if form not in {Form.CSV, Form.PARQUET} or not whole:
        raise ExportError(str(file), "the head of the export is incomplete")
    return Exported(path, Form(form), head, counts)


def rows(exported: Exported) -> Iterator[Row]:
    """Read all rows, checked one by one, table by table in their order or as the file has them; raises ExportError."""
    if exported.form is Form.JSONL:
        yield from lines.rows_of(exported.path)
        return
    read = cells.rows_of if exported.form is Form.CSV else parquet.rows_of
    for name, table in TABLES.items():
        if not (wanted := exported.counts.get(name, 0)):
            continue
        file, found = exported.path / f"{name}.{exported.form}", 0
        for row in read(file, table):
            found += 1
            yield row
        if found != wanted:
            raise ExportError(str(file), f"{wanted} rows were written, and {found} are there")
