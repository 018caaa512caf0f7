"""Notices: what the owner is told of once, and again when it is over; and the record of polls that they are seen in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar


class NoticeKind(StrEnum):
    """What a notice is about, in the order in which a message tells it."""

    ALL_FAILING = "all-failing"
    GONE = "gone"
    FAILING = "failing"
    SILENT = "silent"
    SPIKE = "spike"


Key = tuple[NoticeKind, str]
"""A notice's kind and subject: the name of a feed, or "" for the whole."""


SUBSCRIPTION = "@notices"
"""The name under which messages of notices stand among the digests; no digest's key looks like one of theirs, so that
a subscription which a user calls so does no harm."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it is kept.

    ``closed_at`` is None while it is open and the owner has been told so. A notice that opens again soon after it was
    closed keeps its ``closed_at``, which is then before ``opened_at``: it is open, and not told. ``times`` counts how
    often it has opened in such a row.
    """

    kind: NoticeKind
    subject: str
    detail: str
    opened_at: datetime
    closed_at: datetime | None = None
    times: int = 1

    @property
    def key(self) -> Key:
        return (self.kind, self.subject)

    @property
    def told(self) -> bool:
        """Whether the last that the owner heard is that it is open."""
        return self.closed_at is None

    @property
    def open(self) -> bool:
        return self.closed_at is None or self.closed_at < self.opened_at


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a feed stands after its last poll. ``kind`` and ``detail`` say how that failed, and are "" otherwise.

    ``polled_at`` is the last success. ``gone`` means that it answered 410 for so long that it is polled no more.
    """

    name: str
    added_at: datetime
    polled_at: datetime | None = None
    last_new_at: datetime | None = None
    failing_since: datetime | None = None
    kind: str = ""
    detail: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often a feed was asked in a stretch of time, and when last."""

    polls: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """A good poll, and how many new entries it found."""

    at: datetime
    new: int


@dataclass(frozen=True, slots=True)
class Brought:
    """What a feed brought in a stretch of time: new entries, and how many of them were known under other names."""

    new: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A feed that was polled in a stretch of time: when first, and whether any of these polls went well."""

    feed: str
    first: datetime
    good: bool


class Basis(StrEnum):
    """From what it was judged how long a feed may be silent."""

    OWN = "own"  # the pauses that it has made
    CONFIG = "config"  # the rhythm that feeds.toml names
    TIER = "tier"  # how long entries of its source's tier are news


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long a feed may bring nothing new before that is worth a notice, and the pause that is usual for it."""

    longest: timedelta
    usual: timedelta
    basis: Basis


@dataclass(frozen=True, slots=True)
class Silent:
    """A feed that answers, and has brought nothing new for longer than it may; ``last_new`` None: nothing ever."""

    KIND: ClassVar = NoticeKind.SILENT

    subject: str
    since: datetime
    until: datetime
    last_new: datetime | None
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class Spike:
    """A feed that brought far more than usual in the 24 hours up to ``until``, or its past under other names.

    ``usual`` is the mean of a day and ``limit`` what a day may bring; both are None where too little is known.
    """

    KIND: ClassVar = NoticeKind.SPIKE

    subject: str
    until: datetime
    new: int
    quarantined: int = 0
    usual: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Failing:
    """A feed none of whose polls went well for a long while; ``last_good`` is None where none ever did."""

    KIND: ClassVar = NoticeKind.FAILING

    subject: str
    since: datetime
    polls: int
    kind: str
    detail: str
    last_good: datetime | None


@dataclass(frozen=True, slots=True)
class Gone:
    """A feed that has answered 410 for good, and is polled no more."""

    KIND: ClassVar = NoticeKind.GONE

    subject: str
    since: datetime


@dataclass(frozen=True, slots=True)
class AllFailing:
    """A poll cycle in which every poll failed. ``kinds`` counts feeds by how they failed, the most frequent first."""

    KIND: ClassVar = NoticeKind.ALL_FAILING

    since: datetime
    feeds: Sequence[str]
    kinds: Sequence[tuple[str, int]]
    last_good: datetime | None
    subject: str = ""


Finding = AllFailing | Gone | Failing | Silent | Spike
"""Something that is worth a notice now."""
