"""What was missed, read for the digest that carries it."""

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from monitor.domain.digest import Undelivered, Verdict
from monitor.domain.fold import Owed
from monitor.store.alerts import ALERT, MORE
from monitor.store.database import Store
from monitor.store.entries import entry_table, stored_entries
from monitor.store.heard import heard, ledger_table
from monitor.store.stories import spans
from monitor.store.tables import DigestRow, table_of

_digest = table_of(DigestRow)
_IN = 500
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?[+-]\d\d:\d\d")
_NUMBER = re.compile(r"\+(\d+)$")
_SAID = (Verdict.SHOWN, Verdict.ALERTED, Verdict.TOLD)


def owed(store: Store, subscription: str, entries: Collection[int]) -> Owed:
    """Read the stories of entries that were missed; what is pruned by now is left out."""
    with store.read() as connection:
        of = _of(connection, subscription, entries)
        stories = sorted(_stories(connection, subscription, entries))
        told, joined = heard(connection, subscription, stories), spans(connection, stories)
        said = {line.entry_id for lines in told.values() for line in lines if line.verdict in _SAID}
        found = stored_entries(connection, entry_table.c.id.in_(sorted(said)))
    here = {stored.id for stored in found}
    return Owed(tuple(found), told, joined, {id_: one for id_, one in of.items() if id_ in here})


def _of(connection: Connection, subscription: str, entries: Collection[int]) -> dict[int, Undelivered]:
    ledger, ordered = ledger_table.c, sorted(entries)
    chosen = (
        select(ledger.entry_id, ledger.at, _digest.c.key, _digest.c.made_at)
        .outerjoin(_digest, _digest.c.id == ledger.digest_id)
        .where(ledger.subscription == subscription)
    )
    found = {}
    for start in range(0, len(ordered), _IN):
        for row in connection.execute(chosen.where(ledger.entry_id.in_(ordered[start : start + _IN]))):
            key = row.key or ""  # of one whose message is pruned the time is left
            found[row.entry_id] = Undelivered(
                key, _closed_at(key) or row.made_at or row.at, ALERT in key or MORE in key
            )
    return found


def _stories(connection: Connection, subscription: str, entries: Collection[int]) -> set[int]:
    ledger, ordered = ledger_table.c, sorted(entries)
    chosen = select(ledger.story_id).where(ledger.subscription == subscription)
    parts = (ordered[start : start + _IN] for start in range(0, len(ordered), _IN))
    return {id_ for part in parts for id_ in connection.scalars(chosen.where(ledger.entry_id.in_(part)))}


def _closed_at(key: str) -> datetime | None:
    """When a window closed, as its key says."""
    found = _MOMENT.match(key)
    return datetime.fromisoformat(found.group()) if found else None


def taken(store: Store, subscription: str, key: str) -> int:
    """The number of the last digest that was made beside the one of a window; 0 where there is none."""
    beside = (_digest.c.subscription == subscription, _digest.c.key.startswith(f"{key}+", autoescape=True))
    with store.read() as connection:
        numbers = (
            _NUMBER.search(found.removeprefix(key))
            for found in connection.scalars(select(_digest.c.key).where(*beside))
        )
        return max((int(number.group(1)) for number in numbers if number), default=0)
