"""One daemon a database: a lock that the operating system or the server drops with its holder."""

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

_DAEMON_LOCK = 0x4D6F6E6A


@contextmanager
def only_one(store: Store, url: str) -> Iterator[None]:
    """Hold the database's daemon lock; raises StoreError where another daemon holds it."""
    taken = "another daemon runs on this database; stop it first, or use `monitor poll` beside it"
    if store.dialect == "postgresql":
        with store.hold() as connection:
            if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _DAEMON_LOCK}):
                raise StoreError(taken)
            try:
                yield
            finally:
                connection.invalidate()  # the server drops the lock with the connection, also with one that is broken
        return
    with Path(url.removeprefix("sqlite:///") + ".lock").open("a") as file:
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(taken) from error
        yield
