"""Deliveries: one digest to one recipient, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Recipient:
    """One Apprise URL of a channel.

    ``id`` is stable while the address stays the same, and holds no secret; ``label`` is fit for logs and status.
    ``url`` holds secrets: it is never stored, logged or shown.
    """

    id: str
    channel: str
    label: str
    url: str

    def __repr__(self) -> str:
        return f"Recipient({self.label})"


class DeliveryState(StrEnum):
    """The states of an outbox row."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up; stays visible


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim on an outbox row that runs out; ``token`` fences off a worker that held it too long."""

    delivery_id: int
    token: int
    digest_id: int
    recipient_id: str
    channel: str
    attempts: int  # this one included
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """How an attempt ended: delivered, tried again at ``next_at``, or given up."""

    state: DeliveryState
    next_at: datetime | None = None
    detail: str = ""
