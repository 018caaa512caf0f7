"""Deliveries as the verbs show them: lines, a table, and one with all its attempts."""

import sys
from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from monitor.app import App
from monitor.cli.common import local
from monitor.cli.console import err, iso, out, plain, tell
from monitor.domain.delivery import LEFT, DeliveryState
from monitor.jobs.deliver import Attempt
from monitor.jobs.deliveries import Shown
from monitor.store.deliveries import Delivery, Tried

_STYLES = {DeliveryState.DELIVERED: "green", DeliveryState.FAILED: "red", DeliveryState.PENDING: "yellow"}


def as_json(delivery: Delivery) -> dict[str, Any]:
    """One delivery for scripts."""
    found: dict[str, Any] = plain(delivery)
    return found


def table(found: Sequence[Delivery], app: App) -> None:
    """A table in a terminal, else a line each, with tabs."""
    if not out.is_terminal:
        for one in found:
            columns = (
                one.id, iso(one.created_at), one.state.value, one.channel, one.recipient, one.subscription, one.key,
                one.attempts, one.detail,
            )  # fmt: skip
            sys.stdout.write("\t".join(map(str, columns)) + "\n")  # Rich would make spaces of the tabs
        return
    shown = Table(box=None, header_style="bold", pad_edge=False)
    shown.add_column("id", justify="right", no_wrap=True)
    for name in ("made", "state", "channel"):
        shown.add_column(name, no_wrap=True)
    shown.add_column("recipient and digest")
    for one in found:
        about = Text(one.recipient)
        about.append(f"  {one.subscription} {one.key}", style="dim")
        if one.state is not DeliveryState.DELIVERED and one.detail:
            about.append(f"\n{one.detail}", style="dim")
        state = Text(one.state.value, style=_STYLES.get(one.state, ""))
        shown.add_row(str(one.id), local(one.created_at, app), state, one.channel, about)
    out.print(shown, soft_wrap=False)


def show(found: Shown, app: App) -> None:
    """Everything about one delivery."""
    one = found.delivery
    _row("delivery", f"{one.id} to {one.recipient} (channel {one.channel}, recipient {one.recipient_id})")
    _row("digest", f"{one.digest_id}: {one.subscription} {one.key}, made {local(one.created_at, app)}")
    _row("subject", one.subject)
    _row("content", f"SHA-256 {one.sha256}" if one.sha256 else "frozen before hashes were kept")
    _row("state", _state(one, app))
    if by := found.carrier:
        _row("carried by", f"delivery {by.id}, {by.state.value}: {by.subscription} {by.key}")
    if found.suspension:
        since = local(found.suspension.since, app)
        _row("suspended", f"since {since}: {found.suspension.reason}")
        _row("", f"`monitor channels resume {one.recipient}` sends what waits")
    if one.deadline:
        _row("deadline", f"{local(one.deadline, app)}, set by hand")
    for attempt in found.attempts:
        _row(f"attempt {attempt.number}", _tried(attempt, app))
    if not found.attempts:
        _row("attempts", f"{one.attempts}, of before they were kept" if one.attempts else "none yet")


def _state(one: Delivery, app: App) -> str:
    how = f" ({one.failure.value}{', ' + one.code if one.code else ''})" if one.failure else ""
    match one.state:
        case DeliveryState.PENDING:
            return f"pending{how}, next try {local(one.next_at, app)}"
        case DeliveryState.SENDING:
            return "sending, now or until the process that took it is known to have ended"
        case DeliveryState.SUPERSEDED:
            return f"superseded {local(one.settled_at, app)}: digest {one.superseded_by} carries its stories"
        case DeliveryState.ABANDONED if one.code == LEFT:
            return f"abandoned {local(one.settled_at, app)}: {one.detail}"
        case _:
            return f"{one.state.value} {local(one.settled_at, app)}{how}"


def _tried(attempt: Tried, app: App) -> str:
    began = attempt.at.astimezone(app.settings.zone).strftime("%Y-%m-%d %H:%M:%S")
    if not attempt.outcome:
        return f"{began}  under way"
    took = f", {(attempt.ended_at - attempt.at).total_seconds():.1f} s" if attempt.ended_at else ""
    code = f" {attempt.code}" if attempt.code else ""
    return f"{began}  {attempt.outcome}{code}{took}: {attempt.detail}"


def attempt_line(attempt: Attempt) -> None:
    """How a delivery went just now."""
    good = attempt.state is DeliveryState.DELIVERED
    more = f": {attempt.detail}" if attempt.detail else ""
    suspended = "; the recipient is suspended" if attempt.suspended else ""
    line = f"  {attempt.delivery_id} {attempt.recipient}: {attempt.state.value}{more}{suspended}"
    tell(line, indent=6, to=out if good else err, style=None if good else "yellow")


def _row(name: str, text: str) -> None:
    tell(f"{name:12} {text}", indent=13)
