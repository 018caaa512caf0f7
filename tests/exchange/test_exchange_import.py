"""Taking in what another monitor exported: beside what is there, once, and silently."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from monitor.app import load_model
from monitor.domain.entry import Trust
from monitor.exchange.files import Form
from monitor.exchange.tables import What
from monitor.jobs import export, poll, takein
from monitor.jobs.export import Asked
from monitor.store import annotations, stories, views
from monitor.store.annotations import NewAnnotation
from monitor.store.database import Store, open_store
from monitor.store.feeds import trust_of
from monitor.store.known import known
from tests.exchange.conftest import NOW, Desk
from tests.exchange.stocks import MOMENT, TABLES, a_store, held, silenced, stock


def counted(report: takein.ImportReport, *names: str) -> dict[str, tuple[int, int, int]]:
    return {name: (c.new, c.there, c.differs) for name, c in report.tables.items() if name in names}


@pytest.mark.parametrize("form", list(Form))
def test_an_empty_store_gets_all_of_it_and_a_second_import_says_that_nothing_was_new(
    exchange: Desk, source: Store, store: Store, form: Form
) -> None:
    stock(source, a_store(1_200))
    path = exchange.export(source, "out.jsonl" if form is Form.JSONL else "out", form)
    first = exchange.take(store, path)
    assert held(store) == silenced(held(source))
    second = exchange.take(store, path)
    assert first.changed
    assert not second.changed
    assert counted(first, "entries", "predictions") == {"entries": (1_200, 0, 0), "predictions": (4_800, 0, 0)}
    assert counted(second, "entries", "predictions") == {"entries": (0, 1_200, 0), "predictions": (0, 4_800, 0)}
    assert held(store) == silenced(held(source))


def test_a_dry_run_says_the_same_and_writes_nothing(exchange: Desk, source: Store, store: Store) -> None:
    stock(source, a_store(50))
    path = exchange.export(source)
    before = held(store)
    dry = exchange.take(store, path, dry_run=True)
    assert held(store) == before
    assert dry.tables == exchange.take(store, path).tables


def test_entries_that_are_there_keep_what_they_say_and_get_what_is_missing(
    exchange: Desk, source: Store, store: Store
) -> None:
    rows = a_store(6)
    stock(source, rows)
    path = exchange.export(source)
    there = a_store(3)
    there["entry"][0] |= {"title": "Another title here", "version": 3}
    there["prediction"] = [row for row in there["prediction"] if row["entry_id"] == 3 and row["label"] == "policy"]
    there["measure"][1]["stage"] = "adopted"
    there["name"], there["annotation"] = [], []
    stock(store, there)
    report = exchange.take(store, path)
    assert counted(report, "entries", "predictions", "measures", "names", "annotations") == {
        "entries": (3, 2, 1),
        "predictions": (4 * 3 + 4 + 2, 2, 4),
        "measures": (3, 1, 2),
        "names": (5, 0, 1),
        "annotations": (9, 0, 0),
    }
    found = held(store)
    entries = {dict(row)["key"]: dict(row) for row in found["entry"]}
    assert entries["g:1"]["title"] == "Another title here"
    assert (entries["g:2"]["origin"], entries["g:2"]["announceable"]) == ("live", True)
    assert (entries["g:5"]["origin"], entries["g:5"]["announceable"]) == ("backfill", False)
    scored = {dict(row)["entry_id"] for row in found["prediction"]}
    assert ("paper1", "g:1") not in scored, "the scores are of other words"
    assert exchange.take(store, path).changed is False


def test_of_contradicting_people_each_keeps_the_word_and_who_spoke_last_counts(
    exchange: Desk, source: Store, store: Store
) -> None:
    for target in (source, store):
        stock(target, a_store(3) | {"annotation": []})
    said = [(source, "amal", True, 1), (store, "amal", True, 1), (store, "boris", False, 5), (source, "amal", None, 3)]
    for where, who, value, hours in said:
        at = MOMENT + timedelta(hours=hours)
        annotations.add(where, [NewAnnotation(1, "returns", value)], who=who, via="cli", now=at)
    path = exchange.export(source)
    assert counted(exchange.take(store, path), "annotations") == {"annotations": (1, 1, 0)}
    assert [(one.who, one.value) for one in annotations.history(store, 1)] == [
        ("amal", True), ("amal", None), ("boris", False),
    ]  # fmt: skip
    (stored,) = [one for one in views.items(store, limit=0) if one.id == 1]
    assert stored.human == {"returns": False}, "boris spoke last, though amal's word came last"
    assert annotations.counts(store) == {"returns": (0, 1)}


def test_a_word_that_is_taken_back_in_one_store_is_taken_back_in_the_other(
    exchange: Desk, source: Store, store: Store
) -> None:
    rows = a_store(1)
    stock(source, rows)
    stock(store, rows)
    before = exchange.export(source, "before.jsonl")
    annotations.withdraw(source, [row.id for row in annotations.history(source, 1)], now=NOW)
    path = exchange.export(source)
    assert exchange.take(store, path).tables["annotations"].new == 2
    assert [one.withdrawn_at for one in annotations.history(store, 1)] == [NOW, NOW]
    assert not exchange.take(store, path).changed
    assert not exchange.take(store, before).changed, "an older export does not bring it back"
    assert [one.withdrawn_at for one in annotations.history(store, 1)] == [NOW, NOW]


def test_new_entries_join_the_story_of_what_is_there(exchange: Desk, source: Store, store: Store) -> None:
    """Entries 1 to 3 are a story there; here 1 was moved into the story of another entry, and keeps that place."""
    stock(source, a_store(3))
    path = exchange.export(source)
    here = a_store(1)
    here["entry"].append(here["entry"][0] | {"id": 9, "key": "g:9", "story_id": 9, "announce_seq": None})
    here["entry"][0]["story_id"] = 9
    stock(store, here | {"story_key": []})
    exchange.take(store, path)
    assert {one.entry.key for one in stories.of_story(store, 9)} == {"g:1", "g:2", "g:3", "g:9"}
    moved = stories.moved(store, [one.id for one in stories.of_story(store, 9)])
    assert [who for who, _ in moved.values()] == ["amal"]


def test_emptied_entries_stay_empty_and_keep_what_is_deleted_from_coming_back(
    exchange: Desk, source: Store, store: Store
) -> None:
    rows = a_store(2)
    stock(source, rows)
    path = exchange.export(source)
    with source.write() as connection:
        connection.execute(update(TABLES["entry"]).values(pruned=True, title="", text=""))
        for name in ("prediction", "measure", "place", "figure", "name", "entry_version"):
            connection.execute(TABLES[name].delete())
    report = exchange.take(source, path)
    assert counted(report, "entries", "predictions", "measures") == {
        "entries": (0, 0, 2), "predictions": (0, 0, 8), "measures": (0, 0, 2),
    }  # fmt: skip
    assert views.items(source, limit=0) == []
    emptied = exchange.export(source, "emptied.jsonl")
    exchange.take(store, emptied)
    assert {key for key, one in known(store, "paper0", ["g:2"]).items() if one.pruned} == {"g:2"}


def test_a_feed_that_has_no_entries_yet_learns_by_what_those_of_the_export_are_told_apart(
    exchange: Desk, source: Store, store: Store
) -> None:
    """Else the next poll would give them other keys, and bring them as new ones."""
    rows = a_store(4)
    for feed in rows["feed"]:
        feed["memory"] = {"trust": "link"}
    stock(source, rows)
    path = exchange.export(source)
    here = a_store(1)
    here["feed"][0]["memory"] = {"full": 2}
    stock(store, here)
    assert counted(exchange.take(store, path), "feeds") == {"feeds": (1, 0, 1)}
    assert (trust_of(store, "paper0"), trust_of(store, "paper1")) == (Trust.LINK, Trust.GUID)
    assert not exchange.take(store, path).changed


def test_rows_without_their_entry_are_left_out_and_counted(exchange: Desk, source: Store, store: Store) -> None:
    stock(source, a_store(4))
    path = exchange.export(source, what=(What.PREDICTIONS, What.ANNOTATIONS))
    stock(store, a_store(2) | {"prediction": [], "annotation": []})
    report = exchange.take(store, path)
    assert {name: (c.new, c.left_out) for name, c in report.tables.items()} == {
        "predictions": (8, 8), "annotations": (3, 3),
    }  # fmt: skip
    assert report.left_out == 11


def test_scores_and_facts_of_other_words_than_the_entry_has_here_are_left_out_and_told(
    exchange: Desk, source: Store, store: Store
) -> None:
    """An export without entries says of which words they are: title, text, or the number of edits may differ."""
    rows = a_store(5)
    stock(source, rows)
    path = exchange.export(source, what=(What.PREDICTIONS, What.FACTS))
    entries = [dict(row) for row in rows["entry"]]
    entries[0]["title"], entries[1]["text"], entries[2]["version"] = "Other words", "Other words", 7
    here = {name: [] if name in {"prediction", "place", "measure", "figure", "name"} else rows[name] for name in rows}
    stock(store, here | {"entry": entries})
    rehearsed = exchange.take(store, path, dry_run=True)
    report = exchange.take(store, path)
    assert rehearsed.tables == report.tables
    assert {name: (c.new, c.left_out) for name, c in report.tables.items()} == {
        "predictions": (8, 12), "places": (4, 6), "measures": (2, 3), "figures": (2, 3), "names": (2, 3),
    }  # fmt: skip
    with store.read() as connection:
        scored = set(connection.scalars(select(TABLES["prediction"].c.entry_id)))
        told = set(connection.scalars(select(TABLES["measure"].c.entry_id)))
    assert scored == told == {row["id"] for row in entries[3:]}
    assert not exchange.take(store, path).changed


def test_entries_that_come_without_scores_wait_for_the_next_poll(exchange: Desk, source: Store, store: Store) -> None:
    rows = a_store(4)
    rows["entry"][3] |= {"pruned": True, "title": "", "text": ""}
    stock(source, rows)
    path = exchange.export(source, what=(What.ENTRIES,))
    exchange.take(store, path)
    app = replace(exchange.app(store), model=load_model(exchange.settings))
    assert app.model.classifier is not None
    assert poll.catch_up(app, now=lambda: NOW) == 3, "an emptied one has no words"
    entries = views.items(store, limit=0)
    assert {one.scorer for one in entries} == {app.model.classifier.scorer}
    assert all(one.scores and not one.announceable for one in entries)
    assert poll.catch_up(app, now=lambda: NOW) == 0
    assert not exchange.take(store, path).changed


def test_a_story_of_which_only_a_part_was_chosen_stays_one(exchange: Desk, source: Store, store: Store) -> None:
    stock(source, a_store(6))
    path = exchange.export(source, since=MOMENT + timedelta(minutes=2))
    exchange.take(store, path)
    of = {one.entry.key: one.story_id for one in views.items(store, limit=0)}
    assert set(of) == {"g:2", "g:3", "g:4", "g:5", "g:6"}
    assert len({of["g:2"], of["g:3"]}) == 1
    assert len(set(of.values())) == 2
    assert not exchange.take(store, path).changed


def test_a_choice_takes_what_it_says_with_all_that_is_about_it(exchange: Desk, source: Store, store: Store) -> None:
    rows = a_store(200)
    stock(source, rows)
    early, late = MOMENT + timedelta(minutes=40), MOMENT + timedelta(minutes=161)
    path = exchange.export(source, since=early, until=late, feeds=frozenset({"paper1"}), label="policy")
    exchange.take(store, path)
    # The newest version's score counts, and half of the entries carry a person's word on the other label only.
    wanted = {f"g:{n}" for n in range(40, 162) if n % 2 and n % 100 >= 50}
    assert {one.entry.key for one in views.items(store, limit=0)} == wanted
    found = held(store)
    assert [name for name, *_ in found["feed"]] == ["paper1"]
    for table in ("prediction", "annotation", "measure", "alias"):
        assert {
            dict(row if table != "annotation" else [("entry_id", row[0])])["entry_id"][1] for row in found[table]
        } == wanted


def test_an_export_is_of_one_moment(exchange: Desk, source: Store, tmp_path: Path) -> None:
    """What is written while an export runs is not in it."""
    stock(source, a_store(1_500))
    path = exchange.base / "out.jsonl"
    late = a_store(1, begin=5_000)

    def interfere(done: int, total: int) -> None:
        if done >= 500 and late:
            rows = late["entry"]
            with source.write() as connection:
                connection.execute(insert(TABLES["entry"]), rows)
                connection.execute(update(TABLES["prediction"]).values(scorer="other+1"))
            late.clear()

    report = export.run(exchange.app(source), path, Form.JSONL, Asked(), now=NOW, progress=interfere)

    assert report.rows["entries"] == 1_500
    assert b"other+1" not in path.read_bytes()


def killed(*given: object) -> list[str]:
    command = [sys.executable, "-m", "tests.exchange.crash", *map(str, given)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


@pytest.mark.slow
def test_killed_at_any_moment_and_begun_again_an_import_ends_as_an_undisturbed_one(
    exchange: Desk, source: Store, store_url: str, config_folder: Callable[..., Path], tmp_path: Path
) -> None:
    stock(source, a_store(60))
    path = exchange.export(source)
    config = config_folder(tmp_path / "killed" / "config", database=store_url)
    open_store(store_url).close()
    moments = killed("import", config, path, 1, 15, 80)
    assert len(moments) >= 12, "the others had come to their end"
    assert len(set(moments)) >= 8, "after different numbers of rows"
    with open_store(store_url) as opened:
        exchange.take(opened, path)
        assert held(opened) == silenced(held(source))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["out.jsonl", "out"])
def test_a_killed_export_leaves_nothing_under_its_name(
    exchange: Desk, source: Store, config_folder: Callable[..., Path], tmp_path: Path, name: str
) -> None:
    config = config_folder(tmp_path / "killed" / "config", database=f"sqlite:///{tmp_path / 'source.db'}")
    stock(source, a_store(3_000))
    path = tmp_path / "files" / name
    path.parent.mkdir()
    assert killed("export", config, path, 3, 6, 60) == ["False"] * 6
    exchange.export(source, f"files/{name}", Form.JSONL if path.suffix else Form.CSV)
    assert path.exists()


def test_scores_of_another_model_stand_beside_those_that_count_here(
    exchange: Desk, source: Store, store: Store
) -> None:
    rows = a_store(3)
    stock(store, rows | {"prediction": [row for row in rows["prediction"] if row["label"] == "returns"]})
    theirs = [row | {"scorer": "theirs", "probability": 0.99, "counts_since": NOW} for row in rows["prediction"]]
    stock(source, rows | {"prediction": theirs})
    before = {one.entry.key: one.scores["returns"].probability for one in views.items(store, limit=0)}
    path = exchange.export(source)
    assert exchange.take(store, path).tables["predictions"].new == 12
    after = {one.entry.key: one.scores for one in views.items(store, limit=0)}
    assert {key: scores["returns"].probability for key, scores in after.items()} == before
    assert {scores["policy"].probability for scores in after.values()} == {0.99}
    assert not exchange.take(store, path).changed
