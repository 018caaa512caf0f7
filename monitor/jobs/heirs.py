"""What becomes of a suspended recipient when its address in channels.toml changes."""

from collections.abc import Collection
from datetime import datetime

from monitor.app import App
from monitor.domain.delivery import Recipient, Suspension
from monitor.observe import fields, log
from monitor.store import channels


def settle_changes(app: App, *, now: datetime) -> None:
    """Lift the suspensions of addresses that have left the config.

    Where exactly one address is new in the same channel, it has taken its place, and is sent what waited; else that is
    given up, with the reason.
    """
    here = {recipient.id for recipient in app.settings.recipients().values()}
    gone = [suspension for suspension in channels.suspensions(app.store) if suspension.recipient_id not in here]
    if not gone:
        return
    deadline = now + app.settings.options.deliver.deadline
    known = channels.known(app.store, here)
    for suspension in gone:
        heir = heir_of(suspension, gone, app.settings.channels.get(suspension.channel, ()), known)
        done = channels.resume(app.store, suspension, now=now, deadline=deadline, heir=heir)
        log.info(
            fields(
                "resumed", recipient=suspension.recipient_id, to=suspension.recipient, why="left channels.toml",
                heir=heir.id if heir else None, heir_to=heir.label if heir else None,
                deliveries=done.waited + done.refused,
            )
        )  # fmt: skip


def heir_of(
    suspension: Suspension, gone: Collection[Suspension], recipients: Collection[Recipient], known: Collection[str]
) -> Recipient | None:
    """Find the address that has taken the place of one that is gone: the one new one, where one alone is gone."""
    new = [recipient for recipient in recipients if recipient.id not in known]
    alone = sum(other.channel == suspension.channel for other in gone) == 1
    return new[0] if alone and len(new) == 1 else None
