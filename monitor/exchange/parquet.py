"""A table of an export as Parquet, by pyarrow where it is installed."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.errors import ExportError, UsageError
from monitor.exchange.tables import Row, Table, Type, Values
from monitor.exchange.values import checked

SUFFIX = ".parquet"
_GROUP = 5_000  # rows of a row group: what is held in memory of each table


def arrow() -> tuple[Any, Any]:
    """The library, imported where it is needed; raises UsageError that says how to get it."""
    try:
        import pyarrow  # noqa: PLC0415 - an extra
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed: `pip install pyarrow`; or give --format jsonl or csv"
        ) from error
    return pyarrow, pyarrow.parquet


@dataclass(slots=True)
class ParquetWriter:
    """Writes one table."""

    table: Table
    schema: Any
    writer: Any
    waiting: list[Values] = field(default_factory=list)

    @classmethod
    def open(cls, folder: Path, table: Table) -> "ParquetWriter":
        _, parquet = arrow()
        schema = _schema(table)
        return cls(table, schema, parquet.ParquetWriter(folder / f"{table.name}{SUFFIX}", schema, compression="zstd"))

    def write(self, rows: Sequence[Values]) -> None:
        self.waiting += rows
        if len(self.waiting) >= _GROUP:
            self._put()

    def close(self) -> None:
        self._put()
        self.writer.close()

    def _put(self) -> None:
        if not self.waiting:
            return
        pa, _ = arrow()
        arrays = []
        for column, kind, values in zip(
            self.table.columns, self.schema.types, zip(*self.waiting, strict=True), strict=True
        ):
            given = [json.dumps(v, ensure_ascii=False) for v in values] if column.type is Type.JSON else list(values)
            arrays.append(pa.array(given, type=kind))
        self.writer.write_table(pa.table(arrays, schema=self.schema))
        self.waiting.clear()


def _schema(table: Table) -> Any:
    pa, _ = arrow()
    kinds = {
        Type.TEXT: pa.string(), Type.JSON: pa.string(), Type.SMALL: pa.int32(), Type.INTEGER: pa.int64(),
        Type.NUMBER: pa.float64(), Type.BOOLEAN: pa.bool_(), Type.TIME: pa.timestamp("us", tz="UTC"),
    }  # fmt: skip
    return pa.schema([pa.field(c.name, kinds[c.type], nullable=c.nullable) for c in table.columns])


def rows_of(file: Path, table: Table) -> Iterator[Row]:
    """Read the rows of a table in batches, checked one by one; raises ExportError."""
    pa, parquet = arrow()
    number = 0
    try:
        with parquet.ParquetFile(file) as opened:
            if sorted(opened.schema_arrow.names) != sorted(table.names):
                names = ", ".join(opened.schema_arrow.names)
                raise ExportError(str(file), f"these are not the columns of {table.name}: {names}"[:300])
            for batch in opened.iter_batches(batch_size=1_000, columns=list(table.names)):
                for row in zip(*(batch.column(name).to_pylist() for name in table.names), strict=True):
                    number += 1
                    yield Row(table, number, _values(file, number, table, row))
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise ExportError(f"{file}, behind row {number}", f"cannot be read: {error}"[:300]) from error


def _values(file: Path, number: int, table: Table, row: Sequence[Any]) -> Values:
    try:
        return checked(table, [_plain(c.type, value) for c, value in zip(table.columns, row, strict=True)])
    except ValueError as error:
        raise ExportError(f"{file}, row {number}", f"{table.name}: {error}") from error


def _plain(kind: Type, value: Any) -> Any:
    if kind is Type.JSON and isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
