"""What SQLite and PostgreSQL say in different words."""

from typing import Any

from sqlalchemy import CTE, Connection, Select
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Any) -> Any:
    """An INSERT that knows ON CONFLICT, for the connection's own dialect."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def once(chosen: Select[Any]) -> CTE:
    """The rows that a worker takes for itself: locked, those of others passed over.

    A common table expression with FOR UPDATE runs once on PostgreSQL; a plain subquery may run once for each row of a
    join, and then takes more than its LIMIT.
    """
    return chosen.with_for_update(skip_locked=True).cte("chosen")
