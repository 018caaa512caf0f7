"""What polling has learnt of a feed, as the JSON of one column: nothing in it is ever searched for."""

from datetime import datetime, timedelta
from typing import Any

from monitor.domain.entry import DocumentHints, Trust
from monitor.domain.feed import FeedMemory


def write_memory(memory: FeedMemory) -> dict[str, Any]:
    """Reduce to JSON; what stands at its default is left out."""
    hints = {
        "ttl": _seconds(memory.hints.ttl),
        "every": _seconds(memory.hints.every),
        "skip_hours": sorted(memory.hints.skip_hours),
        "skip_days": sorted(memory.hints.skip_days),
    }
    values = {
        "learned": _seconds(memory.learned),
        "full": memory.full,
        "hints": {name: value for name, value in hints.items() if value},
        "whole_at": _text(memory.whole_at),
        "gone": memory.gone,
        "gone_since": _text(memory.gone_since),
        "moved_to": memory.moved_to,
        "moved_since": _text(memory.moved_since),
        "poison": memory.poison,
        "trust": "" if memory.trust is Trust.GUID else memory.trust.value,
        "title": memory.title,
        "usual": memory.usual,
        "odd_since": _text(memory.odd_since),
    }
    return {name: value for name, value in values.items() if value}


def read_memory(values: dict[str, Any]) -> FeedMemory:
    """Read what `write_memory` wrote; an empty column is a feed of which nothing is known."""
    hints = values.get("hints", {})
    return FeedMemory(
        learned=_duration(values.get("learned")),
        full=values.get("full", 0),
        hints=DocumentHints(
            ttl=_duration(hints.get("ttl")),
            every=_duration(hints.get("every")),
            skip_hours=frozenset(hints.get("skip_hours", ())),
            skip_days=frozenset(hints.get("skip_days", ())),
        ),
        whole_at=_moment(values.get("whole_at")),
        gone=values.get("gone", 0),
        gone_since=_moment(values.get("gone_since")),
        moved_to=values.get("moved_to"),
        moved_since=_moment(values.get("moved_since")),
        poison=values.get("poison"),
        trust=Trust(values.get("trust", Trust.GUID)),
        title=values.get("title", ""),
        usual=values.get("usual", 0),
        odd_since=_moment(values.get("odd_since")),
    )


def _seconds(value: timedelta | None) -> float | None:
    return None if value is None else value.total_seconds()


def _duration(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)


def _text(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
