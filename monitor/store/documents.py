"""Raw documents, compressed and under the hash of their bytes, so that a mended parser can read them again."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import zstandard
from sqlalchemy import Connection, and_, exists, func, select, true, tuple_

from monitor.domain.feed import Captured, Outcome
from monitor.store.database import Store
from monitor.store.sql import upsert
from monitor.store.tables import DocumentRow, PollRow, table_of

document_table = table_of(DocumentRow)
_poll = table_of(PollRow)
_PAGE = 50  # documents read at once


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document of a feed, and between when and when it came."""

    feed: str
    captured: Captured
    first_at: datetime
    last_at: datetime


def keep(connection: Connection, feed: str, captured: Captured, *, now: datetime) -> None:
    """Keep a document, inside the caller's transaction; one that the feed brings again is kept once."""
    statement = upsert(connection, document_table).values(
        feed=feed, sha256=captured.sha256, url=captured.url, content_type=captured.content_type, first_at=now,
        last_at=now, size=len(captured.body), body=zstandard.compress(captured.body),
    )  # fmt: skip
    again = statement.on_conflict_do_update(index_elements=["feed", "sha256"], set_={"last_at": now})
    connection.execute(again)


def kept(
    store: Store, feeds: Collection[str] | None = None, *, since: datetime | None = None
) -> Iterator[KeptDocument]:
    """Yield documents as they came, the oldest first; ``feeds`` None means all. Reads a page at a time."""
    columns = document_table.c
    order = (columns.first_at, columns.feed, columns.sha256)
    chosen = select(document_table).order_by(*order).limit(_PAGE)
    if feeds is not None:
        chosen = chosen.where(columns.feed.in_(sorted(feeds)))
    if since is not None:
        chosen = chosen.where(columns.last_at >= since)
    after: Any = None
    while True:
        page = chosen if after is None else chosen.where(tuple_(*order) > tuple_(*after))
        with store.read() as connection:
            rows = connection.execute(page).all()
        for row in rows:
            captured = Captured(row.sha256, row.url, row.content_type, zstandard.decompress(row.body, row.size))
            yield KeptDocument(row.feed, captured, row.first_at, row.last_at)
        if len(rows) < _PAGE:
            return
        after = (rows[-1].first_at, rows[-1].feed, rows[-1].sha256)


@dataclass(frozen=True, slots=True)
class Holding:
    """How many documents of a feed are kept, and between when and when they came."""

    feed: str
    documents: int
    first_at: datetime
    last_at: datetime


def holdings(
    store: Store, feeds: Collection[str] | None = None, *, since: datetime | None = None
) -> dict[str, Holding]:
    """Count what `kept` would yield, by feed; feeds of which nothing is kept are left out."""
    columns = document_table.c
    counted = select(columns.feed, func.count(), func.min(columns.first_at), func.max(columns.last_at))
    with store.read() as connection:
        rows = connection.execute(counted.where(_chosen(feeds, since)).group_by(columns.feed).order_by(columns.feed))
        return {row[0]: Holding(*row) for row in rows}


def unread(
    store: Store, feeds: Collection[str] | None = None, *, since: datetime | None = None
) -> dict[str, dict[str, datetime]]:
    """Return the documents of which no good reading is on record: by feed, their SHA-256 and when they last came.

    The poll that brought a document last failed over it, or its record is gone.
    """
    columns = document_table.c
    well = exists().where(
        _poll.c.feed == columns.feed, _poll.c.at == columns.last_at, _poll.c.outcome != Outcome.FAILED.value
    )
    chosen = select(columns.feed, columns.sha256, columns.last_at).where(_chosen(feeds, since), ~well)
    found: dict[str, dict[str, datetime]] = {}
    with store.read() as connection:
        for feed, sha256, last_at in connection.execute(chosen.order_by(columns.feed, columns.first_at)):
            found.setdefault(feed, {})[sha256] = last_at
    return found


def _chosen(feeds: Collection[str] | None, since: datetime | None) -> Any:
    columns = document_table.c
    named = true() if feeds is None else columns.feed.in_(sorted(feeds))
    return and_(named, true() if since is None else columns.last_at >= since)
