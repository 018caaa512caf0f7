"""Windows: what a subscription has not judged, and closing it so that nothing is judged twice or lost."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from monitor.domain.digest import Verdict
from monitor.domain.entry import Revision, Score
from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Stage
from monitor.store import digests, feeds, outbox
from monitor.store import waiting as waiting_store
from monitor.store.database import Store, open_store
from monitor.store.digests import Closing
from monitor.store.feeds import Which
from monitor.store.prune import prune
from monitor.store.revisions import revise

Build = Callable[..., Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEASE = timedelta(minutes=15)


def test_only_news_over_a_line_is_brought_out(room: Any, classified: Build) -> None:
    room.poll(
        "one",
        classified("over", title="Over"), classified("under", title="Under", returns=0.49),
        classified("on", title="On the line", returns=0.0, policy=0.5), classified("old", title="Old", news=False),
    )  # fmt: skip
    assert sorted(room.titles()) == ["On the line", "Over"]


def test_a_new_subscription_begins_where_config_says(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("a", title="Long ago"), at=now - 2 * DAY)
    room.poll("one", classified("b", title="Yesterday"), at=now - 23 * HOUR)
    room.poll("one", classified("c", title="Today"), at=now)
    assert room.titles() == ["Yesterday", "Today"]
    state = room.state()
    assert (state.began_at, state.closed_at) == (now, now - DAY)
    assert room.titles(room.state(begin=timedelta())) == ["Today"]
    assert room.titles(room.state(begin=3 * DAY)) == ["Long ago", "Yesterday", "Today"]


def test_a_new_subscription_on_a_quiet_store_begins_at_its_end(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("a", title="Long ago"), at=now - 9 * DAY)
    state = room.state()
    room.poll("one", classified("b", title="After"))
    assert room.titles(state) == ["After"]


def test_what_was_judged_is_not_judged_again(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("a", title="First"))
    assert room.close()
    assert room.titles() == []
    room.poll("one", classified("b", title="Second"))
    assert room.titles() == ["Second"]


def test_lowering_a_line_brings_nothing_back(room: Any, classified: Build) -> None:
    room.poll("one", classified("a", title="Weak", returns=0.2))
    assert room.close()
    assert digests.unjudged(room.store, room.state(), {"returns": 0.1}).new == ()


def test_a_new_score_brings_nothing_back(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("a", title="Weak", returns=0.2))
    assert room.close()
    waiting_store.add_scores(room.store, [(1, {"returns": Score(0.99)})], "newer+1", now=now)
    assert room.titles() == []


def test_what_a_cap_cut_comes_again_and_what_was_shown_does_not(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("a", title="Cut"))
    assert room.close(verdict=Verdict.CUT)
    found = digests.unjudged(room.store, room.state(), {"returns": 0.5})
    assert [e.entry.title for e in found.rolled_over] == ["Cut"]
    assert room.close(key="k2", verdict=Verdict.DROPPED, at=now + HOUR)
    found = digests.unjudged(room.store, room.state(), {"returns": 0.5})
    assert (found.new, found.rolled_over) == ((), ())


@pytest.mark.parametrize(
    ("verdict", "told"),
    [(Verdict.SHOWN, True), (Verdict.TOLD, True), (Verdict.DROPPED, True), (Verdict.CUT, False)],
)
def test_a_story_counts_as_told_once_it_was_shown_or_dropped(
    room: Any, classified: Build, now: datetime, verdict: Verdict, told: bool
) -> None:
    room.poll("one", classified("a", marks=["u:same"]))
    assert room.close(verdict=verdict)
    room.poll("two", classified("b", marks=["u:same"]))
    found = digests.unjudged(room.store, room.state(), {"returns": 0.5})
    assert (len(found.new), bool(found.told)) == (1, told)
    other = digests.subscription_state(room.store, "other", now=now, begin=DAY)
    assert digests.unjudged(room.store, other, {"returns": 0.5}).told == {}


FACTS = Facts(
    measures=(MeasureFact(Measure.LISTING, None, Stage.PROPOSED, negated=True),),
    figures=(Figure(None, 40, True, Counted.CHILDREN, ("FR", "BE"), "SY", "2026", "the Centre"),),
)


def lines_of(room: Any) -> list[tuple[int, str, Verdict, Facts]]:
    """What ``desk`` has heard of the stories of what it has not judged."""
    told = digests.unjudged(room.store, room.state(), {"returns": 0.5}).told
    return [(one.entry_id, one.source, one.verdict, one.facts) for lines in told.values() for one in lines]


def test_the_ledger_keeps_what_was_told_when_the_entry_is_emptied(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", replace(classified("a", marks=["u:same"]), facts=FACTS), at=now - 9 * DAY)
    assert room.close(at=now - 9 * DAY)
    old = now - DAY
    assert (
        prune(room.store, entries_before=old, polls_before=old, digests_before=old, documents_before=old).entries == 1
    )
    room.poll("two", classified("b", marks=["u:same"]))
    assert lines_of(room) == [(1, "One", Verdict.SHOWN, FACTS)]


def test_an_edited_entry_is_judged_again_beside_what_it_told_before(
    room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", replace(classified("a"), facts=FACTS))
    assert room.close()
    edited = replace(classified("a", title="Another heading"), facts=Facts())
    with room.store.write() as connection:
        revise(connection, [Revision(1, 1, edited.entry, edited, "f", True, "feed")], now=now)
    assert room.titles() == ["Another heading"]
    assert lines_of(room) == [(1, "One", Verdict.SHOWN, FACTS)]


def test_what_a_digest_names_at_last_is_shown(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("a", marks=["u:same"]))
    assert room.close(verdict=Verdict.TOLD)
    state = room.state()
    closing = Closing(state, "k2", state.judged_to, (), 1, None, (), named=(1,))
    assert digests.close_window(room.store, closing, now=now + HOUR)
    room.poll("two", classified("b", marks=["u:same"]))
    assert [(id_, verdict) for id_, _, verdict, _ in lines_of(room)] == [(1, Verdict.SHOWN)]


def test_a_story_is_told_with_when_its_first_and_last_entry_came(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("a", marks=["u:same"], returns=0.1), at=now - 2 * DAY)
    room.poll("two", classified("b", marks=["u:same"]))
    found = digests.unjudged(room.store, room.state(begin=3 * DAY), {"returns": 0.5})
    assert found.spans == {1: (now - 2 * DAY, now)}


def test_what_was_heard_is_found_by_an_index_however_much_the_ledger_holds(room: Any) -> None:
    plan = "EXPLAIN QUERY PLAN " if room.store.dialect == "sqlite" else "EXPLAIN "
    with room.store.write() as connection:
        if room.store.dialect != "sqlite":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        query = "SELECT told FROM ledger WHERE subscription = 'desk' AND told IS NOT NULL AND story_id IN (1, 2)"
        shown = "\n".join(str(tuple(row)) for row in connection.execute(text(plan + query)))
    assert "ix_ledger_subscription_story_id" in shown


def test_an_entry_that_came_while_the_digest_was_made_is_left_for_the_next(
    room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", classified("a", title="In time"))
    state = room.state()
    found = digests.unjudged(room.store, state, {"returns": 0.5})
    room.poll("one", classified("b", title="Late"))
    assert digests.close_window(room.store, Closing(state, "k", found.upto, (), 0, None, ()), now=now)
    assert room.titles() == ["Late"]


def test_a_window_is_closed_once_however_many_try(
    store_url: str, make_feed: Build, make_update: Build, classified: Build, now: datetime
) -> None:
    closed: list[bool] = []
    start = threading.Barrier(4)
    with open_store(store_url) as one, open_store(store_url) as two:
        feeds.sync(one, [make_feed("a")], now=now)
        (feed_state,) = feeds.claim(one, ["a"], Which.DUE, now=now, lease=LEASE)
        feeds.apply(one, make_update("a", feed_state.lease, [classified("x")], at=now))
        state = digests.subscription_state(one, "desk", now=now, begin=DAY)

        def work(store: Store, key: str) -> None:
            start.wait(10)
            upto = digests.unjudged(store, state, {"returns": 0.5}).upto
            frozen = digests.Message("desk/k", "Subject", "<p>", "text", ())
            closed.append(digests.close_window(store, Closing(state, key, upto, (), 1, frozen, ()), now=now))

        pairs = ((one, "same"), (two, "same"), (one, "other"), (two, "another"))
        threads = [threading.Thread(target=work, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        with one.read() as connection:
            assert connection.scalar(text("SELECT count(*) FROM digest")) == 1
    assert sorted(closed) == [False, False, False, True]


def test_the_same_window_is_not_closed_a_second_time_by_someone_who_knows_of_the_first(
    room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", classified("a"))
    assert room.close(key="same")
    room.poll("one", classified("b", title="Left for the next window"))
    assert not room.close(key="same", at=now + HOUR)
    assert room.titles() == ["Left for the next window"]
    assert sum(outbox.counts(room.store).values()) == 2


def test_a_digest_comes_back_in_every_form_that_it_was_frozen_in(store: Store, now: datetime) -> None:
    frozen = digests.Message(
        "desk/k", "Subject", "<p>", "text", (({"type": "divider"},),), "# Subject", {"sections": [{"title": "Größe"}]},
        "desk/7", {"r1": "https://monitor.example.org/unsubscribe/x"},
    )  # fmt: skip
    state = digests.subscription_state(store, "desk", now=now, begin=DAY)
    assert digests.close_window(store, Closing(state, "k", 0, (), 1, frozen, ()), now=now)
    assert digests.digest_of_window(store, "desk", "k") == frozen


def test_digest_ledger_and_outbox_are_written_together_or_not_at_all(
    room: Any, classified: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.poll("one", classified("a", title="Still there"))

    def crash(*_: object) -> None:
        raise RuntimeError("the process ends here")

    with monkeypatch.context() as patched:
        patched.setattr("monitor.store.digests.add_judgements", crash)
        with pytest.raises(RuntimeError):
            room.close()
    with room.store.read() as connection:
        for table in ("digest", "ledger", "outbox"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0
    assert room.titles() == ["Still there"]
    assert room.close()


def test_a_digest_is_kept_as_it_was_rendered(room: Any, classified: Build) -> None:
    room.poll("one", classified("a"))
    room.close(key="2026-03-02T07:30+00:00")
    found = digests.digest_of_window(room.store, "desk", "2026-03-02T07:30+00:00")
    assert found is not None
    assert (found.key, found.html, found.blocks) == (
        "desk/2026-03-02T07:30+00:00",
        "<p>html</p>",
        (({"type": "divider"},),),
    )
    assert digests.message(room.store, 1) == found
    assert digests.digest_of_window(room.store, "desk", "another") is None


def test_a_window_without_a_message_moves_on_and_sends_nothing(room: Any, classified: Build, now: datetime) -> None:
    room.poll("one", classified("a"))
    state = room.state()
    upto = digests.unjudged(room.store, state, {"returns": 0.5}).upto
    assert digests.close_window(room.store, Closing(state, "k", upto, (), 0, None, ()), now=now)
    assert (room.titles(), outbox.counts(room.store)) == ([], {})
    assert digests.digest_of_window(room.store, "desk", "k") is None


def test_registering_a_subscription_again_changes_nothing(room: Any, now: datetime) -> None:
    state = room.state()
    digests.register(room.store, [state])
    digests.register(room.store, [replace(state, judged_to=99, began_at=now + DAY)])
    assert room.state(at=now + DAY) == state


def test_entries_that_wait_for_a_model_are_announced_when_they_get_their_scores(
    room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", classified("w", title="Waiting", scorer=""), classified("old", scorer="", news=False))
    room.poll("one", classified("a", title="Classified"))
    assert room.titles() == ["Classified"]
    assert room.close()
    waiting = waiting_store.waiting(room.store, limit=10)
    assert [w.entry.guid for w in waiting] == ["w", "old"]
    scored = [(w.id, {"returns": Score(0.9), "policy": Score(0.1)}) for w in waiting]
    waiting_store.add_scores(room.store, scored, "test+1", now=now)
    waiting_store.add_scores(room.store, scored, "test+1", now=now)
    assert room.titles() == ["Waiting"]
    assert waiting_store.waiting(room.store, limit=10) == []
    assert room.close(key="k2", at=now + HOUR)
    assert room.titles() == []


def test_the_numbers_of_entries_are_committed_in_their_order(
    store_url: str, make_feed: Build, make_update: Build, classified: Build, now: datetime
) -> None:
    """A reader that takes the counter for what has come never finds a lower number later."""
    names = [f"f{number}" for number in range(12)]
    missed: list[tuple[int, set[int]]] = []
    writing = threading.Event()
    with open_store(store_url) as one, open_store(store_url) as two:
        feeds.sync(one, [make_feed(name) for name in names], now=now)
        states = feeds.claim(one, names, Which.DUE, now=now, lease=LEASE)
        numbers = text("SELECT announce_seq FROM entry WHERE announce_seq IS NOT NULL")

        def write(store: Store, part: list[Any]) -> None:
            for state in part:
                new = [classified(f"{state.name}-{n}", marks=()) for n in range(7)]
                feeds.apply(store, make_update(state.name, state.lease, new, at=now))

        def read() -> None:
            while not writing.is_set():
                with two.read() as connection:
                    upto = connection.scalar(text("SELECT value FROM counter WHERE name = 'announce'")) or 0
                with two.read() as connection:
                    found = {seq for seq in connection.scalars(numbers) if seq <= upto}
                if found != set(range(1, upto + 1)):
                    missed.append((upto, found))

        reader = threading.Thread(target=read)
        writers = [
            threading.Thread(target=write, args=(store, states[part::3])) for part, store in enumerate((one, two, one))
        ]
        for thread in (reader, *writers):
            thread.start()
        for thread in writers:
            thread.join(30)
        writing.set()
        reader.join(30)
        with one.read() as connection:
            assert sorted(connection.scalars(numbers)) == list(range(1, 12 * 7 + 1))
    assert missed == []
