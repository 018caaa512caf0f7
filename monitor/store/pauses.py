"""Politeness budgets that a server has shut for a while: shared by every process, and kept over a restart."""

from datetime import datetime

from sqlalchemy import delete, select

from monitor.store.database import Store
from monitor.store.sql import upsert
from monitor.store.tables import PauseRow, table_of

_pause = table_of(PauseRow)


def pause(store: Store, budget: str, until: datetime) -> None:
    """Shut a budget until a time; a later time that was set before stays."""
    with store.write() as connection:
        statement = upsert(connection, _pause).values(budget=budget, until=until)
        longer = _pause.c.until < statement.excluded.until
        connection.execute(
            statement.on_conflict_do_update(index_elements=["budget"], set_={"until": until}, where=longer)
        )


def paused(store: Store, *, now: datetime) -> dict[str, datetime]:
    """Return the budgets that are shut now, and until when; those that are over are cleared away."""
    with store.read() as connection:
        rows = connection.execute(select(_pause)).all()
    if any(row.until <= now for row in rows):
        with store.write() as connection:
            connection.execute(delete(_pause).where(_pause.c.until <= now))
    return {row.budget: row.until for row in rows if row.until > now}
