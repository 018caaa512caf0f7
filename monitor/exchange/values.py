"""Values of an export, as JSON and as cells have them, and what may stand in a column."""

import json
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from monitor.exchange.tables import Column, Table, Type, Values

_LIMITS = {Type.SMALL: 2**31, Type.INTEGER: 2**63}
_INERT = "'"
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", _INERT)
"""What makes a spreadsheet take a cell for a formula where it begins with it, and the mark that keeps it from that."""


def check(column: Column, value: Any) -> Any:
    """Return a value as the store takes it; raises ValueError that says what is wrong with it."""
    if value is None:
        if column.nullable:
            return None
        raise ValueError("there is nothing")
    if column.type is Type.JSON:
        return _rule_terms(value)
    found = _RULES[column.type](value)
    if found is None:
        raise ValueError(f"{_shown(value)} is no {column.type.value}")
    if limit := _LIMITS.get(column.type):
        if not -limit <= found < limit:
            raise ValueError(f"{value} does not fit into an {column.type.value}")
    elif column.words:
        wrong = [word for word in (value.split() if column.several else [value]) if word not in column.words]
        if wrong:
            raise ValueError(f'"{wrong[0]}" is none of {", ".join(sorted(column.words))}')
    return found


def _rule_text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    if not value.isascii():
        value.encode()  # half a character, as JSON can write it, is a UnicodeEncodeError, a ValueError
    return value


def _rule_integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _rule_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _rule_boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _rule_time(value: Any) -> datetime | None:
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return None


def _rule_terms(value: Any) -> list[list[Any]]:
    """A list of lists of a text, its weight, and a concept; nothing else is JSON in an export."""
    whole = isinstance(value, list) and all(
        isinstance(term, list)
        and len(term) in {2, 3}
        and all(_rule_text(text) is not None for text in (term[0], *term[2:]))
        and _rule_number(term[1]) is not None
        for term in value
    )
    if not whole:
        raise ValueError(f"{_shown(value)} is no list of terms")
    return list(value)


_RULES: dict[Type, Callable[[Any], Any]] = {
    Type.TEXT: _rule_text,
    Type.SMALL: _rule_integer,
    Type.INTEGER: _rule_integer,
    Type.NUMBER: _rule_number,
    Type.BOOLEAN: _rule_boolean,
    Type.TIME: _rule_time,
}


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def checked(table: Table, values: Sequence[Any]) -> Values:
    """Check a row; raises ValueError that names the column."""
    found = []
    for column, value in zip(table.columns, values, strict=True):
        try:
            found.append(check(column, value))
        except ValueError as error:
            raise ValueError(f"{column.name}: {error}") from error
    return tuple(found)


def iso(moment: datetime) -> str:
    """A time in UTC, to the microsecond where it has any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_time(value: Any) -> Any:
    """Read a time of a text; what is none stays as it is, for `check` to refuse."""
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
    """Read what `to_cell` wrote; what is nothing of the kind comes back as it is, for `check` to refuse."""
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
