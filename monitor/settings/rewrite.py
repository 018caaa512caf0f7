"""One change to a TOML text, line by line: whatever the change does not concern stays byte for byte as it was.

tomlkit alone would not do: it counts the comment above a table as the end of the table before, so that a key added
there lands under the wrong heading, and a table removed takes the next one's heading along. So statements are found
here, and tomlkit rewrites no more than the one statement that changes.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.items import InlineTable, Item, Table, Whitespace

from monitor.settings.read import KeyPath, dotted
from monitor.settings.statements import Lines, Statement

_SHORT = "url"
"""What a feed's address becomes where it stood alone: ``NAME = "https://…"`` is ``NAME = { url = "https://…" }``."""


def put(text: str, path: KeyPath, value: object) -> str:
    """Set a value: in its own statement where there is one, else in a new line at the end of its table.

    A mapping that was not there becomes a table of its own at the end. Raises ValueError where the text is not written
    in a way that this can change.
    """
    return put_all(text, [(path, value)])


def put_all(text: str, changes: Sequence[tuple[KeyPath, object]]) -> str:
    """As `put`, one value after the other, and proved once for all of them."""
    expected, after = tomllib.loads(_bare(text)), text
    for path, value in changes:
        lines = Lines(after)
        holder = _holder(lines.statements, path)
        if holder is not None:
            lines.replace(holder, _with(holder, path, value))
        elif isinstance(value, Mapping):
            lines.append(_tables(path, value))
        else:
            _insert(lines, path, value)
        _assign(expected, path, value)
        after = lines.text()
    return _proved(after, expected, changes[-1][0]) if changes else text


def add_tables(text: str, path: KeyPath, tables: Mapping[str, Mapping[str, object]]) -> str:
    """Append new tables under ``path``, each with a blank line before it; raises ValueError as `put`."""
    lines, expected = Lines(text), tomllib.loads(_bare(text))
    for key, table in tables.items():
        lines.append(_tables((*path, key), table))
        _assign(expected, (*path, key), table)
    return _proved(lines.text(), expected, path)


def drop(text: str, path: KeyPath) -> str:
    """Take out a value or a whole table with the comments inside it; raises ValueError as `put`.

    Comments above it stay, as they may speak of what follows too.
    """
    lines = Lines(text)
    expected = tomllib.loads(_bare(text))
    _unassign(expected, path)
    holder = _holder(lines.statements, path)
    if holder is not None and holder.path != path:
        lines.replace(holder, _without(holder, path))
    else:
        for first, last in reversed(list(_blocks(lines.statements, path))):
            lines.cut(first, last)
    return _proved(lines.text(), expected, path)


def has(values: Mapping[str, Any], path: KeyPath) -> bool:
    """Say whether parsed values hold something at ``path``."""
    return depth(values, path) == len(path)


def depth(values: Mapping[str, Any], path: KeyPath) -> int:
    """How many parts of ``path`` parsed values hold."""
    inner: Any = values
    for index, part in enumerate(path):
        if not isinstance(inner, dict) or part not in inner:
            return index
        inner = inner[part]
    return len(path)


def _holder(statements: list[Statement], path: KeyPath) -> Statement | None:
    """The statement inside which ``path`` is, or would be, written."""
    return next((s for s in statements if not s.header and path[: len(s.path)] == s.path), None)


def _blocks(statements: list[Statement], path: KeyPath) -> Iterator[tuple[int, int]]:
    """The lines of all tables and keys under ``path``; those of a table with what stands between its statements."""
    for statement in statements:
        if statement.path[: len(path)] != path:
            continue
        if statement.header:
            yield statement.first, max(s.last for s in _block(statements, statement))
        elif statement.table[: len(path)] != path:
            yield statement.first, statement.last


def _block(statements: list[Statement], header: Statement) -> list[Statement]:
    """A header and the keys below it."""
    start = statements.index(header)
    end = next((i for i in range(start + 1, len(statements)) if statements[i].header), len(statements))
    return statements[start:end]


def _with(statement: Statement, path: KeyPath, value: object) -> str:
    document = tomlkit.parse(statement.text)
    inner: Any = document
    *parents, name = path[len(statement.table) :]
    while parents and isinstance(inner.get(parents[0]), Table):  # the parts of a dotted key
        inner = inner[parents.pop(0)]
    if parents:
        old = inner.get(parents[0], {})
        plain = {parents[0]: old.unwrap() if isinstance(old, Item) else old}
        _assign(plain, (*parents, name), value)
        inner[parents[0]] = _inline(plain[parents[0]])
    else:
        inner[name] = _inline(value) if isinstance(value, Mapping) else value
    return tomlkit.dumps(document)


def _without(statement: Statement, path: KeyPath) -> str:
    document = tomlkit.parse(statement.text)
    inner: Any = document
    *parents, name = path[len(statement.table) :]
    for part in parents:
        inner = inner[part]
    if isinstance(inner, dict) and name in inner:
        del inner[name]
    return tomlkit.dumps(document)


def _inline(values: Mapping[str, object]) -> Item:
    """An inline table, spaced as the config files space them."""
    text = _inline_text(values)
    table = tomlkit.value(text)
    if isinstance(table, InlineTable) and table.as_string() != text:  # tomlkit 0.15 loses the blank behind a date
        table.value.append(None, Whitespace(" "))
    return table


def _inline_text(value: object) -> str:
    if not isinstance(value, Mapping):
        return tomlkit.item(value).as_string()
    inner = ", ".join(f"{dotted((key,))} = {_inline_text(item)}" for key, item in value.items())
    return f"{{ {inner} }}" if inner else "{}"


def _insert(lines: Lines, path: KeyPath, value: object) -> None:
    """Write a new line behind the last key of the nearest table around ``path``."""
    headers = [s for s in lines.statements if s.header and path[: len(s.path)] == s.path and s.path != path]
    header = max(headers, key=lambda s: len(s.path), default=None)
    block = _block(lines.statements, header) if header else _top(lines.statements)
    table = header.path if header else ()
    # Below a header the rest of a dotted path may only be written where dotted keys began that table.
    began = any(not s.header and s.path[: len(path) - 1] == path[:-1] for s in block)
    if table != path[:-1] and not began:
        lines.append(_tables(path[:-1], {path[-1]: value}))
        return
    line = f"{dotted(path[len(table) :])} = {tomlkit.item(value).as_string()}"
    if block:
        lines.insert(block[-1].last + 1, line)
    else:
        lines.insert(lines.above(lines.statements[0].first) if lines.statements else 0, line)


def _top(statements: list[Statement]) -> list[Statement]:
    """The keys above all headers."""
    end = next((i for i, s in enumerate(statements) if s.header), len(statements))
    return statements[:end]


def _tables(path: KeyPath, values: Mapping[str, object]) -> str:
    """A table as lines; the tables inside it follow under headers of their own, of one level."""
    lines = [f"[{dotted(path)}]"]
    inner = []
    for key, value in values.items():
        if isinstance(value, Mapping) and not path[2:]:
            inner.append(_tables((*path, key), value))
        else:
            lines.append(f"{dotted((key,))} = {_inline_text(value)}")
    return "\n".join([*lines, *inner])


def _proved(text: str, expected: dict[str, Any], path: KeyPath) -> str:
    """The text, if it says what it should and nothing else has changed."""
    try:
        found = tomllib.loads(_bare(text))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{dotted(path)} is written in a way that cannot be changed here: {error}") from error
    if _filled(found) != _filled(expected):
        raise ValueError(f"{dotted(path)} is written in a way that cannot be changed here")
    return text


def _bare(text: str) -> str:
    return text.removeprefix("\ufeff")


def _filled(value: Any) -> Any:
    """Values without empty tables, which a removal may leave or not."""
    if not isinstance(value, Mapping):
        return value
    inner = {key: _filled(item) for key, item in value.items()}
    return {key: item for key, item in inner.items() if item != {}}


def _assign(values: dict[str, Any], path: KeyPath, value: object) -> None:
    for part in path[:-1]:
        inner = values.get(part, {})
        values[part] = {_SHORT: inner} if isinstance(inner, str) else inner
        if not isinstance(values[part], dict):
            raise ValueError(f"{dotted(path)} lies inside of what is no table and cannot be changed here")  # noqa: TRY004 - of the text, not of an argument
        values = values[part]
    values[path[-1]] = value


def _unassign(values: dict[str, Any], path: KeyPath) -> None:
    inner: Any = values
    for part in path[:-1]:
        inner = inner.get(part, {}) if isinstance(inner, dict) else {}
    if isinstance(inner, dict):
        inner.pop(path[-1], None)
