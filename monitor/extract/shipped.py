"""The files of words and names that ship with extraction."""

from pathlib import Path
from typing import Any

from monitor.normalise.shipped import read

FOLDER = Path(__file__).parent / "data"


def data(name: str) -> dict[str, Any]:
    """Return what stands in the file ``name``.toml; raises ModelError where it cannot be read."""
    return read(FOLDER / f"{name}.toml")
