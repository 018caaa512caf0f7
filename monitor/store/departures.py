"""Recipients who left a subscription, and what was still to be sent to them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, or_, select, update

from monitor.domain.delivery import LEFT, DeliveryState, Departure, Failure, Via
from monitor.store.database import Store
from monitor.store.sql import upsert
from monitor.store.tables import AttemptRow, DepartureRow, DigestRow, OutboxRow, SubscriptionRow, table_of

_departure = table_of(DepartureRow)
_digest = table_of(DigestRow)
_outbox = table_of(OutboxRow)
_attempt = table_of(AttemptRow)
_subscription = table_of(SubscriptionRow)
_WHY = "the recipient has left the subscription"
_NOT_NOTED = "the process ended, or took too long, before it could note how this went"
_PART = 500  # ids in one statement


def departures(store: Store, subscription: str | None = None) -> list[Departure]:
    """List who left a subscription, or any, in the order in which they did."""
    with store.read() as connection:
        return _read(connection, [] if subscription is None else [_departure.c.subscription == subscription])


def of_digest(connection: Connection, digest_id: int) -> list[Departure]:
    """List who left the subscription of a digest, as the transaction that writes it sees it."""
    name = select(_digest.c.subscription).where(_digest.c.id == digest_id).scalar_subquery()
    return _read(connection, [_departure.c.subscription == name])


def _read(connection: Connection, wanted: Iterable[Any]) -> list[Departure]:
    rows = connection.execute(
        select(_departure).where(*wanted).order_by(_departure.c.at, _departure.c.subscription, _departure.c.recipient)
    )
    return [Departure(r.subscription, r.recipient_id, r.recipient, r.at, Via(r.via)) for r in rows]


def leave(store: Store, departure: Departure) -> bool:
    """Note that a recipient left, and give up what waits or has failed for it; False where it had left before.

    Who composes for the subscription at this moment is waited for: its row is locked by both.
    """
    values = {
        "subscription": departure.subscription, "recipient_id": departure.recipient_id, "at": departure.at,
        "recipient": departure.recipient, "via": departure.via.value,
    }  # fmt: skip
    with store.write() as connection:
        row = select(_subscription.c.name).where(_subscription.c.name == departure.subscription)
        connection.execute(row.with_for_update())
        added = upsert(connection, _departure).values(values).on_conflict_do_nothing().returning(_departure.c.via)
        new = connection.execute(added).one_or_none() is not None
        _give_up(connection, departure.at, departure.subscription)
    return new


def rejoin(store: Store, departure: Departure) -> int:
    """Forget that a recipient left; returns how many rows went. What was given up stays so."""
    same = or_(_departure.c.recipient_id == departure.recipient_id, _departure.c.recipient == departure.recipient)
    with store.write() as connection:
        gone = delete(_departure).where(_departure.c.subscription == departure.subscription, same)
        return int(connection.execute(gone).rowcount)


def give_up(store: Store, *, now: datetime) -> int:
    """Give up what waits or has failed for recipients who left, such as what was under way as they did; returns how
    many deliveries there were. Where there is none it waits for no lock."""
    with store.read() as connection:
        found = connection.scalar(select(_outbox.c.id).where(_unsettled(now), left()).limit(1))
    if found is None:
        return 0
    with store.write() as connection:
        return _give_up(connection, now)


def left() -> Any:
    """A condition on the outbox table: the recipient has left the digest's subscription."""
    same = or_(_departure.c.recipient_id == _outbox.c.recipient_id, _departure.c.recipient == _outbox.c.recipient)
    mine = and_(_digest.c.id == _outbox.c.digest_id, _digest.c.subscription == _departure.c.subscription)
    return exists().where(mine, same).correlate(_outbox)


def end_attempts(connection: Connection, delivery_ids: Collection[int]) -> None:
    """Close the attempts of deliveries that never ended."""
    ordered = sorted(delivery_ids)
    for start in range(0, len(ordered), _PART):
        cut_off = and_(_attempt.c.delivery_id.in_(ordered[start : start + _PART]), _attempt.c.outcome == "")
        closed = update(_attempt).where(cut_off)
        connection.execute(closed.values(outcome=Failure.UNKNOWN.value, code="lost", detail=_NOT_NOTED))


def _give_up(connection: Connection, now: datetime, subscription: str | None = None) -> int:
    of = select(_digest.c.id).where(_digest.c.subscription == subscription)
    mine = [] if subscription is None else [_outbox.c.digest_id.in_(of)]
    ended = update(_outbox).where(_unsettled(now), left(), *mine).values(
        state=DeliveryState.ABANDONED.value, settled_at=now, leased_until=None, detail=_WHY, failure="", code=LEFT,
    )  # fmt: skip
    done = list(connection.scalars(ended.returning(_outbox.c.id)))
    end_attempts(connection, done)
    return len(done)


def _unsettled(now: datetime) -> Any:
    """A condition on the outbox table: neither received nor given up by hand, and sent by nobody at this moment."""
    idle = _outbox.c.state.in_([DeliveryState.PENDING.value, DeliveryState.FAILED.value])
    return or_(idle, and_(_outbox.c.state == DeliveryState.SENDING.value, _outbox.c.leased_until <= now))
