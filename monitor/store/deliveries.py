"""Deliveries to look at, to send again by hand, and those whose stories a later digest must carry."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, select, update

from monitor.domain.delivery import UNSETTLED, DeliveryState, Failure
from monitor.domain.digest import Verdict
from monitor.store.database import Store
from monitor.store.tables import AttemptRow, DigestRow, EntryRow, LedgerRow, OutboxRow, table_of

_outbox = table_of(OutboxRow)
_digest = table_of(DigestRow)
_attempt = table_of(AttemptRow)
_ledger = table_of(LedgerRow)
_entry = table_of(EntryRow)
_PART = 500  # ids in one statement
_AGAIN = (DeliveryState.FAILED, DeliveryState.ABANDONED, DeliveryState.PENDING)
_GIVEN_UP = (DeliveryState.PENDING, DeliveryState.FAILED)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An outbox row, with the digest that it sends. ``recipient`` holds no secret.

    ``failure``, ``code`` and ``detail`` are those of its last attempt; of a delivered one ``detail`` is what the other
    side said. ``deadline`` is None where config says it; ``superseded_by`` is the digest that carries its stories.
    """

    id: int
    digest_id: int
    subscription: str
    key: str
    subject: str
    channel: str
    recipient_id: str
    recipient: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_at: datetime
    settled_at: datetime | None
    failure: Failure | None
    code: str
    detail: str
    deadline: datetime | None
    superseded_by: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt. ``outcome`` is ``delivered``, a class of failure, or "" for one that is under way."""

    number: int
    at: datetime
    ended_at: datetime | None
    outcome: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Missed:
    """A delivery that ran out of time, and the entries that its recipient was not told of."""

    delivery_id: int
    digest_id: int
    recipient_id: str
    entry_ids: tuple[int, ...]


def unsettled(store: Store, *, limit: int = 50) -> list[Delivery]:
    """List the deliveries that wait, are under way, or were given up, the newest first."""
    return listed(store, states=UNSETTLED, limit=limit)


def listed(
    store: Store,
    *,
    states: Collection[DeliveryState] = (),
    channel: str | None = None,
    since: datetime | None = None,
    limit: int | None = None,
) -> list[Delivery]:
    """List deliveries, the newest first: in some states, of a channel, of digests made since then."""
    wanted = [
        *([_outbox.c.state.in_([state.value for state in states])] if states else []),
        *([_outbox.c.channel == channel] if channel is not None else []),
        *([_outbox.c.created_at >= since] if since is not None else []),
    ]
    with store.read() as connection:
        rows = connection.execute(_joined().where(*wanted).order_by(_outbox.c.id.desc()).limit(limit or None))
        return [_delivery(row) for row in rows]


def by_ids(store: Store, ids: Collection[int]) -> list[Delivery]:
    """Read deliveries by their ids, in their order; unknown ones are left out."""
    with store.read() as connection:
        found = [
            _delivery(r) for part in _parts(ids) for r in connection.execute(_joined().where(_outbox.c.id.in_(part)))
        ]
    return sorted(found, key=lambda delivery: delivery.id)


def of_digests(store: Store, digest_ids: Collection[int]) -> list[Delivery]:
    """All deliveries of some digests."""
    with store.read() as connection:
        statements = (_joined().where(_outbox.c.digest_id.in_(part)) for part in _parts(digest_ids))
        return [_delivery(row) for statement in statements for row in connection.execute(statement)]


def tried(store: Store, delivery_id: int) -> list[Tried]:
    """List a delivery's attempts in their order."""
    mine = select(_attempt).where(_attempt.c.delivery_id == delivery_id).order_by(_attempt.c.number)
    with store.read() as connection:
        return [Tried(r.number, r.at, r.ended_at, r.outcome, r.code, r.detail) for r in connection.execute(mine)]


def again(store: Store, ids: Collection[int], *, now: datetime, deadline: datetime) -> int:
    """Have deliveries sent again, from now until ``deadline``; returns how many there were.

    Those that were delivered or superseded, or are under way, stay as they are.
    """
    changes = {
        "state": DeliveryState.PENDING.value, "attempts": 0, "next_at": now, "deadline": deadline, "settled_at": None
    }  # fmt: skip
    with store.write() as connection:
        return _change(connection, ids, _AGAIN, changes)


def abandon(store: Store, ids: Collection[int], *, now: datetime) -> int:
    """Give up deliveries that wait or have failed, for good; returns how many there were."""
    with store.write() as connection:
        return _change(connection, ids, _GIVEN_UP, {"state": DeliveryState.ABANDONED.value, "settled_at": now})


def missed(store: Store, subscription: str, *, since: datetime | None = None) -> list[Missed]:
    """What recipients of a subscription were not told, since a delivery ran out of time: for the next digest to carry.

    What was refused for good is not among it, since the same content may be refused again; nor what is pruned, what a
    recipient is told by another digest that reached it or waits, and, with ``since``, what others were told before.
    """
    young = [_digest.c.made_at >= since] if since is not None else []
    columns = (_outbox.c.id, _outbox.c.digest_id, _outbox.c.recipient_id, _digest.c.carries)
    statement = _ran_out(select(*columns)).where(_digest.c.subscription == subscription, *young)
    found = []
    with store.read() as connection:
        for row in connection.execute(statement.order_by(_outbox.c.id)).all():
            entries = _untold(connection, subscription, row, since)
            if entries:
                found.append(Missed(row.id, row.digest_id, row.recipient_id, entries))
    return found


def owing(store: Store) -> frozenset[str]:
    """The subscriptions of which some delivery ran out of time, so that only they need be asked what was missed."""
    with store.read() as connection:
        return frozenset(connection.scalars(_ran_out(select(_digest.c.subscription).distinct())))


def _ran_out(statement: Select[Any]) -> Select[Any]:
    failed = _outbox.c.state == DeliveryState.FAILED.value
    passing = _outbox.c.failure.in_([Failure.TRANSIENT.value, Failure.UNKNOWN.value])
    return statement.join(_digest, _digest.c.id == _outbox.c.digest_id).where(failed, passing)


def _untold(connection: Connection, subscription: str, row: Any, since: datetime | None) -> tuple[int, ...]:
    """The entries that a delivery would have told, and that nothing else tells its recipient."""
    ledger = _ledger.c
    mine = and_(
        ledger.subscription == subscription,
        ledger.verdict.in_([Verdict.SHOWN.value, Verdict.ALERTED.value]),
        *([ledger.at >= since] if since is not None else []),
    )
    there = and_(_entry.c.id == ledger.entry_id, _entry.c.pruned.is_(False))
    chosen = select(ledger.entry_id).join(_entry, there).where(mine).order_by(ledger.entry_id)
    if row.carries is None:
        return tuple(connection.scalars(chosen.where(ledger.digest_id == row.digest_id)))
    other = _outbox.alias()
    reached = (DeliveryState.DELIVERED.value, DeliveryState.PENDING.value, DeliveryState.SENDING.value)
    told = and_(
        other.c.digest_id == ledger.digest_id, other.c.recipient_id == row.recipient_id, other.c.state.in_(reached)
    )
    left = chosen.where(~exists().where(told))
    return tuple(
        id_ for part in _parts(row.carries) for id_ in connection.scalars(left.where(ledger.entry_id.in_(part)))
    )


def supersede(connection: Connection, ids: Collection[int], *, by: int, now: datetime) -> int:
    """Note that a later digest, ``by``, carries the stories of deliveries that ran out of time.

    To be called in the transaction that writes that digest; returns how many there were: fewer than ``ids`` where
    somebody had one sent again meanwhile.
    """
    changes = {"state": DeliveryState.SUPERSEDED.value, "superseded_by": by, "settled_at": now}
    return _change(connection, ids, (DeliveryState.FAILED,), changes)


def _change(
    connection: Connection, ids: Collection[int], states: Sequence[DeliveryState], changes: dict[str, Any]
) -> int:
    changed = 0
    for part in _parts(ids):
        mine = and_(_outbox.c.id.in_(part), _outbox.c.state.in_([state.value for state in states]))
        changed += connection.execute(update(_outbox).where(mine).values(changes)).rowcount
    return changed


def _joined() -> Select[Any]:
    told = (_digest.c.subscription, _digest.c.key, _digest.c.subject, _digest.c.sha256)
    return select(_outbox, *told).join(_digest, _digest.c.id == _outbox.c.digest_id)


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        digest_id=row.digest_id,
        subscription=row.subscription,
        key=row.key,
        subject=row.subject,
        channel=row.channel,
        recipient_id=row.recipient_id,
        recipient=row.recipient,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        next_at=row.next_at,
        settled_at=row.settled_at,
        failure=Failure(row.failure) if row.failure else None,
        code=row.code,
        detail=row.detail,
        deadline=row.deadline,
        superseded_by=row.superseded_by,
        sha256=row.sha256,
    )


def _parts(ids: Collection[int]) -> Iterable[list[int]]:
    ordered = sorted(ids)
    return (ordered[start : start + _PART] for start in range(0, len(ordered), _PART))
