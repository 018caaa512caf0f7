"""The files of words and names that ship with the rules of a room."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from monitor.errors import ModelError


@cache
def read(file: Path) -> dict[str, Any]:
    """Read a TOML file that ships with the program, once a process; raises ModelError where it cannot be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{file.name} cannot be read: {error}; install the package again", file) from error
