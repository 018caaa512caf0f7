"""Subscriptions, what they have not judged yet, and closing a window: digest, ledger and outbox in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, exists, false, func, or_, select, update

from monitor.domain.delivery import Recipient
from monitor.domain.digest import Heard, Judgement, Message, Verdict
from monitor.domain.entry import StoredEntry
from monitor.store.database import Store
from monitor.store.deliveries import supersede
from monitor.store.entries import ANNOUNCED, counting, entry_table, prediction_table, stored_entries
from monitor.store.frozen import add_deliveries, add_digest
from monitor.store.heard import add_judgements, heard, ledger_table, name_noted
from monitor.store.said import said_yes
from monitor.store.sql import upsert
from monitor.store.stories import spans
from monitor.store.tables import ALERTED, CUT, CounterRow, DigestRow, SubscriptionRow, table_of

_subscription = table_of(SubscriptionRow)
_digest = table_of(DigestRow)
_counter = table_of(CounterRow)


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """How far a subscription has judged.

    ``closed_at`` is when its last window closed, ``began_at`` when it was first met. ``alert_to`` is the place in store
    order up to which it was looked for alerts, ``alerts`` how many it was sent ever.
    """

    name: str
    began_at: datetime
    judged_to: int
    closed_at: datetime
    paused_at: datetime | None = None
    alert_to: int = 0
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class Unjudged:
    """What a window would hold: entries that reach a line and are new, or have new words; those the last cap cut; and
    by story what was heard of it before, and when its first and its last entry was first seen.

    ``upto`` is the place in store order that a digest made of this has judged to, ``alerted`` what was told in alerts
    and named in no digest yet.
    """

    new: tuple[StoredEntry, ...]
    rolled_over: tuple[StoredEntry, ...]
    told: Mapping[int, Sequence[Heard]]
    spans: Mapping[int, tuple[datetime, datetime]]
    upto: int
    alerted: tuple[StoredEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Fold:
    """A digest beside that of its window, for recipients who missed the same: it tells both.

    ``carries`` are the entries of all that it tells, ``supersedes`` the deliveries that ran out of time.
    """

    key: str
    stories: int
    message: Message
    recipients: tuple[Recipient, ...]
    carries: tuple[int, ...]
    supersedes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """A window to close: the state it was made from, what was decided, and the message for the recipients, if any.

    ``named`` are entries that were noted before, and whose sources the message names. ``closed_at`` is when the window
    closed, where that is not now: it was missed, and others follow. ``alerted`` are entries that alerts told, and
    that the message names. ``folds`` are the digests of those who missed something; they get no other.
    """

    state: SubscriptionState
    key: str
    upto: int
    judgements: tuple[Judgement, ...]
    stories: int
    message: Message | None
    recipients: tuple[Recipient, ...]
    named: tuple[int, ...] = ()
    closed_at: datetime | None = None
    alerted: tuple[int, ...] = ()
    folds: tuple[Fold, ...] = ()


def subscription_state(store: Store, name: str, *, now: datetime, begin: timedelta) -> SubscriptionState:
    """Read how far a subscription has judged; one that was never met begins ``begin`` back. Writes nothing."""
    with store.read() as connection:
        row = connection.execute(select(_subscription).where(_subscription.c.name == name)).one_or_none()
        if row is not None:
            return SubscriptionState(
                row.name, row.began_at, row.judged_to, row.closed_at, row.paused_at, row.alert_to, row.alerts
            )
        judged_to, last = place_of(connection, now - begin), last_number(connection)
    # What was there before is for the first digest, and no alert.
    return SubscriptionState(name, now, judged_to, now - begin, alert_to=last)


def place_of(connection: Connection, since: datetime) -> int:
    """The place in store order behind which everything stands that was first seen since a time."""
    seq = entry_table.c.announce_seq
    first = connection.scalar(select(func.min(seq)).where(entry_table.c.first_seen >= since))
    return first - 1 if first is not None else last_number(connection)


def register(store: Store, states: Sequence[SubscriptionState]) -> None:
    """Remember subscriptions that were met for the first time; those that are known stay as they are."""
    if states:
        with store.write() as connection:
            _register(connection, states)


def _register(connection: Connection, states: Sequence[SubscriptionState]) -> None:
    rows = [
        {
            "name": s.name, "began_at": s.began_at, "judged_to": s.judged_to, "closed_at": s.closed_at,
            "alert_to": s.alert_to,
        }
        for s in states
    ]  # fmt: skip
    connection.execute(upsert(connection, _subscription).on_conflict_do_nothing(index_elements=["name"]), rows)


def last_number(connection: Connection) -> int:
    """The number of the entry that became ready to be judged last."""
    return connection.scalar(select(_counter.c.value).where(_counter.c.name == ANNOUNCED)) or 0


Shared = dict[tuple[object, ...], list[StoredEntry]]
"""Entries that one run has read, by the stretch of store order and the lines."""


def unjudged(
    store: Store,
    state: SubscriptionState,
    thresholds: Mapping[str, float],
    *,
    until: datetime | None = None,
    shared: Shared | None = None,
) -> Unjudged:
    """Read what a subscription has to judge: entries with some score at or over a line, or that a person put in.

    With ``until`` only those that stand, in store order, before the first one that was seen later than that. With
    ``shared`` entries are read once for all subscriptions that have judged as far and have the same lines. What an edit
    or a person's word changes about them moves the end of store order, and is read anew.
    """
    shared = {} if shared is None else shared
    with store.read() as connection:
        upto = _upto(connection, state, until)
        scored, seq = over_line(thresholds), entry_table.c.announce_seq
        cut = and_(ledger_table.c.subscription == state.name, CUT)
        stretch = (state.judged_to, upto, *sorted(thresholds.items()))
        if stretch not in shared:
            shared[stretch] = stored_entries(connection, and_(seq > state.judged_to, seq <= upto, scored))
        chosen = select(ledger_table.c.entry_id).where(cut)
        rolled = stored_entries(connection, entry_table.c.id.in_(chosen.scalar_subquery()))
        waiting = {entry.id for entry in rolled}
        new = [entry for entry in shared[stretch] if entry.id not in waiting]
        sent = select(ledger_table.c.entry_id).where(ledger_table.c.subscription == state.name, ALERTED)
        ids = list(connection.scalars(sent))
        alerted = stored_entries(connection, entry_table.c.id.in_(ids)) if ids else []
        stories = sorted({entry.story_id for entry in (*new, *rolled)})
        told, joined = heard(connection, state.name, stories), spans(connection, stories)
    return Unjudged(tuple(new), tuple(rolled), told, joined, upto, tuple(alerted))


def first_unjudged(store: Store, state: SubscriptionState, thresholds: Mapping[str, float]) -> datetime | None:
    """When the oldest entry was seen that reaches a line and a subscription has to judge; None where there is none."""
    waiting = and_(entry_table.c.announce_seq > state.judged_to, over_line(thresholds))
    cut = select(ledger_table.c.at).where(ledger_table.c.subscription == state.name, CUT)
    with store.read() as connection:
        found = [connection.scalar(select(func.min(entry_table.c.first_seen)).where(waiting))]
        found += connection.scalars(cut).all()
    return min((at for at in found if at is not None), default=None)


def over_line(thresholds: Mapping[str, float]) -> Any:
    """A condition on the entry table: some score reaches its label's line, or a person put the entry in."""
    over = [
        # Plus nothing, so that SQLite looks scores up by their entry, and not all that are over the line.
        and_(prediction_table.c.label == label, prediction_table.c.probability + 0.0 >= line)
        for label, line in sorted(thresholds.items())
    ]
    scored = exists().where(prediction_table.c.entry_id == entry_table.c.id, counting, or_(false(), *over))
    return or_(scored, said_yes(sorted(thresholds)))


def _upto(connection: Connection, state: SubscriptionState, until: datetime | None) -> int:
    last = last_number(connection)
    if until is None:
        return last
    seq = entry_table.c.announce_seq
    later = select(func.min(seq)).where(seq > state.judged_to, entry_table.c.first_seen > until)
    first = connection.scalar(later)
    return last if first is None else first - 1


def digest_of_window(store: Store, subscription: str, key: str) -> Message | None:
    """Return the digest that a window was closed with, as it was frozen; None where there is none."""
    with store.read() as connection:
        mine = select(_digest).where(_digest.c.subscription == subscription, _digest.c.key == key)
        row = connection.execute(mine).one_or_none()
    return None if row is None else _message(row)


def _message(row: Any) -> Message:
    blocks = tuple(tuple(part) for part in row.blocks)
    return Message(f"{row.subscription}/{row.key}", row.subject, row.html, row.text, blocks, **(row.forms or {}))


def message(store: Store, digest_id: int) -> Message:
    """Return a frozen digest by its id."""
    with store.read() as connection:
        return _message(connection.execute(select(_digest).where(_digest.c.id == digest_id)).one())


def close_window(store: Store, closing: Closing, *, now: datetime) -> bool:
    """Write the ledger, the digest and one outbox row a recipient, and move the subscription on.

    Returns False, having written nothing, where another process closed a window of this subscription meanwhile, or
    somebody had a delivery sent again that is to be superseded.
    """
    state = closing.state
    with store.write() as connection:
        _register(connection, [state])
        moved = update(_subscription).where(unchanged(state))
        moved = moved.values(judged_to=closing.upto, closed_at=closing.closed_at or now)
        if connection.execute(moved).rowcount == 0:
            return False
        digest_id = None
        if closing.message is not None:
            digest_id = _put(connection, closing, now)
            if digest_id is None:
                connection.rollback()
                return False
        if not all(_fold(connection, state.name, fold, now) for fold in closing.folds):
            connection.rollback()
            return False
        add_judgements(connection, state.name, closing.judgements, digest_id, now)
        name_noted(connection, state.name, closing.named, digest_id, now)
        alerted = and_(ledger_table.c.subscription == state.name, ledger_table.c.entry_id.in_(closing.alerted), ALERTED)
        connection.execute(update(ledger_table).where(alerted).values(verdict=Verdict.SHOWN.value))
    return True


def _put(connection: Connection, closing: Closing, now: datetime) -> int | None:
    """Freeze a window's message and put it into the outbox; None, and nothing written, where there is one."""
    if closing.message is None:
        return None
    name, stories = closing.state.name, closing.stories
    digest_id = add_digest(connection, name, closing.key, closing.message, stories=stories, now=now)
    if digest_id is not None:
        add_deliveries(connection, digest_id, closing.recipients, now)
    return digest_id


def _fold(connection: Connection, name: str, fold: Fold, now: datetime) -> bool:
    """Write a digest that carries what was missed; False where its key is taken, or not all of it is missed still."""
    digest_id = add_digest(
        connection, name, fold.key, fold.message, stories=fold.stories, now=now, carries=fold.carries
    )
    if digest_id is None:
        return False
    add_deliveries(connection, digest_id, fold.recipients, now)
    return supersede(connection, fold.supersedes, by=digest_id, now=now) == len(fold.supersedes)


def unchanged(state: SubscriptionState) -> Any:
    """A condition on the subscription table: nobody has closed a window, sent an alert or paused since."""
    columns = _subscription.c
    paused = columns.paused_at.is_(None) if state.paused_at is None else columns.paused_at == state.paused_at
    return and_(
        columns.name == state.name,
        columns.judged_to == state.judged_to,
        columns.closed_at == state.closed_at,
        columns.alerts == state.alerts,
        paused,
    )
