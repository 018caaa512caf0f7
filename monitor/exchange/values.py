"""Values of an export, as JSON and as cells have them, and what may stand in a column."""

import json
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from monitor.exchange.tables import Column, Table, Type, Values

_INERT = "'"
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", _INERT)
"""What makes a spreadsheet take a cell for a formula where it begins with it, and the mark that keeps it from that."""


Check = Callable[[Any], Any]
"""Returns a value as the store takes it; raises ValueError that says what is wrong with it."""


def checked(table: Table, values: Sequence[Any]) -> Values:
    """Check a row; raises ValueError that names the column."""
    checks = _checks(table)
    try:
        return tuple([check(value) for check, value in zip(checks, values, strict=True)])
    except ValueError:
        for column, check, value in zip(table.columns, checks, values, strict=True):
            try:
                check(value)
            except ValueError as error:
                raise ValueError(f"{column.name}: {error}") from error
        raise


def _checks(table: Table) -> tuple[Check, ...]:
    """The checks of a table, made once: an export has a million rows."""
    if table.name not in _MADE:
        _MADE[table.name] = tuple(_check_of(column) for column in table.columns)
    return _MADE[table.name]


_MADE: dict[str, tuple[Check, ...]] = {}


def _check_of(column: Column) -> Check:
    rule = _words(column) if column.words else _RULES[column.type]
    nullable, kind = column.nullable, column.type.value

    def check(value: Any) -> Any:
        if value is None:
            if nullable:
                return None
            raise ValueError("there is nothing")
        found = rule(value)
        if found is None:
            raise ValueError(f"{_shown(value)} is no {kind}")
        return found

    return check


def _words(column: Column) -> Check:
    def one_of(value: Any) -> str | None:
        if not isinstance(value, str):
            return None
        wrong = [word for word in (value.split() if column.several else [value]) if word not in column.words]
        if wrong:
            raise ValueError(f'"{wrong[0]}" is none of {", ".join(sorted(column.words))}')
        return value

    return one_of


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    if not value.isascii():
        value.encode()  # half a character, as JSON can write it, is a UnicodeEncodeError, a ValueError
    return value


def _integer(limit: int) -> Check:
    def integer(value: Any) -> int | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        if not -limit <= value < limit:
            raise ValueError(f"{value} does not fit: it has more than {limit.bit_length()} bits")
        return value

    return integer


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _time(value: Any) -> datetime | None:
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return None


def _terms(value: Any) -> list[list[Any]] | None:
    """A list of lists of a text, its weight, and a concept; nothing else is JSON in an export."""
    whole = isinstance(value, list) and all(
        isinstance(term, list)
        and len(term) in {2, 3}
        and all(_text(text) is not None for text in (term[0], *term[2:]))
        and _number(term[1]) is not None
        for term in value
    )
    return value if whole else None


_RULES: dict[Type, Check] = {
    Type.TEXT: _text,
    Type.SMALL: _integer(2**31),
    Type.INTEGER: _integer(2**63),
    Type.NUMBER: _number,
    Type.BOOLEAN: _boolean,
    Type.TIME: _time,
    Type.JSON: _terms,
}


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def iso(moment: datetime) -> str:
    """A time in UTC, to the microsecond where it has any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_time(value: Any) -> Any:
    """Read a time of a text; what is none stays as it is, for `checked` to refuse."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def to_cell(column: Column, value: Any) -> str:
    """Write a value as a cell of CSV.

    An empty cell is nothing where nothing may stand. A text that a spreadsheet would take for a formula has an
    apostrophe before it; so has one that begins with an apostrophe, and an empty one where the cell would say nothing.
    """
    if value is None:
        return ""
    match column.type:
        case Type.TEXT:
            escaped = value.startswith(_ACTIVE) or (not value and column.nullable)
            return f"{_INERT}{value}" if escaped else str(value)
        case Type.TIME:
            return iso(value)
        case Type.BOOLEAN:
            return "true" if value else "false"
        case Type.JSON:
            return json.dumps(value, ensure_ascii=False)
        case _:
            return repr(value)


def from_cell(column: Column, cell: str) -> Any:
    """Read what `to_cell` wrote; what is nothing of the kind comes back as it is, for `checked` to refuse."""
    if column.type is Type.TEXT:
        return None if not cell and column.nullable else cell.removeprefix(_INERT)
    if not cell:
        return None
    try:
        return _READ[column.type](cell)
    except (ValueError, RecursionError):
        return cell


_READ: dict[Type, Callable[[str], Any]] = {
    Type.TIME: read_time,
    Type.BOOLEAN: lambda cell: {"true": True, "false": False}.get(cell.lower(), cell),
    Type.JSON: json.loads,
    Type.NUMBER: float,
    Type.SMALL: int,
    Type.INTEGER: int,
}
