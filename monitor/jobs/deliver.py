"""Deliveries: lease, send, settle. At least once: a crash between send and settle repeats one message, with its id."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from monitor.app import App
from monitor.deliver.retry import settle
from monitor.domain.delivery import (
    NO_RECIPIENT,
    Accepted,
    DeliveryState,
    Failure,
    Lease,
    Recipient,
    Settled,
    Suspension,
    content_hash,
)
from monitor.errors import DeliveryError
from monitor.jobs.clock import utc_now
from monitor.jobs.heirs import settle_changes
from monitor.observe import fields, log, mask
from monitor.store import departures, digests, outbox

LEASE = timedelta(minutes=10)
"""How much longer than a send may take a delivery is one worker's; after a kill -9 it is sent again by then."""
AT_ONCE = 32
HANDFUL = 4
"""How many are taken at once. A server with as many under way gets no more: one that hangs holds nobody else up."""
_LOOK = 1.0  # seconds until it is looked for what else has become due while something is under way
GONE = Settled(
    DeliveryState.FAILED, None, "the recipient is no longer in channels.toml", Failure.PERMANENT, NO_RECIPIENT
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try and how it ended. ``recipient`` holds no secret; ``suspended`` says that it gets nothing more."""

    delivery_id: int
    channel: str
    recipient: str
    state: DeliveryState
    next_at: datetime | None
    detail: str
    failure: Failure | None = None
    code: str = ""
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class DeliverReport:
    """What a run of the job did: of each delivery its last attempt, by id."""

    attempts: tuple[Attempt, ...]

    def count(self, state: DeliveryState) -> int:
        """How many attempts ended in a state."""
        return sum(attempt.state is state for attempt in self.attempts)


def run(
    app: App,
    *,
    only: Collection[int] | None = None,
    now: Callable[[], datetime] = utc_now,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _: None,
) -> DeliverReport:
    """Send what is due, until nothing is; a failed delivery waits for its next try, or is given up.

    ``only`` are the ids of deliveries that alone are sent. Each is sent for itself: what is slow or breaks keeps no
    other waiting, and what broke unforeseen is raised at the end.
    """
    settle_changes(app, now=now())
    departures.give_up(app.store, now=now())
    servers = {key: recipient.server for key, recipient in app.settings.recipients().items()}
    ended: list[Future[Attempt]] = []
    under_way: dict[Future[Attempt], str] = {}
    with ThreadPoolExecutor(AT_ONCE, "deliver") as pool:
        while True:
            while leases := [] if stop() else _claim(app, servers, Counter(under_way.values()), only, now()):
                for lease in leases:
                    future = pool.submit(_attempt, app, lease, now)
                    under_way[future] = servers.get((lease.channel, lease.recipient_id), "")
            if not under_way:
                break
            for future in wait(under_way, _LOOK, FIRST_COMPLETED).done:
                del under_way[future]
                ended.append(future)
            progress(len(ended))
    last = {attempt.delivery_id: attempt for attempt in map(Future.result, ended)}
    return DeliverReport(tuple(last[id_] for id_ in sorted(last)))


def _claim(
    app: App,
    servers: Mapping[tuple[str, str], str],
    busy: Counter[str],
    only: Collection[int] | None,
    now: datetime,
) -> list[Lease]:
    """Take what there is room for; a server that has its share under way is left for now."""
    room = min(HANDFUL, AT_ONCE - busy.total())
    if not room:
        return []
    lease = LEASE + app.settings.options.deliver.timeout
    full = {server for server, count in busy.items() if count >= HANDFUL}
    leaving = {recipient for (_, recipient), server in servers.items() if server in full} if full else ()
    return outbox.claim(app.store, now=now, lease=lease, limit=room, only=only, leaving=leaving)


def _attempt(app: App, lease: Lease, now: Callable[[], datetime]) -> Attempt:
    recipient = app.settings.recipients().get((lease.channel, lease.recipient_id))
    settled = GONE if recipient is None else _tried(app, lease, recipient, now)
    label = recipient.label if recipient else lease.channel
    settled = replace(settled, detail=mask(settled.detail))
    suspension = None
    if settled.suspends:
        reason = settled.detail
        suspension = Suspension(lease.recipient_id, lease.channel, label, now(), reason, lease.delivery_id)
    current = outbox.settle(app.store, lease, settled, suspension=suspension, now=now())
    log.info(
        fields(
            "deliver", id=lease.delivery_id, channel=lease.channel, recipient=lease.recipient_id,
            to=recipient.label if recipient else None, attempt=lease.attempts,
            state=settled.state.value, failure=settled.failure.value if settled.failure else None, code=settled.code,
            next=settled.next_at.isoformat() if settled.next_at else None, detail=settled.detail,
            suspended="yes" if suspension else None, lease=None if current else "lost",
        )
    )  # fmt: skip
    return Attempt(
        lease.delivery_id, lease.channel, label, settled.state, settled.next_at, settled.detail, settled.failure,
        settled.code, suspension is not None,
    )  # fmt: skip


def _tried(app: App, lease: Lease, recipient: Recipient, now: Callable[[], datetime]) -> Settled:
    result = _send(app, lease, recipient)
    deadline = lease.deadline or lease.created_at + app.settings.options.deliver.deadline
    seed = lease.delivery_id * 1_000 + lease.attempts
    return settle(result, attempts=lease.attempts, deadline=deadline, now=now(), seed=seed)


def _send(app: App, lease: Lease, recipient: Recipient) -> Accepted | DeliveryError:
    """Send a digest as it was frozen, and refuse one that has changed since."""
    from monitor.deliver.channel import send  # noqa: PLC0415 - Apprise, 0.8 s, only where something is sent

    message = digests.message(app.store, lease.digest_id)
    frozen = outbox.frozen_hash(app.store, lease.digest_id)
    if frozen and content_hash(message) != frozen:
        detail = "the digest in the database is not what was frozen; restore it from a backup, or abandon this delivery"
        return DeliveryError(detail, permanent=True, code="changed")
    try:
        timeout = app.settings.options.deliver.timeout.total_seconds()
        arrived, took = partial(outbox.arrived, app.store, lease), partial(outbox.took, app.store, lease)
        return send(recipient, message, timeout=timeout, arrived=arrived, took=took)
    except DeliveryError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the seam: a plugin's own failure is one recipient's, and may pass
        log.exception(fields("deliver", outcome="crashed"))
        return DeliveryError(f"{type(error).__name__}: {error}", ambiguous=True, code="crashed")
