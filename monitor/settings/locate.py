"""Where in a TOML file a key stands. tomllib tells values but no lines."""

import tomllib
from collections.abc import Iterator

Path = tuple[str, ...]


def lines_of(text: str) -> dict[Path, int]:
    """Map every table and key of a valid TOML text to the line (from 1) on which it is written first.

    Keys inside an inline table stand on the line where their statement begins.
    """
    found: dict[Path, int] = {}
    table: Path = ()
    for number, statement in _statements(text):
        parsed = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = _innermost(parsed)
            for depth in range(1, len(table) + 1):
                found.setdefault(table[:depth], number)
        else:
            for path in _paths(parsed):
                found.setdefault(table + path, number)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each header or key with its value, however many lines it takes, with the line on which it begins."""
    pending: list[str] = []
    start = 0
    # Not splitlines(): TOML knows no line ends but these, and its strings may hold U+2028 and the like.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if not pending and (not line.strip() or line.lstrip().startswith("#")):
            continue
        start = start if pending else number
        pending.append(line)
        statement = "\n".join(pending)
        if _complete(statement):
            yield start, statement
            pending.clear()


def _complete(statement: str) -> bool:
    try:
        tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _innermost(parsed: dict[str, object]) -> Path:
    """The path that a header such as ``[a.b]`` or ``[[a.b]]`` names."""
    path: list[str] = []
    value: object = parsed
    while isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        path.append(key)
        if isinstance(value, list):
            break
    return tuple(path)


def _paths(value: object) -> Iterator[Path]:
    """Every path inside a parsed statement, parents first."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (key,)
            for path in _paths(inner):
                yield (key, *path)
