"""Subscriptions as rows: pausing and resuming them, what they were sent last, and messages beside their ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, select, update

from monitor.domain.delivery import Recipient
from monitor.domain.digest import Message, Verdict
from monitor.store.database import Store
from monitor.store.digests import last_number, place_of
from monitor.store.frozen import add_deliveries, add_digest
from monitor.store.heard import ledger_table
from monitor.store.tables import ALERTED, CUT, DigestRow, OutboxRow, SubscriptionRow, table_of

_subscription = table_of(SubscriptionRow)
_digest = table_of(DigestRow)
_outbox = table_of(OutboxRow)


@dataclass(frozen=True, slots=True)
class SentDigest:
    """A digest that was frozen, without what it says."""

    key: str
    made_at: datetime
    stories: int
    subject: str


def pause(store: Store, name: str, *, now: datetime) -> int:
    """Pause a subscription that is known and runs; returns how many rows changed."""
    running = and_(_subscription.c.name == name, _subscription.c.paused_at.is_(None))
    with store.write() as connection:
        return int(connection.execute(update(_subscription).where(running).values(paused_at=now)).rowcount)


def resume(store: Store, name: str, *, now: datetime, begin: timedelta) -> int:
    """Let a paused subscription begin anew ``begin`` back, but not before where it was paused; returns how many rows
    of it changed.

    What a cap had cut is dropped, and what alerts told counts as told: both would be old by now.
    """
    columns = _subscription.c
    paused = and_(columns.name == name, columns.paused_at.is_not(None))
    with store.write() as connection:
        place, last, since = place_of(connection, now - begin), last_number(connection), now - begin
        resumed = update(_subscription).where(paused)
        rows = connection.execute(
            resumed.values(
                paused_at=None,
                began_at=now,
                judged_to=case((columns.judged_to < place, place), else_=columns.judged_to),
                closed_at=case((columns.closed_at < since, since), else_=columns.closed_at),
                alert_to=last,
            )
        ).rowcount
        if rows:
            mine = ledger_table.c.subscription == name
            for now_is, verdict in ((CUT, Verdict.DROPPED), (ALERTED, Verdict.SHOWN)):
                connection.execute(update(ledger_table).where(mine, now_is).values(verdict=verdict.value))
    return int(rows)


def put(
    store: Store, name: str, key: str, message: Message, to: Sequence[Recipient], *, stories: int, now: datetime
) -> tuple[int, ...] | None:
    """Put a message into the outbox that changes nothing of what its subscription has judged.

    Returns the ids of its deliveries; None, and nothing written, where there is one of this key.
    """
    with store.write() as connection:
        digest_id = add_digest(connection, name, key, message, stories=stories, now=now)
        if digest_id is None:
            return None
        add_deliveries(connection, digest_id, to, now)
        return tuple(connection.scalars(select(_outbox.c.id).where(_outbox.c.digest_id == digest_id)))


def sent_last(store: Store, name: str, *, limit: int) -> list[SentDigest]:
    """The last messages of a subscription, the newest first."""
    columns = (_digest.c.key, _digest.c.made_at, _digest.c.stories, _digest.c.subject)
    newest = select(*columns).where(_digest.c.subscription == name).order_by(_digest.c.id.desc()).limit(limit)
    with store.read() as connection:
        return [SentDigest(row.key, row.made_at, row.stories, row.subject) for row in connection.execute(newest)]
