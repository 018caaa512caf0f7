"""Migrations over databases that are in use: nothing that both versions know is lost on the way down or up."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, text

from monitor.domain.facts import Counted, Figure, Measure, MeasureFact, Stage
from monitor.normalise.text import fingerprint
from monitor.store import views
from monitor.store.database import Store, open_store
from monitor.store.heard import heard
from monitor.store.known import known
from monitor.store.migrate import alembic_config
from monitor.store.migrations import HEAD
from monitor.store.tables import metadata

AT, LATER = "2026-03-02 09:30:00+00:00", "2026-03-03 09:30:00+00:00"
Rows = dict[str, list[dict[str, Any]]]

# A row or more of every table of revision 0001, with values that no default gives.
FIRST: Rows = {
    "counter": [{"name": "announce", "value": 2}],
    "feed": [
        {"name": "paper", "url": "https://paper.example/feed", "source": "Paper", "added_at": AT, "etag": '"7"',
         "last_modified": None, "next_poll_at": LATER, "reason": "learned", "failures": 0.5, "paused_until": None,
         "polled_at": AT, "last_new_at": AT, "failing_since": None, "last_kind": "html", "last_detail": "a web page",
         "lease": 3, "leased_until": None},
    ],
    "entry": [
        {"id": n, "feed": "paper", "key": f"g:{n}", "guid": str(n), "url": f"https://paper.example/{n}",
         "title": f"Families return, part {n}", "text": "On Monday.", "lang": "en", "published": AT, "first_seen": AT,
         "origin": "live", "announceable": True, "announce_seq": n, "story_id": 1, "classified": True, "pruned": False}
        for n in (1, 2)
    ],
    "digest": [{"id": 1, "subscription": "desk", "key": "k", "made_at": AT, "stories": 1, "subject": "S", "html": "<p>",
                "text": "T", "blocks": [["section"]]}],
    "heartbeat": [{"name": "scheduler", "at": AT, "every": 15.0}],
    "story_key": [{"key": "u:1", "feed": "paper", "story_id": 1, "seen_at": AT}],
    "subscription": [{"name": "desk", "began_at": AT, "judged_to": 1, "closed_at": AT}],
    "outbox": [{"id": 1, "digest_id": 1, "channel": "mail", "recipient_id": "r1", "recipient": "x", "state": "pending",
                "token": 0, "attempts": 2, "created_at": AT, "next_at": LATER, "leased_until": None, "settled_at": None,
                "detail": "busy"}],
    "poll": [{"id": 1, "feed": "paper", "at": AT, "outcome": "ok", "status": 200, "kind": "", "severity": "",
              "detail": "", "entries": 2, "new": 2, "repeats": 0, "dropped": 1, "cut": 4, "seconds": 0.25}],
    "ledger": [{"subscription": "desk", "entry_id": 1, "story_id": 1, "verdict": "shown", "label": "returns",
                "probability": 0.9, "threshold": 0.5, "digest_id": 1}],
    "place": [{"entry_id": 1, "country": "IQ", "position": 0}],
    "prediction": [{"entry_id": 1, "label": "returns", "scorer": "m+0", "probability": 0.9, "terms": [["a", 1.5, ""]],
                    "made_at": AT}],
}  # fmt: skip
SECOND: Rows = {"pause": [{"budget": "domain:paper.example", "until": LATER}]}
THIRD: Rows = {
    "alias": [{"feed": "paper", "key": "g:x", "entry_id": 1, "seen_at": AT}],
    "entry_version": [{"entry_id": 1, "version": 1, "title": "Before", "text": "x", "url": None, "replaced_at": AT,
                       "why": "feed"}],
    "document": [{"feed": "paper", "sha256": "0" * 64, "url": "https://paper.example/feed", "content_type": "text/xml",
                  "first_at": AT, "last_at": AT, "size": 3, "body": b"abc"}],
    "notice": [{"kind": "silent", "subject": "paper", "detail": "d", "opened_at": AT, "closed_at": None, "times": 2}],
    "prediction": [{"entry_id": 1, "label": "returns", "scorer": "m+0", "version": 2, "probability": 0.3, "terms": [],
                    "made_at": LATER}],
}  # fmt: skip
FOURTH: Rows = {
    "annotation": [{"id": 1, "entry_id": 1, "label": "returns", "value": None, "who": "ana", "via": "cli", "at": AT,
                    "note": "which of the two?", "withdrawn_at": None}],
}  # fmt: skip
FIFTH: Rows = {
    "measure": [{"entry_id": 1, "position": 0, "measure": "citizenship", "country": None, "stage": "proposed",
                 "negated": True, "words": "will not be stripped"}],
    "figure": [{"entry_id": 1, "position": 0, "low": 40000, "high": None, "approximate": True, "counted": "fighters",
                "origin": "RU FR", "to": "SY", "as_of": "2017", "by": "the Centre", "words": "more than 40,000"}],
    "name": [{"entry_id": 1, "position": 0, "kind": "actor", "name": "the Centre"}],
    "story_index": [{"key": "t:roj", "entry_id": 1, "seen_at": AT}],
    "story_move": [{"entry_id": 2, "story_id": 1, "at": AT, "who": "ana"}],
}  # fmt: skip
SEVENTH: Rows = {
    "attempt": [{"delivery_id": 1, "number": 1, "at": AT, "ended_at": LATER, "outcome": "transient",
                 "code": "451 4.3.0", "detail": "later"}],
    "suspension": [{"recipient_id": "r1", "channel": "mail", "recipient": "x", "since": AT, "reason": "550",
                    "delivery_id": 1}],
    "alarm": [{"kind": "channel", "subject": "mail", "name": "mail", "detail": "451", "opened_at": AT, "told": True}],
}  # fmt: skip

SIXTH: Rows = {"ledger": [{**FIRST["ledger"][0], "at": AT, "told": {"measures": [], "figures": []}}]}
ELEVENTH: Rows = {
    "silence": [{"id": 1, "country": "FR", "measure": "", "label": "returns", "began_at": AT, "until": LATER,
                 "note": "known"}],
}  # fmt: skip

NINTH: Rows = {
    "backfill": [{"id": 1, "feed": "paper", "since": AT, "until": LATER, "budget": 20, "wanted": "", "route": "paged",
                  "state": "stopped", "detail": "spent", "site": {"api": "x"}, "cursor": {"page": 3},
                  "tally": {"pages": 2}, "declared": 7, "gaps": ["a gap"], "announce": False, "created_at": AT,
                  "updated_at": LATER, "ended_at": None, "pause_until": None}],
    "asked": [{"budget": "domain:paper.example", "at": AT}],
}  # fmt: skip
TWELFTH: Rows = {
    "reclassify": [{"id": 1, "model": "m", "scorer": "m+0", "counts": True, "asked": "all", "since": AT, "until": LATER,
                    "feeds": ["paper"], "cursor": 7, "entries": 9, "total": 8, "tally": {"done": 3}, "created_at": AT,
                    "updated_at": LATER, "ended_at": None}],
}  # fmt: skip
TENTH: Rows = {"digest": [{**FIRST["digest"][0], "forms": {"markdown": "# S", "data": {"stories": []}}}]}
THIRTEENTH: Rows = {"digest": [{**TENTH["digest"][0], "carries": [1]}]}
FOURTEENTH: Rows = {"outbox": [{**FIRST["outbox"][0], "parts": 2}]}
FIFTEENTH: Rows = {
    "departure": [{"subscription": "desk", "recipient_id": "r1", "recipient": "x", "at": AT, "via": "page"}],
}  # fmt: skip


def move(store: Store, where: str) -> None:
    """Bring a database to a revision, older or newer."""
    with store.write() as connection:
        step = command.downgrade if where < _revision(connection) else command.upgrade
        step(alembic_config(connection), where)


def _revision(connection: Connection) -> str:
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def fill(store: Store, rows: Rows) -> None:
    with store.write() as connection:
        for table, values in rows.items():
            for row in values:
                shown = {name: json.dumps(v) if isinstance(v, (list, dict)) else v for name, v in row.items()}
                names = ", ".join(f'"{name}"' for name in row)
                marks = ", ".join(f":{name}" for name in row)
                connection.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({marks})'), shown)


def dump(store: Store, columns: Mapping[str, Sequence[str]] | None = None) -> dict[str, list[dict[str, Any]]]:
    """All rows, of these columns or of all, by table."""
    with store.read() as connection:
        inspector, found = inspect(connection), {}
        for table in columns or sorted(set(inspector.get_table_names()) - {"alembic_version"}):
            names = (columns or {}).get(table) or [column["name"] for column in inspector.get_columns(table)]
            listed = ", ".join(f'"{name}"' for name in names)
            rows = connection.execute(text(f'SELECT {listed} FROM "{table}" ORDER BY 1, 2')).mappings()
            found[table] = [dict(row) for row in rows]
        return found


def columns_of(store: Store) -> dict[str, list[str]]:
    return {table: list(rows[0]) for table, rows in dump(store).items() if rows}


def shape(store: Store) -> dict[str, Any]:
    """Tables with their columns, keys and indexes, as the database itself tells them."""
    with store.read() as connection:
        found = inspect(connection)
        return {table: _shape(found, table) for table in sorted(found.get_table_names())}


def _shape(found: Any, table: str) -> tuple[Any, ...]:
    return (
        sorted((column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table)),
        found.get_pk_constraint(table)["constrained_columns"],
        sorted(
            (key["constrained_columns"], key["referred_table"], str(key["options"]))
            for key in found.get_foreign_keys(table)
        ),
        sorted((str(i["name"]), i["column_names"], bool(i["unique"])) for i in found.get_indexes(table)),
    )


@pytest.fixture
def at(fresh_url: str) -> Callable[[str], Store]:
    """Open an empty database of each kind at an older revision."""
    opened: list[Store] = []

    def open_at(revision: str) -> Store:
        store = open_store(fresh_url)
        opened.append(store)
        if revision != "head":
            move(store, revision)
        return store

    yield open_at  # type: ignore[misc]
    for store in opened:
        store.close()


def test_what_the_first_version_stored_is_all_there_in_the_newest(at: Callable[[str], Store]) -> None:
    store = at("0001")
    fill(store, FIRST)
    before, columns = dump(store), columns_of(store)
    for revision in (
        "0002",
        "0003",
        "0004",
        "0005",
        "0006",
        "0007",
        "0008",
        "0009",
        "0010",
        "0011",
        "0012",
        "0013",
        "0014",
        "0015",
    ):
        move(store, revision)
        assert dump(store, columns) == before
    one = known(store, "paper", ["g:1"])["g:1"]
    assert (one.version, one.article, one.fingerprint) == (1, "", fingerprint("Families return, part 1", "On Monday."))
    item = views.item(store, 1)
    assert item is not None
    assert (item.scores["returns"].probability, item.entry.date_confidence, item.version) == (0.9, "", 1)


def test_every_table_is_in_use_in_these_tests() -> None:
    assert {*FIRST, *SECOND, *THIRD, *FOURTH, *FIFTH, *SEVENTH, *NINTH, *ELEVENTH, *TWELFTH, *FIFTEENTH} == set(
        metadata.tables
    )


@pytest.mark.parametrize("down_to", ["0002", "0001"])
def test_going_back_loses_only_what_the_older_version_has_no_place_for(
    at: Callable[[str], Store], down_to: str
) -> None:
    store = at("0001")
    fill(store, FIRST)
    old = columns_of(store)
    move(store, "0002")
    fill(store, SECOND)
    if down_to == "0002":
        with store.write() as connection:
            connection.execute(text("""UPDATE feed SET memory = '{"full": 2}', gone = true"""))
        old = columns_of(store)
    before = dump(store, old)
    move(store, "0003")
    fill(store, {table: rows for table, rows in THIRD.items() if table != "prediction"})
    move(store, down_to)
    assert dump(store, old) == before
    assert columns_of(store) == old
    move(store, "0003")
    assert dump(store, old) == before
    assert known(store, "paper", ["g:x"]) == {}


def test_going_back_keeps_the_scores_of_what_an_entry_says_now(at: Callable[[str], Store]) -> None:
    store = at("0003")
    fill(store, {**FIRST, **{table: rows for table, rows in THIRD.items() if table != "prediction"}})
    fill(store, {"prediction": [*THIRD["prediction"], {**FIRST["prediction"][0], "label": "policy"}]})
    move(store, "0002")
    scores = {row["label"]: row["probability"] for row in dump(store)["prediction"]}
    assert scores.keys() == {"returns", "policy"}
    assert math.isclose(scores["returns"], 0.3)


@pytest.mark.parametrize("down_to", ["0003", "0002", "0001"])
def test_a_database_that_went_down_and_up_again_is_as_if_it_had_not(at: Callable[[str], Store], down_to: str) -> None:
    store = at("head")
    before = shape(store)
    fill(
        store,
        {
            **FIRST,
            **SECOND,
            **FOURTH,
            **FIFTH,
            **SIXTH,
            **SEVENTH,
            **NINTH,
            **ELEVENTH,
            **TWELFTH,
            **THIRTEENTH,
            **FOURTEENTH,
            **FIFTEENTH,
        },
    )
    move(store, down_to)
    move(store, HEAD)
    assert shape(store) == before


def test_going_back_loses_what_people_said_and_nothing_else(at: Callable[[str], Store]) -> None:
    store = at("0003")
    fill(store, {**FIRST, **SECOND})
    fill(store, THIRD)
    before = dump(store)
    move(store, "0004")
    fill(store, FOURTH)
    move(store, "0003")
    assert dump(store) == before


def test_going_back_loses_the_facts_and_nothing_else(at: Callable[[str], Store]) -> None:
    store = at("0004")
    fill(store, {**FIRST, **SECOND})
    fill(store, {**THIRD, **FOURTH})
    before = dump(store)
    move(store, "0005")
    fill(store, FIFTH)
    move(store, "0004")
    assert dump(store) == before


def test_what_was_told_before_is_known_by_what_its_entries_tell(at: Callable[[str], Store]) -> None:
    store = at("0005")
    cut = {**FIRST["ledger"][0], "entry_id": 2, "verdict": "cut", "digest_id": None}
    fill(store, {**FIRST, **FIFTH, "ledger": [*FIRST["ledger"], cut]})
    before = dump(store)
    move(store, "0006")
    with store.read() as connection:
        ((line,),) = heard(connection, "desk", [1]).values()  # the one that a cap cut was not told
    assert (line.entry_id, line.source, str(line.at)) == (1, "Paper", AT)
    assert line.facts.measures == (MeasureFact(Measure.CITIZENSHIP, None, Stage.PROPOSED, negated=True),)
    assert line.facts.figures == (
        Figure(40000, None, True, Counted.FIGHTERS, ("RU", "FR"), "SY", "2017", "the Centre"),
    )  # fmt: skip
    move(store, "0005")
    assert dump(store) == before


def test_going_back_loses_attempts_and_suspensions_and_what_was_given_up_by_hand_has_failed(
    at: Callable[[str], Store],
) -> None:
    store = at("0005")
    fill(store, FIRST)
    before, columns = dump(store), columns_of(store)
    move(store, "0007")
    assert dump(store, columns) == {table: before[table] for table in columns}
    fill(store, SEVENTH)
    with store.write() as connection:
        connection.execute(text("UPDATE outbox SET state = 'abandoned'"))
    move(store, "0005")
    before["outbox"][0]["state"] = "failed"
    assert dump(store) == before


def test_the_story_index_is_laid_out_anew_with_all_that_is_in_it(at: Callable[[str], Store]) -> None:
    store = at("0005")
    fill(store, {**FIRST, **SECOND})
    fill(store, {**THIRD, **FOURTH, **FIFTH})
    move(store, "0007")
    before, was = dump(store), shape(store)
    move(store, "0008")
    assert dump(store) == before
    move(store, "0007")
    assert dump(store) == before
    assert shape(store) == was


def test_going_back_loses_the_backfills_and_nothing_else(at: Callable[[str], Store]) -> None:
    store = at("0005")
    fill(store, {**FIRST, **SECOND})
    fill(store, {**FOURTH, **FIFTH})
    before = dump(store)
    move(store, "0009")
    fill(store, NINTH)
    move(store, "0005")
    assert dump(store) == before


def test_going_back_keeps_the_scores_that_count_and_no_others(at: Callable[[str], Store]) -> None:
    store = at("head")
    fill(store, {**FIRST, **SIXTH})
    with store.write() as connection:
        connection.execute(text("UPDATE prediction SET counts_since = made_at"))
    other = {**FIRST["prediction"][0], "scorer": "other+0", "probability": 0.2}
    again = {**FIRST["prediction"][0], "scorer": "again+0", "probability": 0.7, "counts_since": LATER}
    fill(store, {**TWELFTH, "prediction": [other, again]})
    move(store, "0011")
    found = [(row["scorer"], str(row["made_at"])[:19]) for row in dump(store)["prediction"]]
    assert sorted(found) == [("again+0", LATER[:19]), ("m+0", AT[:19])]
    move(store, HEAD)
    item = views.item(store, 1)
    assert item is not None
    assert (item.scorer, item.scores["returns"].probability) == ("again+0", 0.7)


def test_a_database_in_use_can_be_taken_all_the_way_back(at: Callable[[str], Store]) -> None:
    store = at("head")
    fill(store, {**FIRST, **SECOND, **SIXTH, **SEVENTH, **NINTH, **ELEVENTH, **TWELFTH, **FIFTEENTH})
    fill(store, {**THIRD, **FOURTH, **FIFTH})
    with store.write() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert dump(store) == {}


def test_a_deleted_entry_takes_versions_aliases_and_scores_with_it(at: Callable[[str], Store]) -> None:
    store = at("0003")
    fill(store, {**FIRST, **SECOND})
    fill(store, THIRD)
    with store.write() as connection:
        connection.execute(text("DELETE FROM ledger"))
        connection.execute(text("DELETE FROM entry WHERE id = 1"))
    left = dump(store)
    assert [left[table] for table in ("prediction", "place", "alias", "entry_version")] == [[], [], [], []]
