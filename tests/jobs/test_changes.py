"""Decisions before and after, counted."""

from datetime import UTC, datetime

from monitor.domain.entry import Entry, Origin, Score, StoredEntry
from monitor.domain.labels import Cut
from monitor.jobs.changes import Change, add

CUTS = {"returns": Cut.single(0.5), "policy": Cut.single(0.5)}
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def change(id_: int, before: dict[str, float], after: dict[str, float], human: dict[str, bool] | None = None) -> Change:
    entry = Entry(f"g:{id_}", str(id_), None, f"Title {id_}", "", "en", NOW)
    stored = StoredEntry(id_, "paper", "Paper", entry, NOW, Origin.LIVE, True, id_, (), {}, "", human=human or {})
    one, other = ({label: Score(value) for label, value in scores.items()} for scores in (before, after))
    return Change(stored, one, other, CUTS)


def test_every_entry_is_counted_once_for_each_label_that_either_side_has() -> None:
    page = [
        change(1, {"returns": 0.1}, {"returns": 0.9}),
        change(2, {"returns": 0.9}, {"returns": 0.1}),
        change(3, {"returns": 0.9}, {"returns": 0.8}),
        change(4, {"returns": 0.1}, {"returns": 0.2}),
        change(5, {"policy": 0.9}, {}),
        change(6, {}, {"policy": 0.9}),
        change(7, {"returns": 0.1}, {"returns": 0.9}, {"returns": False}),
    ]
    found = add(add({}, page[:3]), page[3:])
    returns, policy = found["returns"], found["policy"]
    assert (returns.gained, returns.lost, returns.stay_in, returns.stay_out) == (1, 1, 1, 2)
    assert (policy.gained, policy.lost, policy.stay_in, policy.stay_out) == (1, 1, 0, 0)
    assert [(flip.entry_id, flip.before, flip.after, flip.gained) for flip in policy.examples] == [
        (6, None, 0.9, True), (5, 0.9, None, False),
    ]  # fmt: skip


def test_of_each_way_the_three_that_moved_most_are_shown() -> None:
    page = [change(n, {"returns": 0.4}, {"returns": 0.5 + n / 100}) for n in range(1, 6)]
    page += [change(10 + n, {"returns": 0.5 + n / 100}, {"returns": 0.4}) for n in range(1, 6)]
    (returns,) = add({}, page).values()
    assert [flip.entry_id for flip in returns.examples] == [5, 4, 3, 15, 14, 13]
