"""Messages that are frozen and put into the outbox, inside the transaction of whoever tells something."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert

from monitor.domain.delivery import DeliveryState, Recipient
from monitor.domain.digest import Message
from monitor.store.departures import of_digest
from monitor.store.sql import upsert
from monitor.store.tables import DigestRow, OutboxRow, table_of

_digest = table_of(DigestRow)
_outbox = table_of(OutboxRow)


def add_digest(
    connection: Connection,
    subscription: str,
    key: str,
    frozen: Message,
    *,
    stories: int,
    now: datetime,
    carries: Sequence[int] | None = None,
) -> int | None:
    """Freeze a message; None, and nothing written, where its subscription has one of this key.

    ``carries`` are the entries that it tells, where the ledger does not say that.
    """
    statement = upsert(connection, _digest).values(
        subscription=subscription, key=key, made_at=now, stories=stories, subject=frozen.subject, html=frozen.html,
        text=frozen.text, blocks=[list(part) for part in frozen.blocks], forms=frozen.forms or None,
        carries=None if carries is None else list(carries),
    )  # fmt: skip
    added = statement.on_conflict_do_nothing(index_elements=["subscription", "key"]).returning(_digest.c.id)
    return connection.execute(added).scalar_one_or_none()


def add_deliveries(connection: Connection, digest_id: int, recipients: Sequence[Recipient], now: datetime) -> None:
    """Put a digest into the outbox, once a recipient; who has left its subscription by now gets none."""
    departed = of_digest(connection, digest_id)
    rows = [
        {
            "digest_id": digest_id, "channel": r.channel, "recipient_id": r.id, "recipient": r.label, "token": 0,
            "state": DeliveryState.PENDING.value, "attempts": 0, "created_at": now, "next_at": now,
        }
        for r in recipients
        if not any(departure.is_of(r.id, r.label) for departure in departed)
    ]  # fmt: skip
    if rows:
        connection.execute(insert(_outbox), rows)
