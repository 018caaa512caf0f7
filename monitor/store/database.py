"""Opening a database: the engines, their pragmas, and the migrations."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError

from monitor.errors import StoreError
from monitor.observe import mask
from monitor.store.migrations import HEAD

try:
    from pysqlite3 import dbapi2 as sqlite_driver
except ImportError:  # no wheel for this platform: the interpreter's own SQLite serves
    sqlite_driver = sqlite3

BUSY_SECONDS = 30
_LOG_PAGES = 4_000
"""Pages of 4 kB that SQLite's log may hold before they go into the file. A mark's place in its index is random: of what
a backfill writes to 100,000 entries, most pages would be copied after each transaction, and again after the next."""
_FIXED = ((3, 44, 6, 3, 45, 0), (3, 50, 7, 3, 51, 0))


class Store:
    """An open database: one engine for writers, one for readers. Close it, or use it as a context manager."""

    def __init__(self, writer: Engine, reader: Engine, warnings: tuple[str, ...]) -> None:
        self._writer = writer
        self._reader = reader
        self.warnings = warnings

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._writer.dialect.name

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction: committed at the end of the block, rolled back where it raises."""
        with self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view for several reads."""
        with self._reader.begin() as connection:
            yield connection

    @contextmanager
    def hold(self) -> Iterator[Connection]:
        """A connection outside of any transaction, for a lock that lasts as long as it."""
        with self._writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._writer.dispose()
        self._reader.dispose()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(url: str, *, migrate: bool = True) -> Store:
    """Open the database at ``url`` (``sqlite:///PATH`` or ``postgresql://…``), create and migrate it.

    With ``migrate`` False a database that is missing or behind is refused instead. Raises StoreError with what to do.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            store = _open_sqlite(parsed.database, create=migrate)
        elif parsed.get_backend_name() in {"postgresql", "postgres"}:
            store = _open_postgresql(url)
        else:
            raise StoreError(
                f"database.url: {parsed.get_backend_name()} is not supported; use sqlite:/// or postgresql://"
            )
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(
            "database.url is not a database address; use sqlite:///PATH or postgresql://USER@HOST/NAME"
        ) from error
    except OSError as error:
        raise StoreError(f"the database cannot be opened: {error}") from error
    try:
        _migrate(store, migrate=migrate)
    except StoreError:
        store.close()
        raise
    except SQLAlchemyError as error:
        store.close()
        raise StoreError(_cannot_open(parsed, error)) from error
    return store


@contextmanager
def refusals() -> Iterator[None]:
    """Let what a database refuses while it is used, such as a full disk or a server that went, be a StoreError."""
    try:
        yield
    except OperationalError as error:
        raise StoreError(f"the database refuses to go on: {mask(str(error.orig)).strip()}") from error


def _cannot_open(parsed: URL, error: SQLAlchemyError) -> str:
    """Say why, and what to do where an SQLite file is broken or is none."""
    cause = mask(str(error.orig if isinstance(error, DBAPIError) else error)).strip()
    if parsed.get_backend_name() != "sqlite":
        return f"the database cannot be opened: {cause}"
    broken = "malformed" in cause or "not a database" in cause
    advice = "; put a backup in its place, or move it away and begin with an empty one" if broken else ""
    return f"the database {parsed.database} cannot be opened: {cause}{advice}"


def is_safe(version: tuple[int, int, int]) -> bool:
    """Say whether this SQLite is free of the WAL-reset bug (3.7.0–3.51.2, but for the backports 3.44.6 and 3.50.7)."""
    return version >= (3, 51, 3) or any(low[:3] <= version < low[3:] for low in _FIXED)


def _open_sqlite(path: str | None, *, create: bool) -> Store:
    if not path or path == ":memory:":
        raise StoreError(
            "database.url: give a file, such as sqlite:///var/monitor.db; a database in memory would forget"
        )
    if not create and not Path(path).exists():
        raise StoreError(f"there is no database at {path} yet; `monitor poll` or `monitor run` creates it")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    safe = is_safe(sqlite_driver.sqlite_version_info)
    warnings = () if safe else (_wal_bug(),)
    url = f"sqlite:///{path}"
    writer = create_engine(url, module=sqlite_driver, pool_size=1, max_overflow=0, pool_timeout=BUSY_SECONDS * 2)
    reader = create_engine(url, module=sqlite_driver)
    event.listen(writer, "connect", lambda connection, _: _pragmas(connection, safe=safe, read_only=False))
    event.listen(reader, "connect", lambda connection, _: _pragmas(connection, safe=safe, read_only=True))
    # A deferred transaction that becomes a writer fails at once, whatever the busy timeout; and without BEGIN the
    # driver loses updates.
    event.listen(writer, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    event.listen(reader, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return Store(writer, reader, warnings)


def _wal_bug() -> str:
    version = sqlite_driver.sqlite_version
    return (
        f"SQLite {version} has the WAL-reset bug: a slower, safe journal is used; install pysqlite3 or a newer Python"
    )


def _pragmas(connection: Any, *, safe: bool, read_only: bool) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA foreign_keys = ON")
    if read_only:
        cursor.execute("PRAGMA query_only = ON")
    else:
        cursor.execute(f"PRAGMA journal_mode = {'WAL' if safe else 'DELETE'}")
        cursor.execute(f"PRAGMA synchronous = {'NORMAL' if safe else 'FULL'}")
        cursor.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
    cursor.close()
    # SQLite's own lower() knows ASCII only; searches in Russian or Turkish need more.
    connection.create_function(
        "lower", 1, lambda value: value.lower() if isinstance(value, str) else value, deterministic=True
    )


def _open_postgresql(url: str) -> Store:
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(
        parsed,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10, "application_name": "returns-monitor", "options": "-c timezone=UTC"},
    )
    # Read committed would show each of several reads another state; read only, this level never fails.
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Store(engine, reader, ())


def _migrate(store: Store, *, migrate: bool) -> None:
    with store.read() as connection:
        current = _revision(connection)
    if current == HEAD:
        return
    from monitor.store.migrate import known_revisions, upgrade  # noqa: PLC0415 - Alembic, 0.4 s, only when needed

    if current is not None and current not in known_revisions():
        raise StoreError(f"the database is of a newer version of this program (its revision is {current}); upgrade it")
    if not migrate:
        raise StoreError(
            "the database is of an older version of this program; `monitor poll` or `monitor run` migrates it"
        )
    with store.write() as connection:
        upgrade(connection)


def _revision(connection: Connection) -> str | None:
    """The revision that Alembic has noted; None in a database that it has never seen."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
