"""Folders held against other writers, from reading a file to replacing it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on this platform: there the last of two writers at once wins
    fcntl = None  # type: ignore[assignment]


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Hold a folder against other processes that do so; the system lets go when the process ends.

    The folder itself is locked, so that no file is left behind; where the file system knows no locks there is none.
    """
    if fcntl is None or not directory.is_dir():
        yield
        return
    held = os.open(directory, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
