"""Entries that want the text of their article's page: taking them for a try, and noting how it ended.

``entry.article`` is "" (none wanted), ``wanted``, ``taken`` or ``failed:KIND``; ``article_at`` is when a wanted one is
to be tried, ``article_tries`` how often it was.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, update

from monitor.domain.entry import KnownEntry, Revision, StoredEntry
from monitor.store.database import Store
from monitor.store.entries import entry_table, stored_entries
from monitor.store.known import by_id
from monitor.store.revisions import revise
from monitor.store.sql import once

_WANTED = "wanted"
_entry: Any = entry_table.c


@dataclass(frozen=True, slots=True)
class Wish:
    """An entry whose article's page is to be fetched, at ``url``."""

    id: int
    feed: str
    url: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """An entry that is this process's to try; ``tries`` counts this try too."""

    stored: StoredEntry
    known: KnownEntry
    tries: int


def wanted(store: Store, feeds: Collection[str], *, shorter_than: int, now: datetime, limit: int) -> list[Wish]:
    """Return the entries of these feeds that are to be tried now, the newest first.

    One that its feed has brought with a text of ``shorter_than`` characters or more by now is left out.
    """
    due = (_entry.article == _WANTED) & (_entry.article_at <= now) & _entry.pruned.is_(False)
    thin = (func.length(_entry.text) < shorter_than) & _entry.url.is_not(None)
    chosen = select(_entry.id, _entry.feed, _entry.url).where(due, thin, _entry.feed.in_(sorted(feeds)))
    with store.read() as connection:
        rows = connection.execute(chosen.order_by(_entry.id.desc()).limit(limit)).all()
    return [Wish(row.id, row.feed, row.url) for row in rows]


def claim(store: Store, ids: Collection[int], *, now: datetime, until: datetime) -> list[Claimed]:
    """Take entries for a try, in one statement; those that another process took are left out.

    The try counts from here on, so that a page which brings down the program is not asked for ever. It is nobody else's
    before ``until``.
    """
    free = _entry.id.in_(sorted(ids)) & (_entry.article == _WANTED) & (_entry.article_at <= now)
    chosen = once(select(_entry.id).where(free))
    taking = update(entry_table).where(_entry.id.in_(select(chosen.c.id)))
    taking = taking.values(article_at=until, article_tries=_entry.article_tries + 1)
    with store.write() as connection:
        rows = connection.execute(taking.returning(_entry.id, _entry.article_tries)).all()
        tries = {row.id: row.article_tries for row in rows}
        stored = stored_entries(connection, _entry.id.in_(sorted(tries)), newest_first=True)
    known = by_id(store, tries)
    return [Claimed(entry, known[entry.id], tries[entry.id]) for entry in stored]


def take(store: Store, revision: Revision, *, now: datetime) -> bool:
    """Write an entry with the text of its article; False where the entry was edited meanwhile, and stays as it is."""
    with store.write() as connection:
        return revise(connection, [revision], now=now) > 0


def again(store: Store, claimed: Claimed, *, at: datetime) -> None:
    """Try an entry again later."""
    _note(store, claimed, article_at=at)


def release(store: Store, claimed: Claimed, *, now: datetime) -> None:
    """Give back an entry that was not tried after all."""
    fewer = case((_entry.article_tries > 0, _entry.article_tries - 1), else_=0)
    _note(store, claimed, article_at=now, article_tries=fewer)


def give_up(store: Store, claimed: Claimed, kind: str) -> None:
    """Try an entry no more, and say why."""
    _note(store, claimed, article=f"failed:{kind}", article_at=None)


def _note(store: Store, claimed: Claimed, **changes: Any) -> None:
    """Change what is noted of an entry, unless it was edited meanwhile: it then may want its article anew."""
    same = (_entry.id == claimed.known.id) & (_entry.version == claimed.known.version) & (_entry.article == _WANTED)
    with store.write() as connection:
        connection.execute(update(entry_table).where(same).values(**changes))
