"""An export as JSON lines: a head, a row a line, and an end that tells how many there were."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from monitor.errors import ExportError
from monitor.exchange.head import Head, is_head, read_head
from monitor.exchange.packing import BROKEN, unpacked
from monitor.exchange.tables import END, HEAD, TABLES, Row, Table, Type, Values
from monitor.exchange.values import checked, iso, read_time

_LONGEST = 64 * 1024 * 1024
"""Bytes of a line; what is longer is no line of ours, and is not held in memory."""
_COLUMNS = {
    name: [(column.name, column.type is Type.TIME) for column in table.columns] for name, table in TABLES.items()
}
_LONGEST_HEAD = 1024 * 1024
"""Bytes of the first line, by which it is seen whether a file is an export at all."""


@dataclass(slots=True)
class LineWriter:
    """Writes rows to a stream of bytes."""

    stream: IO[bytes]

    def begin(self, head: Head) -> None:
        self._write({"table": HEAD, **head.as_json()})

    def write(self, table: Table, rows: Sequence[Values]) -> None:
        names = table.names
        times = [n for n, column in enumerate(table.columns) if column.type is Type.TIME]
        for row in rows:
            line: dict[str, Any] = {"table": table.name, **dict(zip(names, row, strict=True))}
            for n in times:
                line[names[n]] = None if row[n] is None else iso(row[n])
            self._write(line)

    def end(self, rows: Mapping[str, int]) -> None:
        self._write({"table": END, "rows": dict(rows)})
        self.stream.flush()

    def _write(self, line: Mapping[str, Any]) -> None:
        self.stream.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def begins(file: Path) -> bool:
    """Say whether a file begins with the head of an export, packed or not."""
    if not file.is_file():
        return False
    try:
        with unpacked(file) as stream:
            said: Any = json.loads(stream.readline(_LONGEST_HEAD))
    except (*BROKEN, ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("table") == HEAD and is_head(said)


def head_of(file: Path) -> Head:
    """Read the first line; raises ExportError."""
    for _, line in _lines(file):
        said = _object(file, 1, line)
        return read_head(said if said.get("table") == HEAD else {}, f"{file}, line 1")
    raise ExportError(str(file), "the file is empty")


def rows_of(file: Path) -> Iterator[Row]:
    """Read the rows, checked one by one, and that there are as many as the end says; raises ExportError."""
    counted = dict.fromkeys(TABLES, 0)
    number, ended = 0, False
    for number, line in _lines(file):
        if number == 1:
            continue
        if ended:
            raise ExportError(f"{file}, line {number}", "there is something behind the end of the export")
        given = _object(file, number, line)
        name = given.pop("table", None)
        if name == END:
            _compare(file, number, given.get("rows"), counted)
            ended = True
            continue
        table = TABLES.get(name) if isinstance(name, str) else None
        if table is None:
            raise ExportError(f"{file}, line {number}", f"there is no table {json.dumps(name)[:60]} in an export")
        counted[table.name] += 1
        yield Row(table, number, _values(file, number, table, given))
    if not ended:
        raise ExportError(f"{file}, line {number}", "the file breaks off: behind this line its end is missing")


def _values(file: Path, number: int, table: Table, given: Mapping[str, Any]) -> Values:
    try:
        values = [read_time(given[name]) if is_time else given[name] for name, is_time in _COLUMNS[table.name]]
    except KeyError as error:
        raise ExportError(f"{file}, line {number}", f"{table.name}: {error.args[0]} is missing") from error
    if len(given) != len(values):
        unknown = sorted(set(given) - set(table.names))
        raise ExportError(f"{file}, line {number}", f"{table.name} has no column {', '.join(unknown)[:100]}")
    try:
        return checked(table, values)
    except ValueError as error:
        raise ExportError(f"{file}, line {number}", f"{table.name}: {error}") from error


def _compare(file: Path, number: int, said: Any, counted: Mapping[str, int]) -> None:
    if not isinstance(said, dict):
        raise ExportError(f"{file}, line {number}", "the end does not say how many rows there are")
    for name, count in counted.items():
        if said.get(name, 0) != count:
            raise ExportError(
                f"{file}, line {number}", f"{said.get(name, 0)} {name} were written, and {count} are there"
            )


def _object(file: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        broken = "" if line.endswith(b"\n") else "; the file breaks off here"
        raise ExportError(f"{file}, line {number}", f"no JSON: {error}{broken}") from error
    if not isinstance(found, dict):
        raise ExportError(f"{file}, line {number}", "no JSON object")
    return found


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    number = 0
    try:
        with unpacked(file) as stream:
            while line := stream.readline(_LONGEST):
                number += 1
                if len(line) >= _LONGEST:
                    raise ExportError(f"{file}, line {number}", f"more than {_LONGEST:,} bytes")
                yield number, line
    except BROKEN as error:
        said = str(error) or type(error).__name__
        raise ExportError(f"{file}, behind line {number}", f"the file is broken: {said}") from error
