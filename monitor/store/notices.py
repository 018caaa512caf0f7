"""Notices: what is kept of them, and a change of them written with the message that tells it, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from monitor.domain.delivery import Recipient
from monitor.domain.digest import Message
from monitor.domain.notice import SUBSCRIPTION, Key, Notice, NoticeKind
from monitor.store.database import Store
from monitor.store.frozen import add_deliveries, add_digest
from monitor.store.sql import upsert
from monitor.store.tables import CounterRow, NoticeRow, table_of

_notice = table_of(NoticeRow)
_counter = table_of(CounterRow)
_TURNS = "notices"


@dataclass(frozen=True, slots=True)
class Kept:
    """All notices, closed ones too, and the number of the turn after which this was read."""

    turn: int
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """A message, its key, how many changes it tells, and to whom."""

    key: str
    news: int
    message: Message
    recipients: tuple[Recipient, ...]


def kept(store: Store) -> Kept:
    """Read the notices."""
    with store.read() as connection:
        turn = connection.scalar(select(_counter.c.value).where(_counter.c.name == _TURNS)) or 0
        return Kept(turn, tuple(_read(connection)))


def open_notices(store: Store) -> list[Notice]:
    """List the notices that are open, the oldest first."""
    with store.read() as connection:
        return sorted((n for n in _read(connection) if n.open), key=lambda n: (n.opened_at, n.kind, n.subject))


def _read(connection: Connection) -> list[Notice]:
    rows = connection.execute(select(_notice).order_by(_notice.c.kind, _notice.c.subject))
    return [Notice(NoticeKind(r.kind), r.subject, r.detail, r.opened_at, r.closed_at, r.times) for r in rows]


def write(
    store: Store,
    turn: int,
    changed: Sequence[Notice],
    *,
    dropped: Sequence[Key] = (),
    telling: Telling | None = None,
    now: datetime,
) -> bool:
    """Write notices as they are now, take out others, and put the message that tells of it into the outbox.

    Returns False, having written nothing, where another process has changed notices since turn ``turn``: what it told
    is not told twice.
    """
    with store.write() as connection:
        if not _take(connection, turn):
            return False
        _put(connection, changed)
        if dropped:
            one = delete(_notice).where(_notice.c.kind == bindparam("of"), _notice.c.subject == bindparam("about"))
            connection.execute(one, [{"of": kind.value, "about": subject} for kind, subject in dropped])
        if telling is not None:
            tell(connection, SUBSCRIPTION, telling, now=now)
    return True


def tell(connection: Connection, subscription: str, telling: Telling, *, now: datetime) -> None:
    """Put a message of our own into the outbox, under the name that stands for a subscription; its key is new."""
    digest_id = add_digest(connection, subscription, telling.key, telling.message, stories=telling.news, now=now)
    if digest_id is None:
        raise RuntimeError(f"there is a message of {subscription.removeprefix('@')} {telling.key} already")
    add_deliveries(connection, digest_id, telling.recipients, now)


def _take(connection: Connection, turn: int) -> bool:
    """Take the next turn; the counter's row stays locked until the commit, so of two processes one gets it."""
    first = upsert(connection, _counter).values(name=_TURNS, value=turn + 1)
    next_ = first.on_conflict_do_update(
        index_elements=["name"], set_={"value": turn + 1}, where=_counter.c.value == turn
    )
    return connection.execute(next_.returning(_counter.c.value)).scalar_one_or_none() is not None


def _put(connection: Connection, changed: Sequence[Notice]) -> None:
    if not changed:
        return
    statement = upsert(connection, _notice)
    columns = ("detail", "opened_at", "closed_at", "times")
    statement = statement.on_conflict_do_update(
        index_elements=["kind", "subject"], set_={name: statement.excluded[name] for name in columns}
    )
    rows = [
        {"kind": n.kind.value, "subject": n.subject, **{name: getattr(n, name) for name in columns}} for n in changed
    ]
    connection.execute(statement, rows)
