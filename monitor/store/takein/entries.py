"""Feeds and entries of an export."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select, update

from monitor.domain.entry import Origin, Trust
from monitor.domain.feed import FeedMemory
from monitor.exchange import tables as form
from monitor.exchange.tables import Table, Values, What
from monitor.normalise.text import fingerprint
from monitor.store.entries import entry_table, feed_table
from monitor.store.export import Name
from monitor.store.memory import read_memory, write_memory
from monitor.store.takein.rows import Counts, Taking, insert_new, known_entries


def feeds(connection: Connection, taking: Taking, _: Table, rows: Sequence[Values]) -> Counts:
    """Add feeds that are not here. One that is, and has no entries yet, learns by what its entries are told apart."""
    counts, new = Counts(), list[dict[str, Any]]()
    columns = feed_table.c
    mine = select(columns.name, columns.url, columns.memory).where(columns.name.in_([row[0] for row in rows]))
    known = {row.name: row for row in connection.execute(mine if taking.dry else mine.with_for_update())}
    for name, url, source, added_at, trust in rows:
        if name not in known:
            learnt = write_memory(FeedMemory(trust=Trust(trust)))
            row = {"name": name, "url": url, "source": source, "added_at": added_at, "memory": learnt}
            new.append(row | {"failures": 0.0, "lease": 0})
            continue
        memory = read_memory(known[name].memory)
        if memory.trust != trust and not _has_entries(connection, name):
            counts.new += 1
            if not taking.dry:
                learnt = write_memory(replace(memory, trust=Trust(trust)))
                connection.execute(update(feed_table).where(columns.name == name).values(memory=learnt))
        else:
            counts.told(same=(known[name].url, memory.trust) == (url, trust))
    insert_new(connection, taking, feed_table, new, ["name"])
    counts.new += len(new)
    return counts


def _has_entries(connection: Connection, feed: str) -> bool:
    return connection.execute(select(entry_table.c.id).where(entry_table.c.feed == feed).limit(1)).first() is not None


_SAME = tuple(
    name
    for name in form.ENTRIES.names
    if name not in {"feed", "key", "article", "article_at", "article_tries", "first_seen", "classified"}
    and name not in {"origin", "announceable"}
)
"""What is compared of an entry: what it says, and not how it fares in one monitor or another."""
_WORDS = ("title", "text", "version", "pruned")


def words(connection: Connection, taking: Taking, _: Table, rows: Sequence[Values]) -> Counts:
    """Find those entries here that say what scores and facts of the export are of; nothing is written."""
    counts = Counts()
    known = known_entries(connection, taking, [row[:2] for row in rows], ("title", "text", "version", "pruned"))
    for feed, key, version, mark in rows:
        found = known.get((feed, key))
        if found is None:
            counts.left_out += 1
            continue
        same = not found.pruned and (found.version, fingerprint(found.title, found.text)) == (version, mark)
        counts.told(same=same)
        if same:
            taking.same.add(found.id)
    return counts


def entries(connection: Connection, taking: Taking, table: Table, rows: Sequence[Values]) -> Counts:
    """Add entries that are not here. Without their scores they wait for the next poll, as those do that no model has
    scored."""
    counts, new = Counts(), dict[Name, dict[str, Any]]()
    scored = What.PREDICTIONS in taking.what
    _hold_feeds(connection, taking, {row[0] for row in rows})
    known = known_entries(connection, taking, [row[:2] for row in rows], _SAME)
    for row in rows:
        given, found = dict(zip(table.names, row, strict=True)), known.get(row[:2])
        if found is None:
            counts.there += row[:2] in new
            here = {"origin": Origin.BACKFILL.value, "announceable": False}
            here["classified"] = given["classified"] and (scored or given["pruned"])
            new.setdefault(row[:2], given | here)
            continue
        same = all(getattr(found, name) == given[name] for name in _SAME)
        counts.there += same
        counts.differs += not same
        if any(getattr(found, name) != given[name] for name in _WORDS):
            taking.changed.add(found.id)
    counts.new = len(new)
    insert_new(connection, taking, entry_table, list(new.values()), ["feed", "key"])
    if taking.dry:
        taking.fresh.update(map(hash, new))
    return counts


def _hold_feeds(connection: Connection, taking: Taking, names: Collection[str]) -> None:
    """As polls do, feeds before their entries, or each could wait for the other."""
    if not taking.dry:
        mine = select(feed_table.c.name).where(feed_table.c.name.in_(sorted(names))).order_by(feed_table.c.name)
        connection.execute(mine.with_for_update(key_share=True))
