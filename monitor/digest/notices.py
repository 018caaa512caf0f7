"""What of the notices the owner is told: each once when it opens, once when it is over, and less where it flaps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.domain.notice import Key, Notice, NoticeKind

CALM = timedelta(hours=24)
"""What opens again within so long of its closing flaps, and is not told again each time."""
HOLD = {NoticeKind.ALL_FAILING: timedelta(hours=6)}
"""How long what flaps must stay open until it is told after all, where that is less than `CALM`: for that long nobody
knows of a cycle in which nothing is collected."""


@dataclass(frozen=True, slots=True)
class Over:
    """A notice that is closed, and since when what it told of is over."""

    notice: Notice
    since: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """What changes. ``opened`` and ``closed`` are told; ``quiet`` change, and ``dropped`` go, without a word."""

    opened: tuple[Notice, ...] = ()
    closed: tuple[Over, ...] = ()
    quiet: tuple[Notice, ...] = ()
    dropped: tuple[Key, ...] = ()

    @property
    def news(self) -> int:
        """How many changes the owner is told of."""
        return len(self.opened) + len(self.closed)

    @property
    def changes(self) -> int:
        return self.news + len(self.quiet) + len(self.dropped)


def decide(
    kept: Iterable[Notice],
    found: Mapping[Key, str],
    over: Mapping[Key, datetime],
    *,
    pointless: Iterable[Key] = (),
    now: datetime,
) -> Turn:
    """Compare what is found now, in words, with the notices that are kept.

    ``over`` holds those that are over, since when; what is in neither is not known now, and stays as it is.
    ``pointless`` are notices that go without a word: of feeds that are polled no more, or that another notice covers.
    """
    gone = frozenset(pointless)
    before = {notice.key: notice for notice in kept}
    dropped = tuple(sorted(key for key in before if key in gone))
    opened: list[Notice] = []
    quiet: list[Notice] = []
    for key, detail in found.items():
        if key not in gone:
            told, silently = _open(before.get(key), key, detail, now)
            opened += told
            quiet += silently
    closed: list[Over] = []
    for key, since in over.items():
        notice = before.get(key)
        if notice is None or not notice.open or key in gone or key in found:
            continue
        shut = replace(notice, closed_at=now)
        if notice.told:
            closed.append(Over(shut, since))
        else:
            quiet.append(shut)
    return Turn(
        tuple(sorted(opened, key=_order)), tuple(sorted(closed, key=lambda c: _order(c.notice))), tuple(quiet), dropped
    )


def _open(notice: Notice | None, key: Key, detail: str, now: datetime) -> tuple[list[Notice], list[Notice]]:
    """What becomes of a notice that is found: to tell, and to keep without a word."""
    if notice is None or (not notice.open and now - (notice.closed_at or now) >= CALM):
        return [Notice(*key, detail, now)], []
    if notice.told:
        return [], []
    if not notice.open:
        return [], [replace(notice, detail=detail, opened_at=now, times=notice.times + 1)]
    if now - notice.opened_at >= HOLD.get(notice.kind, CALM):
        return [replace(notice, detail=detail, closed_at=None)], []
    return [], []


def _order(notice: Notice) -> tuple[int, str]:
    return (list(NoticeKind).index(notice.kind), notice.subject)
