"""Labels that people gave. A row is never changed but by being withdrawn; the newest that stands counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from monitor.domain.entry import StoredEntry
from monitor.errors import UsageError
from monitor.store.database import Store
from monitor.store.entries import announce, entry_table, stored_entries
from monitor.store.said import annotated, annotation_table, newest, stands
from monitor.store.unread import Read, read_facts

_IN = 10_000


@dataclass(frozen=True, slots=True)
class NewAnnotation:
    """What a person says: the label holds, holds not, or (None) "I could not say"."""

    entry_id: int
    label: str
    value: bool | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a person said, when, and which way (``cli``, ``review``); ``withdrawn_at`` is set where it was undone."""

    id: int
    entry_id: int
    label: str
    value: bool | None
    who: str
    via: str
    at: datetime
    note: str
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Labelled:
    """An entry with the newest word of people on each label; those they were unsure of are left out."""

    entry: StoredEntry
    labels: Mapping[str, bool]


def add(
    store: Store, new: Sequence[NewAnnotation], *, who: str, via: str, now: datetime, read: Read | None = None
) -> list[int]:
    """Write what a person said, all or nothing; returns the ids of the words in their order.

    An entry that was given a label, and may be announced, gets a new place in store order, so that each subscription
    which has not passed it judges it anew. One that has no facts beside countries gets those that ``read`` takes out of
    it; programs annotate by `monitor.jobs.label`, which brings it. Raises UsageError for entries that are not there.
    """
    if not new:
        return []
    rows = [
        {"entry_id": n.entry_id, "label": n.label, "value": n.value, "who": who, "via": via, "at": now, "note": n.note}
        for n in new
    ]
    with store.write() as connection:
        may_be_announced = _lock(connection, sorted({n.entry_id for n in new}))
        statement = insert(annotation_table).returning(annotation_table.c.id, sort_by_parameter_order=True)
        ids = list(connection.scalars(statement, rows))
        given = sorted({n.entry_id for n in new if n.value})
        if read is not None:
            read_facts(connection, given, read)
        announce(connection, [id_ for id_ in given if id_ in may_be_announced])
    return ids


def _lock(connection: Connection, wanted: Sequence[int]) -> set[int]:
    """Hold the entries, so that none is pruned meanwhile, and return those that may be announced."""
    columns = entry_table.c
    # One that waits for a model gets its place with its scores, unless it has kept one.
    ready = (columns.announceable & or_(columns.classified, columns.announce_seq.is_not(None))).label("ready")
    found: dict[int, bool] = {}
    for start in range(0, len(wanted), _IN):
        mine = columns.id.in_(wanted[start : start + _IN]) & columns.pruned.is_(False)
        chosen = select(columns.id, ready).where(mine).order_by(columns.id)
        found |= {row.id: bool(row.ready) for row in connection.execute(chosen.with_for_update())}
    if missing := [str(id_) for id_ in wanted if id_ not in found]:
        names = f"entr{'y' if len(missing) == 1 else 'ies'} {', '.join(missing)}"
        raise UsageError(f"no {names}; `monitor items list` shows ids")
    return {id_ for id_, ready_ in found.items() if ready_}


def withdraw(store: Store, ids: Sequence[int], *, now: datetime) -> int:
    """Take words back; the rows stay, and what was said before counts again. Returns how many stood until now."""
    mine = annotation_table.c.id.in_(sorted(ids)) & stands
    with store.write() as connection:
        return int(connection.execute(update(annotation_table).where(mine).values(withdrawn_at=now)).rowcount)


def history(store: Store, entry_id: int) -> list[Annotation]:
    """Return all that people said of an entry, what they took back too, the oldest first."""
    mine = select(annotation_table).where(annotation_table.c.entry_id == entry_id)
    with store.read() as connection:
        rows = connection.execute(mine.order_by(annotation_table.c.at, annotation_table.c.id))
        return [_annotation(row) for row in rows]


def _annotation(row: Any) -> Annotation:
    return Annotation(
        row.id, row.entry_id, row.label, row.value, row.who, row.via, row.at, row.note, row.withdrawn_at
    )  # fmt: skip


def labelled(store: Store) -> list[Labelled]:
    """Return every entry that people gave or refused a label, the oldest first."""
    with store.read() as connection:
        found = stored_entries(connection, annotated())
    return [Labelled(stored, stored.human) for stored in found if stored.human]


def counts(store: Store) -> dict[str, tuple[int, int]]:
    """Count by label how many entries people gave it, and how many they refused it."""
    columns = annotation_table.c
    chosen = select(columns.label, columns.value, func.count()).where(
        columns.id.in_(newest()), columns.value.is_not(None)
    )
    with store.read() as connection:
        rows = connection.execute(chosen.group_by(columns.label, columns.value)).all()
    found = {(label, bool(value)): int(number) for label, value, number in rows}
    labels = sorted({label for label, _ in found})
    return {label: (found.get((label, True), 0), found.get((label, False), 0)) for label in labels}
