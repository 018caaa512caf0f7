"""One daemon a database, one process a backfill, one reclassification: locks that the operating system or the server
drops with their holder, so that nobody waits for what was killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

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
    """Hold the lock of a backfill, and say whether it is ours: False where another process runs that."""
    asked = {"key": _JOB_LOCK, "id": id_}
    with _passing(store, f"{url}.backfill-{id_}.lock", "pg_try_advisory_lock(:key, :id)", asked) as mine:
        yield mine


@contextmanager
def reclassifying(store: Store, url: str) -> Iterator[bool]:
    """Hold the lock of the one reclassification that a database has at a time, and say whether it is ours."""
    with _passing(store, f"{url}.reclassify.lock", "pg_try_advisory_lock(:key)", {"key": _RECLASSIFY_LOCK}) as mine:
        yield mine


@contextmanager
def _passing(store: Store, file: str, call: str, parameters: dict[str, int]) -> Iterator[bool]:
    """A lock whose file goes with the work."""
    with _lock(store, file, call, parameters) as mine:
        yield mine
        if mine and store.dialect != "postgresql":
            _path(file).unlink(missing_ok=True)


@contextmanager
def _lock(store: Store, file: str, call: str, parameters: dict[str, int]) -> Iterator[bool]:
    """Try for a lock: a file's on SQLite, the server's on PostgreSQL."""
    if store.dialect == "postgresql":
        with store.hold() as connection:
            mine = bool(connection.scalar(text(f"SELECT {call}"), parameters))
            try:
                yield mine
            finally:
                connection.invalidate()  # the server drops the lock with the connection, also with one that is broken
        return
    with _path(file).open("a") as held:
        try:
            if fcntl is not None:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _path(file: str) -> Path:
    return Path(file.removeprefix("sqlite:///"))
