"""How channels are doing, as their deliveries show it; and recipients that are sent nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, exists, func, or_, select, update

from monitor.domain.channel import Trouble
from monitor.domain.delivery import NO_RECIPIENT, OPEN, UNSETTLED, DeliveryState, Failure, Recipient, Suspension
from monitor.store.database import Store
from monitor.store.tables import AttemptRow, OutboxRow, SuspensionRow, table_of

_outbox = table_of(OutboxRow)
_attempt = table_of(AttemptRow)
_suspension = table_of(SuspensionRow)
_OPEN = [state.value for state in OPEN]
_UNSETTLED = [state.value for state in UNSETTLED]


@dataclass(frozen=True, slots=True)
class Reach:
    """What the deliveries to one recipient of a channel show: the last success, how many wait, how many have failed."""

    channel: str
    recipient_id: str
    recipient: str
    last_success: datetime | None
    waiting: int
    failed: int


def reach(store: Store) -> list[Reach]:
    """Count the deliveries of each recipient of each channel, by channel and name."""
    delivered = case((_outbox.c.state == DeliveryState.DELIVERED.value, _outbox.c.settled_at))
    waits, failed = _outbox.c.state.in_(_OPEN), _outbox.c.state == DeliveryState.FAILED.value
    statement = select(
        _outbox.c.channel,
        _outbox.c.recipient_id,
        func.max(_outbox.c.recipient).label("recipient"),
        func.max(delivered).label("last_success"),
        func.sum(case((waits, 1), else_=0)).label("waiting"),
        func.sum(case((failed, 1), else_=0)).label("failed"),
    ).group_by(_outbox.c.channel, _outbox.c.recipient_id)
    with store.read() as connection:
        rows = connection.execute(statement.order_by(_outbox.c.channel, func.max(_outbox.c.recipient))).all()
    return [Reach(r.channel, r.recipient_id, r.recipient, r.last_success, int(r.waiting), int(r.failed)) for r in rows]


def troubles(store: Store) -> list[Trouble]:
    """Find the recipients with deliveries that wait or were given up, and no success since they first failed.

    What a later digest carries counts for as long as something waits or was given up: that it was folded is no success.
    """
    good = (
        select(_outbox.c.channel, _outbox.c.recipient_id, func.max(_outbox.c.settled_at).label("at"))
        .where(_outbox.c.state == DeliveryState.DELIVERED.value)
        .group_by(_outbox.c.channel, _outbox.c.recipient_id)
        .subquery()
    )
    same = and_(good.c.channel == _outbox.c.channel, good.c.recipient_id == _outbox.c.recipient_id)
    statement = (
        select(
            _outbox.c.channel, _outbox.c.recipient_id, _outbox.c.recipient, _outbox.c.state, _outbox.c.next_at, _attempt
        )
        .join(_attempt, _attempt.c.delivery_id == _outbox.c.id)
        .outerjoin(good, same)
        .where(
            _outbox.c.state.in_([*_UNSETTLED, DeliveryState.SUPERSEDED.value]),
            _open_yet(),
            _outbox.c.code != NO_RECIPIENT,
            _attempt.c.outcome.in_([failure.value for failure in Failure]),
            or_(good.c.at.is_(None), _attempt.c.at > good.c.at),
        )
        .order_by(_attempt.c.at, _attempt.c.delivery_id, _attempt.c.number)
    )
    found: dict[tuple[str, str], Trouble] = {}
    with store.read() as connection:
        for row in connection.execute(statement):
            found[row.channel, row.recipient_id] = _trouble(row, found.get((row.channel, row.recipient_id)))
    return sorted(found.values(), key=lambda trouble: (trouble.channel, trouble.recipient))


def _open_yet() -> Any:
    """Say of an outbox row whether its recipient has something that waits, or was given up and is not carried."""
    other = _outbox.alias()
    same = (other.c.channel == _outbox.c.channel, other.c.recipient_id == _outbox.c.recipient_id)
    return exists().where(*same, other.c.state.in_(_UNSETTLED), other.c.code != NO_RECIPIENT)


def _trouble(row: Any, before: Trouble | None) -> Trouble:
    """Add an attempt that failed to those before it."""
    due = [row.next_at] if row.state in _OPEN else []
    if before is not None and before.next_at is not None:
        due.append(before.next_at)
    return Trouble(
        row.channel, row.recipient_id, row.recipient, before.since if before else row.at, row.at,
        before.tries + 1 if before else 1, Failure(row.outcome), row.code, row.detail, min(due, default=None),
    )  # fmt: skip


def suspensions(store: Store) -> list[Suspension]:
    """List the recipients that are sent nothing, the oldest first."""
    with store.read() as connection:
        rows = connection.execute(select(_suspension).order_by(_suspension.c.since, _suspension.c.recipient_id)).all()
    return [Suspension(r.recipient_id, r.channel, r.recipient, r.since, r.reason, r.delivery_id) for r in rows]


@dataclass(frozen=True, slots=True)
class Resumed:
    """How many suspensions were lifted, and how many deliveries go out with it: refused ones, and those that waited."""

    suspensions: int
    refused: int
    waited: int


def resume(
    store: Store, suspension: Suspension, *, now: datetime, deadline: datetime, heir: Recipient | None = None
) -> Resumed:
    """Send to a recipient again: what waited, and what was refused, have until ``deadline``.

    With ``heir`` they go to the address that has taken its place; what the heir has of its own accord stays one.
    """
    changes: dict[str, Any] = {"next_at": now, "attempts": 0, "deadline": deadline}
    mine = _outbox.c.recipient_id == suspension.recipient_id
    if heir is not None:
        changes |= {"recipient_id": heir.id, "recipient": heir.label, "parts": 0}
        mine = and_(mine, _outbox.c.channel == heir.channel, ~_has(heir))
    refused = and_(mine, _outbox.c.id == suspension.delivery_id, _outbox.c.state == DeliveryState.FAILED.value)
    waits = and_(mine, _outbox.c.state.in_(_OPEN))
    with store.write() as connection:
        lifted = connection.execute(delete(_suspension).where(_suspension.c.recipient_id == suspension.recipient_id))
        if not lifted.rowcount:
            return Resumed(0, 0, 0)
        waited = connection.execute(update(_outbox).where(waits).values(changes)).rowcount
        changes |= {"state": DeliveryState.PENDING.value, "settled_at": None}
        return Resumed(
            lifted.rowcount, connection.execute(update(_outbox).where(refused).values(changes)).rowcount, waited
        )


def _has(heir: Recipient) -> Any:
    """Say of an outbox row whether the heir has that digest already."""
    other = _outbox.alias()
    same = (other.c.digest_id == _outbox.c.digest_id, other.c.channel == _outbox.c.channel)
    return exists().where(*same, other.c.recipient_id == heir.id)


def known(store: Store, recipient_ids: Collection[str]) -> frozenset[str]:
    """Which of some recipients have been sent anything, or were tried."""
    with store.read() as connection:
        tried = and_(_outbox.c.recipient_id.in_(sorted(recipient_ids)), _outbox.c.token > 0)
        return frozenset(connection.scalars(select(_outbox.c.recipient_id).where(tried).distinct()))
