"""Deliveries: lease, send, settle. At least once: a crash between send and settle repeats one message, with its id."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.app import App
from monitor.deliver.channel import send
from monitor.deliver.retry import settle
from monitor.domain.delivery import DeliveryState, Lease, Settled
from monitor.errors import DeliveryError
from monitor.jobs.clock import utc_now
from monitor.observe import fields, log, mask
from monitor.store import digests, outbox

LEASE = timedelta(minutes=10)
"""How much longer than a send may take a delivery is one worker's; after a kill -9 it is sent again by then."""
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try and how it ended. ``recipient`` holds no secret."""

    delivery_id: int
    channel: str
    recipient: str
    state: DeliveryState
    next_at: datetime | None
    detail: str


@dataclass(frozen=True, slots=True)
class DeliverReport:
    """What a run of the job did."""

    attempts: tuple[Attempt, ...]

    def count(self, state: DeliveryState) -> int:
        """How many attempts ended in a state."""
        return sum(attempt.state is state for attempt in self.attempts)


def run(
    app: App,
    *,
    now: Callable[[], datetime] = utc_now,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _: None,
) -> DeliverReport:
    """Send what is due, a few at a time, until nothing is; a failed delivery waits for its next try, or is given up."""
    attempts: list[Attempt] = []
    lease = LEASE + app.settings.options.deliver.timeout
    with ThreadPoolExecutor(AT_ONCE, "deliver") as pool:
        while not stop():
            leases = outbox.claim(app.store, now=now(), lease=lease, limit=AT_ONCE)
            if not leases:
                break
            attempts += pool.map(lambda lease: _attempt(app, lease, now), leases)
            progress(len(attempts))
    return DeliverReport(tuple(attempts))


def _attempt(app: App, lease: Lease, now: Callable[[], datetime]) -> Attempt:
    recipient = app.settings.recipients().get((lease.channel, lease.recipient_id))
    label = recipient.label if recipient else lease.channel
    if recipient is None:
        settled = Settled(DeliveryState.FAILED, None, "the recipient is no longer in channels.toml")
    else:
        timeout = app.settings.options.deliver.timeout.total_seconds()
        error = _send(lambda: send(recipient, digests.message(app.store, lease.digest_id), timeout=timeout))
        seed = lease.delivery_id * 1_000 + lease.attempts
        settled = settle(error, attempts=lease.attempts, created_at=lease.created_at, now=now(), seed=seed)
    detail = mask(settled.detail)
    current = outbox.settle(app.store, lease, Settled(settled.state, settled.next_at, detail), now=now())
    log.info(
        fields(
            "deliver", id=lease.delivery_id, channel=lease.channel, recipient=label, attempt=lease.attempts,
            state=settled.state.value, next=settled.next_at.isoformat() if settled.next_at else None, detail=detail,
            lease=None if current else "lost",
        )
    )  # fmt: skip
    return Attempt(lease.delivery_id, lease.channel, label, settled.state, settled.next_at, detail)


def _send(attempt: Callable[[], str]) -> DeliveryError | None:
    try:
        attempt()
    except DeliveryError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the seam: a plugin's own failure is one recipient's, and may pass
        log.exception(fields("deliver", outcome="crashed"))
        return DeliveryError(f"{type(error).__name__}: {error}", ambiguous=True)
    return None
