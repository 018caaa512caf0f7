"""Entries that a backfill had found, and that a poll sees."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from monitor.domain.entry import Origin
from monitor.store.entries import announce, entry_table

_entry: Any = entry_table.c


def sight(connection: Connection, sighted: Mapping[int, bool]) -> int:
    """Note that a poll has seen entries which only a backfill had found, inside the caller's transaction; returns how
    many of them may be announced from now on.

    ``sighted`` says of each whether it is news. It counts once: what a poll saw and did not call news is never news.
    """
    if not sighted:
        return 0
    mine = _entry.id.in_(sorted(sighted)) & (_entry.origin == Origin.BACKFILL.value) & _entry.pruned.is_(False)
    found = connection.execute(select(_entry.id, _entry.classified).where(mine).with_for_update()).all()
    news = sorted(row.id for row in found if sighted[row.id])
    connection.execute(
        update(entry_table).where(_entry.id.in_([row.id for row in found])).values(origin=Origin.LIVE.value)
    )
    connection.execute(update(entry_table).where(_entry.id.in_(news)).values(announceable=True))
    announce(connection, sorted(row.id for row in found if sighted[row.id] and row.classified))
    return len(news)
