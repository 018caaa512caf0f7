"""What an observer of a simulated world writes down. Times are seconds since the world's beginning."""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple


class Life(NamedTuple):
    """One life of the process. ``killed``: it gives nothing back at its end."""

    begin: float
    end: float
    killed: bool = True


@dataclass(slots=True)
class Requests:
    """All requests in the order of their starts, in columns: to which budget, for which feed (by number), when, for how
    long, and since when the feed had been due."""

    budgets: list[str] = field(default_factory=list)
    feeds: "array[int]" = field(default_factory=lambda: array("l"))
    starts: "array[float]" = field(default_factory=lambda: array("d"))
    seconds: "array[float]" = field(default_factory=lambda: array("d"))
    since: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, budget: str, feed: int, start: float, seconds: float, since: float) -> None:
        self.budgets.append(budget)
        self.feeds.append(feed)
        self.starts.append(start)
        self.seconds.append(seconds)
        self.since.append(since)


class Run(NamedTuple):
    """One run of the poll job. ``bound`` is the longest it may take, by the sum of its parts."""

    begin: float
    end: float
    bound: float
    waited: float  # the longest that a feed of it had been due, or passed over by the run before


class Lost(NamedTuple):
    """An entry that left its document without having been stored; ``seen`` is when the document was last read whole."""

    feed: int
    title: str
    born: float
    out: float
    seen: float


@dataclass(slots=True)
class Record:
    """What an observer of the world wrote down."""

    requests: Requests = field(default_factory=Requests)
    runs: list[Run] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    stored: int = 0
    passed: int = 0  # how many runs in a row had no place for one due feed, at the most
    again: list[tuple[int, str]] = field(default_factory=list)  # (feed, title) of what was stored before
    quarantined: list[tuple[int, str]] = field(default_factory=list)  # (feed, title) of what was not announced
    versions: Counter[tuple[int, str]] = field(default_factory=Counter)  # edits stored, by (feed, title)
    misjudged: list[tuple[int, str]] = field(default_factory=list)  # (feed, key) that would cost its feed's trust
    delays: "array[float]" = field(default_factory=lambda: array("d"))  # from publication to the store, seconds
    too_early: list[tuple[int, float]] = field(default_factory=list)  # (feed, start) before a Retry-After was over
    not_due: list[tuple[int, float]] = field(default_factory=list)  # (feed, start) before the time that the store says
    hidden: list[tuple[int, str]] = field(default_factory=list)  # (feed, title) not stored by a poll that saw all
    unread: list[tuple[float, float]] = field(default_factory=list)  # (from, to) over 1.1 days without a whole reading
