"""What a subscription asks for, and when: seen in the digests that it gets."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.domain.facts import Facts, Measure, MeasureFact, Place, Stage
from monitor.jobs import digest
from monitor.store import digests as store_digests

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
DESK = '[subscriptions.desk]\nlabels = ["returns", "policy"]\nchannels = ["files"]\n'


def told(app: Any, sent: Any) -> str:
    message = store_digests.digest_of_window(app.store, sent.subscription, sent.key)
    return message.text if message else ""


def with_measure(entry: Any, stage: Stage, country: str = "FR", *, negated: bool = False) -> Any:
    facts = Facts((Place("FR"),), (MeasureFact(Measure.CITIZENSHIP, country, stage, negated, "stripped"),))
    return replace(entry, facts=facts)


def test_only_entries_of_the_measure_and_with_the_words_are_in(office, item):
    office.subscriptions = DESK + 'measures = ["citizenship:adopted"]\nwords = \'"court hears" -number4\'\n'
    with office.app() as app:
        office.bring(
            app,
            with_measure(item(1, returns=0.9), Stage.ADOPTED),
            with_measure(item(2, returns=0.9), Stage.PROPOSED),
            with_measure(item(3, returns=0.9), Stage.ADOPTED, negated=True),
            with_measure(item(4, returns=0.9, title="Court hears number4"), Stage.ADOPTED),
            with_measure(item(5, returns=0.9, title="Parliament votes on a bill"), Stage.ADOPTED),
            item(6, returns=0.9),
        )
        (sent,) = digest.send(app, ["desk"], now=office.clock)
        assert sent.stories == 1
        assert "returnee number 1 " in told(app, sent)


def test_missed_hours_come_each_with_what_was_seen_in_it_and_nothing_is_lost(office, item):
    office.subscriptions = DESK + 'schedule = "hourly"\n'
    with office.app() as app:
        office.now += timedelta(minutes=10)
        digest.run(app, now=office.clock)
        for number in range(1, 5):
            office.bring(app, item(number, returns=0.9))
            office.now += HOUR
        sent = digest.run(app, now=office.clock)

        assert [(window.key[11:16], window.stories) for window in sent] == [
            ("07:00", 1), ("08:00", 1), ("09:00", 1), ("10:00", 1),
        ]  # fmt: skip
        assert "Composed 3 h 10 min after its window closed." in told(app, sent[0])
        assert "after its window closed" not in told(app, sent[3])
        assert "22 Nov 2026, 07:00 to 22 Nov 2026, 08:00" in " ".join(told(app, sent[1]).split())
        assert digest.run(app, now=office.clock) == []


def test_windows_that_are_old_are_merged_and_the_digest_says_so(office, item):
    office.subscriptions = DESK + 'schedule = "hourly"\n'
    office.more = '[digest]\nmerge_after = "90m"\n'
    with office.app() as app:
        digest.run(app, now=office.clock)
        office.bring(app, item(1, returns=0.9))
        office.now += 9 * HOUR + timedelta(minutes=5)
        office.bring(app, item(2, returns=0.9), feed="wire")
        first, last = digest.run(app, now=office.clock)
        assert [first.stories, last.stories] == [1, 1]
        assert "holds 7 windows before it that were missed or held" in told(app, first)


def test_quiet_hours_hold_a_digest_and_a_holiday_leaves_it_to_the_next(office, item):
    office.subscriptions = DESK + 'schedule = "daily 07:30"\nquiet_hours = "22:00-09:00"\nholidays = ["2026-11-23"]\n'
    with office.app() as app:
        digest.run(app, now=office.clock)
        office.bring(app, item(1, returns=0.9))
        office.now += 2 * HOUR
        assert digest.run(app, now=office.clock) == []
        office.now += HOUR
        (sent,) = digest.run(app, now=office.clock)
        assert (sent.key, sent.stories) == ("2026-11-22T07:30+00:00", 1)
        assert "after its window closed" not in told(app, sent)
        office.bring(app, item(2, returns=0.9), feed="wire")
        office.now += DAY
        assert digest.run(app, now=office.clock) == []
        office.now += DAY
        (sent,) = digest.run(app, now=office.clock)
        assert (sent.key, sent.stories) == ("2026-11-24T07:30+00:00", 1)
        assert "holds one window before it" in told(app, sent)


def test_an_immediate_digest_waits_for_what_comes_with_it_and_comes_once(office, item):
    office.subscriptions = DESK + 'schedule = "immediate"\nquiet_hours = "22:00-05:00"\n'
    with office.app() as app:
        digest.run(app, now=office.clock)
        office.now += SECOND
        office.bring(app, item(1, returns=0.9))
        office.now += 20 * SECOND
        office.bring(app, item(2, returns=0.8), item(3, returns=0.1), feed="wire")
        assert digest.run(app, now=office.clock) == []
        office.now += 10 * SECOND
        (sent,) = digest.run(app, now=office.clock)
        assert sent.stories == 2
        office.now += DAY
        assert digest.run(app, now=office.clock) == []
        office.now = datetime.fromisoformat("2026-11-23T23:00Z")
        office.bring(app, item(4, returns=0.8))
        office.now += 5 * HOUR
        assert digest.run(app, now=office.clock) == []
        office.now += HOUR
        assert digest.run(app, now=office.clock)[0].stories == 1


def test_the_best_near_misses_are_named_once_and_none_of_a_story_that_is_told(office, item):
    office.subscriptions = DESK + "near_misses = 2\n"
    with office.app() as app:
        same = "Twelve children flown home from a camp in the north"
        office.bring(app, item(1, returns=0.9, title=same), item(2, returns=0.45), item(3, returns=0.3))
        office.bring(app, item(4, returns=0.4), item(5, returns=0.2), item(6, returns=0.44, title=same), feed="wire")

        made = _compose(app, office)
        assert [story.lead.entry.key for story in made.near] == ["g:2", "g:4"]
        digest.send(app, ["desk"], now=office.clock)
        office.now += HOUR
        office.bring(app, item(7, returns=0.9), feed="wire")
        assert _compose(app, office).near == ()


@pytest.mark.parametrize(
    "option", ["near_misses = 0", 'near_misses = 2\ncountries = ["DE"]', 'near_misses = 2\nlanguages = ["de"]']
)
def test_near_misses_obey_the_subscription(office, item, option):
    office.subscriptions = DESK + option + "\n"
    with office.app() as app:
        office.bring(app, item(1, returns=0.45))
        assert _compose(app, office).near == ()


def _compose(app: Any, office: Any) -> Any:
    from monitor.jobs.compose import Making, Shared, compose

    state = digest.state_of(app, "desk", office.now)
    return compose(app, app.settings.subscriptions["desk"], state, Making("k", office.now), Shared()).digest


def test_what_goes_wrong_with_one_subscription_keeps_no_other_waiting(office, item, monkeypatch):
    office.subscriptions = DESK + DESK.replace("desk", "other")
    with office.app() as app:
        digest.run(app, now=office.clock)
        office.bring(app, item(1, returns=0.9))
        office.now += 2 * HOUR
        read = store_digests.unjudged

        def broken(store: Any, state: Any, *given: Any, **options: Any) -> Any:
            if state.name == "desk":
                raise ConnectionResetError("the line is dead")
            return read(store, state, *given, **options)

        with monkeypatch.context() as patched:
            patched.setattr(store_digests, "unjudged", broken)
            with pytest.raises(ExceptionGroup, match="digest: 1 failed") as failed:
                digest.run(app, now=office.clock)
        assert failed.value.exceptions[0].__notes__ == ["digest of desk"]
        assert store_digests.digest_of_window(app.store, "other", "2026-11-22T07:30+00:00") is not None
        (sent,) = digest.run(app, now=office.clock)
        assert (sent.subscription, sent.stories) == ("desk", 1)


def test_near_misses_of_subscriptions_that_share_what_was_read_are_each_its_own(office, item):
    other = DESK.replace("desk", "other")
    office.subscriptions = f"{DESK}near_misses = 1\n{other}near_misses = 1\n"
    with office.app() as app:
        office.bring(app, item(1, returns=0.9), item(2, returns=0.45))
        digest.send(app, ["desk"], now=office.clock)
        digest.run(app, now=office.clock)
        office.now += HOUR
        office.bring(app, item(3, returns=0.9), item(4, returns=0.4), feed="wire")
        office.now += HOUR
        desk, both = digest.run(app, now=office.clock)
        assert ["number 4 " in told(app, desk), "number 2 " in told(app, desk)] == [True, False]
        assert ["number 4 " in told(app, both), "number 2 " in told(app, both)] == [False, True]
