"""Alarms that are open, and a change of them written with the message that tells it, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, select

from monitor.domain.channel import SUBSCRIPTION, Alarm, AlarmKind
from monitor.store.database import Store
from monitor.store.notices import Telling, tell
from monitor.store.sql import upsert
from monitor.store.tables import AlarmRow, table_of

_alarm = table_of(AlarmRow)


def open_alarms(store: Store) -> list[Alarm]:
    """List the alarms that are open, the oldest first."""
    with store.read() as connection:
        rows = connection.execute(select(_alarm).order_by(_alarm.c.opened_at, _alarm.c.kind, _alarm.c.subject)).all()
    return [Alarm(AlarmKind(r.kind), r.subject, r.name, r.detail, r.opened_at, r.told) for r in rows]


def change(
    store: Store, before: Sequence[Alarm], after: Sequence[Alarm], *, telling: Telling | None, now: datetime
) -> bool:
    """Put the alarms of ``after`` in the place of those of ``before``, and the message that tells it into the outbox.

    Returns False, having written nothing, where another process has changed one of ``before`` meanwhile, or opened one
    of ``after`` itself: what it told is not told twice.
    """
    with store.write() as connection:
        done = 0
        for alarm in before:
            same = and_(
                _alarm.c.kind == alarm.kind.value, _alarm.c.subject == alarm.subject, _alarm.c.told == alarm.told
            )
            done += connection.execute(delete(_alarm).where(same)).rowcount
        for alarm in after:
            statement = upsert(connection, _alarm).values(_row(alarm))
            done += connection.execute(statement.on_conflict_do_nothing(index_elements=["kind", "subject"])).rowcount
        if done != len(before) + len(after):
            connection.rollback()
            return False
        if telling is not None:
            tell(connection, SUBSCRIPTION, telling, now=now)
    return True


def _row(alarm: Alarm) -> dict[str, Any]:
    return {
        "kind": alarm.kind.value, "subject": alarm.subject, "name": alarm.name, "detail": alarm.detail,
        "opened_at": alarm.opened_at, "told": alarm.told,
    }  # fmt: skip
