"""The policy tracker and the figures ledger over a store: what counts as told, and since when."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.app import App
from monitor.domain.entry import WATCH, Score
from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Stage
from monitor.jobs.facts import Asked, ledger, policy
from monitor.store import annotations
from monitor.store.annotations import NewAnnotation
from monitor.store.facts import add_facts

DAY = timedelta(days=1)
HOME = MeasureFact(Measure.REPATRIATION, "FR", Stage.APPLIED, words="flown home")
LABELS = """
[labels.returns]
threshold = 0.5
review = 0.3
languages.de = { threshold = 0.8, review = 0.6 }
tiers.analysis = { threshold = 0.7, review = 0.6 }
[labels.policy]
threshold = 0.5
"""


@dataclass
class Room:
    """An open database; `tell` brings one entry with its facts, and returns its id."""

    app: App
    office: Any
    item: Callable[..., Any]
    brought: int = 0

    def tell(
        self, *facts: MeasureFact | Figure, feed: str = "paper", published: datetime | None = None, **how: Any
    ) -> int:
        self.brought += 1
        mark = how.pop("mark", f"u:{self.brought}")
        lang, watched = how.pop("lang", "en"), how.pop("watched", False)
        made = self.item(self.brought, **{"returns": 0.9, "policy": 0.1, **how})
        entry = replace(made.entry, lang=lang, published=published or self.office.now)
        scores = {**made.scores, **({WATCH: Score(1.0)} if watched else {})}
        made = replace(made, entry=entry, scores=scores, story_keys=(mark,), countries=())
        self.office.bring(self.app, made, feed=feed)
        measures = tuple(fact for fact in facts if isinstance(fact, MeasureFact))
        figures = tuple(fact for fact in facts if isinstance(fact, Figure))
        with self.app.store.write() as connection:
            add_facts(connection, [(self.brought, Facts(measures=measures, figures=figures))])
        return self.brought

    def leads(self, **asked: Any) -> list[int]:
        return [step.lead.id for step in policy(self.app, Asked(**asked))]


@pytest.fixture
def room(office: Any, item: Callable[..., Any]) -> Iterator[Room]:
    office.labels, office.tiers = LABELS, {"wire": "analysis"}
    with office.app() as app:
        yield Room(app, office, item)


def test_only_what_is_in_is_told_and_near_misses_where_asked_for_marked_as_such(room: Room) -> None:
    room.tell(HOME, returns=0.9)
    room.tell(HOME, returns=0.35)
    room.tell(HOME, returns=0.1)
    room.tell(HOME, returns=0.1, watched=True)
    assert room.leads() == [1]
    assert {step.lead.id: step.lead.near for step in policy(room.app, Asked(near=True))} == {1: False, 2: True, 4: True}


def test_the_lines_of_the_language_and_the_tier_count(room: Room) -> None:
    room.tell(HOME, returns=0.7, lang="de")
    room.tell(HOME, returns=0.65, feed="wire")
    room.tell(HOME, returns=0.75, feed="wire")
    assert room.leads() == [3]
    assert sorted(room.leads(near=True)) == [1, 2, 3]


def test_the_word_of_people_stands_over_every_score(room: Room) -> None:
    low, high = room.tell(HOME, returns=0.1), room.tell(HOME, returns=0.9)
    words = [NewAnnotation(low, "policy", True), *(NewAnnotation(high, name, False) for name in ("returns", "policy"))]
    annotations.add(room.app.store, words, who="ana", via="cli", now=room.office.now)
    assert room.leads(near=True) == [low]


def test_entries_of_one_story_are_one_step(room: Room) -> None:
    room.tell(HOME, mark="u:one")
    room.tell(HOME, feed="wire", mark="u:one")
    room.tell(replace(HOME, negated=True), feed="wire", mark="u:one", published=room.office.now - DAY)
    (step,) = policy(room.app, Asked())
    assert (step.sources, step.negated) == (("The paper", "The wire"), False)
    assert [told.by.id for told in step.otherwise] == [3]


def test_since_counts_by_when_a_story_told_it_first(room: Room) -> None:
    now = room.office.now
    room.office.now = now - 5 * DAY
    room.tell(HOME, mark="u:old")
    room.office.now = now
    room.tell(HOME, mark="u:old", feed="wire")
    room.tell(HOME, published=now - 40 * DAY)
    new = room.tell(HOME)
    assert room.leads(since=now - DAY) == [new]
    assert room.leads() == [new, 1, 3]


def test_the_tracker_is_narrowed_by_measure_country_and_stage(room: Room) -> None:
    room.tell(HOME, MeasureFact(Measure.LISTING, None, Stage.PROPOSED))
    assert len(room.leads()) == 2
    assert [step.country for step in policy(room.app, Asked(country=""))] == [None]
    assert room.leads(country="FR", measure=Measure.REPATRIATION, stage=Stage.APPLIED) == [1]
    assert room.leads(country="FR", measure=Measure.LISTING) == []


def test_a_count_that_is_cited_again_is_none_of_today(room: Room) -> None:
    now = room.office.now
    report = Figure(5600, None, True, Counted.RETURNEES, by="Soufan Center")
    room.office.now = now - 9 * DAY
    room.tell(report)
    room.office.now = now
    room.tell(report, Figure(3, 3, False, Counted.WOMEN, to="FR"), feed="wire")
    assert [len(count.told) for count in ledger(room.app, Asked(of=Counted.RETURNEES))] == [2]
    assert [count.figure.of for count in ledger(room.app, Asked(since=now - DAY))] == [Counted.WOMEN]
    assert [count.figure.low for count in ledger(room.app, Asked(country="FR"))] == [3]


def test_near_misses_count_only_where_asked_for(room: Room) -> None:
    room.tell(Figure(3, 3, False, Counted.WOMEN), returns=0.4)
    assert ledger(room.app, Asked()) == []
    assert [count.lead.near for count in ledger(room.app, Asked(near=True))] == [True]
