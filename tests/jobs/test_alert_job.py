"""Alerts: soon, grouped, once, capped; and nothing that they tell or leave out is lost to the next digest."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.app import App
from monitor.domain.facts import Facts, Measure, MeasureFact, Place, Stage
from monitor.errors import UsageError
from monitor.jobs import alert, digest, silence, subscriptions
from monitor.store import digests as store_digests
from monitor.tongue.tongue import of

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DESK = (
    '[subscriptions.desk]\nlabels = ["returns", "policy"]\nchannels = ["files"]\n'
    "alert_thresholds = { returns = 0.95 }\n"
)
RULE = '[[subscriptions.desk.alerts]]\ncountries = ["FR"]\nmeasures = ["citizenship:adopted"]\n'


def with_measure(entry: Any, stage: Stage = Stage.ADOPTED, country: str = "FR", *, negated: bool = False) -> Any:
    facts = Facts((Place("FR"),), (MeasureFact(Measure.CITIZENSHIP, country, stage, negated, "stripped"),))
    return replace(entry, facts=facts)


class Room:
    """An office whose subscription ``desk`` was met; `tick` is one look for alerts."""

    def __init__(self, office: Any, app: App, item: Any) -> None:
        self.office, self.app, self.item = office, app, item
        digest.run(app, now=office.clock)
        office.now += SECOND

    def bring(self, number: int, *, feed: str = "paper", title: str = "", make: Any = None, **scores: float) -> None:
        made = self.item(number, title=title, **scores)
        self.office.bring(self.app, make(made) if make else made, feed=feed)

    def tick(self, after: timedelta = timedelta()) -> list[Any]:
        self.office.now += after
        return alert.run(self.app, now=self.office.clock)

    def text(self, sent: Any) -> str:
        message = store_digests.digest_of_window(self.app.store, "desk", sent.key)
        assert message is not None
        return f"{message.subject}\n{message.text}"

    def next_digest(self) -> tuple[Any, str]:
        (sent,) = digest.send(self.app, ["desk"], now=self.office.clock)
        return sent, self.text(sent) if sent.recipients else ""


@pytest.fixture
def desk(office, item, store_url):
    """Make a room of a config, on each kind of database."""
    opened = []

    def make(config: str = DESK) -> Room:
        office.subscriptions, office.database = config, store_url
        opened.append(office.app())
        return Room(office, opened[-1], item)

    yield make
    for app in opened:
        app.close()


def test_a_story_over_the_line_goes_out_half_a_minute_after_it_was_stored_with_what_came_by_then(desk):
    room = desk()
    room.bring(1, returns=0.96)
    assert room.tick(20 * SECOND) == []
    room.bring(2, returns=0.97, feed="wire")
    room.bring(3, returns=0.9, feed="wire")
    (sent,) = room.tick(10 * SECOND)
    assert (sent.stories, sent.recipients) == (2, 1)
    text = room.text(sent)
    assert text.startswith("Alert: desk: 2 stories (2 returns)")
    assert room.tick(MINUTE) == [], "nothing is repeated"

    window, told = room.next_digest()
    assert window.stories == 1
    assert "number 3 " in told
    assert [line.split(" number ")[1][0] for line in told.splitlines() if "Court hears" in line] == ["3", "2", "1"]
    room.office.now += DAY
    assert "Alerted" not in room.next_digest()[1]


def test_an_alert_of_one_story_says_what_it_is_about_in_its_subject(desk):
    room = desk()
    room.bring(1, returns=0.96, title="Four flown home from Roj camp")
    (sent,) = room.tick(30 * SECOND)
    assert room.text(sent).startswith("Alert: Four flown home from Roj camp\nALERT: DESK")


def test_a_story_of_its_own_has_its_minute_and_news_of_a_told_one_waits(desk):
    room = desk(DESK + "update_sources = 1\n")
    room.bring(1, returns=0.96, title="Twelve children flown home from a camp")
    assert len(room.tick(30 * SECOND)) == 1
    room.bring(2, returns=0.96, feed="wire", title="Twelve children flown home from a camp")
    room.bring(3, returns=0.96)
    (sent,) = room.tick(30 * SECOND)
    assert ("number 3 " in room.text(sent), sent.stories) == (True, 1)
    assert room.tick(4 * MINUTE) == []
    (update,) = room.tick(MINUTE)
    assert room.text(update).startswith("Alert: update: Twelve children")
    assert room.tick(HOUR) == []
    window, _ = room.next_digest()
    assert window.stories == 0


def test_a_rule_asks_for_a_measure_of_a_country_at_its_stage(desk):
    room = desk(DESK + RULE)
    room.bring(1, returns=0.6, make=with_measure)
    room.bring(2, returns=0.6, make=lambda entry: with_measure(entry, Stage.PROPOSED))
    room.bring(3, returns=0.6, make=lambda entry: with_measure(entry, country="DE"))
    room.bring(4, returns=0.6, make=lambda entry: with_measure(entry, negated=True))
    room.bring(5, returns=0.4, make=with_measure)
    (sent,) = room.tick(30 * SECOND)
    assert sent.stories == 1
    assert "number 1 " in room.text(sent)


@pytest.mark.parametrize(("option", "expected"), [("", 1), ("alerting = false\n", 0)])
def test_the_label_s_own_alert_score_counts_and_a_subscription_may_refuse_alerts(office, item, option, expected):
    office.labels = "[labels.returns]\nthreshold = 0.5\nalert = 0.9\n[labels.policy]\nthreshold = 0.5\n"
    office.subscriptions = f'[subscriptions.desk]\nlabels = ["returns"]\nchannels = ["files"]\n{option}'
    with office.app() as app:
        room = Room(office, app, item)
        room.bring(1, returns=0.92)
        assert len(room.tick(30 * SECOND)) == expected


def test_after_the_cap_one_says_how_many_more_there_are_and_the_digest_has_them(desk):
    room = desk(DESK + "max_alerts = 2\n")
    for number in (1, 2):
        room.bring(number, returns=0.96)
        assert len(room.tick(MINUTE)) == 1
    for number in (3, 4, 5):
        room.bring(number, returns=0.95 + number / 1000)
    (more,) = room.tick(MINUTE)
    assert (more.more, more.stories) == (True, 1)
    assert room.text(more).startswith("Alert: 3 more stories, then no more alerts for an hour")
    assert "number 5 " in room.text(more)
    room.bring(6, returns=0.99)
    assert room.tick(MINUTE) == []
    assert room.tick(30 * MINUTE) == []
    window, told = room.next_digest()
    assert window.stories == 3
    assert all(f"number {number} " in told for number in (3, 4, 6))
    room.bring(7, returns=0.99)
    assert len(room.tick(HOUR)) == 1


def test_a_silence_keeps_an_alert_back_until_it_ends_and_loses_nothing(desk):
    room = desk(DESK + RULE)
    made = silence.add(room.app, lasts=4 * HOUR, country="FR", measure="citizenship", now=room.office.clock)
    room.bring(1, returns=0.96, make=with_measure)
    room.bring(2, returns=0.96)
    (sent,) = room.tick(30 * SECOND)
    assert "number 2 " in room.text(sent)
    assert "number 1 " not in room.text(sent)
    assert [one.id for one in silence.active(room.app, now=room.office.clock)] == [made.id]
    assert silence.end(room.app, made.id, now=room.office.clock) == 1
    with pytest.raises(UsageError, match="nothing was changed"):
        silence.end(room.app, made.id, now=room.office.clock)
    room.bring(3, returns=0.96, make=with_measure)
    (sent,) = room.tick(30 * SECOND)
    assert "number 3 " in room.text(sent)
    window, told = room.next_digest()
    assert (window.stories, "number 1 " in told) == (1, True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "give --country"),
        ({"country": "France"}, "ISO 3166"),
        ({"measure": "citizenshp"}, "give one of citizenship, "),
        ({"label": "sport"}, "known are policy, returns"),
        ({"country": "FR", "lasts": timedelta()}, "--for"),
    ],
)
def test_a_silence_that_means_nothing_is_refused(office, given, said):
    with office.app() as app, pytest.raises(UsageError, match=said):
        silence.add(app, **{"lasts": HOUR, "now": office.clock} | given)


def test_quiet_hours_hold_alerts_and_only_what_is_critical_passes(desk):
    quiet = 'quiet_hours = "22:00-05:00"\nquiet_mode = "critical"\ncritical = 0.99\nschedule = "daily 12:00"\n'
    room = desk(DESK + quiet)
    room.office.now = datetime.fromisoformat("2026-11-22T22:30Z")
    room.bring(1, returns=0.96)
    room.bring(2, returns=0.995)
    (sent,) = room.tick(MINUTE)
    assert "number 2 " in room.text(sent)
    assert "number 1 " not in room.text(sent)
    assert room.tick(HOUR) == []
    room.office.now = datetime.fromisoformat("2026-11-23T05:00Z")
    (sent,) = room.tick()
    assert "number 1 " in room.text(sent)
    window, told = room.next_digest()
    assert (window.stories, "Alerted" in told) == (0, False), "no digest is sent for what alerts told"


def test_on_a_holiday_only_what_is_critical_goes_out_and_the_next_digest_has_the_rest(desk):
    room = desk(DESK + 'holidays = ["2026-11-22"]\ncritical = 0.99\nschedule = "daily 07:30"\n')
    room.bring(1, returns=0.96)
    room.bring(2, returns=0.992, make=lambda entry: replace(entry, scores={"policy": entry.scores["returns"]}))
    assert room.tick(MINUTE) == [], "no digest would have gone out yet, and this is no alert"
    room.office.now += 2 * HOUR
    room.bring(3, returns=0.995)
    (sent,) = room.tick(MINUTE)
    assert ("number 3 " in room.text(sent), sent.stories) == (True, 1)
    room.office.now += DAY
    (window,) = digest.run(room.app, now=room.office.clock)
    assert window.stories == 2
    assert "Court hears returnee number 3" in room.text(window)


def test_who_is_paused_gets_no_alerts_and_none_of_the_pause_later(desk):
    room = desk()
    subscriptions.pause(room.app, "desk", now=room.office.clock)
    room.bring(1, returns=0.96)
    assert room.tick(MINUTE) == []
    subscriptions.resume(room.app, "desk", now=room.office.clock)
    assert room.tick(MINUTE) == []
    assert room.next_digest()[0].stories == 1


def test_two_processes_send_an_alert_once_and_a_digest_between_is_not_told_what_it_told(desk):
    room = desk()
    room.bring(1, returns=0.96)
    room.office.now += MINUTE
    state = digest.state_of(room.app, "desk", room.office.now)
    found = store_digests.unjudged(room.app.store, state, {"returns": 0.5})
    assert len(room.tick()) == 1
    with room.office.app() as other:
        assert alert.run(other, now=room.office.clock) == []
    closing = store_digests.Closing(state, "k", found.upto, (), 0, None, ())
    assert not store_digests.close_window(room.app.store, closing, now=room.office.now), "it was read before the alert"
    assert room.next_digest()[0].stories == 0


def test_a_digest_at_the_end_of_quiet_hours_tells_what_alerts_would(desk):
    room = desk(DESK + 'quiet_hours = "22:00-07:30"\nschedule = "daily 07:30"\n')
    room.bring(1, returns=0.96)
    room.office.now = datetime.fromisoformat("2026-11-22T07:30Z")
    assert room.tick() == []
    (sent,) = digest.run(room.app, now=room.office.clock)
    assert sent.stories == 1
    assert room.tick(MINUTE) == []


def test_what_was_stored_before_a_subscription_was_met_is_for_its_first_digest(office, item):
    office.subscriptions = DESK
    with office.app() as app:
        office.bring(app, item(1, returns=0.96))
        office.now += HOUR
        room = Room(office, app, item)
        assert room.tick(MINUTE) == []
        assert room.next_digest()[0].stories == 1


def test_news_is_alerted_with_a_clock_that_only_goes_on_and_each_story_reaches_its_reader_once(desk):
    room = desk(DESK + "max_alerts = 50\n")
    stored, told = {}, {}
    for step in range(40):
        if step % 3 == 0:
            number = step + 1
            room.bring(number, returns=0.94 + (number % 4) / 100, feed=("paper", "wire")[step % 2])
            stored[number] = room.office.now
        for sent in room.tick(10 * SECOND):
            text = room.text(sent)
            for number in stored:
                if f"number {number} " in text:
                    assert number not in told
                    told[number] = room.office.now
    loud = {number for number in stored if 0.94 + (number % 4) / 100 >= 0.95}
    assert told.keys() == {number for number in loud if room.office.now - stored[number] >= 40 * SECOND}
    assert all(told[number] - stored[number] <= MINUTE for number in told)
    window, text = room.next_digest()
    assert window.stories == len(stored) - len(told)
    assert all(text.count(f"returnee number {number} ") == 1 for number in stored)


def test_who_was_alerted_is_told_as_soon_that_the_source_withdraws_it(desk):
    room = desk()
    room.bring(1, returns=0.96, title="Twelve children flown home from a camp")
    assert len(room.tick(30 * SECOND)) == 1
    withdrawn = "Withdrawn: Twelve children flown home from a camp"
    room.bring(2, returns=0.96, title=withdrawn, make=lambda entry: replace(entry, joins=1))
    assert room.tick(4 * MINUTE) == []
    (sent,) = room.tick(MINUTE)
    assert room.text(sent).startswith(f"Alert: {withdrawn}\n")
    assert "WITHDRAWN BY ITS SOURCE" in room.text(sent)
    assert room.tick(HOUR) == []


@pytest.mark.parametrize(
    ("code", "first", "group", "last"),
    [
        ("fr", "Alerte\u00a0: Court", "Alerte\u00a0: desk\u00a0: 2\u00a0sujets",
         "Alerte\u00a0: encore 3\u00a0sujets, puis plus d’alerte"),
        ("ru", "Оповещение: Court", "Оповещение: desk: 2 сюжета", "Оповещение: ещё 3 сюжета, затем час"),
        ("ar", "تنبيه: \u2068Court", "تنبيه: \u2068desk\u2069: خبران", "تنبيه: 3 أخبار أخرى، ثم لا تنبيهات"),
    ],
)  # fmt: skip
def test_an_alert_is_told_in_the_language_of_the_headings(desk, code, first, group, last):
    room = desk(DESK.replace("channels", f'headings = "{code}"\nmax_alerts = 2\nchannels', 1))
    room.bring(1, returns=0.96, title="Court orders the return of six children")
    (sent,) = room.tick(MINUTE)
    assert room.text(sent).startswith(first)
    room.bring(2, returns=0.96)
    room.bring(3, returns=0.97)
    (sent,) = room.tick(MINUTE)
    assert room.text(sent).startswith(group)
    for number in (4, 5, 6):
        room.bring(number, returns=0.96)
    (more,) = room.tick(MINUTE)
    assert room.text(more).startswith(last)
    digest_text = room.next_digest()[1]
    assert of(code).say("digest.alerted").upper() in digest_text


def test_an_update_is_called_one_in_the_language_of_the_headings(desk):
    room = desk(DESK.replace("channels", 'headings = "de"\nupdate_sources = 1\nchannels', 1))
    room.bring(1, returns=0.96, title="Twelve children flown home from a camp")
    assert len(room.tick(30 * SECOND)) == 1
    room.bring(2, returns=0.96, feed="wire", title="Twelve children flown home from a camp")
    (update,) = room.tick(6 * MINUTE)
    text = room.text(update)
    assert text.startswith("Eilmeldung, neuer Stand: Twelve children")
    assert "NEUER STAND, zuletzt gemeldet am" in text
    assert "+1 Quelle: " in text
