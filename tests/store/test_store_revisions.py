"""New versions of entries, their other keys, and what a feed has brought before."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from monitor.dedupe.story import story_keys
from monitor.domain.digest import Verdict
from monitor.domain.entry import ClassifiedEntry, Entry, KnownEntry, Revision, Score
from monitor.normalise.text import fingerprint
from monitor.store import digests, feeds, known, views
from monitor.store import waiting as waiting_store
from monitor.store.database import Store, open_store
from monitor.store.feeds import Which
from monitor.store.prune import prune
from monitor.store.revisions import revise, versions

NOW = datetime.fromisoformat("2026-03-02T09:30:00+00:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TITLE = "Appeal court sends the case of two families back"
Build = Callable[..., Any]


def stored(store: Store, key: str = "g:a", feed: str = "paper") -> KnownEntry:
    return known.known(store, feed, [key])[key]


def revision_of(
    one: KnownEntry,
    entry: Entry,
    *,
    returns: float | None = None,
    news: bool = True,
    why: str = "feed",
    scorer: str = "test+0",
) -> Revision:
    """A new version; with ``returns`` one that matters, scored so (without a scorer it waits)."""
    scored = None
    if returns is not None:
        scores = {"returns": Score(returns), "policy": Score(0.1)} if scorer else {}
        scored = ClassifiedEntry(entry, scores, scorer, ("IQ", "SY"), story_keys(entry), news)
    return Revision(one.id, one.version, entry, scored, fingerprint(entry.title, entry.text), news, why)


def apply(store: Store, *revisions: Revision, at: datetime = NOW + HOUR) -> int:
    with store.write() as connection:
        return revise(connection, revisions, now=at)


def test_a_new_version_replaces_what_the_entry_says_and_keeps_what_it_said(
    store: Store, room: Any, classified: Build, entry: Build
) -> None:
    room.poll("paper", classified("a", title=TITLE, text="Two families.", countries=("FR",)))
    edit = entry("a", title=TITLE, text="Three families.", lang="fr", updated=NOW)
    assert apply(store, revision_of(stored(store), edit, returns=0.7)) == 1
    now = views.item(store, stored(store).id)
    assert now is not None
    assert (now.entry.text, now.entry.lang, now.entry.updated, now.version) == ("Three families.", "fr", NOW, 2)
    assert (now.scores["returns"].probability, now.countries) == (0.7, ("IQ", "SY"))
    (past,) = versions(store, now.id)
    assert (past.version, past.title, past.text, past.why) == (1, TITLE, "Two families.", "feed")
    assert (past.replaced_at, past.url) == (NOW + HOUR, "https://courier.example/a")
    assert now.first_seen == NOW, "when it was first seen does not change"


def test_a_version_that_does_not_matter_keeps_scores_and_places(
    store: Store, room: Any, classified: Build, entry: Build
) -> None:
    room.poll("paper", classified("a", title=TITLE, text="Two families.", returns=0.8, countries=("FR",)))
    apply(store, revision_of(stored(store), entry("a", title=TITLE.upper(), text="Two families.")))
    now = views.item(store, stored(store).id)
    assert now is not None
    assert (now.entry.title, now.version) == (TITLE.upper(), 2)
    assert (now.scores["returns"].probability, now.countries) == (0.8, ("FR",))


def test_every_version_s_scores_are_kept_and_the_newest_count(
    store: Store, room: Any, classified: Build, entry: Build
) -> None:
    room.poll("paper", classified("a", returns=0.9))
    for n, score in enumerate((0.2, 0.6), 1):
        apply(store, revision_of(stored(store), entry("a", title=f"Version {n}"), returns=score), at=NOW + n * HOUR)
    with store.read() as connection:
        kept = connection.execute(
            text("SELECT version, probability FROM prediction WHERE label = 'returns' ORDER BY version")
        ).all()
    assert [tuple(row) for row in kept] == [(1, 0.9), (2, 0.2), (3, 0.6)]
    now = views.item(store, stored(store).id)
    assert now is not None
    assert now.scores["returns"].probability == 0.6


def test_a_revision_of_a_version_that_is_not_the_newest_any_more_is_left_out(
    store: Store, room: Any, classified: Build, entry: Build
) -> None:
    room.poll("paper", classified("a"))
    before = stored(store)
    assert apply(store, revision_of(before, entry("a", title="First to come"), returns=0.7)) == 1
    assert apply(store, revision_of(before, entry("a", title="Too late"), returns=0.1)) == 0
    assert (stored(store).title, stored(store).version) == ("First to come", 2)
    assert len(versions(store, before.id)) == 1


def test_of_two_workers_that_revise_one_entry_at_once_one_writes(
    store_url: str, store: Store, room: Any, classified: Build, entry: Build
) -> None:
    room.poll("paper", classified("a"))
    before, start, counts = stored(store), threading.Barrier(2), list[int]()

    def work(name: str) -> None:
        with open_store(store_url) as mine:
            start.wait(10)
            counts.append(apply(mine, revision_of(before, entry("a", title=name), returns=0.7)))

    threads = [threading.Thread(target=work, args=(name,)) for name in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(counts) == [0, 1]
    assert len(versions(store, before.id)) == 1


def test_a_worker_that_waits_for_another_s_version_leaves_its_own_out(
    store_url: str, store: Store, room: Any, classified: Build, entry: Build
) -> None:
    room.poll("paper", classified("a"))
    before, counts = stored(store), list[int]()

    def work() -> None:
        with open_store(store_url) as mine:
            counts.append(apply(mine, revision_of(before, entry("a", title="Waits"), returns=0.7)))

    waiting = threading.Thread(target=work)
    with store.write() as connection:
        revise(connection, [revision_of(before, entry("a", title="Goes on"), returns=0.7)], now=NOW)
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
    waiting.join(30)
    assert (counts, stored(store).title) == ([0], "Goes on")


def test_an_entry_that_was_pruned_has_no_new_versions(store: Store, room: Any, classified: Build, entry: Build) -> None:
    room.poll("paper", classified("a"))
    before = stored(store)
    prune_all(store, before=NOW + DAY)
    assert apply(store, revision_of(before, entry("a", title="From the grave"), returns=0.9)) == 0
    assert (stored(store).pruned, stored(store).title) == (True, "")


def test_an_entry_edited_to_be_over_the_line_is_judged_anew_once_and_a_shown_one_beside_what_it_told(
    store: Store, room: Any, classified: Build, entry: Build
) -> None:
    room.poll("paper", classified("a", returns=0.2), classified("b", returns=0.9))
    assert room.titles() == ["Harbour notes, part b"]
    assert room.close(key="1")
    for name in "ab":
        apply(store, revision_of(stored(store, f"g:{name}"), entry(name, title=f"{name} anew"), returns=0.8))
    assert room.titles() == ["a anew", "b anew"]
    told = digests.unjudged(store, room.state(), {"returns": 0.5}).told
    assert [(one.entry_id, one.verdict) for lines in told.values() for one in lines] == [(2, Verdict.SHOWN)]
    assert room.close(key="2")
    assert room.titles() == []


@pytest.mark.parametrize("fields", [{"returns": None}, {"returns": 0.8, "news": False}])
def test_an_edit_that_does_not_matter_or_comes_too_late_is_not_judged_anew(
    store: Store, room: Any, classified: Build, entry: Build, fields: dict[str, Any]
) -> None:
    room.poll("paper", classified("a", returns=0.2))
    assert room.close(key="1")
    apply(store, revision_of(stored(store), entry("a", title="Edited"), **fields))
    assert room.titles() == []


def test_an_edit_that_waits_for_a_model_is_judged_by_its_own_scores_and_not_by_those_before(
    store: Store, room: Any, classified: Build, entry: Build
) -> None:
    room.poll("paper", classified("a", returns=0.9))
    apply(store, revision_of(stored(store), entry("a", title="Edited"), returns=0.0, scorer=""))
    assert room.titles() == [], "nothing is said of an entry whose text has no score yet"
    (waits,) = waiting_store.waiting(store, limit=9)
    assert (waits.entry.title, waits.version) == ("Edited", 2)
    waiting_store.add_scores(
        store, [(waits.id, {"returns": Score(0.6)})], "test+1", now=NOW + DAY, versions={waits.id: 2}
    )
    assert room.titles() == ["Edited"]
    with store.read() as connection:
        scores = connection.execute(
            text("SELECT version, scorer, probability FROM prediction WHERE label = 'returns' ORDER BY version")
        ).all()
    assert [tuple(row) for row in scores] == [(1, "test+0", 0.9), (2, "test+1", 0.6)]


def test_an_old_entry_whose_edit_waited_for_a_model_is_not_judged_anew(
    store: Store, room: Any, classified: Build, entry: Build
) -> None:
    room.poll("paper", classified("a", returns=0.2))
    assert room.close(key="1")
    apply(store, revision_of(stored(store), entry("a", title="Edited late"), returns=0.0, scorer="", news=False))
    (waits,) = waiting_store.waiting(store, limit=9)
    waiting_store.add_scores(store, [(waits.id, {"returns": Score(0.9)})], "test+1", now=NOW + DAY)
    assert room.titles() == []
    assert waiting_store.waiting(store, limit=9) == []


def test_scores_of_a_text_that_was_edited_meanwhile_are_not_taken_for_the_new_one(
    store: Store, room: Any, classified: Build, entry: Build
) -> None:
    room.poll("paper", classified("a", scorer=""))
    (read,) = waiting_store.waiting(store, limit=9)
    apply(store, revision_of(stored(store), entry("a", title="Edited meanwhile"), returns=0.0, scorer=""))
    scored = [(read.id, {"returns": Score(0.9)})]
    waiting_store.add_scores(store, scored, "test+1", now=NOW, versions={read.id: read.version})
    (waits,) = waiting_store.waiting(store, limit=9)
    assert (waits.entry.title, room.titles()) == ("Edited meanwhile", [])


def test_a_version_made_of_the_article_s_page_leaves_the_feed_s_fingerprint(
    store: Store, room: Any, classified: Build, entry: Build
) -> None:
    room.poll("paper", classified("a", title=TITLE, text="In short."))
    before = stored(store)
    page = replace(
        revision_of(before, entry("a", title=TITLE, text="At length."), returns=0.5, why="article"), fingerprint=None
    )
    assert apply(store, page) == 1
    after = stored(store)
    assert (after.article, after.version, after.text) == ("taken", 2, "At length.")
    assert after.fingerprint == before.fingerprint == fingerprint(TITLE, "In short.")


def rename(
    store: Store, make_update: Build, aliases: dict[str, int], *new: ClassifiedEntry, at: datetime = NOW
) -> None:
    (state,) = feeds.claim(store, ["paper"], Which.NAMED, now=at, lease=HOUR)
    feeds.apply(store, replace(make_update("paper", state.lease, new, at=at), aliases=aliases))


def test_an_entry_is_known_by_its_other_keys_too_and_only_in_its_feed(
    store: Store, room: Any, classified: Build, make_update: Build
) -> None:
    room.poll("paper", classified("a"))
    room.poll("wire", classified("z"))
    one = stored(store)
    for _ in range(2):
        rename(store, make_update, {"g:b": one.id, "g:c": one.id})
    found = known.known(store, "paper", ["g:a", "g:b", "g:c", "g:d"])
    assert {key: (entry.id, entry.key) for key, entry in found.items()} == dict.fromkeys(
        ("g:a", "g:b", "g:c"), (one.id, "g:a")
    )
    assert known.known(store, "wire", ["g:a", "g:b"]) == {}


def test_a_key_that_turns_out_to_be_another_entry_s_is_that_entry_s(
    store: Store, room: Any, classified: Build, make_update: Build
) -> None:
    room.poll("paper", classified("a"))
    rename(store, make_update, {"g:b": stored(store).id})
    rename(store, make_update, {}, classified("b"))
    assert stored(store, "g:b").key == "g:b"


def test_entries_alike_are_the_feed_s_own_in_the_stories_that_the_marks_lead_to(
    store: Store, room: Any, classified: Build, entry: Build
) -> None:
    marks = story_keys(entry("a", title=TITLE))
    room.poll("wire", classified("w", title=TITLE, marks=marks))
    room.poll("paper", classified("a", title=TITLE, marks=marks), classified("b", marks=("u:other",)))
    found = known.alike(store, "paper", marks)
    assert [(one.key, one.title) for one in found] == [("g:a", TITLE)]
    assert known.alike(store, "paper", ()) == []
    assert known.by_id(store, [found[0].id, 4711]) == {found[0].id: found[0]}


def test_what_shares_marks_is_looked_up_by_its_stories_and_not_among_all_of_the_feed(tmp_path: Path) -> None:
    said: list[Any] = []
    with open_store(f"sqlite:///{tmp_path / 'plan.db'}") as store, store.read() as connection:
        event.listen(connection.engine, "before_cursor_execute", lambda *heard: said.append(heard[2:4]))
        known.alike(store, "paper", ["u:home", "t:title"])
        statement, given = next(one for one in said if one[0].startswith("SELECT"))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
    assert [row.detail for row in plan if "SEARCH entry " in row.detail] == [
        "SEARCH entry USING INDEX ix_entry_story_id (story_id=?)"
    ]


def test_of_a_story_of_thousands_the_newest_are_compared(
    store: Store, room: Any, classified: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.store.known._ALIKE", 3)
    room.poll("paper", *(classified(str(n), marks=("u:home",)) for n in range(5)))
    assert [one.key for one in known.alike(store, "paper", ["u:home"])] == ["g:2", "g:3", "g:4"]


def test_what_a_feed_brought_lately_comes_with_date_and_the_opening_of_its_text(
    store: Store, room: Any, classified: Build
) -> None:
    room.poll("paper", classified("a", title=TITLE, text="é" * 1_000, url=None))
    room.poll("wire", classified("w"))
    assert known.lately(store, "paper") == [(None, TITLE, NOW - 2 * HOUR, "é" * 400)]


def prune_all(store: Store, *, before: datetime) -> None:
    prune(store, entries_before=before, polls_before=before, digests_before=before, documents_before=before)


def test_pruning_lets_versions_and_aliases_go_and_keeps_what_a_tombstone_is_known_by(
    store: Store, room: Any, classified: Build, entry: Build, make_update: Build
) -> None:
    marks = story_keys(entry("a", title=TITLE, text="At length. " * 9))
    room.poll("paper", classified("a", title=TITLE, text="At length. " * 9, marks=marks))
    one = stored(store)
    apply(store, revision_of(one, entry("a", title="Edited"), returns=0.7))
    rename(store, make_update, {"g:b": one.id})
    prune_all(store, before=NOW - HOUR)
    assert len(versions(store, one.id)) == 1
    assert "g:b" in known.known(store, "paper", ["g:b"])
    prune_all(store, before=NOW + DAY)
    assert versions(store, one.id) == []
    assert known.known(store, "paper", ["g:b"]) == {}
    (grave,) = known.alike(store, "paper", marks)
    assert (grave.id, grave.pruned, grave.url, grave.fingerprint) == (one.id, True, one.url, fingerprint("Edited", ""))
    with store.read() as connection:
        left = connection.scalars(text("SELECT key FROM story_key")).all()
    assert [key[:2] for key in left] == ["u:"]
