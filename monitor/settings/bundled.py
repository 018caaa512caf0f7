"""What comes with the program: the starter config and the trained model.

In a checkout they stand at the top level; in an installed package they are package data under ``monitor/bundled``.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def _bundled(name: str) -> Path:
    packaged = _PACKAGE / "bundled" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name


def bundled_models() -> Path:
    """The folder of the trained model versions that come with the program."""
    return _bundled("models")


def bundled_config() -> Path:
    """The folder of the starter config."""
    return _bundled("config")
