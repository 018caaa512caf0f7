"""One daemon a database, one process a backfill, one reclassification: locks that the operating system or the server
drops with their holder, so that nobody waits for what was killed. The files of the first and the last stay."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from monitor.errors import StoreError
from monitor.store.database import Store

try:
    import fcntl
except ImportError:  # not on this platform: the store's unique keys keep two daemons harmless
    fcntl = None  # type: ignore[assignment]

_DAEMON_LOCK, _JOB_LOCK, _RECLASSIFY_LOCK = 0x4D6F6E6A, 0x4D6F6E6B, 0x4D6F6E6C


@contextmanager
def only_one(store: Store, url: str) -> Iterator[None]:
    """Hold the database's daemon lock; raises StoreError where another daemon holds it."""
    with _lock(store, f"{url}.lock", "pg_try_advisory_lock(:key)", {"key": _DAEMON_LOCK}) as mine:
        if not mine:
            raise StoreError("another daemon runs on this database; stop it first, or use `monitor poll` beside it")
        yield


@contextmanager
def job_of_mine(store: Store, url: str, id_: int) -> Iterator[bool]:
    """Hold the lock of a backfill, and say whether it is ours: False where another process runs that. Its file goes
    with the work."""
    file, asked = f"{url}.backfill-{id_}.lock", {"key": _JOB_LOCK, "id": id_}
    with _lock(store, file, "pg_try_advisory_lock(:key, :id)", asked) as mine:
        yield mine
        if mine and store.dialect != "postgresql":
            _path(file).unlink(missing_ok=True)


@contextmanager
def reclassifying(store: Store, url: str) -> Iterator[bool]:
    """Hold the lock of the one reclassification that a database has at a time, and say whether it is ours."""
    with _lock(store, f"{url}.reclassify.lock", "pg_try_advisory_lock(:key)", {"key": _RECLASSIFY_LOCK}) as mine:
        yield mine


@contextmanager
def _lock(store: Store, file: str, call: str, parameters: dict[str, int]) -> Iterator[bool]:
    """Try for a lock: a file's on SQLite, the server's on PostgreSQL."""
    if store.dialect == "postgresql":
        with store.hold() as connection:
            mine = bool(connection.scalar(text(f"SELECT {call}"), parameters))
            try:
                yield mine
            finally:
                # The server drops the lock with the connection too, but a moment later than who asks again at once.
                with suppress(DBAPIError):  # of one that is broken
                    connection.execute(text("SELECT pg_advisory_unlock_all()"))
                connection.invalidate()
        return
    while True:
        with _path(file).open("a") as held:
            try:
                if fcntl is not None:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            if _is_there(held, _path(file)):
                yield True
                return


def _is_there(held: IO[str], path: Path) -> bool:
    """Say whether a file still has its name: a lock on one that its holder has just deleted keeps nobody out."""
    try:
        return os.path.samestat(os.fstat(held.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _path(file: str) -> Path:
    return Path(file.removeprefix("sqlite:///"))
