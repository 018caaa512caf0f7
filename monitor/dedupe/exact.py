"""Repeats: entries whose key the feed has brought before."""

from collections.abc import Collection, Sequence

from monitor.domain.entry import Entry


def split_repeats(entries: Sequence[Entry], known: Collection[str]) -> tuple[list[Entry], int]:
    """Return the entries whose key is not ``known``, and how many were."""
    new = [entry for entry in entries if entry.key not in known]
    return new, len(entries) - len(new)
