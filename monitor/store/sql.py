"""What SQLite and PostgreSQL say in different words."""

from datetime import timedelta
from typing import Any

from sqlalchemy import CTE, Connection, Select, func
from sqlalchemy.dialects import postgresql, sqlite

_TO_SECONDS = len("2026-11-30 12:00:00")


def upsert(connection: Connection | str, table: Any) -> Any:
    """An INSERT that knows ON CONFLICT, for the connection's own dialect, or the one that is named."""
    dialect = connection if isinstance(connection, str) else connection.dialect.name
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def before(dialect: str, moment: Any, span: timedelta) -> Any:
    """A moment of a row, so much earlier. To SQLite moments are texts, of which it counts with the seconds only."""
    if dialect == "postgresql":
        return moment - span
    earlier = func.datetime(func.substr(moment, 1, _TO_SECONDS), f"-{span.total_seconds():.0f} seconds")
    return earlier.concat(func.substr(moment, _TO_SECONDS + 1))


def once(chosen: Select[Any]) -> CTE:
    """The rows that a worker takes for itself: locked, those of others passed over.

    A common table expression with FOR UPDATE runs once on PostgreSQL; a plain subquery may run once for each row of a
    join, and then takes more than its LIMIT.
    """
    return chosen.with_for_update(skip_locked=True).cte("chosen")
