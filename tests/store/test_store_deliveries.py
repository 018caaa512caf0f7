"""Deliveries by hand, every attempt on record, suspended recipients, and what a later digest must carry."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from monitor.domain.delivery import DeliveryState, Failure, Lease, Recipient, Settled, Suspension, content_hash
from monitor.domain.digest import Verdict
from monitor.store import channels, deliveries, digests, outbox
from monitor.store.database import Store
from monitor.store.digests import Closing, Fold

from .conftest import RECIPIENTS, message

LEASE, MINUTE = timedelta(minutes=10), timedelta(minutes=1)
Build = Callable[..., Any]
DELIVERED = Settled(DeliveryState.DELIVERED, None, "250 taken", None, "250")
REFUSED = Settled(DeliveryState.FAILED, None, "550 no", Failure.PERMANENT, "550 5.1.1", suspends=True)
RAN_OUT = Settled(DeliveryState.FAILED, None, "given up", Failure.TRANSIENT, "451")


def later(at: datetime) -> Settled:
    return Settled(DeliveryState.PENDING, at, "451 later", Failure.TRANSIENT, "451 4.3.0")


def claim(store: Store, now: datetime, **more: Any) -> list[Lease]:
    return outbox.claim(store, now=now, lease=LEASE, limit=10, **more)


def suspend(store: Store, lease: Lease, now: datetime) -> Suspension:
    made = Suspension(lease.recipient_id, lease.channel, "mailto://one", now, "550 no", lease.delivery_id)
    assert outbox.settle(store, lease, REFUSED, suspension=made, now=now)
    return made


def states(store: Store) -> list[tuple[str, str]]:
    return [(d.recipient_id, d.state.value) for d in reversed(deliveries.listed(store))]


@pytest.fixture
def filled(room: Any, classified: Build) -> Store:
    """A store with a digest of two entries for the recipients r1 and r2."""
    room.poll("one", classified("a"), classified("b"))
    assert room.close()
    found: Store = room.store
    return found


def test_what_was_frozen_has_its_hash_and_what_changed_since_has_another(filled: Store) -> None:
    message = digests.message(filled, 1)
    assert outbox.frozen_hash(filled, 1) == content_hash(message)
    with filled.write() as connection:
        connection.execute(text("UPDATE digest SET html = html || ' '"))
    assert outbox.frozen_hash(filled, 1) != content_hash(digests.message(filled, 1))


def test_every_attempt_is_on_record_with_its_time_class_and_answer(filled: Store, now: datetime) -> None:
    one, _ = claim(filled, now)
    outbox.settle(filled, one, later(now + MINUTE), now=now)
    (again,) = claim(filled, now + MINUTE)
    outbox.settle(filled, again, DELIVERED, now=now + 2 * MINUTE)
    assert [(t.number, t.at, t.ended_at, t.outcome, t.code, t.detail) for t in deliveries.tried(filled, 1)] == [
        (1, now, now, "transient", "451 4.3.0", "451 later"),
        (2, now + MINUTE, now + 2 * MINUTE, "delivered", "250", "250 taken"),
    ]
    (shown,) = deliveries.by_ids(filled, [1, 99])
    assert (shown.subscription, shown.key, shown.state, shown.failure, shown.detail) == (
        "desk", "k", DeliveryState.DELIVERED, None, "250 taken",
    )  # fmt: skip


def test_an_attempt_that_nobody_ended_is_unknown_and_its_late_end_is_noted(filled: Store, now: datetime) -> None:
    old, _ = claim(filled, now)
    assert [t.outcome for t in deliveries.tried(filled, 1)] == [""]
    claim(filled, now + LEASE)
    assert [(t.outcome, t.ended_at) for t in deliveries.tried(filled, 1)] == [("unknown", None), ("", None)]
    assert not outbox.settle(filled, old, DELIVERED, now=now + LEASE)
    assert [t.outcome for t in deliveries.tried(filled, 1)] == ["delivered", ""]
    assert states(filled) == [("r1", "sending"), ("r2", "sending")]


def test_a_suspended_recipient_is_sent_nothing_until_resumed_and_then_all_that_waited(
    room: Any, filled: Store, classified: Build, now: datetime
) -> None:
    one, two = claim(filled, now)
    made = suspend(filled, one, now)
    outbox.settle(filled, two, DELIVERED, now=now)
    room.poll("one", classified("c"), at=now)
    assert room.close(key="k2", at=now + MINUTE)
    assert [lease.recipient_id for lease in claim(filled, now + MINUTE)] == ["r2"]
    assert channels.suspensions(filled) == [made]
    assert [(r.recipient_id, r.waiting, r.failed) for r in channels.reach(filled)] == [("r1", 1, 1), ("r2", 1, 0)]

    deadline = now + timedelta(days=9)
    done = channels.resume(filled, made, now=now + 2 * MINUTE, deadline=deadline)

    assert (done.suspensions, done.refused, done.waited) == (1, 1, 1)
    assert channels.suspensions(filled) == []
    found = claim(filled, now + 2 * MINUTE)
    assert [(lease.recipient_id, lease.digest_id, lease.attempts, lease.deadline) for lease in found] == [
        ("r1", 1, 1, deadline), ("r1", 2, 1, deadline),
    ]  # fmt: skip
    assert channels.resume(filled, made, now=now, deadline=now).suspensions == 0


def test_a_new_address_takes_over_what_waited_and_gets_nothing_twice(
    room: Any, filled: Store, classified: Build, now: datetime
) -> None:
    one, _ = claim(filled, now)
    made = suspend(filled, one, now)
    heir = Recipient("r3", "mail", "mailto://three", "z")
    room.poll("one", classified("c"), at=now)
    assert room.close(key="k2", at=now, recipients=(Recipient("r1", "mail", "mailto://one", "x"), heir))
    assert channels.known(filled, ["r1", "r3"]) == {"r1"}

    done = channels.resume(filled, made, now=now, deadline=now + LEASE, heir=heir)

    assert (done.refused, done.waited) == (1, 0)
    assert [(lease.recipient_id, lease.digest_id) for lease in claim(filled, now)] == [("r3", 1), ("r1", 2), ("r3", 2)]


def test_what_is_sent_again_by_hand_begins_anew_and_what_was_received_does_not(filled: Store, now: datetime) -> None:
    one, two = claim(filled, now)
    outbox.settle(filled, one, DELIVERED, now=now)
    outbox.settle(filled, two, RAN_OUT, now=now)
    until = now + timedelta(days=2)
    assert deliveries.again(filled, [1, 2, 99], now=now + MINUTE, deadline=until) == 1
    (lease,) = claim(filled, now + MINUTE)
    assert (lease.delivery_id, lease.attempts, lease.token, lease.deadline) == (2, 1, 2, until)
    assert deliveries.again(filled, [2], now=now, deadline=until) == 0, "it is under way"


def test_what_is_abandoned_is_never_sent_and_a_delivered_one_cannot_be(filled: Store, now: datetime) -> None:
    one, _ = claim(filled, now, only=[1])[0], None
    outbox.settle(filled, one, DELIVERED, now=now)
    assert deliveries.abandon(filled, [1, 2], now=now) == 1
    assert states(filled) == [("r1", "delivered"), ("r2", "abandoned")]
    assert claim(filled, now + timedelta(days=9)) == []
    assert deliveries.unsettled(filled) == []


def test_only_what_ran_out_of_time_is_missed_until_a_later_digest_carries_it(
    room: Any, filled: Store, classified: Build, now: datetime
) -> None:
    one, two = claim(filled, now)
    outbox.settle(filled, one, RAN_OUT, now=now)
    outbox.settle(filled, two, REFUSED, now=now)
    (found,) = deliveries.missed(filled, "desk")
    assert (found.delivery_id, found.digest_id, found.recipient_id, found.entry_ids) == (1, 1, "r1", (1, 2))
    assert deliveries.missed(filled, "another") == []

    with filled.write() as connection:
        assert deliveries.supersede(connection, [1, 2], by=7, now=now) == 2
    assert deliveries.missed(filled, "desk") == []
    assert [(d.state, d.superseded_by) for d in deliveries.by_ids(filled, [1])] == [(DeliveryState.SUPERSEDED, 7)]
    assert deliveries.again(filled, [1], now=now, deadline=now) == 0, "it would tell its stories twice"


def carry(room: Any, key: str, supersedes: tuple[int, ...], now: datetime) -> bool:
    """Close a window in which r1's digest carries the first entry, too."""
    one, two = RECIPIENTS
    fold = Fold(f"{key}+1", 1, message(f"{key}+1"), (one,), (1,), supersedes)
    state = room.state(at=now)
    closing = Closing(state, key, state.judged_to, (), 0, message(key), (two,), folds=(fold,))
    return digests.close_window(room.store, closing, now=now)


def test_a_digest_that_carries_what_was_missed_owes_it_when_it_runs_out_of_time_itself(
    room: Any, filled: Store, classified: Build, now: datetime
) -> None:
    for lease in claim(filled, now):
        outbox.settle(filled, lease, RAN_OUT if lease.recipient_id == "r1" else DELIVERED, now=now)
    assert carry(room, "k2", (1,), now + MINUTE)
    assert deliveries.missed(filled, "desk") == []
    (carrier,) = (d for d in deliveries.listed(filled) if d.key == "k2+1")
    assert [(d.state, d.superseded_by) for d in deliveries.by_ids(filled, [1])] == [
        (DeliveryState.SUPERSEDED, carrier.digest_id)
    ]
    (lease,) = claim(filled, now + MINUTE, only=[carrier.id])
    outbox.settle(filled, lease, RAN_OUT, now=now + MINUTE)
    (found,) = deliveries.missed(filled, "desk")
    assert (found.delivery_id, found.recipient_id, found.entry_ids) == (carrier.id, "r1", (1,))
    assert deliveries.missed(filled, "desk", since=now + MINUTE) == [], "others were told of it before"

    room.poll("one", classified("c"), at=now)
    assert room.close(key="k3", at=now + 2 * MINUTE)
    (last,) = {d.digest_id for d in deliveries.listed(filled) if d.key == "k3"}
    with filled.write() as connection:
        connection.execute(text("UPDATE ledger SET digest_id = :last WHERE entry_id = 1"), {"last": last})
    assert deliveries.missed(filled, "desk") == [], "a digest that waits for r1 tells it anew"


def test_what_was_only_noted_is_missed_with_the_digest_that_names_it_later(
    room: Any, classified: Build, now: datetime
) -> None:
    room.poll("one", classified("a"))
    assert room.close(verdict=Verdict.TOLD)
    for lease in claim(room.store, now):
        outbox.settle(room.store, lease, RAN_OUT, now=now)
    state = room.state(at=now)
    closing = Closing(state, "k2", state.judged_to, (), 1, message("k2"), RECIPIENTS[:1], named=(1,))
    assert digests.close_window(room.store, closing, now=now + MINUTE)
    assert deliveries.missed(room.store, "desk") == []
    (lease,) = claim(room.store, now + MINUTE)
    outbox.settle(room.store, lease, RAN_OUT, now=now + MINUTE)
    assert [(one.recipient_id, one.entry_ids) for one in deliveries.missed(room.store, "desk")] == [("r1", (1,))]


def test_a_window_is_not_closed_with_what_somebody_has_sent_again(room: Any, filled: Store, now: datetime) -> None:
    for lease in claim(filled, now):
        outbox.settle(filled, lease, RAN_OUT, now=now)
    assert deliveries.again(filled, [1], now=now, deadline=now + LEASE) == 1
    before = room.state(at=now)
    assert not carry(room, "k2", (1,), now + MINUTE)
    assert room.state(at=now) == before
    assert {d.key for d in deliveries.listed(filled)} == {"k"}
    assert carry(room, "k2", (), now + MINUTE)
    assert not carry(room, "k3", (2, 99), now + MINUTE)


def test_deliveries_are_found_by_state_channel_and_time(room: Any, filled: Store, now: datetime) -> None:
    one, _ = claim(filled, now)
    outbox.settle(filled, one, later(now + MINUTE), now=now)
    waiting = deliveries.listed(filled, states=[DeliveryState.PENDING])
    assert [d.id for d in waiting] == [1]
    assert [d.id for d in deliveries.listed(filled, channel="mail", limit=1)] == [2]
    assert deliveries.listed(filled, channel="other") == []
    assert deliveries.listed(filled, since=now + MINUTE) == []
    assert [d.id for d in deliveries.of_digests(filled, [1])] == [1, 2]


def test_a_recipient_is_in_trouble_from_its_first_failure_to_its_next_success(filled: Store, now: datetime) -> None:
    assert channels.troubles(filled) == []
    one, two = claim(filled, now)
    outbox.settle(filled, one, later(now + MINUTE), now=now)
    outbox.settle(filled, two, DELIVERED, now=now)
    (lease,) = claim(filled, now + MINUTE)
    outbox.settle(filled, lease, later(now + 5 * MINUTE), now=now + 2 * MINUTE)
    (found,) = channels.troubles(filled)
    assert (found.channel, found.recipient_id, found.since, found.last_at) == ("mail", "r1", now, now + MINUTE)
    assert (found.tries, found.failure, found.code) == (2, Failure.TRANSIENT, "451 4.3.0")
    (lease,) = claim(filled, now + 5 * MINUTE)
    outbox.settle(filled, lease, DELIVERED, now=now + 5 * MINUTE)
    assert channels.troubles(filled) == []
    assert [(r.recipient_id, r.last_success) for r in channels.reach(filled)] == [("r1", now + 5 * MINUTE), ("r2", now)]


def test_what_failed_before_the_last_success_is_no_trouble_any_more(
    room: Any, filled: Store, classified: Build, now: datetime
) -> None:
    one, _ = claim(filled, now)
    outbox.settle(filled, one, RAN_OUT, now=now)
    assert [t.recipient_id for t in channels.troubles(filled)] == ["r1"]
    room.poll("one", classified("c"), at=now + MINUTE)
    assert room.close(key="k2", at=now + MINUTE)
    for lease in claim(filled, now + MINUTE):
        outbox.settle(filled, lease, DELIVERED, now=now + MINUTE)
    assert channels.troubles(filled) == []
    assert [d.state for d in deliveries.by_ids(filled, [1])] == [DeliveryState.FAILED], "and it stays to be seen"
