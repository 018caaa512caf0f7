"""The benchmark of stories measures what it says: entries that are no copies, a full window, and every stage."""

from itertools import islice
from pathlib import Path

import pytest

from monitor.store.database import Store, open_store
from monitor.store.views import items

from . import window
from .stories import ENTRIES, STAGES, STORIES, measure, mixed, ours, told
from .tellings import WORDS, stream
from .window import fill


@pytest.fixture(autouse=True)
def _few_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "TEMPLATES", 40)


def test_entries_are_the_same_each_time_and_no_two_are_one() -> None:
    made = list(islice(stream(5, ours=True), 200))
    assert made == list(islice(stream(5, ours=True), 200))
    assert len({one.title for one in made}) > 190
    assert all(len(one.text.split()) >= WORDS for one in made)
    assert len({one.lang for one in made}) > 5


@pytest.mark.slow
def test_a_window_holds_what_is_wanted_over_fourteen_days_and_the_newest_are_found(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'monitor.db'}") as store:
        fill(store, 120, one_in=2)
        entries = items(store, limit=0)
        assert len(entries) == 120
        assert len({entry.first_seen.date() for entry in entries}) >= 14
        assert indexed(store) == 60


@pytest.mark.slow
def test_every_stage_is_timed_and_every_entry_counted() -> None:
    hard = measure(100, 1, 2 * ENTRIES, ours, warm=1)
    assert (hard.entries, hard.placed) == (2 * ENTRIES, 2 * ENTRIES)
    assert [stage for stage in STAGES if not hard.stages[stage]] == ["countries"], "facts have them already"
    assert 0 < hard.stories < hard.total
    assert hard.stories == sum(hard.stages[stage] for stage in STORIES)
    assert "40 placed" in told("a window", hard)
    mix = measure(100, 2, 3 * ENTRIES, mixed, warm=1)
    assert 0 < mix.placed < 20 < mix.entries == 3 * ENTRIES
    assert mix.stages["countries"] > 0


def indexed(store: Store) -> int:
    """How many entries of a store can be found for stories."""
    with store.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(DISTINCT entry_id) FROM story_index").scalar_one())
