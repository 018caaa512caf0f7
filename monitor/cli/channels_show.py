"""Channels as `monitor channels list` and `monitor status` show them."""

from datetime import datetime
from typing import Any

from monitor.app import App
from monitor.cli.common import local
from monitor.cli.console import plain
from monitor.domain.channel import ChannelState, RecipientState


def channel_json(channel: ChannelState) -> dict[str, Any]:
    """One channel for scripts."""
    return {
        "name": channel.name,
        "last_success": plain(channel.last_success),
        "waiting": channel.waiting,
        "failed": channel.failed,
        "failing_since": plain(channel.troubles[0].since) if channel.troubles else None,
        "suspended": len(channel.suspended),
        "recipients": plain(channel.recipients),
    }


def channel_lines(channel: ChannelState, app: App, *, every: bool) -> list[tuple[str, bool]]:
    """A channel's line, and one for each recipient, or those alone that need a look; True marks what is wrong."""
    counted = [_last(channel.last_success, app)]
    if channel.waiting:
        counted.append(f"{channel.waiting} wait{'s' if channel.waiting == 1 else ''}")
    if channel.failed:
        counted.append(f"{channel.failed} failed")
    if channel.troubles:
        counted.append(f"failing since {local(channel.troubles[0].since, app)}")
    if channel.suspended:
        counted.append(f"{len(channel.suspended)} suspended")
    wrong = bool(channel.troubles or channel.suspended)
    lines = [(f"{channel.name}: {', '.join(counted)}", wrong)]
    for one in channel.recipients:
        bad = one.trouble is not None or one.suspension is not None
        if bad or every:
            lines.append((f"  {_recipient(one, app)}", bad))
    return lines


def _recipient(one: RecipientState, app: App) -> str:
    if one.suspension:
        kept = f", {one.waiting} wait" + ("s" if one.waiting == 1 else "") if one.waiting else ""
        since = local(one.suspension.since, app)
        told = f"suspended since {since}{kept}: {one.suspension.reason}"
        return f"{one.label} ({one.id}): {told}; `monitor channels resume {one.label}` sends to it again"
    if one.trouble:
        tries = f"{one.trouble.tries} tr{'y' if one.trouble.tries == 1 else 'ies'}"
        since, code = local(one.trouble.since, app), f", {one.trouble.code}" if one.trouble.code else ""
        why = f"{tries} ({one.trouble.failure.value}{code}): {one.trouble.detail}"
        return f"{one.label} ({one.id}): failing since {since}, {why}"
    waits = f", {one.waiting} to send" if one.waiting else ""
    return f"{one.label} ({one.id}): {_last(one.last_success, app)}{waits}"


def _last(moment: datetime | None, app: App) -> str:
    return "nothing delivered yet" if moment is None else f"last delivered {local(moment, app)}"
