"""What a feed has brought before, for the pipeline to compare with."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from monitor.domain.entry import KnownEntry, Origin
from monitor.store.database import Store
from monitor.store.entries import entry_table
from monitor.store.tables import AliasRow, StoryKeyRow, table_of

alias_table = table_of(AliasRow)
_story_key = table_of(StoryKeyRow)
_IN = 10_000  # keys in one statement; SQLite takes 32,766 parameters
_LATELY = 2_000  # entries that are "lately"; more than any document holds
_ALIKE = 2_000  # entries of one feed that are compared; one whose entries all have one link is one story
_OPENING = 400  # characters of a text by which it is known again
_COLUMNS = [
    entry_table.c[name]
    for name in (
        "id", "key", "url", "title", "text", "published", "fingerprint", "version", "article", "announceable", "pruned",
        "first_seen", "origin",
    )
]  # fmt: skip


def known(store: Store, feed: str, keys: Collection[str]) -> dict[str, KnownEntry]:
    """Return the entries that the feed has brought under these keys, by key; pruned ones and aliases included."""
    wanted = sorted(keys)
    found: dict[str, KnownEntry] = {}
    with store.read() as connection:
        for start in range(0, len(wanted), _IN):
            part = wanted[start : start + _IN]
            own = select(*_COLUMNS).where(entry_table.c.feed == feed, entry_table.c.key.in_(part))
            found |= {row.key: _known(row) for row in connection.execute(own)}
            found |= _by_alias(connection, feed, [key for key in part if key not in found])
    return found


def _by_alias(connection: Connection, feed: str, keys: Collection[str]) -> dict[str, KnownEntry]:
    if not keys:
        return {}
    other = (
        select(alias_table.c.key.label("alias"), *_COLUMNS)
        .join(entry_table, entry_table.c.id == alias_table.c.entry_id)
        .where(alias_table.c.feed == feed, alias_table.c.key.in_(keys))
    )
    return {row.alias: _known(row) for row in connection.execute(other)}


def other_keys(store: Store, entry_id: int) -> list[tuple[str, datetime]]:
    """Return the keys under which an entry came later on, and when first, the oldest first."""
    mine = select(alias_table.c.key, alias_table.c.seen_at).where(alias_table.c.entry_id == entry_id)
    with store.read() as connection:
        rows = connection.execute(mine.order_by(alias_table.c.seen_at, alias_table.c.key))
        return [(row.key, row.seen_at) for row in rows]


def alike(store: Store, feed: str, marks: Collection[str]) -> list[KnownEntry]:
    """Return the feed's entries in the stories that these marks lead to, the newest `_ALIKE` of each batch of marks."""
    wanted, columns = sorted(marks), entry_table.c
    found: dict[int, KnownEntry] = {}
    with store.read() as connection:
        for start in range(0, len(wanted), _IN):
            stories = select(_story_key.c.story_id).where(_story_key.c.key.in_(wanted[start : start + _IN]))
            # With nothing added, so that SQLite looks entries up by their story, and not all that the feed ever had.
            mine = select(*_COLUMNS).where(columns.story_id.in_(stories), columns.feed.concat("") == feed)
            newest = mine.order_by(columns.id.desc()).limit(_ALIKE)
            found |= {row.id: _known(row) for row in connection.execute(newest)}
    return [found[id_] for id_ in sorted(found)]


def lately(store: Store, feed: str) -> list[tuple[str | None, str, datetime | None, str]]:
    """Return URL, title, date and the opening of the text of the feed's newest entries."""
    columns = entry_table.c
    opening = func.substr(columns.text, 1, _OPENING).label("opening")
    newest = select(columns.url, columns.title, columns.published, opening).where(columns.feed == feed)
    with store.read() as connection:
        rows = connection.execute(newest.order_by(columns.first_seen.desc()).limit(_LATELY))
        return [(row.url, row.title, row.published, row.opening) for row in rows]


def by_id(store: Store, ids: Collection[int]) -> dict[int, KnownEntry]:
    """Return stored entries by their ids."""
    wanted = sorted(ids)
    with store.read() as connection:
        return {
            row.id: _known(row)
            for start in range(0, len(wanted), _IN)
            for row in connection.execute(select(*_COLUMNS).where(entry_table.c.id.in_(wanted[start : start + _IN])))
        }


def _known(row: Any) -> KnownEntry:
    return KnownEntry(
        row.id, row.key, row.url, row.title, row.text, row.published, row.fingerprint, row.version, row.article,
        row.announceable, row.pruned, row.first_seen, Origin(row.origin),
    )  # fmt: skip
