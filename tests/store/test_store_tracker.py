"""What the policy tracker and the figures ledger read of the store."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from monitor.domain.entry import WATCH, Score
from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Stage
from monitor.store import annotations, tracker
from monitor.store import entries as store_entries
from monitor.store.annotations import NewAnnotation
from monitor.store.database import Store
from monitor.store.facts import add_facts
from monitor.store.prune import prune
from monitor.store.tracker import Which

Build = Callable[..., Any]
DAY = timedelta(days=1)
OVER = Which({"returns": 0.5, "policy": 0.5})
ALL = Which({"returns": 0.0, "policy": 0.0})
STRIPPED = MeasureFact(Measure.CITIZENSHIP, "FR", Stage.APPLIED, words="stripped of her passport")
BILL = MeasureFact(Measure.CITIZENSHIP, "BE", Stage.DEBATED, negated=True)
LISTED = MeasureFact(Measure.LISTING, None, Stage.APPLIED)


@pytest.fixture
def tell(store: Store) -> Callable[[int, Facts], None]:
    """Give a stored entry its facts."""

    def write(id_: int, facts: Facts) -> None:
        with store.write() as connection:
            add_facts(connection, [(id_, facts)])

    return write


def told(store: Store, which: Which = OVER, **asked: Any) -> list[tuple[int, MeasureFact]]:
    return [(judged.teller.id, fact) for judged, fact in tracker.measures(store, which, **asked)]


def counted(store: Store, which: Which = OVER, **asked: Any) -> list[int | None]:
    return [fact.low for _, fact in tracker.figures(store, which, **asked)]


def test_measures_come_with_their_entry_and_are_chosen_by_kind_country_and_stage(
    store: Store, room: Any, classified: Build, tell: Any, now: datetime
) -> None:
    room.poll("one", classified("a", title="Two told"), classified("b", lang="fr"))
    tell(1, Facts(measures=(STRIPPED, BILL)))
    tell(2, Facts(measures=(LISTED,)))
    assert told(store) == [(1, STRIPPED), (1, BILL), (2, LISTED)]
    assert told(store, measure=Measure.LISTING) == [(2, LISTED)]
    assert told(store, stage=Stage.APPLIED) == [(1, STRIPPED), (2, LISTED)]
    assert told(store, country="BE") == [(1, BILL)]
    assert told(store, country="") == [(2, LISTED)]
    assert told(store, measure=Measure.CITIZENSHIP, country="FR", stage=Stage.DEBATED) == []
    judged, _ = tracker.measures(store, OVER, country="")[0]
    teller = judged.teller
    assert (teller.feed, teller.source, teller.lang, teller.story_id) == ("one", "One", "fr", 2)
    assert (teller.first_seen, teller.near) == (now, False)


def test_figures_are_chosen_by_what_they_count_and_by_where_people_are_from_or_came_to(
    store: Store, room: Any, classified: Build, tell: Any
) -> None:
    room.poll("one", classified("a"))
    figures = (
        Figure(1, 1, False, Counted.WOMEN, ("FR", "BE"), "DE"),
        Figure(2, 2, False, Counted.CHILDREN, ("FRX",), "FR"),
        Figure(3, None, True, Counted.WOMEN),
    )
    tell(1, Facts(figures=figures))
    assert [fact for _, fact in tracker.figures(store, OVER)] == list(figures)
    assert counted(store, of=Counted.WOMEN) == [1, 3]
    assert counted(store, country="FR") == [1, 2]
    assert counted(store, country="BE") == [1]
    assert counted(store, country="DE", of=Counted.CHILDREN) == []
    assert tracker.acting(store) == ["BE", "DE", "FR", "FRX"]


def test_counts_by_a_name_are_found_by_their_numbers_among_what_came_before(
    store: Store, room: Any, classified: Build, tell: Any, now: datetime
) -> None:
    room.poll("one", classified("a", returns=0.2), classified("b"), at=now - DAY)
    room.poll("two", classified("c"))
    cited = Figure(5_600, None, True, Counted.RETURNEES, by="the Centre")
    others = (
        Figure(5_600, None, True, Counted.RETURNEES), Figure(5_600, 5_600, True, Counted.RETURNEES, by="A"),
        Figure(5_600, None, True, Counted.FIGHTERS, by="A"), Figure(None, 40, True, Counted.WOMEN, by="A"),
    )  # fmt: skip
    tell(1, Facts(figures=(cited,)))
    tell(2, Facts(figures=others))
    tell(3, Facts(figures=(cited,)))
    found = tracker.cited(store, {(Counted.RETURNEES, 5_600, None), (Counted.MEN, 1, 1)}, before=now)
    assert [(judged.teller.id, judged.scores["returns"].probability, fact) for judged, fact in found] == [
        (1, 0.2, cited)
    ]
    women = tracker.cited(store, {(Counted.WOMEN, None, 40)}, before=now)
    assert [fact for _, fact in women] == [others[3]]
    assert tracker.cited(store, set(), before=now) == []


def test_the_same_numbers_are_found_by_an_index(store: Store) -> None:
    sqlite = store.dialect == "sqlite"
    with store.write() as connection:
        if not sqlite:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        first, other = "counted = 'men' AND low = 4 AND high IS NULL", "counted = 'men' AND low = 1 AND high = 1"
        query = f"SELECT entry_id FROM figure WHERE {first} OR {other}"
        plan = connection.execute(text(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{query}"))
        shown = "\n".join(str(tuple(row)) for row in plan)
    assert "ix_figure_counted_low_high" in shown


def test_only_entries_that_may_be_in_are_read_by_score_watch_list_or_the_word_of_people(
    store: Store, room: Any, classified: Build, tell: Any, now: datetime
) -> None:
    room.poll("one", *(classified(name, returns=returns) for name, returns in (("a", 0.9), ("b", 0.3), ("c", 0.1))))
    for id_ in (1, 2, 3):
        tell(id_, Facts(measures=(STRIPPED,)))
    assert [id_ for id_, _ in told(store)] == [1]
    assert [id_ for id_, _ in told(store, Which({"returns": 0.25}))] == [1, 2]
    with store.write() as connection:
        store_entries.add_scores_of(connection, [(3, 1, {WATCH: Score(1.0)}, "test+0")], now)
    assert [id_ for id_, _ in told(store, Which({"returns": 0.5}, watched=True))] == [1, 3]
    annotations.add(store, [NewAnnotation(2, "policy", True)], who="ana", via="cli", now=now)
    assert [id_ for id_, _ in told(store)] == [1, 2]
    assert told(store, Which({})) == []


def test_an_entry_has_its_newest_scores_and_what_people_said(
    store: Store, room: Any, classified: Build, tell: Any, now: datetime
) -> None:
    room.poll("one", classified("a", returns=0.9))
    tell(1, Facts(measures=(STRIPPED,)))
    with store.write() as connection:
        store_entries.add_scores_of(connection, [(1, 1, {"returns": Score(0.2)}, "test+1")], now + DAY)
    annotations.add(store, [NewAnnotation(1, "policy", False)], who="ana", via="cli", now=now)
    ((judged, _),) = tracker.measures(store, OVER)
    assert {name: score.probability for name, score in judged.scores.items()} == {"returns": 0.2, "policy": 0.1}
    assert judged.human == {"policy": False}


def test_since_keeps_whole_stories_of_which_something_came_since_then(
    store: Store, room: Any, classified: Build, tell: Any, now: datetime
) -> None:
    room.poll("one", classified("a", marks=("u:1",)), classified("b", marks=("u:2",)), at=now - 9 * DAY)
    room.poll("two", classified("c", marks=("u:1",)), at=now)
    for id_ in (1, 2, 3):
        tell(id_, Facts(measures=(STRIPPED,)))
    assert [id_ for id_, _ in told(store, Which(OVER.over, since=now - DAY))] == [1, 3]
    assert told(store, Which(OVER.over, since=now + DAY)) == []


def test_a_pruned_entry_tells_nothing(store: Store, room: Any, classified: Build, tell: Any, now: datetime) -> None:
    room.poll("one", classified("a"))
    tell(1, Facts(measures=(STRIPPED,), figures=(Figure(1, 1, False, Counted.WOMEN),)))
    later = now + 900 * DAY
    prune(store, entries_before=later, polls_before=later, digests_before=later, documents_before=later)
    assert (told(store, ALL), counted(store, ALL)) == ([], [])


def test_a_story_told_by_thousands_is_read_in_parts(
    store: Store, room: Any, classified: Build, tell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker, "_IN", 2)
    room.poll("one", *(classified(str(n)) for n in range(5)))
    for id_ in range(1, 6):
        tell(id_, Facts(measures=(STRIPPED,)))
    found = tracker.measures(store, OVER)
    assert [(judged.teller.id, judged.scores["returns"].probability) for judged, _ in found] == [
        (id_, 0.9) for id_ in range(1, 6)
    ]
