"""The outbox: one digest to one recipient, sent by lease, send, settle."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update

from monitor.domain.delivery import DeliveryState, Lease, Settled
from monitor.normalise.text import clean
from monitor.store.database import Store
from monitor.store.sql import once
from monitor.store.tables import OutboxRow

_outbox: Any = OutboxRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Delivery:
    """An outbox row, for status. ``recipient`` holds no secret."""

    id: int
    digest_id: int
    channel: str
    recipient: str
    state: DeliveryState
    attempts: int
    next_at: datetime
    detail: str


def claim(store: Store, *, now: datetime, lease: timedelta, limit: int) -> list[Lease]:
    """Take due deliveries, the oldest first, in one statement; rows whose lease ran out are taken again."""
    due = and_(_outbox.c.state == DeliveryState.PENDING.value, _outbox.c.next_at <= now)
    dropped = and_(_outbox.c.state == DeliveryState.SENDING.value, _outbox.c.leased_until <= now)
    chosen = select(_outbox.c.id).where(or_(due, dropped)).order_by(_outbox.c.id).limit(limit)
    statement = (
        update(_outbox)
        .where(_outbox.c.id.in_(select(once(chosen).c.id)))
        .values(
            state=DeliveryState.SENDING.value,
            token=_outbox.c.token + 1,
            attempts=_outbox.c.attempts + 1,
            leased_until=now + lease,
        )
        .returning(_outbox)
    )
    with store.write() as connection:
        rows = connection.execute(statement).all()
    leases = [Lease(r.id, r.token, r.digest_id, r.recipient_id, r.channel, r.attempts, r.created_at) for r in rows]
    return sorted(leases, key=lambda lease: lease.delivery_id)


def settle(store: Store, lease: Lease, settled: Settled, *, now: datetime) -> bool:
    """Write how an attempt ended; False, and nothing written, where the lease is another's by now."""
    mine = and_(
        _outbox.c.id == lease.delivery_id,
        _outbox.c.token == lease.token,
        _outbox.c.state == DeliveryState.SENDING.value,
    )
    done = settled.state in {DeliveryState.DELIVERED, DeliveryState.FAILED}
    changes: dict[str, Any] = {
        "state": settled.state.value,
        "detail": clean(settled.detail),
        "leased_until": None,
        "settled_at": now if done else None,
    }
    if settled.next_at is not None:
        changes["next_at"] = settled.next_at
    with store.write() as connection:
        return bool(connection.execute(update(_outbox).where(mine).values(changes)).rowcount)


def counts(store: Store) -> Mapping[DeliveryState, int]:
    """Count the deliveries in each state."""
    with store.read() as connection:
        rows = connection.execute(select(_outbox.c.state, func.count()).group_by(_outbox.c.state)).all()
    return {DeliveryState(state): count for state, count in rows}


def unsettled(store: Store, *, limit: int = 50) -> list[Delivery]:
    """List the deliveries that wait, are under way, or were given up, the newest first."""
    open_ = _outbox.c.state != DeliveryState.DELIVERED.value
    with store.read() as connection:
        rows = connection.execute(select(_outbox).where(open_).order_by(_outbox.c.id.desc()).limit(limit)).all()
    return [
        Delivery(r.id, r.digest_id, r.channel, r.recipient, DeliveryState(r.state), r.attempts, r.next_at, r.detail)
        for r in rows
    ]
