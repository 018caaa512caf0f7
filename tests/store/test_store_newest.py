from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.store import newest
from monitor.store.database import Store

HOUR = timedelta(hours=1)


@pytest.fixture
def filled(room: Any, classified: Callable[..., Any], now: datetime) -> Store:
    """Five entries, an hour apart, the first of them without scores."""
    for number in range(5):
        room.poll("daily", classified(str(number), scorer="test+0" if number else ""), at=now + number * HOUR)
    store: Store = room.store
    return store


def test_pages_walk_back_from_the_newest_and_hold_what_waits_for_a_model_too(filled: Store, now: datetime) -> None:
    span = {"since": now, "until": now + 3 * HOUR}
    assert newest.count(filled, **span) == 4
    first = newest.page(filled, below=None, limit=3, **span)
    assert [stored.entry.guid for stored in first] == ["3", "2", "1"]
    rest = newest.page(filled, below=first[-1].id, limit=3, **span)
    assert [stored.entry.guid for stored in rest] == ["0"]
    assert newest.page(filled, below=rest[-1].id, limit=3, **span) == []


def test_the_span_holds_both_its_ends(filled: Store, now: datetime) -> None:
    found = newest.page(filled, since=now + HOUR, until=now + 2 * HOUR, below=None, limit=9)
    assert [stored.entry.guid for stored in found] == ["2", "1"]
    assert newest.count(filled, since=now + HOUR, until=now + 2 * HOUR) == 2
