"""What people said of entries, read inside the caller's transaction: the newest word on each label counts.

Newest is what was said last; by its id it would be what an import brought last.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, and_, exists, func, select

from monitor.store.tables import AnnotationRow, EntryRow, table_of

annotation_table = table_of(AnnotationRow)
_entry = table_of(EntryRow)
stands: Any = annotation_table.c.withdrawn_at.is_(None)
"""That a word was not taken back."""
_IN = 10_000


def said(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, bool]]:
    """Return what counts of each entry, by label. The last word "unsure" is nobody's: the label is then left out."""
    columns = annotation_table.c
    found: dict[int, dict[str, bool]] = defaultdict(dict)
    for start in range(0, len(ids), _IN):
        mine = and_(stands, columns.entry_id.in_(ids[start : start + _IN]))
        chosen = select(columns.entry_id, columns.label, columns.value).where(mine).order_by(columns.at, columns.id)
        for row in connection.execute(chosen):
            if row.value is None:
                found[row.entry_id].pop(row.label, None)
            else:
                found[row.entry_id][row.label] = row.value
    return found


def annotated(labels: Collection[str] | None = None) -> Any:
    """A condition on the entry table: people said something, of one of ``labels`` or of any; "unsure" counts here."""
    mine = and_(annotation_table.c.entry_id == _entry.c.id, stands)
    return exists().where(mine if labels is None else and_(mine, annotation_table.c.label.in_(sorted(labels))))


def said_yes(labels: Collection[str]) -> Any:
    """A condition on the entry table: by the newest word of people the entry has one of these labels."""
    columns = annotation_table.c
    given = and_(columns.id.in_(newest()), columns.value.is_(True), columns.label.in_(sorted(labels)))
    return _entry.c.id.in_(select(columns.entry_id).where(given))


def newest() -> Any:
    """The ids of the words that count: the newest of each entry and label."""
    columns = annotation_table.c
    last = func.row_number().over(
        partition_by=(columns.entry_id, columns.label), order_by=(columns.at.desc(), columns.id.desc())
    )
    ranked = select(columns.id, last.label("place")).where(stands).subquery()
    return select(ranked.c.id).where(ranked.c.place == 1)
