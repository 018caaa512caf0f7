"""The outbox: leases, settling, and what is left to see."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.domain.delivery import DeliveryState, Lease, Recipient, Settled
from monitor.store import deliveries, outbox
from monitor.store.database import Store, open_store

LEASE = timedelta(minutes=10)
SECOND = timedelta(seconds=1)
DELIVERED = Settled(DeliveryState.DELIVERED)
Build = Callable[..., Any]


def claim(store: Store, now: datetime, limit: int = 10) -> list[Lease]:
    return outbox.claim(store, now=now, lease=LEASE, limit=limit)


@pytest.fixture
def filled(room: Any, classified: Build) -> Store:
    """A store with a digest for two recipients."""
    room.poll("one", classified("a"))
    assert room.close()
    found: Store = room.store
    return found


def test_every_recipient_has_a_delivery_of_its_own(filled: Store, now: datetime) -> None:
    leases = claim(filled, now)
    assert [(lease.channel, lease.recipient_id, lease.attempts, lease.created_at) for lease in leases] == [
        ("mail", "r1", 1, now),
        ("mail", "r2", 1, now),
    ]
    assert claim(filled, now) == []


def test_the_oldest_are_taken_first_and_no_more_than_asked_for(filled: Store, now: datetime) -> None:
    assert [lease.recipient_id for lease in claim(filled, now, limit=1)] == ["r1"]
    assert [lease.recipient_id for lease in claim(filled, now, limit=1)] == ["r2"]


def test_a_settled_delivery_is_never_taken_again(filled: Store, now: datetime) -> None:
    for lease, state in zip(claim(filled, now), (DeliveryState.DELIVERED, DeliveryState.FAILED), strict=True):
        assert outbox.settle(filled, lease, Settled(state, None, "done"), now=now)
    assert claim(filled, now + timedelta(days=9)) == []
    assert outbox.counts(filled) == {DeliveryState.DELIVERED: 1, DeliveryState.FAILED: 1}
    assert [(d.recipient, d.state, d.detail) for d in deliveries.unsettled(filled)] == [
        ("mailto://two", DeliveryState.FAILED, "done")
    ]


def test_a_failed_attempt_waits_for_its_next_time(filled: Store, now: datetime) -> None:
    lease, _ = claim(filled, now)
    next_at = now + timedelta(minutes=5)
    assert outbox.settle(filled, lease, Settled(DeliveryState.PENDING, next_at, "busy \x00 line"), now=now)
    assert claim(filled, next_at - SECOND) == []
    (again,) = claim(filled, next_at)
    assert (again.delivery_id, again.attempts) == (lease.delivery_id, 2)
    assert deliveries.unsettled(filled)[-1].detail == "busy line"


def test_a_lease_that_ran_out_is_taken_over_and_its_old_holder_refused(filled: Store, now: datetime) -> None:
    old, _ = claim(filled, now)
    assert claim(filled, now + LEASE - SECOND) == []
    new, _ = claim(filled, now + LEASE)
    assert (new.delivery_id, new.attempts) == (old.delivery_id, 2)
    assert not outbox.settle(filled, old, DELIVERED, now=now + LEASE)
    assert outbox.counts(filled) == {DeliveryState.SENDING: 2}
    assert outbox.settle(filled, new, DELIVERED, now=now + LEASE)
    assert not outbox.settle(filled, new, Settled(DeliveryState.PENDING, now), now=now + LEASE)
    assert not outbox.settle(filled, replace(old, token=0), DELIVERED, now=now)


def test_no_delivery_is_taken_by_two_workers(store_url: str, room: Any, classified: Build, now: datetime) -> None:
    recipients = tuple(Recipient(f"r{n:02}", "mail", f"mailto://{n}", "secret") for n in range(30))
    room.poll("one", classified("a"))
    assert room.close(recipients=recipients)
    taken: list[int] = []
    start = threading.Barrier(4)
    with open_store(store_url) as one, open_store(store_url) as two:

        def work(store: Store) -> None:
            start.wait(10)
            while found := claim(store, now, limit=2):
                assert len(found) <= 2
                taken.extend(lease.delivery_id for lease in found)

        threads = [threading.Thread(target=work, args=(store,)) for store in (one, two, one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        taken += [lease.delivery_id for lease in claim(one, now, limit=99)]
    assert len(taken) == len(set(taken)) == 30
