"""Values on their way from process to process."""

import pickle
from datetime import UTC, datetime

import pytest

from monitor.domain.entry import Entry, Score, Term
from monitor.domain.facts import NOTHING
from monitor.normalise.entry import Cleaned
from monitor.normalise.identity import Identifiers
from monitor.pipeline import Judged

WHEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ENTRY = Entry("g:a", "a", None, "Title", "Text", "en", WHEN, "2 March", "sure", WHEN)
SCORE = Score(0.7, (Term("camp", 0.4, "camp"), Term("home", 0.1)))
VALUES = (
    ENTRY,
    SCORE,
    Cleaned(ENTRY, Identifiers("a", None, "Title", "Text", "https://paper.example/a")),
    Judged({"returns": SCORE, "policy": Score(0.1)}, ("FR", "SY"), NOTHING),
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_arrives_as_it_was_sent(value: object) -> None:
    assert pickle.loads(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)) == value


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_is_packed_as_the_call_that_makes_it(value: object) -> None:
    made, given = value.__reduce__()
    assert made is type(value)
    assert made(*given) == value
