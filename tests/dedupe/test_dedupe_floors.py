"""Near-duplicates and stories on events that were written before the rules, and never used to write them.

The set is pinned by its hash, and floors only rise: lowering one is a commit that says why.
"""

import hashlib
from pathlib import Path

import pytest

from .scoring import Result, Row, bcubed, copies_score, look_alikes, rows, simulate

BUILD = Path(__file__).parent / "events" / "build.jsonl"
HELD = Path(__file__).parent / "events" / "held.jsonl"
SHA256 = "826da820820bff25d2e03a81a1c72a6a6c4a518e10037c34a901967ca3027c98"


def test_the_set_is_the_one_that_the_floors_are_for() -> None:
    assert hashlib.sha256(HELD.read_bytes()).hexdigest() == SHA256


@pytest.fixture(scope="module")
def told() -> tuple[list[Row], Result]:
    stream = rows(HELD)
    return stream, simulate(stream)


def test_copies_are_found_and_nothing_else_is_taken_for_one(told: tuple[list[Row], Result]) -> None:
    assert copies_score(*told)[2] >= 0.95


def test_tellings_of_one_event_are_one_story(told: tuple[list[Row], Result]) -> None:
    """An F1 of .85 is wanted, and .87 was had where half as many wrong joins again are let in at a stream's rate."""
    stream, result = told
    precision, _, f1 = bcubed({row["id"]: row["event"] for row in stream}, result.stories)
    assert precision >= 0.97
    assert f1 >= 0.81


@pytest.mark.parametrize(("days", "least"), [(30.0, 0.97), (3.0, 0.94)])
def test_where_much_happens_at_once_stories_stay_apart(days: float, least: float) -> None:
    """A hundred events in a month, and in three days."""
    stream = rows(BUILD, days)
    found = simulate(stream).stories
    assert bcubed({row["id"]: row["event"] for row in stream}, found)[0] >= least


def test_look_alikes_stay_apart(told: tuple[list[Row], Result]) -> None:
    wrong, of = look_alikes(*told)
    assert wrong <= 0.1 * of
