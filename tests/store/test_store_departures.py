"""Recipients who left a subscription, on both kinds of database."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from monitor.domain.delivery import LEFT, DeliveryState, Departure, Failure, Recipient, Settled, Via
from monitor.domain.entry import ClassifiedEntry
from monitor.store import deliveries, departures, outbox
from monitor.store.database import Store, open_store
from monitor.store.deliveries import Delivery

Build = Callable[..., ClassifiedEntry]
LEASE, MINUTE = timedelta(minutes=5), timedelta(minutes=1)


def gone(now: datetime, recipient_id: str = "r1", label: str = "mailto://one", subscription: str = "desk") -> Departure:
    return Departure(subscription, recipient_id, label, now, Via.ONE_CLICK)


def rows(store: Store) -> dict[str, Delivery]:
    return {one.recipient_id: one for one in deliveries.listed(store)}


def claimed(store: Store, now: datetime) -> list[str]:
    return [lease.recipient_id for lease in outbox.claim(store, now=now, lease=LEASE, limit=10)]


@pytest.fixture
def filled(room: Any, classified: Build) -> Any:
    """A window of the subscription ``desk`` with a delivery to r1 and one to r2."""
    room.poll("paper", classified("a"))
    assert room.close()
    return room


def test_what_waits_for_who_left_is_given_up_with_the_reason_and_the_others_get_theirs(
    filled: Any, now: datetime
) -> None:
    store = filled.store
    assert departures.leave(store, gone(now))
    left = rows(store)["r1"]
    assert (left.state, left.code, left.failure, left.settled_at) == (DeliveryState.ABANDONED, LEFT, None, now)
    assert left.detail == "the recipient has left the subscription"
    assert claimed(store, now) == ["r2"]


def test_leaving_twice_is_leaving_once(filled: Any, now: datetime) -> None:
    assert departures.leave(filled.store, gone(now))
    assert not departures.leave(filled.store, gone(now + MINUTE))
    assert [one.at for one in departures.departures(filled.store)] == [now]


def test_another_subscription_of_the_same_recipient_goes_on(filled: Any, now: datetime) -> None:
    assert departures.leave(filled.store, gone(now, subscription="evening"))
    assert claimed(filled.store, now) == ["r1", "r2"]
    assert [one.subscription for one in departures.departures(filled.store)] == ["evening"]
    assert departures.departures(filled.store, "desk") == []


def test_a_digest_that_is_frozen_after_it_has_no_delivery_to_who_left(
    room: Any, classified: Build, now: datetime
) -> None:
    assert departures.leave(room.store, gone(now))
    room.poll("paper", classified("a"))
    assert room.close()
    assert set(rows(room.store)) == {"r2"}


def test_the_same_address_by_another_server_stays_left(room: Any, classified: Build, now: datetime) -> None:
    assert departures.leave(room.store, gone(now))
    room.poll("paper", classified("a"))
    assert room.close(recipients=(Recipient("r9", "mail", "mailto://one", "z"), Recipient("r2", "mail", "m", "y")))
    assert set(rows(room.store)) == {"r2"}


def test_what_was_under_way_and_failed_is_not_tried_again(filled: Any, now: datetime) -> None:
    store = filled.store
    lease = next(one for one in outbox.claim(store, now=now, lease=LEASE, limit=9) if one.recipient_id == "r1")
    assert departures.leave(store, gone(now))
    assert rows(store)["r1"].state is DeliveryState.SENDING, "who is being sent something may get it still"
    outbox.settle(store, lease, Settled(DeliveryState.PENDING, now, "busy", Failure.TRANSIENT, "451"), now=now)
    assert claimed(store, now + MINUTE) == []
    assert departures.give_up(store, now=now + MINUTE) == 1
    assert departures.give_up(store, now=now + MINUTE) == 0
    assert (rows(store)["r1"].state, rows(store)["r1"].code) == (DeliveryState.ABANDONED, LEFT)


def test_what_a_killed_process_was_sending_ends_once_its_lease_is_over(filled: Any, now: datetime) -> None:
    store = filled.store
    claimed(store, now)
    assert departures.leave(store, gone(now))
    assert departures.give_up(store, now=now + MINUTE) == 0
    assert claimed(store, now + 2 * LEASE) == ["r2"]
    assert departures.give_up(store, now=now + 2 * LEASE) == 1
    left = rows(store)["r1"]
    assert left.state is DeliveryState.ABANDONED
    assert [one.code for one in deliveries.tried(store, left.id)] == ["lost"], "no attempt is under way for ever"


def test_what_was_received_or_given_up_by_hand_stays_as_it_is(filled: Any, now: datetime) -> None:
    store = filled.store
    for lease in outbox.claim(store, now=now, lease=LEASE, limit=9):
        outbox.settle(store, lease, Settled(DeliveryState.DELIVERED, None, "taken"), now=now)
    assert departures.leave(store, gone(now))
    assert {one.state for one in rows(store).values()} == {DeliveryState.DELIVERED}


def test_what_failed_is_owed_to_nobody_who_left(filled: Any, now: datetime) -> None:
    store = filled.store
    for lease in outbox.claim(store, now=now, lease=LEASE, limit=9):
        failed = Settled(DeliveryState.FAILED, None, "down", Failure.TRANSIENT, "451")
        outbox.settle(store, lease, failed, now=now)
    assert departures.leave(store, gone(now))
    assert [one.recipient_id for one in deliveries.missed(store, "desk")] == ["r2"]


def test_who_comes_back_gets_the_next_and_not_what_was_given_up(filled: Any, classified: Build, now: datetime) -> None:
    store = filled.store
    departures.leave(store, gone(now))
    assert departures.rejoin(store, gone(now)) == 1
    assert departures.rejoin(store, gone(now)) == 0
    assert claimed(store, now) == ["r2"]
    filled.poll("wire", classified("b"))
    assert filled.close(key="next")
    assert claimed(store, now) == ["r1", "r2"]


@pytest.mark.postgres
def test_who_leaves_while_a_window_is_closed_is_sent_nothing_of_it(
    store_url: str, room: Any, classified: Build, now: datetime
) -> None:
    """On PostgreSQL two transactions run at once: whoever comes second must see what the first one wrote."""
    if not store_url.startswith("postgresql"):
        pytest.skip("SQLite has one writer at a time")
    room.poll("paper", classified("a"))
    assert room.close(key="first")
    inside, done = threading.Event(), threading.Event()
    again = text(
        "INSERT INTO outbox (digest_id, channel, recipient_id, recipient, state, token, attempts, created_at, next_at) "
        "SELECT digest_id, 'other', recipient_id, recipient, 'pending', 0, 0, created_at, next_at FROM outbox "
        "WHERE recipient_id = 'r1'"
    )
    waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%subscription%'")

    def leave() -> None:
        inside.wait(30)
        with open_store(store_url) as other:
            departures.leave(other, gone(now))
        done.set()

    leaving = threading.Thread(target=leave)
    leaving.start()
    with room.store.write() as connection:  # what closes a window: its subscription first, its deliveries last
        connection.execute(text("UPDATE subscription SET judged_to = 99 WHERE name = 'desk'"))
        connection.execute(again)
        inside.set()
        while not done.is_set():
            with room.store.read() as watching:
                if watching.scalar(waits):
                    break
    leaving.join(30)
    assert done.is_set()
    found = [one.state for one in deliveries.listed(room.store) if one.recipient_id == "r1"]
    assert found == [DeliveryState.ABANDONED] * 2
