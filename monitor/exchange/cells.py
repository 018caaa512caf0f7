"""A table of an export as CSV (RFC 4180, UTF-8): a header, and a row a record."""

import csv
import io
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from monitor.errors import ExportError
from monitor.exchange.tables import Row, Table, Values
from monitor.exchange.values import checked, from_cell, to_cell

SUFFIX = ".csv"
_LINE_END = "\r\n"  # csv puts a cell into quotes where it holds a character of this, and both break a line


@dataclass(slots=True)
class CellWriter:
    """Writes one table."""

    table: Table
    stream: TextIO

    @classmethod
    def open(cls, folder: Path, table: Table) -> "CellWriter":
        stream = (folder / f"{table.name}{SUFFIX}").open("w", encoding="utf-8", newline="")
        csv.writer(stream, lineterminator=_LINE_END).writerow(table.names)
        return cls(table, stream)

    def write(self, rows: Sequence[Values]) -> None:
        columns, text = self.table.columns, io.StringIO()
        csv.writer(text, lineterminator=_LINE_END).writerows([map(to_cell, columns, row) for row in rows])
        self.stream.write(text.getvalue())

    def close(self) -> None:
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self.stream.close()


def rows_of(file: Path, table: Table) -> Iterator[Row]:
    """Read the rows of a table, checked one by one; columns may stand in any order. Raises ExportError."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # the limit of the process; texts are longer than its default
    line = 1
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            order = _order(file, table, next(reader, []))
            line = reader.line_num + 1
            for cells in reader:
                yield Row(table, line, _values(file, line, table, cells, order))
                line = reader.line_num + 1
    except (csv.Error, OSError, UnicodeDecodeError) as error:
        raise ExportError(f"{file}, line {line}", f"cannot be read: {error}") from error


def _order(file: Path, table: Table, header: Sequence[str]) -> list[int]:
    if sorted(header) != sorted(table.names):
        missing = [name for name in table.names if name not in header]
        unknown = [name for name in header if name not in table.names]
        wrong = f"{', '.join(missing)} missing" if missing else f"{', '.join(unknown)} unknown, or there twice"
        raise ExportError(f"{file}, line 1", f"these are not the columns of {table.name}: {wrong}"[:300])
    return [header.index(name) for name in table.names]


def _values(file: Path, line: int, table: Table, cells: Sequence[str], order: Sequence[int]) -> Values:
    if len(cells) != len(order):
        raise ExportError(f"{file}, line {line}", f"{len(cells)} cells, where {len(order)} columns are")
    try:
        return checked(table, [from_cell(c, cells[at]) for c, at in zip(table.columns, order, strict=True)])
    except ValueError as error:
        raise ExportError(f"{file}, line {line}", f"{table.name}: {error}") from error
