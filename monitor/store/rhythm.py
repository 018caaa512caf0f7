"""How much each feed brings, and how often asking it failed, from the record of polls."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select

from monitor.domain.feed import Outcome
from monitor.store.database import Store
from monitor.store.tables import PollRow

_poll: Any = PollRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What the polls of a stretch of time found.

    ``first`` is the feed's first good poll on record; what that one brought is the feed's past, and not in ``new``.
    """

    feed: str
    first: datetime | None
    polls: int
    failed: int
    new: int


def rhythms(store: Store, names: Collection[str], *, since: datetime) -> dict[str, Rhythm]:
    """Count the polls since then, by feed; feeds that were never polled are left out."""
    good = _poll.c.outcome != Outcome.FAILED.value
    first = select(_poll.c.feed, func.min(_poll.c.at).label("at")).where(good).group_by(_poll.c.feed).subquery()
    recent = _poll.c.at >= since
    counted = (
        select(
            _poll.c.feed,
            first.c.at.label("first"),
            func.sum(case((recent, 1), else_=0)).label("polls"),
            func.sum(case((and_(recent, ~good), 1), else_=0)).label("failed"),
            func.sum(case((and_(recent, _poll.c.at > first.c.at), _poll.c.new), else_=0)).label("new"),
        )
        .select_from(_poll.outerjoin(first, first.c.feed == _poll.c.feed))
        .group_by(_poll.c.feed, first.c.at)
    )
    wanted = set(names)
    with store.read() as connection:
        rows = connection.execute(counted).all()
    return {r.feed: Rhythm(r.feed, r.first, int(r.polls), int(r.failed), int(r.new)) for r in rows if r.feed in wanted}
