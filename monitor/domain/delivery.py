"""Deliveries: one digest to one recipient, and what became of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from monitor.domain.digest import Message


@dataclass(frozen=True, slots=True)
class Recipient:
    """One Apprise URL of a channel.

    ``id`` is stable while the address stays the same, and holds no secret; ``label`` is fit for status; logs shorten
    the address in it.
    ``url`` holds secrets: it is never stored, logged or shown.
    """

    id: str
    channel: str
    label: str
    url: str

    def __repr__(self) -> str:
        return f"Recipient({self.label})"

    @property
    def server(self) -> str:
        """What it shares with recipients of the same server, as far as the URL tells; as secret as the URL."""
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{rest.partition('?')[0].partition('/')[0].rpartition('@')[2]}".lower()


class DeliveryState(StrEnum):
    """The states of an outbox row. A row is written with its digest rendered and frozen, so the first is PENDING.

    PENDING -> SENDING -> DELIVERED, or back to PENDING for another try, or FAILED. A FAILED one that ran out of time
    becomes SUPERSEDED when a later digest to the same recipient carries its stories; a person makes one that waits
    or has failed ABANDONED, by hand or by leaving the subscription, or PENDING again.
    """

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    ABANDONED = "abandoned"


OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)
"""What is still to be sent."""
UNSETTLED = (*OPEN, DeliveryState.FAILED)
"""What somebody may have to look at."""
NO_RECIPIENT = "no-recipient"
"""The code of deliveries that were given up because their recipient left channels.toml."""
LEFT = "left"
"""The code of deliveries that were given up because their recipient left the subscription: no failure."""


class Failure(StrEnum):
    """How surely an attempt failed."""

    PERMANENT = "permanent"  # refused for good
    TRANSIENT = "transient"  # not taken, and may be another time
    UNKNOWN = "unknown"  # perhaps taken: no answer came, or it could not be noted


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side took the message; ``said`` are its words, without secrets."""

    said: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim on an outbox row that runs out; ``token`` fences off a worker that held it too long.

    The token numbers the attempts of a delivery, all that there ever were; ``attempts`` counts those since it was
    written or sent again by hand, this one included. ``deadline`` was set by hand, or is None.
    """

    delivery_id: int
    token: int
    digest_id: int
    recipient_id: str
    channel: str
    attempts: int
    created_at: datetime
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """How an attempt ended: delivered, tried again at ``next_at``, or given up; ``suspends`` its recipient with it."""

    state: DeliveryState
    next_at: datetime | None = None
    detail: str = ""
    failure: Failure | None = None
    code: str = ""
    suspends: bool = False


@dataclass(frozen=True, slots=True)
class Suspension:
    """A recipient that is sent nothing, since when, and why; ``delivery_id`` is the one that was refused for good."""

    recipient_id: str
    channel: str
    recipient: str
    since: datetime
    reason: str
    delivery_id: int


class Via(StrEnum):
    """How a recipient left a subscription."""

    ONE_CLICK = "one-click"  # a mail program's button (RFC 8058)
    PAGE = "page"  # the button of the page that the link leads to


@dataclass(frozen=True, slots=True)
class Departure:
    """A recipient who left a subscription: what gets nothing more of it is its id, and whatever has its label."""

    subscription: str
    recipient_id: str
    recipient: str
    at: datetime
    via: Via

    def is_of(self, recipient_id: str, label: str) -> bool:
        """Say whether it is this recipient's: an address that is reached by another server has another id."""
        return recipient_id == self.recipient_id or label == self.recipient


def content_hash(content: Mapping[str, Any] | Message) -> str:
    """The SHA-256 of a frozen digest: of its subject, HTML, text, blocks and further forms, as one JSON array.

    A mapping holds them by these names; no further forms may be None or left out.
    """
    found = content if isinstance(content, Mapping) else {name: getattr(content, name) for name in _FROZEN}
    return sha256(
        json.dumps([_plain(found.get(name) or None) for name in _FROZEN], sort_keys=True).encode()
    ).hexdigest()


_FROZEN = ("subject", "html", "text", "blocks", "forms")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, Sequence) and not isinstance(value, str) else value
