"""Channels: how each is doing, as its deliveries show it, and alarms about them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.domain.delivery import Failure, Suspension

SUBSCRIPTION = "@alarms"
"""The name under which messages of alarms stand among the digests."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A recipient to whom nothing went well since ``since``, and how the last try failed.

    ``next_at`` is when something is tried again; None where all that failed was given up.
    """

    channel: str
    recipient_id: str
    recipient: str
    since: datetime
    last_at: datetime
    tries: int
    failure: Failure
    code: str
    detail: str
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecipientState:
    """How one recipient of a channel is doing. ``trouble`` is set from its first failure to its next success."""

    id: str
    label: str
    last_success: datetime | None = None
    waiting: int = 0
    failed: int = 0
    trouble: Trouble | None = None
    suspension: Suspension | None = None


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel is doing, by its recipients."""

    name: str
    recipients: tuple[RecipientState, ...]

    @property
    def last_success(self) -> datetime | None:
        return max((one.last_success for one in self.recipients if one.last_success), default=None)

    @property
    def waiting(self) -> int:
        return sum(one.waiting for one in self.recipients)

    @property
    def failed(self) -> int:
        return sum(one.failed for one in self.recipients)

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What fails, suspended recipients left out, the longest first."""
        found = (one.trouble for one in self.recipients if one.trouble and not one.suspension)
        return tuple(sorted(found, key=lambda trouble: trouble.since))

    @property
    def suspended(self) -> tuple[RecipientState, ...]:
        return tuple(one for one in self.recipients if one.suspension)


class AlarmKind(StrEnum):
    """What an alarm is about."""

    CHANNEL = "channel"  # the subject is a channel's name
    RECIPIENT = "recipient"  # the subject is a suspended recipient's id


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that the owner is told of when it begins, and when it ends; ``told`` says that the first was done."""

    kind: AlarmKind
    subject: str
    name: str  # for people
    detail: str
    opened_at: datetime
    told: bool = False

    @property
    def key(self) -> tuple[AlarmKind, str]:
        return (self.kind, self.subject)
