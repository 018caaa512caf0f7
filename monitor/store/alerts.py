"""Alerts: one message with its ledger and outbox in one transaction, and silences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from monitor.domain.alert import Silence
from monitor.store.database import Store
from monitor.store.digests import Closing, SubscriptionState, unchanged
from monitor.store.entries import entry_table
from monitor.store.frozen import add_deliveries, add_digest
from monitor.store.heard import add_judgements, name_noted
from monitor.store.tables import DigestRow, SilenceRow, SubscriptionRow, table_of

_subscription = table_of(SubscriptionRow)
_digest = table_of(DigestRow)
_silence = table_of(SilenceRow)
ALERT, MORE = "-alert-", "-more-"
"""What the keys of alerts hold, and of the message that says how many more there are."""


@dataclass(frozen=True, slots=True)
class Recent:
    """How many alerts a subscription was sent since a time, and whether it was told that there are more."""

    alerts: int
    told_of_more: bool


def recent(store: Store, name: str, *, since: datetime) -> Recent:
    """Count the alerts that a subscription was sent since a time."""
    mine = select(_digest.c.key).where(_digest.c.made_at > since, _digest.c.subscription == name)
    with store.read() as connection:
        keys = list(connection.scalars(mine))
    return Recent(sum(ALERT in key for key in keys), any(MORE in key for key in keys))


def send(store: Store, closing: Closing, *, waiting: Sequence[int], now: datetime) -> bool:
    """Write an alert: its message, one outbox row a recipient, and the ledger; the window stays open.

    ``waiting`` are entries of which an alert may be sent later. Returns False, having written nothing, where another
    process closed a window or sent an alert meanwhile.
    """
    state, message = closing.state, closing.message
    if message is None:
        raise ValueError("an alert is a message")
    with store.write() as connection:
        same = (unchanged(state), _subscription.c.alert_to == state.alert_to)
        moved = update(_subscription).where(*same)
        to = _mark(connection, closing.upto, waiting)
        if connection.execute(moved.values(alert_to=to, alerts=state.alerts + 1)).rowcount == 0:
            return False
        digest_id = add_digest(connection, state.name, closing.key, message, stories=closing.stories, now=now)
        if digest_id is None:
            connection.rollback()
            return False
        add_deliveries(connection, digest_id, closing.recipients, now)
        add_judgements(connection, state.name, closing.judgements, digest_id, now)
        name_noted(connection, state.name, closing.named, digest_id, now)
    return True


def pass_by(store: Store, state: SubscriptionState, upto: int, *, waiting: Sequence[int]) -> None:
    """Note how far a subscription was looked for alerts; where another process did it meanwhile, nothing is written."""
    with store.write() as connection:
        same = (unchanged(state), _subscription.c.alert_to == state.alert_to)
        connection.execute(update(_subscription).where(*same).values(alert_to=_mark(connection, upto, waiting)))


def _mark(connection: Any, upto: int, waiting: Sequence[int]) -> int:
    """The place in store order before the first entry that waits."""
    if not waiting:
        return upto
    first = connection.scalar(select(func.min(entry_table.c.announce_seq)).where(entry_table.c.id.in_(sorted(waiting))))
    return upto if first is None else min(upto, first - 1)


def silences(store: Store, *, now: datetime) -> list[Silence]:
    """The silences that hold, the oldest first."""
    with store.read() as connection:
        rows = connection.execute(select(_silence).where(_silence.c.until > now).order_by(_silence.c.id)).all()
    return [Silence(r.id, r.country, r.measure, r.label, r.began_at, r.until, r.note) for r in rows]


def silence(
    store: Store, *, country: str, measure: str, label: str, note: str, now: datetime, until: datetime
) -> Silence:
    """Add a silence."""
    values = {"country": country, "measure": measure, "label": label, "note": note, "began_at": now, "until": until}
    with store.write() as connection:
        id_ = connection.execute(insert(_silence).values(**values).returning(_silence.c.id)).scalar_one()
    return Silence(id_, country, measure, label, now, until, note)


def end_silence(store: Store, id_: int, *, now: datetime) -> int:
    """End a silence that holds; returns how many rows changed."""
    holds = update(_silence).where(_silence.c.id == id_, _silence.c.until > now)
    with store.write() as connection:
        return int(connection.execute(holds.values(until=now)).rowcount)
