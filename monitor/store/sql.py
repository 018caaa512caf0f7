"""What SQLite and PostgreSQL say in different words."""

from typing import Any

from sqlalchemy import CTE, Connection, Select
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection | str, table: Any) -> Any:
    """An INSERT that knows ON CONFLICT, for the connection's own dialect, or the one that is named."""
    dialect = connection if isinstance(connection, str) else connection.dialect.name
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def once(chosen: Select[Any]) -> CTE:
    """The rows that a worker takes for itself: locked, those of others passed over.

    A common table expression with FOR UPDATE runs once on PostgreSQL; a plain subquery may run once for each row of a
    join, and then takes more than its LIMIT.
    """
    return chosen.with_for_update(skip_locked=True).cte("chosen")
