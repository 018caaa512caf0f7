"""Permanent redirects, learnt with patience: a mistake of an afternoon must not move a feed for good. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.domain.feed import FeedMemory

PATIENCE = timedelta(days=7)
"""How long a permanent redirect must have stood before it is followed without asking the old address (lion-reader)."""


def address(url: str, memory: FeedMemory, now: datetime) -> str:
    """The address to ask: the configured one, or where it has moved to for good."""
    if memory.moved_to is None or memory.moved_since is None:
        return url
    stood = now - memory.moved_since >= PATIENCE
    return memory.moved_to if stood or _only_secured(url, memory.moved_to) else url


def seen(memory: FeedMemory, *, asked: str, permanent: str | None, configured: str, now: datetime) -> FeedMemory:
    """Note where an answer's permanent redirects led; ``permanent`` is the end of their unbroken beginning, or None."""
    if permanent is None or permanent == asked:
        learnt = asked != configured
        return memory if learnt else replace(memory, moved_to=None, moved_since=None)
    if permanent == memory.moved_to:
        return memory
    if permanent == configured:
        return replace(memory, moved_to=None, moved_since=None)
    return replace(memory, moved_to=permanent, moved_since=now)


def failed(memory: FeedMemory, *, asked: str, configured: str) -> FeedMemory:
    """Forget a learnt address that does not answer as a feed; the configured one is asked next."""
    return memory if asked == configured else replace(memory, moved_to=None, moved_since=None)


def _only_secured(url: str, moved_to: str) -> bool:
    """Say whether a move is from http to https and nothing else."""
    old, new = urlsplit(url), urlsplit(moved_to)
    return (old.scheme, new.scheme) == ("http", "https") and old.hostname == new.hostname and old[2:4] == new[2:4]
