"""What people look at, and what retention takes away."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from monitor.domain.entry import Score, Term
from monitor.store import digests, entries, outbox, views
from monitor.store import waiting as waiting_store
from monitor.store.known import known
from monitor.store.prune import Pruned, prune

Build = Callable[..., Any]
DAY = timedelta(days=1)


def titles(found: list[Any]) -> list[str]:
    return [stored.entry.title for stored in found]


def test_items_come_newest_first_up_to_the_limit_and_0_means_all(room: Any, classified: Build) -> None:
    room.poll("one", *(classified(str(n), title=f"Note {n}") for n in range(4)))
    assert titles(views.items(room.store, limit=2)) == ["Note 3", "Note 2"]
    assert len(views.items(room.store, limit=0)) == 4


def test_items_since_count_by_when_they_were_first_seen(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("a", title="Before", published=now), at=now - DAY)
    room.poll("one", classified("b", title="After", published=now - 9 * DAY), at=now)
    assert titles(views.items(room.store, limit=0, since=now)) == ["After"]


def test_items_over_a_line_are_those_with_one_of_its_labels(room: Any, classified: Build) -> None:
    room.poll(
        "one", classified("a", title="Policy", returns=0.1, policy=0.8), classified("b", title="Neither", returns=0.1)
    )
    assert titles(views.items(room.store, limit=0, over={"returns": 0.5, "policy": 0.5})) == ["Policy"]
    assert titles(views.items(room.store, limit=0, over={"policy": 0.9})) == []
    assert titles(views.items(room.store, limit=0, over={})) == []


@pytest.mark.parametrize(
    "words",
    ["вернул", "ВЕРНУЛ", "Вернулись", "лагерь", "ЛАГЕРЬ", "ÉCOLE", "école", "100%", "a_b", "back\\slash", "'--"],
)
def test_search_finds_words_of_title_and_text_in_any_case_and_takes_signs_literally(
    room: Any, classified: Build, words: str
) -> None:
    room.poll(
        "one",
        classified("a", title="Вернулись домой 100% a_b back\\slash '--", text="Лагерь закрыт, une école ouverte"),
        classified("b", title="1000 aXb backslash", text="Nothing of it"),
    )
    assert [stored.entry.guid for stored in views.items(room.store, limit=0, search=words)] == ["a"]


def test_an_item_comes_back_as_it_was_stored(room: Any, classified: Build, now: datetime) -> None:
    made = classified("a", title="Title", text="Text", countries=("FR", "BE", "DE"), returns=0.75, published=None)
    room.poll("one", made)
    found = views.item(room.store, 1)
    assert found is not None
    assert (found.entry, found.countries, found.scorer) == (made.entry, ("FR", "BE", "DE"), "test+0")
    assert (found.feed, found.source, found.first_seen, found.announceable) == ("one", "One", now, True)
    assert dict(found.scores) == {"returns": Score(0.75), "policy": Score(0.1)}
    assert views.item(room.store, 99) is None


def test_an_item_shows_the_newest_score_of_each_label_with_its_terms(
    room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", classified("a", returns=0.2, policy=0.3))
    newer = {"returns": Score(0.8, (Term("came home", 1.23456, "return"),))}
    with room.store.write() as connection:
        entries.add_scores_of(connection, [(1, 1, newer, "test+9")], now + DAY)
    found = views.item(room.store, 1)
    assert found is not None
    assert found.scores["returns"] == Score(0.8, (Term("came home", 1.2346, "return"),))
    assert (found.scores["policy"].probability, found.scorer) == (0.3, "test+9")


def test_a_window_counts_what_was_asked_and_what_came(room: Any, classified: Build, now: datetime) -> None:
    room.poll("before", classified("x"), at=now - 2 * DAY)
    room.poll("one", classified("a"), classified("b", scorer=""), at=now)
    room.poll("two", at=now)
    found = views.window(room.store, since=now - DAY, until=now)
    assert (found.polled, found.seen, found.new, found.unclassified) == (frozenset({"one", "two"}), 2, 2, 1)
    assert found.scorers == ("test+0",)
    assert views.window(room.store, since=now, until=now + DAY).polled == frozenset()
    assert (views.totals(room.store).entries, views.totals(room.store).last_poll_at) == (3, now)


def test_feeds_tell_when_they_last_brought_something(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("a"), at=now)
    room.poll("one", at=now + DAY)
    (status,) = views.feeds(room.store, ["one", "never"])
    assert (status.polled_at, status.last_new_at, status.added_at, status.reason) == (now + DAY, now, now, "interval")


def test_pruning_empties_old_entries_and_keeps_their_keys(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("old", title="Old", text="Words", countries=("FR",)), at=now - 10 * DAY)
    room.poll("one", classified("new", title="New"), at=now)
    room.close(at=now)
    before = {
        "entries_before": now - DAY,
        "polls_before": now - DAY,
        "digests_before": now - DAY,
        "documents_before": now,
    }
    assert prune(room.store, **before) == Pruned(1, 1, 0)
    assert prune(room.store, **before) == Pruned(0, 0, 0)
    assert titles(views.items(room.store, limit=0)) == ["New"]
    assert set(known(room.store, "one", ["g:old", "g:new"])) == {"g:old", "g:new"}
    with room.store.read() as connection:
        left = connection.execute(text("SELECT title, text FROM entry WHERE key = 'g:old'")).one()
        assert tuple(left) == ("", "")
        for table in ("prediction", "place"):
            count = text(f"SELECT count(*) FROM {table} WHERE entry_id = (SELECT id FROM entry WHERE key = 'g:old')")
            assert connection.scalar(count) == 0


def test_pruned_entries_that_a_feed_brings_again_are_repeats(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("old"), at=now - 10 * DAY)
    prune(room.store, entries_before=now, polls_before=now, digests_before=now, documents_before=now)
    assert room.poll("one", classified("old"), at=now).new == 0
    assert room.titles() == []


def test_pruned_entries_that_waited_for_a_model_wait_no_more(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("old", scorer=""), at=now - 10 * DAY)
    prune(room.store, entries_before=now, polls_before=now, digests_before=now, documents_before=now)
    assert (waiting_store.waiting(room.store, limit=9), views.totals(room.store).unclassified) == ([], 0)


def test_old_digests_go_with_their_deliveries_but_not_while_one_still_waits(
    room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", classified("a"))
    room.close()
    later = {
        "entries_before": now - DAY,
        "polls_before": now - DAY,
        "digests_before": now + DAY,
        "documents_before": now,
    }
    assert prune(room.store, **later).digests == 0
    for lease in outbox.claim(room.store, now=now, lease=DAY, limit=9):
        outbox.settle(room.store, lease, outbox.Settled(outbox.DeliveryState.DELIVERED), now=now)
    assert prune(room.store, **later).digests == 1
    assert outbox.counts(room.store) == {}
    assert digests.digest_of_window(room.store, "desk", "k") is None
    room.poll("two", classified("b", marks=("u:a",)))
    assert digests.unjudged(room.store, room.state(), {"returns": 0.5}).told
