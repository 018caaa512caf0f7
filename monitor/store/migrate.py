"""Migrating: Alembic over the connection, and inside the transaction, that is handed in."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from monitor.errors import StoreError

_LOCK = 0x4D6F6E69  # "Moni": the advisory lock under which PostgreSQL is migrated


def alembic_config(connection: Connection | None = None) -> Config:
    """The migrations' configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", "monitor.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def known_revisions() -> frozenset[str]:
    """The revisions that this version of the program knows."""
    return frozenset(revision.revision for revision in ScriptDirectory.from_config(alembic_config()).walk_revisions())


def upgrade(connection: Connection) -> None:
    """Bring the database up to the newest revision; raises StoreError. Waits for another process that does the same."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as error:
        raise StoreError(f"the database cannot be migrated: {error}") from error
