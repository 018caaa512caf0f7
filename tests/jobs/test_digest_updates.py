"""Stories that come again: only with news, whatever happened to their entries meanwhile."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Stage
from monitor.jobs import digest, stories
from monitor.store import digests as store_digests
from monitor.store.prune import prune

DAY = timedelta(days=1)
ADOPTED = MeasureFact(Measure.CITIZENSHIP, "FR", Stage.ADOPTED, words="adopted")
DOWN = replace(ADOPTED, stage=Stage.STRUCK_DOWN)


@pytest.fixture
def app(office):
    office.feeds = ["paper", "wire", "gazette", "courier", "post"]
    with office.app() as opened:
        yield opened


@pytest.fixture
def desk(app, office, item):
    return Desk(app, office, item)


def children(number: int) -> Figure:
    return Figure(number, number, False, Counted.CHILDREN, words=f"{number} children")


class Desk:
    """A day a step: what came is told, and the digest of the day sent."""

    def __init__(self, app: Any, office: Any, item: Any) -> None:
        self.app, self.office, self._item, self._number = app, office, item, 0

    def bring(
        self,
        *facts: MeasureFact | Figure,
        feed: str = "paper",
        story: int | None = 1,
        returns: float = 0.9,
        title: str = "",
    ) -> int:
        """Let a feed tell of a story (None: of a new one); returns the entry's id."""
        self._number += 1
        own = title or f"Heading {self._number} of its own in the {feed}"
        made = self._item(self._number, returns=returns, title=own)
        measures = tuple(fact for fact in facts if isinstance(fact, MeasureFact))
        figures = tuple(fact for fact in facts if isinstance(fact, Figure))
        entry = replace(made.entry, published=None)
        joins = story if self._number > 1 else None
        told = Facts(measures=measures, figures=figures)
        self.office.bring(self.app, replace(made, entry=entry, facts=told, joins=joins), feed=feed)
        return self._number

    def sent(self, name: str = "morning") -> str | None:
        """Send the digest of the next day; its words on one line."""
        self.office.now += DAY
        (sent,) = digest.send(self.app, [name], now=self.office.clock)
        found = store_digests.digest_of_window(self.app.store, name, sent.key)
        return " ".join(found.text.split()) if found else None


def test_a_told_story_comes_again_with_a_new_stage_or_number_and_says_so_first(desk):
    desk.bring(ADOPTED, children(16))
    assert "UPDATE" not in (desk.sent() or "")
    desk.bring(ADOPTED, children(16), feed="wire")
    assert desk.sent() is None
    desk.bring(DOWN, children(22), feed="gazette")
    told = desk.sent() or ""
    assert "1 story (1 update): 1 returns" in told
    assert told[told.index("UPDATE") : told.index(" https://")] == (
        "UPDATE, told last 23 Nov 2026: new: France: citizenship, struck down, before adopted · now 22 children, "
        "before 16 · +2 sources: The wire, The gazette Heading 3 of its own in the gazette"
    )
    desk.bring(DOWN, children(22), feed="courier")
    assert desk.sent() is None


def test_three_more_sources_bring_a_story_back_once(desk):
    desk.bring()
    assert desk.sent()
    for feed in ("wire", "gazette"):
        desk.bring(feed=feed)
        assert desk.sent() is None
    desk.bring(feed="wire")
    assert desk.sent() is None
    desk.bring(feed="post")
    assert "+3 sources: The wire, The gazette, The post" in (desk.sent() or "")
    desk.bring(feed="courier")
    assert desk.sent() is None


def test_what_was_told_is_known_when_the_entries_are_emptied(desk, office, app):
    desk.bring(ADOPTED, children(16))
    assert desk.sent()
    office.now += DAY
    later = {"entries_before": office.now, "polls_before": office.now}
    assert prune(app.store, **later, digests_before=office.now, documents_before=office.now).entries == 1
    desk.bring(ADOPTED, children(16), feed="wire")
    assert desk.sent() is None
    desk.bring(children(30), feed="wire")
    assert "now 30 children, before 16" in (desk.sent() or "")


def test_what_either_of_two_merged_stories_told_is_no_news(desk, office, app):
    desk.bring(ADOPTED)
    other = desk.bring(DOWN, feed="wire", story=None)
    assert desk.sent()
    stories.merge(app, other, 1, who="ana", now=office.now)
    desk.bring(DOWN, feed="paper")
    desk.bring(ADOPTED, feed="wire", story=other)
    assert desk.sent() is None
    desk.bring(replace(ADOPTED, stage=Stage.CHALLENGED))
    assert "citizenship, challenged, before" in (desk.sent() or "")


def test_an_entry_that_is_split_off_takes_along_what_it_told_and_leaves_the_rest(desk, office, app):
    desk.bring(ADOPTED)
    second = desk.bring(DOWN, feed="wire")
    assert desk.sent()
    stories.split(app, [second], into=None, who="ana", now=office.now)
    desk.bring(DOWN, story=second)
    desk.bring(ADOPTED, feed="wire")
    assert desk.sent() is None
    desk.bring(DOWN, story=1)  # nothing of this story told that any more
    assert "struck down, before adopted" in (desk.sent() or "")


def test_facts_of_entries_below_the_line_do_not_count_as_told(desk):
    desk.bring(ADOPTED)
    desk.bring(DOWN, feed="wire", returns=0.2)
    assert desk.sent()
    desk.bring(DOWN, feed="gazette")
    assert "struck down, before adopted" in (desk.sent() or "")


def test_another_line_brings_nothing_back_and_another_subscription_was_told_nothing(office, item):
    office.feeds = ["paper", "wire"]
    with office.app() as app:
        desk = Desk(app, office, item)
        desk.bring(ADOPTED)
        desk.bring(DOWN, feed="wire", returns=0.2)
        assert desk.sent()
    more = office.subscriptions.replace("morning", "late") + "update_sources = 1\n"
    office.subscriptions += "thresholds = { returns = 0.1 }\nupdate_sources = 1\n" + more
    with office.app() as app:
        desk.app = app
        assert desk.sent() is None
        desk.bring(DOWN, feed="paper")
        told = digest.preview(app, "late", now=office.clock)
        assert (told.stories, "UPDATE" in told.message.text) == (1, False)
        assert "UPDATE" in (desk.sent() or "")


def test_what_a_cap_cuts_of_an_update_comes_as_one_next_time(office, item):
    office.feeds = ["paper", "wire"]
    office.subscriptions += "max_stories = 1\n"
    with office.app() as app:
        desk = Desk(app, office, item)
        desk.bring(ADOPTED, returns=0.7)
        assert desk.sent()
        desk.bring(DOWN, feed="wire", returns=0.7)
        desk.bring(feed="paper", story=None, returns=0.9)
        assert "UPDATE" not in (desk.sent() or "")
        told = desk.sent() or ""
        assert ("UPDATE" in told, "Rolled over from the last digest" in told) == (True, True)
        assert desk.sent() is None


@pytest.mark.parametrize(
    ("word", "said"), [("Correction", "CORRECTED BY ITS SOURCE"), ("Withdrawn", "WITHDRAWN BY ITS SOURCE")]
)
def test_a_told_story_that_its_source_mends_is_told_once_though_it_brings_no_other_fact(desk, word, said):
    desk.bring(ADOPTED)
    assert said not in (desk.sent() or "")
    desk.bring(ADOPTED, title=f"{word}: the decree was not of Monday")
    told = desk.sent() or ""
    assert f"{said}, told last 23 Nov 2026: before “Heading 1 of its own in the paper”, now “{word}: the decree" in told
    assert "UPDATE" not in told
    assert desk.sent() is None
    desk.bring(ADOPTED, title=f"{word}: the decree was not of Monday, the ministry says")
    assert desk.sent() is None
    desk.bring(ADOPTED, feed="wire", title=f"{word}: our report on the decree")
    told = desk.sent() or ""
    assert f"{said}, told last" in told
    assert f"{word}: our report on the decree" in told


def test_what_mends_a_story_is_told_with_its_news(desk):
    desk.bring(ADOPTED, children(16))
    desk.sent()
    desk.bring(title="Correction: the number of children was wrong")
    desk.bring(ADOPTED, children(22))
    told = desk.sent() or ""
    assert "UPDATE, CORRECTED BY ITS SOURCE, told last 23 Nov 2026: before “" in told
    assert "now “Correction: the number of children was wrong” · now 22 children, before 16" in told
