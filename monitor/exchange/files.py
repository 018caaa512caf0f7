"""Exports on disk, to read."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from monitor.errors import ExportError
from monitor.exchange import cells, lines, parquet
from monitor.exchange.head import Head, is_head, read_head
from monitor.exchange.tables import TABLES, Row

HEAD_FILE = "export.json"
"""What a folder of CSV or Parquet has for the first and the last line of JSON lines."""


class Form(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


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
    """Say whether a file or folder is one of ours, by its head: its name may be anything, and so may that of others."""
    if not path.is_dir():
        return lines.begins(path)
    try:
        said: Any = json.loads((path / HEAD_FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(said, dict) and is_head(said)


def find(path: Path) -> Exported:
    """Look at an export's head; raises ExportError."""
    if path.is_dir():
        return _find_folder(path)
    if not path.exists():
        raise ExportError(str(path), "there is no such file or folder")
    if not path.is_file():
        raise ExportError(str(path), "this is neither a file nor a folder")
    if path.suffix in {cells.SUFFIX, parquet.SUFFIX} and not is_export(path):
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
