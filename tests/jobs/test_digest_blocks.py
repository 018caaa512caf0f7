"""The blocks of a digest: what its window adds to the tracker and the ledger, by the subscription's own lines."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.digest.select import select
from monitor.domain.block import Ledger, Tracker
from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Place, Stage
from monitor.errors import ConfigError
from monitor.jobs import blocks as job
from monitor.jobs import digest
from monitor.jobs.facts import Asked, ledger, policy
from monitor.store import digests as store_digests

DAY = timedelta(days=1)
HOME = MeasureFact(Measure.REPATRIATION, "FR", Stage.APPLIED, words="flown home")
LISTED = MeasureFact(Measure.LISTING, None, Stage.PROPOSED, words="may be listed")


def children(number: int, **fields: Any) -> Figure:
    return replace(Figure(number, number, False, Counted.CHILDREN, words=f"{number} children"), **fields)


@pytest.fixture
def desk(office, item):
    office.subscriptions += 'blocks = ["tracker", "ledger"]\n'
    office.feeds = ["paper", "wire", "gazette"]
    return Desk(office, item)


class Desk:
    """A newsroom whose entries carry facts; a window is closed by `send`."""

    def __init__(self, office: Any, item: Any) -> None:
        self.office, self._item, self._number = office, item, 0

    def bring(
        self, app: Any, *facts: Any, feed: str = "paper", story: int | None = None, returns: float = 0.9, **fields: Any
    ) -> int:
        self._number += 1
        made = self._item(self._number, returns=returns, title=f"Heading {self._number} of its own in the {feed}")
        told = Facts(
            tuple(Place(code) for code in fields.pop("countries", ("FR",))),
            tuple(fact for fact in facts if isinstance(fact, MeasureFact)),
            tuple(fact for fact in facts if isinstance(fact, Figure)),
        )
        entry = replace(made.entry, **{"published": None, **fields})
        self.office.bring(app, replace(made, entry=entry, facts=told, joins=story), feed=feed)
        return self._number

    def blocks(self, app: Any) -> tuple[Tracker, Ledger]:
        """What the open window adds to both."""
        name = "morning"
        subscription = app.settings.subscriptions[name]
        state = store_digests.subscription_state(app.store, name, now=self.office.now, begin=DAY)
        found = store_digests.unjudged(app.store, state, {"returns": 0.5, "policy": 0.5})
        chosen = select(
            subscription, new=found.new, rolled_over=found.rolled_over, told=found.told, titles={},
            source_of=app.settings.source_of,
        )  # fmt: skip
        tracker, counted = job.blocks(app, subscription, chosen.over, found.told, since=state.closed_at)
        assert isinstance(tracker, Tracker)
        assert isinstance(counted, Ledger)
        return tracker, counted

    def send(self, app: Any) -> str:
        self.office.now += DAY
        (sent,) = digest.send(app, ["morning"], now=self.office.clock)
        found = store_digests.digest_of_window(app.store, "morning", sent.key)
        return found.text if found else ""


def test_the_tracker_tells_each_step_of_the_window_once_with_its_sources_the_newest_first(desk):
    with desk.office.app() as app:
        first = desk.bring(app, HOME)
        desk.bring(app, HOME, feed="wire", story=first)
        desk.office.now += timedelta(hours=1)
        desk.bring(app, LISTED, replace(HOME, negated=True), feed="gazette", story=first)
        tracker, _ = desk.blocks(app)
        assert [(row.fact.measure, row.fact.country) for row in tracker.rows] == [
            (Measure.LISTING, None), (Measure.REPATRIATION, "FR"),
        ]  # fmt: skip
        assert tracker.rows[1].sources == ("The paper", "The wire")
        assert tracker.rows[1].against == ("The gazette",)


def test_a_step_or_count_that_the_story_told_before_is_none_of_this_window(desk):
    with desk.office.app() as app:
        desk.bring(app, HOME, children(16))
        assert "France: repatriation, applied" in desk.send(app)
        desk.bring(app, HOME, replace(HOME, stage=Stage.CHALLENGED), children(16), children(22), feed="wire", story=1)
        tracker, counted = desk.blocks(app)
        assert [row.fact.stage for row in tracker.rows] == [Stage.CHALLENGED]
        assert [row.figure.low for row in counted.rows] == [22]


def test_only_what_is_over_the_subscriptions_own_line_counts_and_of_its_languages_sources_and_countries(desk):
    desk.office.subscriptions += (
        'thresholds = { returns = 0.8 }\ncountries = ["FR"]\nlanguages = ["en"]\nsources = ["paper"]\n'
    )
    with desk.office.app() as app:
        desk.bring(app, HOME, replace(HOME, country="BE"), LISTED, children(3), children(40, to="BE"))
        desk.bring(app, replace(HOME, stage=Stage.DEBATED), returns=0.7)
        desk.bring(app, replace(HOME, stage=Stage.ADOPTED), feed="wire")
        desk.bring(app, replace(HOME, stage=Stage.PROPOSED), lang="de")
        desk.bring(app, replace(HOME, stage=Stage.WITHDRAWN), countries=("BE",))
        tracker, counted = desk.blocks(app)
        assert {row.fact.country for row in tracker.rows} == {"FR", None}
        assert {row.fact.stage for row in tracker.rows} == {Stage.APPLIED, Stage.PROPOSED}
        assert [row.figure.low for row in counted.rows] == [3]


def test_a_reports_number_that_is_cited_again_is_none_of_this_window(desk):
    cited = Figure(5_600, None, False, Counted.RETURNEES, by="Soufan Center", words="5,600")
    with desk.office.app() as app:
        desk.bring(app, cited)
        desk.send(app)
        desk.office.now += timedelta(hours=1)
        desk.bring(app, cited, children(5, by="the ministry"), feed="wire")
        _, counted = desk.blocks(app)
        assert [row.figure.low for row in counted.rows] == [5]


def test_counts_stand_beside_what_reports_counted_of_the_same_people(desk):
    with desk.office.app() as app:
        desk.bring(app, Figure(30, 30, False, Counted.RETURNEES, to="DE", words="30"))
        _, counted = desk.blocks(app)
        assert counted.reference
        for row in counted.reference:
            assert row.figure.of is Counted.RETURNEES
            assert {*row.figure.origin, row.figure.to} <= {"DE", None}


def test_the_blocks_say_what_the_tracker_and_the_ledger_of_the_store_say(desk):
    """Of a first window both are the same: what `monitor facts` lists since it began."""
    with desk.office.app() as app:
        first = desk.bring(app, HOME, children(16), children(4, to="FR", by="the ministry"))
        desk.bring(app, replace(HOME, negated=True), children(14), feed="wire", story=first)
        desk.bring(app, HOME, LISTED, children(4, by="the ministry"), feed="gazette")
        desk.bring(app, HOME, returns=0.2)
        tracker, counted = desk.blocks(app)
        steps, counts = policy(app, Asked()), ledger(app, Asked())
        assert [(row.fact.measure, row.fact.negated, row.sources) for row in tracker.rows] == [
            (step.measure, step.negated, step.sources) for step in steps
        ]
        assert [(row.figure, row.sources) for row in counted.rows] == [
            (count.figure, count.sources) for count in counts
        ]


def test_a_digest_ends_with_its_blocks_in_the_order_that_is_asked_for(desk):
    desk.office.subscriptions = desk.office.subscriptions.replace('"tracker", "ledger"', '"ledger", "tracker"')
    with desk.office.app() as app:
        desk.bring(app, HOME)
        text = desk.send(app)
        assert (
            text.index("FIGURES LEDGER (0)") < text.index("No new count was given.") < text.index("POLICY TRACKER (1)")
        )


def test_a_block_that_is_named_twice_or_unknown_is_refused(office):
    for wrong in ('["tracker", "tracker"]', '["map"]'):
        office.subscriptions = (
            f'[subscriptions.morning]\nlabels = ["returns"]\nchannels = ["files"]\nblocks = {wrong}\n'
        )
        with pytest.raises(ConfigError, match="blocks"), office.app():
            pass
