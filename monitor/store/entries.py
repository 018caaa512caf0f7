"""Entries with their predictions, places and stories: writing them, and those that wait for a model."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select, update

from monitor.domain.entry import TITLE_MARK, TITLE_WINDOW, ClassifiedEntry, Entry, Origin, Score, StoredEntry, Term
from monitor.domain.facts import NOTHING, Facts
from monitor.normalise.text import fingerprint
from monitor.store.facts import add_facts, facts_of
from monitor.store.said import said
from monitor.store.sql import before, upsert
from monitor.store.tables import CounterRow, EntryRow, FeedRow, PredictionRow, StoryIndexRow, StoryKeyRow, table_of

entry_table = table_of(EntryRow)
feed_table = table_of(FeedRow)
prediction_table = table_of(PredictionRow)
_index = table_of(StoryIndexRow)
_story_key = table_of(StoryKeyRow)
_counter = table_of(CounterRow)
counting = prediction_table.c.counts_since.is_not(None)
"""What a prediction fulfils that counts: one by a model that was not in use when it was made waits to be let."""
ANNOUNCED = "announce"
"""The counter that numbers entries in the order in which they became ready to be judged."""
_IN = 10_000


# SQLAlchemy keeps what it compiled, but building a statement anew for each poll cost a sixth of the writing.
@cache
def _insert_entries(dialect: str) -> Any:
    statement = upsert(dialect, entry_table).on_conflict_do_nothing(index_elements=["feed", "key"])
    return statement.returning(entry_table.c.id, entry_table.c.key)


@cache
def _insert_scores(dialect: str) -> Any:
    """Insert scores; of one that stands nothing changes but that it counts from now on, if the new one does."""
    unique = ["entry_id", "label", "scorer", "version"]
    statement = upsert(dialect, prediction_table)
    since = func.coalesce(statement.excluded.counts_since, prediction_table.c.counts_since)
    return statement.on_conflict_do_update(index_elements=unique, set_={"counts_since": since})


@cache
def _claim_statement(dialect: str) -> Any:
    """Set marks that lead nowhere, or by a title of long ago or of the same feed; return where each leads now.

    What is of an older date than the mark, from an archive, takes nothing over. A parameter of each row would make a
    statement of each.
    """
    statement = upsert(dialect, _story_key)
    is_title = _story_key.c.key.like(f"{TITLE_MARK}%")
    stale = _story_key.c.seen_at < before(dialect, statement.excluded.seen_at, TITLE_WINDOW)
    later = _story_key.c.seen_at > statement.excluded.seen_at
    taken_over = is_title & ~later & (stale | (_story_key.c.feed == statement.excluded.feed))
    changes = {
        "story_id": case((taken_over, statement.excluded.story_id), else_=_story_key.c.story_id),
        "feed": case((taken_over, statement.excluded.feed), else_=_story_key.c.feed),
        "seen_at": case((later, _story_key.c.seen_at), else_=statement.excluded.seen_at),
    }
    claimed = statement.on_conflict_do_update(index_elements=["key"], set_=changes)
    return claimed.returning(*(_story_key.c[name] for name in ("key", "feed", "story_id", "seen_at")))


def add_entries(connection: Connection, feed: str, new: Sequence[ClassifiedEntry], *, now: datetime) -> int:
    """Insert the entries that the feed does not have yet, with all that is known about them; returns how many.

    Uniqueness is the database's: of two workers that bring the same entry, one inserts it.
    """
    by_key = {item.entry.key: item for item in new}
    if not by_key:
        return 0
    rows = [_row(feed, item, now) for item in by_key.values()]
    inserted = connection.execute(_insert_entries(connection.dialect.name), rows)
    ids = sorted(((by_key[row.key], row.id) for row in inserted), key=lambda pair: pair[1])
    if not ids:
        return 0
    add_scores_of(connection, [(id_, 1, item.scores, item.scorer) for item, id_ in ids], now)
    add_facts(connection, [(id_, item.told) for item, id_ in ids])
    index_stories(connection, [(id_, item.index_keys, _told_at(item, now)) for item, id_ in ids])
    _set_stories(connection, feed, ids, now)
    announce(connection, [id_ for item, id_ in ids if item.news and item.scorer])
    return len(ids)


def _row(feed: str, item: ClassifiedEntry, now: datetime) -> dict[str, Any]:
    entry = item.entry
    return {
        "feed": feed, "key": entry.key, "guid": entry.guid, "url": entry.url, "title": entry.title, "text": entry.text,
        "lang": entry.lang, "published": entry.published, "published_raw": entry.published_raw,
        "date_confidence": entry.date_confidence, "updated": entry.updated,
        "fingerprint": fingerprint(entry.title, entry.text), "first_seen": now, "origin": item.origin.value,
        "announceable": item.news, "classified": bool(item.scorer), "pruned": False,
        "copy_of": item.copy_of, "article": "wanted" if item.wants_article else "",
        "article_at": now if item.wants_article else None,
    }  # fmt: skip


def add_scores_of(
    connection: Connection,
    scored: Iterable[tuple[int, int, Mapping[str, Score], str]],
    now: datetime,
    *,
    counts: bool = True,
) -> None:
    """Write scores of (entry, version, by label, scorer), inside the caller's transaction; those that stand stay.

    From ``now`` on they count before older ones; not where ``counts`` is False, since their model is not in use.
    """
    rows = [
        {
            "entry_id": id_, "label": label, "scorer": scorer, "version": version, "probability": score.probability,
            "made_at": now, "counts_since": now if counts else None,
            "terms": [[term.text, round(term.weight, 4), term.concept] for term in score.terms],
        }
        for id_, version, scores, scorer in scored
        for label, score in scores.items()
    ]  # fmt: skip
    if rows:
        connection.execute(_insert_scores(connection.dialect.name), rows)


def _told_at(item: ClassifiedEntry, now: datetime) -> datetime:
    """When an entry counts as seen where stories are told apart by time: one from an archive by its own date."""
    published = item.entry.published
    return now if item.origin is Origin.LIVE or published is None else min(published, now)


def index_stories(connection: Connection, found: Iterable[tuple[int, Sequence[str], datetime]]) -> None:
    """Write the keys by which others find entries as candidates, and when each counts as seen, inside the caller's
    transaction."""
    rows = [{"key": key, "entry_id": id_, "seen_at": at} for id_, keys, at in found for key in keys]
    if rows:
        statement = upsert(connection, _index).on_conflict_do_nothing(index_elements=["key", "entry_id"])
        connection.execute(statement, rows)


def _set_stories(connection: Connection, feed: str, ids: Sequence[tuple[ClassifiedEntry, int]], now: datetime) -> None:
    """Join each entry to the story of its strongest mark that leads to one, else to the one it was placed in; else it
    begins one, under its own id."""
    marks: dict[str, tuple[int, datetime]] = {}
    for item, id_ in ids:
        for key in item.story_keys:
            marks.setdefault(key, (id_, _told_at(item, now)))
    leads = _claim_marks(connection, feed, marks)
    places = _placed(connection, ids)
    stories: dict[int, int] = {}
    mine = {id_ for _, id_ in ids}
    for item, id_ in ids:
        # Of one document, an equal title is a series.
        older = [
            lead
            for key in item.story_keys
            if (lead := leads.get(key, id_)) != id_ and not (key.startswith(TITLE_MARK) and lead in mine)
        ]
        stories[id_] = stories.get(older[0], older[0]) if older else places.get(id_, id_)
    _write_stories(connection, stories)
    led_astray = [
        {"mark": key, "to": stories[id_]}
        for key, (id_, _) in marks.items()
        if leads.get(key) == id_ and stories[id_] != id_
    ]
    if led_astray:
        moved = update(_story_key).where(_story_key.c.key == bindparam("mark")).values(story_id=bindparam("to"))
        connection.execute(moved, led_astray)


def _write_stories(connection: Connection, stories: Mapping[int, int]) -> None:
    """Set the stories of entries; most entries begin one."""
    begun = [id_ for id_, story in stories.items() if story == id_]
    for start in range(0, len(begun), _IN):
        mine = entry_table.c.id.in_(begun[start : start + _IN])
        connection.execute(update(entry_table).where(mine).values(story_id=entry_table.c.id))
    if joined := [{"of": id_, "to": story} for id_, story in stories.items() if story != id_]:
        one = update(entry_table).where(entry_table.c.id == bindparam("of"))
        connection.execute(one.values(story_id=bindparam("to")), joined)


def _placed(connection: Connection, ids: Sequence[tuple[ClassifiedEntry, int]]) -> dict[int, int]:
    """The stories that entries were placed in, as they are called now: a story may have been joined to another."""
    wanted = {item.joins for item, _ in ids if item.joins is not None}
    if not wanted:
        return {}
    columns = entry_table.c
    rows = connection.execute(select(columns.id, columns.story_id).where(columns.id.in_(sorted(wanted))))
    called = {row.id: row.story_id or row.id for row in rows}
    return {id_: called[item.joins] for item, id_ in ids if item.joins in called}


def _claim_marks(connection: Connection, feed: str, marks: Mapping[str, tuple[int, datetime]]) -> dict[str, int]:
    """Set the marks that lead nowhere to the given ids, and return where each leads now; those that prove nothing, by a
    title that is much newer or that the same feed had later, are left out."""
    if not marks:
        return {}
    rows = [{"key": key, "feed": feed, "story_id": id_, "seen_at": at} for key, (id_, at) in sorted(marks.items())]
    leads: dict[str, int] = {}
    for row in connection.execute(_claim_statement(connection.dialect.name), rows):
        id_, at = marks[row.key]
        elsewhere = row.story_id != id_ and row.key.startswith(TITLE_MARK)
        if not (elsewhere and (row.seen_at > at + TITLE_WINDOW or (row.feed == feed and row.seen_at > at))):
            leads[row.key] = row.story_id
    return leads


def announce(connection: Connection, ids: Sequence[int]) -> None:
    """Number entries in store order. The counter's row is locked until the commit, so numbers commit in their order."""
    if not ids:
        return
    statement = upsert(connection, _counter).values(name=ANNOUNCED, value=len(ids))
    taken = statement.on_conflict_do_update(index_elements=["name"], set_={"value": _counter.c.value + len(ids)})
    last = connection.execute(taken.returning(_counter.c.value)).scalar_one()
    connection.execute(
        update(entry_table).where(entry_table.c.id == bindparam("of")).values(announce_seq=bindparam("seq")),
        [{"of": id_, "seq": last - len(ids) + n} for n, id_ in enumerate(sorted(ids), 1)],
    )


def entry_of(row: Any) -> Entry:
    """Make the value of a row."""
    return Entry(
        row.key, row.guid, row.url, row.title, row.text, row.lang, row.published, row.published_raw,
        row.date_confidence, row.updated,
    )  # fmt: skip


def stored_entries(
    connection: Connection, condition: Any, *, limit: int | None = None, newest_first: bool = False
) -> list[StoredEntry]:
    """Read the entries that fulfil a condition on the entry table, with all that is known of each; no pruned ones."""
    columns = entry_table.c
    order = columns.id.desc() if newest_first else columns.id
    chosen = (
        select(entry_table, feed_table.c.source.label("source_title"))
        .join(feed_table, feed_table.c.name == columns.feed)
        .where(condition, columns.pruned.is_(False))
        .order_by(order)
        .limit(limit)
    )
    rows = connection.execute(chosen).all()
    ids = [row.id for row in rows]
    scores, facts, human = _scores(connection, ids), facts_of(connection, ids), said(connection, ids)
    return [
        _stored(row, *scores.get(row.id, ({}, "")), facts.get(row.id, NOTHING), human.get(row.id, {})) for row in rows
    ]


def _stored(row: Any, scores: Mapping[str, Score], scorer: str, facts: Facts, human: Mapping[str, bool]) -> StoredEntry:
    return StoredEntry(
        id=row.id,
        feed=row.feed,
        source=row.source_title,
        entry=entry_of(row),
        first_seen=row.first_seen,
        origin=Origin(row.origin),
        announceable=row.announceable,
        story_id=row.story_id or row.id,
        countries=facts.countries,
        scores=scores,
        scorer=scorer,
        version=row.version,
        human=human,
        facts=facts,
        copy_of=row.copy_of,
    )


def _scores(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[dict[str, Score], str]]:
    """The score of each label that counts, and the scorer of the one that began to count last."""
    found: dict[int, tuple[dict[str, Score], str]] = {}
    for start in range(0, len(ids), _IN):
        part = prediction_table.c.entry_id.in_(ids[start : start + _IN])
        chosen = select(prediction_table).where(part, counting).order_by(prediction_table.c.counts_since)
        for row in connection.execute(chosen):
            scores, _ = found.get(row.entry_id, ({}, ""))
            scores[row.label] = Score(row.probability, tuple(Term(*term) for term in row.terms))
            found[row.entry_id] = (scores, row.scorer)
    return found
