"""Retention: what is old goes, and leaves behind what keeps it from coming back as new."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, exists, select, update

from monitor.domain.delivery import DeliveryState
from monitor.store.database import Store
from monitor.store.entries import entry_table, prediction_table
from monitor.store.facts import drop_facts
from monitor.store.said import annotated
from monitor.store.tables import (
    AliasRow,
    DigestRow,
    DocumentRow,
    EntryVersionRow,
    OutboxRow,
    PollRow,
    ReclassifyRow,
    StoryIndexRow,
    StoryKeyRow,
    table_of,
)

_poll = table_of(PollRow)
_index = table_of(StoryIndexRow)
_alias = table_of(AliasRow)
_version = table_of(EntryVersionRow)
_document = table_of(DocumentRow)
_digest = table_of(DigestRow)
_outbox = table_of(OutboxRow)
_story_key = table_of(StoryKeyRow)
_reclassify = table_of(ReclassifyRow)
_LINK_MARKS = "u:%"
"""Marks of links stay with the tombstones, which are found by them when their guids are rotated."""
_BATCH = 5_000  # entries a transaction, so that polls are not kept waiting


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much went."""

    entries: int
    polls: int
    digests: int
    documents: int = 0


def prune(
    store: Store,
    *,
    entries_before: datetime,
    polls_before: datetime,
    digests_before: datetime,
    documents_before: datetime,
) -> Pruned:
    """Empty entries that were first seen before a time (their keys stay), and delete older polls, reclassifications
    that are at their end, marks, aliases, digests and raw documents.

    A digest with a delivery that still waits is kept, a document that came again later, and an entry of which people
    said something. An alias that is still in use is found anew.
    """
    entries = 0
    while batch := _empty_entries(store, entries_before):
        entries += batch
    with store.write() as connection:
        polls = connection.execute(delete(_poll).where(_poll.c.at < polls_before)).rowcount
        marks = and_(_story_key.c.seen_at < entries_before, ~_story_key.c.key.like(_LINK_MARKS))
        connection.execute(delete(_story_key).where(marks))
        connection.execute(delete(_alias).where(_alias.c.seen_at < entries_before))
        open_states = (DeliveryState.PENDING.value, DeliveryState.SENDING.value)
        waiting = select(_outbox.c.digest_id).where(_outbox.c.state.in_(open_states))
        old = and_(_digest.c.made_at < digests_before, _digest.c.id.not_in(waiting))
        digests = connection.execute(delete(_digest).where(old)).rowcount
        connection.execute(delete(_reclassify).where(_reclassify.c.ended_at < polls_before))
        documents = connection.execute(delete(_document).where(_document.c.last_at < documents_before)).rowcount
    return Pruned(entries, polls, digests, documents)


def _empty_entries(store: Store, before: datetime) -> int:
    with store.write() as connection:
        old = and_(entry_table.c.first_seen < before, entry_table.c.pruned.is_(False))
        chosen = select(entry_table.c.id).where(old, ~annotated()).order_by(entry_table.c.id)
        # Locked: one that a person labels at this moment is passed over.
        ids = list(connection.scalars(chosen.limit(_BATCH).with_for_update(skip_locked=True)))
        if not ids:
            return 0
        connection.execute(delete(prediction_table).where(prediction_table.c.entry_id.in_(ids)))
        drop_facts(connection, ids)
        connection.execute(delete(_version).where(_version.c.entry_id.in_(ids)))
        emptied = update(entry_table).where(entry_table.c.id.in_(ids))
        connection.execute(emptied.values(pruned=True, title="", text="", classified=True, article=""))
    return len(ids)


def prune_index(store: Store, *, before: datetime) -> int:
    """Delete the keys of entries that were seen before a time, when they find no story any more; returns how many.

    Those of an old entry that came later stay as long from then on: another backfill may bring who told the same. One
    look at the whole table, which holds what may be ours of two weeks: a second for a million entries.
    """
    came_later = exists().where(entry_table.c.id == _index.c.entry_id, entry_table.c.first_seen >= before)
    with store.write() as connection:
        return connection.execute(delete(_index).where(_index.c.seen_at < before, ~came_later)).rowcount
