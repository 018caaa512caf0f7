"""Stores that hold a window of stories: as many entries as wanted, all or some of them indexed, over fourteen days.

There are `TEMPLATES` different ones; the others repeat their words and facts under other ids, days and titles. So
common keys grow as the window does, which is the worst that a stream can do: in a real one new words come up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import islice

from sqlalchemy import Column, MetaData, Table, insert, select

from monitor.dedupe.keys import candidate_keys
from monitor.dedupe.told import Told, tell
from monitor.dedupe.weights import default
from monitor.domain.facts import Facts
from monitor.domain.feed import Feed, Source
from monitor.domain.story import WINDOW
from monitor.extract.facts import extract
from monitor.store.database import Store
from monitor.store.entries import entry_table
from monitor.store.facts import add_facts
from monitor.store.feeds import sync
from monitor.store.tables import StoryIndexRow, table_of

from .tellings import Written, stream

_index = table_of(StoryIndexRow)
# Written in any order first: an index of a million entries is then built in a part of the time.
_unsorted = Table("unsorted", MetaData(), *(Column(name, _index.c[name].type) for name in ("key", "entry_id")))
TEMPLATES = 10_000
FEEDS = 500
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
_TOGETHER = 20_000  # rows of entries in one transaction


@dataclass(frozen=True, slots=True)
class _Template:
    written: Written
    facts: Facts
    told: Told


def feeds() -> list[Feed]:
    """The feeds that the entries are of."""
    source = Source("wire", "Wire")
    return [Feed(f"feed{n}", f"https://wire.example/{n}.xml", source) for n in range(FEEDS)]


def fill(store: Store, entries: int, *, one_in: int = 1) -> None:
    """Put so many entries into an empty store, the oldest first, the newest of this minute; one in so many of them may
    be ours, and has facts and keys."""
    sync(store, feeds(), now=NOW - WINDOW)
    step = WINDOW / entries
    with store.write() as connection:
        _unsorted.create(connection)
    for start in range(0, entries, _TOGETHER):
        numbers = range(start, min(start + _TOGETHER, entries))
        made = [(n + 1, _templates()[n % TEMPLATES], NOW - WINDOW + step * (n + 0.5)) for n in numbers]
        with store.write() as connection:
            connection.execute(insert(entry_table), [_row(*one) for one in made])
            ours = [one for one in made if one[0] % one_in == 0]
            add_facts(connection, ((id_, template.facts) for id_, template, _ in ours))
            keys = [(_own(key, id_), id_) for id_, _, at in ours for key in _keys((id_ - 1) % TEMPLATES, at.date())]
            connection.execute(insert(_unsorted), [{"key": key, "entry_id": id_} for key, id_ in keys])
    with store.write() as connection:
        rows = select(_unsorted, entry_table.c.first_seen).join(entry_table, entry_table.c.id == _unsorted.c.entry_id)
        in_order = rows.order_by(_unsorted.c.key, _unsorted.c.entry_id)
        connection.execute(insert(_index).from_select(["key", "entry_id", "seen_at"], in_order))
        _unsorted.drop(connection)


@cache
def _templates() -> Sequence[_Template]:
    return list(map(_template, islice(stream(1, ours=True), TEMPLATES)))


def _template(written: Written) -> _Template:
    title, text, lang = written.title, written.text, written.lang
    facts = extract(title, text, lang)
    return _Template(
        written, facts, tell(default(), facts, number=0, feed="", lang=lang, title=title, text=text, at=NOW)
    )


@cache
def _keys(number: int, day: date) -> Sequence[str]:
    return candidate_keys(_templates()[number].told, day)


def _own(key: str, id_: int) -> str:
    """A key of a repeated entry; its title is another, and so is the key of that."""
    return f"{key}{id_ // TEMPLATES}" if key.startswith("t:") else key


def _row(id_: int, template: _Template, at: datetime) -> dict[str, object]:
    written = template.written
    return {
        "id": id_, "feed": f"feed{id_ % FEEDS}", "key": f"g:{id_}", "guid": str(id_), "url": None,
        "title": f"{written.title} {id_ // TEMPLATES}", "text": written.text, "lang": written.lang, "published": at,
        "first_seen": at, "origin": "live", "announceable": False, "story_id": id_,
        "classified": True, "pruned": False,
    }  # fmt: skip
