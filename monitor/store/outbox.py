"""The outbox: one digest to one recipient, sent by lease, send, settle."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, exists, func, insert, or_, select, update

from monitor.domain.delivery import DeliveryState, Lease, Settled, Suspension
from monitor.normalise.text import clean
from monitor.store.database import Store
from monitor.store.departures import end_attempts, left
from monitor.store.sql import once, upsert
from monitor.store.tables import AttemptRow, DigestRow, OutboxRow, SuspensionRow, table_of

_outbox = table_of(OutboxRow)
_attempt = table_of(AttemptRow)
_digest = table_of(DigestRow)
_suspension = table_of(SuspensionRow)


def claim(
    store: Store,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    only: Collection[int] | None = None,
    leaving: Collection[str] = (),
) -> list[Lease]:
    """Take due deliveries, the oldest first; rows whose lease ran out are taken again. ``only`` names them by id.

    Those of suspended recipients wait, and those of recipients (ids) that are to be left for now; those of recipients
    who left the subscription are not taken. Each gets its line among the attempts at once; one that never ended is
    closed.
    """
    due = and_(_outbox.c.state == DeliveryState.PENDING.value, _outbox.c.next_at <= now)
    dropped = and_(_outbox.c.state == DeliveryState.SENDING.value, _outbox.c.leased_until <= now)
    suspended = exists().where(_suspension.c.recipient_id == _outbox.c.recipient_id)
    named = [
        *([] if only is None else [_outbox.c.id.in_(sorted(only))]),
        *([_outbox.c.recipient_id.not_in(sorted(leaving))] if leaving else []),
    ]
    chosen = (
        select(_outbox.c.id).where(or_(due, dropped), ~suspended, ~left(), *named).order_by(_outbox.c.id).limit(limit)
    )
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
        rows = sorted(connection.execute(statement).all(), key=lambda row: row.id)
        _begin(connection, rows, now)
    return [
        Lease(r.id, r.token, r.digest_id, r.recipient_id, r.channel, r.attempts, r.created_at, r.deadline) for r in rows
    ]


def took(store: Store, lease: Lease, parts: int) -> None:
    """Note that so many parts of a message have arrived at a recipient, also by an attempt that was left behind."""
    with store.write() as connection:
        connection.execute(update(_outbox).where(_same(lease), _outbox.c.parts < parts).values(parts=parts))


def arrived(store: Store, lease: Lease) -> int:
    """Say how many parts of a message have arrived at a recipient by now."""
    with store.read() as connection:
        return int(connection.execute(select(_outbox.c.parts).where(_same(lease))).scalar() or 0)


def _same(lease: Lease) -> Any:
    """The row of a lease, as long as it is of the same recipient: what has arrived at one has not at its heir."""
    return and_(_outbox.c.id == lease.delivery_id, _outbox.c.recipient_id == lease.recipient_id)


def _begin(connection: Connection, rows: Sequence[Any], now: datetime) -> None:
    """Write the attempts that begin, and close those before them that never ended."""
    if not rows:
        return
    end_attempts(connection, [row.id for row in rows])
    connection.execute(insert(_attempt), [{"delivery_id": row.id, "number": row.token, "at": now} for row in rows])


def settle(
    store: Store, lease: Lease, settled: Settled, *, suspension: Suspension | None = None, now: datetime
) -> bool:
    """Write how an attempt ended, and with it that its recipient is sent nothing more.

    Returns False, and writes it among the attempts only, where the lease is another's by now.
    """
    mine = and_(
        _outbox.c.id == lease.delivery_id,
        _outbox.c.token == lease.token,
        _outbox.c.state == DeliveryState.SENDING.value,
    )
    detail = clean(settled.detail)
    changes: dict[str, Any] = {
        "state": settled.state.value,
        "detail": detail,
        "failure": settled.failure.value if settled.failure else "",
        "code": settled.code,
        "leased_until": None,
        "settled_at": None if settled.state is DeliveryState.PENDING else now,
    }
    if settled.next_at is not None:
        changes["next_at"] = settled.next_at
    outcome = settled.failure.value if settled.failure else settled.state.value
    tried = and_(_attempt.c.delivery_id == lease.delivery_id, _attempt.c.number == lease.token)
    ended = {"ended_at": now, "outcome": outcome, "code": settled.code, "detail": detail}
    with store.write() as connection:
        current = bool(connection.execute(update(_outbox).where(mine).values(changes)).rowcount)
        connection.execute(update(_attempt).where(tried).values(ended))
        if current and suspension is not None:
            row = {
                "recipient_id": suspension.recipient_id, "channel": suspension.channel, "since": suspension.since,
                "recipient": suspension.recipient, "reason": clean(suspension.reason),
                "delivery_id": suspension.delivery_id,
            }  # fmt: skip
            statement = upsert(connection, _suspension).values(row)
            connection.execute(statement.on_conflict_do_nothing(index_elements=["recipient_id"]))
    return current


def frozen_hash(store: Store, digest_id: int) -> str:
    """The hash that was taken of a digest when it was written; "" for one of before there were hashes."""
    with store.read() as connection:
        return str(connection.execute(select(_digest.c.sha256).where(_digest.c.id == digest_id)).scalar_one())


def counts(store: Store) -> Mapping[DeliveryState, int]:
    """Count the deliveries in each state."""
    with store.read() as connection:
        rows = connection.execute(select(_outbox.c.state, func.count()).group_by(_outbox.c.state)).all()
    return {DeliveryState(state): count for state, count in rows}
