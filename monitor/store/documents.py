"""Raw documents, compressed and under the hash of their bytes, so that a mended parser can read them again."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import zstandard
from sqlalchemy import Connection, select, tuple_

from monitor.domain.feed import Captured
from monitor.store.database import Store
from monitor.store.sql import upsert
from monitor.store.tables import DocumentRow

document_table: Any = DocumentRow.__table__  # type: ignore[attr-defined]
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
