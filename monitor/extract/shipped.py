"""The files of words and names that ship with the rules."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from monitor.errors import ModelError

_FOLDER = Path(__file__).parent / "data"


@cache
def data(name: str) -> dict[str, Any]:
    """Read the file ``name``.toml, once a process; raises ModelError where it cannot be read."""
    file = _FOLDER / f"{name}.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{file.name} cannot be read: {error}; install the package again", file) from error
