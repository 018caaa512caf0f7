"""A TOML text as its lines and statements, so that one of them can be changed and the rest stays as it is."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from monitor.settings.read import KeyPath


@dataclass(frozen=True, slots=True)
class Statement:
    """A header, or a key with its value: its lines (from 0, both included) and its whole path."""

    first: int
    last: int
    path: KeyPath
    table: KeyPath
    header: bool
    text: str


class Lines:
    """A text as lines, with their ends as they were, and its statements."""

    def __init__(self, text: str) -> None:
        self._mark = "\ufeff" if text.startswith("\ufeff") else ""
        self._lines = text.removeprefix("\ufeff").split("\n")
        self._end = "\r" if self._lines[0].endswith("\r") else ""
        self.statements = list(_statements([line.removesuffix("\r") for line in self._lines]))

    def text(self) -> str:
        return self._mark + "\n".join(self._lines)

    def replace(self, statement: Statement, text: str) -> None:
        self._lines[statement.first : statement.last + 1] = self._ended(text)

    def insert(self, index: int, text: str) -> None:
        """Put lines before the line ``index``; also behind a last line that has no end."""
        if index >= len(self._lines):
            self._lines.append("")
        self._lines[index:index] = self._ended(text)

    def append(self, text: str) -> None:
        """Put lines at the end, with a blank line before them."""
        while self._lines and not self._lines[-1].strip():
            self._lines.pop()
        before = [self._end] if self._lines else []
        if self._lines and not self._lines[-1].endswith("\r"):
            self._lines[-1] += self._end
        self._lines += [*before, *self._ended(text), ""]

    def cut(self, first: int, last: int) -> None:
        """Take lines out, and one of the two blank lines between which they stood."""
        del self._lines[first : last + 1]
        below = first < len(self._lines) and not self._lines[first].strip()
        above = first == 0 or not self._lines[first - 1].strip()
        if below and above and first + 1 < len(self._lines):
            del self._lines[first]
        elif below and above and first:
            del self._lines[first - 1]

    def above(self, index: int) -> int:
        """Where the comment begins that stands directly above a line."""
        while index and self._lines[index - 1].lstrip().startswith("#"):
            index -= 1
        return index

    def _ended(self, text: str) -> list[str]:
        return [line.removesuffix("\r") + self._end for line in text.removesuffix("\n").split("\n")]


def _statements(lines: list[str]) -> Iterator[Statement]:
    table: KeyPath = ()
    first = 0
    while first < len(lines):
        if not lines[first].strip() or lines[first].lstrip().startswith("#"):
            first += 1
            continue
        last = _last(lines, first)
        text = "\n".join(lines[first : last + 1])
        header = text.lstrip().startswith("[")
        key = _header(text) if header else _key(text)
        if header:
            table = key
        yield Statement(first, last, key if header else table + key, table, header, text)
        first = last + 1


def _last(lines: list[str], first: int) -> int:
    """The line on which the statement that begins on ``first`` is whole."""
    for last in range(first, len(lines)):
        if _parses("\n".join(lines[first : last + 1])):
            return last
    raise ValueError(f"line {first + 1} is not TOML")


@lru_cache(maxsize=8_192)  # one file is read many times over where many values of it change
def _parses(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


@lru_cache(maxsize=8_192)
def _key(statement: str) -> KeyPath:
    """The dotted key of a statement, which ends at the first "=" before which there is a whole key."""
    at = statement.index("=")
    while not _parses(f"{statement[:at]}= 0"):
        at = statement.index("=", at + 1)
    return _chain(tomllib.loads(f"{statement[:at]}= 0"))


@lru_cache(maxsize=8_192)
def _header(statement: str) -> KeyPath:
    return _chain(tomllib.loads(statement))


def _chain(parsed: Any) -> KeyPath:
    path: list[str] = []
    while isinstance(parsed, dict) and parsed:
        key, parsed = next(iter(parsed.items()))
        path.append(key)
    return tuple(path)
