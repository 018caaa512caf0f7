"""What a person says is ours has its facts, on both databases: in digest, tracker and ledger."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.app import App, build
from monitor.domain.entry import ClassifiedEntry
from monitor.domain.facts import Counted, Facts, Measure, Place
from monitor.domain.feed import FeedUpdate, Outcome, PollEvent
from monitor.jobs import digest
from monitor.jobs.facts import Asked, ledger, policy
from monitor.jobs.label import annotate
from monitor.jobs.review import Pick, Review, Why
from monitor.settings.load import load
from monitor.store import feeds, views
from monitor.store.annotations import NewAnnotation
from monitor.store.database import Store
from monitor.store.feeds import Which

DAY = timedelta(days=1)
TITLE = "Belgium brings home six women and 16 children from Roj camp"


@pytest.fixture
def app(store_url: str, config_folder: Callable[..., Any]) -> Iterator[App]:
    folder = config_folder(feeds={"paper": "http://127.0.0.1:9/feed"}, database=store_url)
    with build(load(folder, {}), with_model=False) as opened:
        yield opened


@pytest.fixture
def missed(app: App, classified: Callable[..., ClassifiedEntry], now: datetime) -> int:
    """An entry so far below the lines that nobody looked for its facts; its id."""
    return bring(app, classified("a", returns=0.01, policy=0.01, title=TITLE, countries=("SY",)), now)


def bring(app: App, made: ClassifiedEntry, now: datetime) -> int:
    feeds.sync(app.store, app.settings.enabled_feeds(), now=now)
    (state,) = feeds.claim(app.store, ["paper"], Which.NAMED, now=now, lease=DAY)
    event = PollEvent("paper", now, Outcome.OK, 200, entries=1, new=1)
    feeds.apply(app.store, FeedUpdate(event, now, "interval", state.lease, 0.0, new=(made,)))
    return max(stored.id for stored in views.items(app.store, limit=0))


def facts(store: Store, id_: int) -> Facts:
    stored = views.item(store, id_)
    assert stored is not None
    return stored.facts


def yes(id_: int, *, value: bool | None = True) -> list[NewAnnotation]:
    return [NewAnnotation(id_, "returns", value)]


def test_a_yes_brings_the_facts_into_digest_tracker_and_ledger(app: App, missed: int, now: datetime) -> None:
    assert facts(app.store, missed) == Facts((Place("SY"),))
    annotate(app.store, yes(missed), who="ana", via="cli", now=now)
    assert {place.country for place in facts(app.store, missed).places} == {"BE", "SY"}
    assert [step.measure for step in policy(app, Asked())] == [Measure.REPATRIATION]
    assert {count.figure.of for count in ledger(app, Asked())} == {Counted.WOMEN, Counted.CHILDREN}
    told = " ".join(digest.preview(app, "desk", now=lambda: now).message.text.split())
    assert "Belgium: repatriation, applied · 6 women · 16 children" in told


def test_a_review_does_so_too(app: App, missed: int, now: datetime) -> None:
    review = Review(app.store, [Pick(missed, Why.RANDOM)], ["returns"], who="ana", now=lambda: now)
    review.answer({"returns": True})
    assert facts(app.store, missed).figures


@pytest.mark.parametrize("value", [False, None])
def test_a_no_and_an_unsure_look_for_nothing(app: App, missed: int, now: datetime, value: bool | None) -> None:
    annotate(app.store, yes(missed, value=value), who="ana", via="cli", now=now)
    assert facts(app.store, missed) == Facts((Place("SY"),))


def test_facts_that_an_entry_has_stay_as_they_are(
    app: App, classified: Callable[..., ClassifiedEntry], now: datetime
) -> None:
    known = Facts((Place("IQ"),), actors=("the Ministry",))
    id_ = bring(app, replace(classified("b", returns=0.4, title=TITLE), facts=known), now)
    annotate(app.store, yes(id_), who="ana", via="cli", now=now)
    assert facts(app.store, id_) == known


def test_saying_it_twice_reads_it_once_more_and_changes_nothing(app: App, missed: int, now: datetime) -> None:
    annotate(app.store, [*yes(missed), *yes(missed)], who="ana", via="cli", now=now)
    first = facts(app.store, missed)
    annotate(app.store, yes(missed), who="bo", via="cli", now=now)
    assert facts(app.store, missed) == first
