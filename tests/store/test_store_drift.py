"""Reading a stretch of time with the scores of one model."""

import math
from datetime import timedelta

import pytest

from monitor.domain.entry import Score
from monitor.store import drift
from monitor.store.drift import Span
from monitor.store.entries import add_scores_of
from monitor.store.prune import prune
from monitor.store.views import items

SCORER, LABELS = "toy+aaaaaaaa", ("returns", "policy")
HOUR = timedelta(hours=1)


def week(now):
    return Span(now - timedelta(days=7), now)


def test_entries_come_with_their_scores_and_whether_they_have_a_text(room, classified, now):
    room.poll("courier", classified("a", returns=0.9, policy=0.2, text="Words.", lang="de", scorer=SCORER))
    room.poll("herald", classified("b", returns=0.1, policy=0.3, scorer=SCORER))
    a, b = drift.seen(room.store, week(now), SCORER, LABELS)
    assert (a.feed, a.lang, a.no_text, a.scores) == ("courier", "de", False, (0.9, 0.2))
    assert (b.feed, b.lang, b.no_text, b.scores) == ("herald", "en", True, (0.1, 0.3))
    assert drift.sources(room.store) == {"courier": "Courier", "herald": "Herald"}
    assert drift.titles(room.store, [b.id, a.id]) == [
        (a.id, "Harbour notes, part a", "Courier"),
        (b.id, "Harbour notes, part b", "Herald"),
    ]


def test_only_what_was_first_seen_in_the_span_counts(room, classified, now):
    for name, at in (("old", now - timedelta(days=7)), ("in", now), ("late", now + HOUR)):
        room.poll("courier", classified(name, scorer=SCORER), at=at)
    (found,) = drift.seen(room.store, week(now), SCORER, LABELS)
    assert drift.titles(room.store, [found.id])[0][1] == "Harbour notes, part in"
    assert drift.size(room.store, week(now)) == 1
    assert drift.seen(room.store, Span(now + HOUR, now + 2 * HOUR), SCORER, LABELS) == []


def test_other_models_do_not_count_and_the_lexicon_in_use_goes_first(room, classified, now):
    room.poll("courier", classified("a", returns=0.5, scorer="toy+zzzzzzzz"), classified("b", scorer="tow+aaaaaaaa"))
    room.poll("courier", classified("c", scorer="toy%+aaaaaaa"), classified("d", scorer=""))
    assert [found.scores for found in drift.seen(room.store, week(now), SCORER, LABELS)] == [(0.5, 0.1)]
    assert drift.size(room.store, week(now)) == 4
    scored = [(stored.id, 1, {"returns": Score(0.7)}, SCORER) for stored in items(room.store, limit=0)]
    with room.store.write() as connection:
        add_scores_of(connection, scored, now - timedelta(days=1))
    found = drift.seen(room.store, week(now), SCORER, LABELS)
    assert [entry.scores[0] for entry in found] == [0.7, 0.7, 0.7, 0.7]
    assert found[0].scores[1] == 0.1
    assert all(math.isnan(entry.scores[1]) for entry in found[1:])


def test_the_scores_of_the_newest_version_count(room, classified, now):
    room.poll("courier", classified("a", returns=0.9, scorer=SCORER))
    (stored,) = items(room.store, limit=0)
    rows = [(stored.id, 2, {"returns": Score(0.2)}, "toy+bbbbbbbb")]
    with room.store.write() as connection:
        add_scores_of(connection, rows, now)
    assert drift.seen(room.store, week(now), SCORER, ("returns",))[0].scores == (0.2,)


def test_a_part_can_be_read_that_is_spread_over_the_polls(room, classified, now):
    for poll in range(10):
        room.poll("courier", *(classified(f"{poll}-{at}", scorer=SCORER) for at in range(100)))
    part = drift.seen(room.store, Span(now - HOUR, now, 200), SCORER, LABELS)
    assert len(part) == 200
    assert [sum(entry.id // 100 == poll for entry in part) for poll in range(10)] == pytest.approx([20] * 10, abs=5)
    assert all(entry.scores == (0.9, 0.1) for entry in part)


def test_texts_come_in_pages_cut_to_their_beginning(room, classified, now):
    room.poll("courier", *(classified(str(at), text="ab " * 1000, scorer=SCORER) for at in range(1100)))
    ids = [entry.id for entry in drift.seen(room.store, week(now), SCORER, LABELS)]
    pages = list(drift.texts(room.store, ids))
    assert [len(page) for page in pages] == [1000, 100]
    assert [row[0] for page in pages for row in page] == ids
    assert {(title[:13], len(text)) for page in pages for _, title, text in page} == {("Harbour notes", 1200)}


def test_what_was_pruned_is_gone(room, classified, now):
    room.poll("courier", classified("a", text="Words.", scorer=SCORER), at=now - HOUR)
    room.poll("courier", classified("b", text="Words.", scorer=SCORER))
    a, b = drift.seen(room.store, week(now), SCORER, LABELS)
    prune(room.store, entries_before=now, polls_before=now, digests_before=now, documents_before=now)
    assert drift.seen(room.store, week(now), SCORER, LABELS) == [b]
    assert drift.size(room.store, week(now)) == 1
    assert list(drift.texts(room.store, [a.id, b.id])) == [[(b.id, "Harbour notes, part b", "Words.")]]
