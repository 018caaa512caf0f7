"""Entries of which nobody has taken out the facts: those that were not held for ours when they came."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, and_, select

from monitor.domain.facts import Facts
from monitor.store.entries import entry_table
from monitor.store.facts import add_facts, drop_facts, has_facts

_IN = 10_000

Read = Callable[[str, str, str], Facts]
"""Takes the facts out of a title, a text and its language."""


def read_facts(connection: Connection, ids: Sequence[int], read: Read) -> None:
    """Give entries without facts theirs, of the words that they have; the caller has locked them."""
    columns, found = entry_table.c, list[tuple[int, Facts]]()
    for start in range(0, len(ids), _IN):
        mine = and_(columns.id.in_(ids[start : start + _IN]), ~has_facts())
        chosen = select(columns.id, columns.title, columns.text, columns.lang).where(mine)
        found += [(row.id, read(row.title, row.text, row.lang)) for row in connection.execute(chosen)]
    drop_facts(connection, [id_ for id_, _ in found])
    add_facts(connection, found)
