"""New versions of stored entries: what was said before is kept, and what was judged is judged anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, literal, select, update

from monitor.domain.entry import Revision
from monitor.store.database import Store
from monitor.store.entries import add_scores_of, announce, entry_table
from monitor.store.facts import add_facts, drop_facts
from monitor.store.known import alias_table
from monitor.store.sql import upsert
from monitor.store.tables import EntryVersionRow, table_of

_version = table_of(EntryVersionRow)


@dataclass(frozen=True, slots=True)
class PastVersion:
    """What an entry said before it was replaced at ``replaced_at``, by what ``why`` names."""

    version: int
    title: str
    text: str
    url: str | None
    replaced_at: datetime
    why: str


def revise(connection: Connection, revisions: Sequence[Revision], *, now: datetime) -> int:
    """Write new versions, inside the caller's transaction; returns how many.

    A revision of a version that is not the newest any more, or of a pruned entry, is left out: another worker was
    first. One that matters gets scores and places of its own, and a new place in store order where it is still news, so
    that each subscription judges the entry anew, beside what it told of it before.
    """
    written = [revision for revision in revisions if _replace(connection, revision, now)]
    scored = [(r, r.scored) for r in written if r.scored is not None]
    add_scores_of(connection, [(r.entry_id, r.replaces + 1, s.scores, s.scorer) for r, s in scored if s.scorer], now)
    if scored:
        ids = [r.entry_id for r, _ in scored]
        drop_facts(connection, ids)
        add_facts(connection, [(r.entry_id, s.told) for r, s in scored])
    announce(connection, [r.entry_id for r, s in scored if r.news and s.scorer])
    return len(written)


def _replace(connection: Connection, revision: Revision, now: datetime) -> bool:
    table, entry = entry_table.c, revision.entry
    current = (table.id == revision.entry_id) & (table.version == revision.replaces) & table.pruned.is_(False)
    when, why = literal(now, table.first_seen.type), literal(revision.why)
    before = select(table.id, table.version, table.title, table.text, table.url, when, why).where(current)
    columns = ["entry_id", "version", "title", "text", "url", "replaced_at", "why"]
    kept = upsert(connection, _version).from_select(columns, before)
    first = kept.on_conflict_do_nothing(index_elements=["entry_id", "version"]).returning(_version.c.version)
    if connection.execute(first).first() is None:  # psycopg counts no rows here
        return False
    changes: dict[str, Any] = {
        "version": revision.replaces + 1, "title": entry.title, "text": entry.text, "lang": entry.lang,
        "url": func.coalesce(entry.url, table.url), "updated": func.coalesce(entry.updated, table.updated),
    }  # fmt: skip
    if revision.fingerprint is not None:
        changes["fingerprint"] = revision.fingerprint
    if revision.why == "article":
        changes |= {"article": "taken", "article_at": None}
    if revision.scored is not None:
        changes["classified"] = bool(revision.scored.scorer)
        if not revision.scored.scorer and revision.news:
            changes["announce_seq"] = None  # waits for the model, and is not judged by what it said before
        if revision.scored.wants_article:
            changes |= {"article": "wanted", "article_at": now, "article_tries": 0}
    connection.execute(update(entry_table).where(table.id == revision.entry_id).values(changes))
    return True


def add_aliases(connection: Connection, feed: str, aliases: Mapping[str, int], *, now: datetime) -> None:
    """Remember other keys under which the feed brought entries that it had brought before."""
    if not aliases:
        return
    rows = [{"feed": feed, "key": key, "entry_id": id_, "seen_at": now} for key, id_ in sorted(aliases.items())]
    statement = upsert(connection, alias_table).on_conflict_do_nothing(index_elements=["feed", "key"])
    connection.execute(statement, rows)


def versions(store: Store, entry_id: int) -> list[PastVersion]:
    """Return what an entry said before, the oldest first."""
    mine = select(_version).where(_version.c.entry_id == entry_id).order_by(_version.c.version)
    with store.read() as connection:
        return [
            PastVersion(row.version, row.title, row.text, row.url, row.replaced_at, row.why)
            for row in connection.execute(mine)
        ]
