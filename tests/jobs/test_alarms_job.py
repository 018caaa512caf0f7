"""Alarms about channels, told on another one: when each begins, and when it ends."""

from datetime import timedelta

import pytest

from monitor.domain.channel import AlarmKind
from monitor.errors import ConfigError
from monitor.jobs import alarms, channels, deliver, digest
from monitor.store import alarms as store_alarms
from monitor.store import channels as store_channels

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def watch(office, post, hook, item, secrets):
    """A digest to mail and to a webhook; ``go(time)`` lets the daemon's jobs tick for so long."""
    opened = []

    class Watch:
        def open(self, *, more="", mail=True, ops=True):
            office.more = more
            urls = {"team": hook.slack, **({"desk": post.url("ana@team.example")} if mail else {})}
            if ops:
                urls["ops"] = post.url("owner@team.example")
            office.channels = "".join(f"[channels.{name}]\nurls = [{url!r}]\n" for name, url in urls.items())
            listed = ", ".join(f'"{name}"' for name in urls if name != "ops")
            office.subscriptions = f'[subscriptions.morning]\nlabels = ["returns"]\nchannels = [{listed}]\n'
            self.app = office.app()
            opened.append(self.app)
            office.bring(self.app, item(1, returns=0.9))
            digest.send(self.app, ["morning"], now=office.clock)
            return self

        def go(self, time):
            """Tick every five minutes, and return what was told, by subject."""
            end = office.now + time
            while office.now <= end:
                deliver.run(self.app, now=office.clock)
                alarms.run(self.app, now=office.clock)
                office.now += 5 * MINUTE
            deliver.run(self.app, now=office.clock)
            return self.told()

        def told(self):
            """The subjects of what was told, with the address that it went to."""
            return [
                (mail["Subject"].removeprefix("Returns Monitor: "), mail["To"])
                for mail in post.mails
                if "Returns Monitor: " in mail["Subject"]
            ]

    yield Watch()
    for app in opened:
        app.close()


def test_a_channel_that_fails_for_an_hour_is_told_once_on_another_and_its_end_once(office, watch, hook, post):
    hook.answers = [(503, "out to lunch")]
    watch.open()
    assert watch.go(50 * MINUTE) == []
    assert watch.go(3 * HOUR) == [("channel team fails", "owner@team.example")]
    (alarm,) = store_alarms.open_alarms(watch.app.store)
    assert (alarm.kind, alarm.subject, alarm.told) == (AlarmKind.CHANNEL, "team", True)
    mail = post.mails[-1].get_body(("plain",)).get_content()
    assert "nothing has reached slack://" in mail
    assert "since 2026-11-22 06:00 UTC; the last answer" in mail
    assert "503: out to lunch" in mail
    assert "`monitor channels test team`" in mail

    hook.answers = [(200, "ok")]
    assert watch.go(3 * HOUR)[1:] == [("channel team delivers again", "owner@team.example")]
    assert store_alarms.open_alarms(watch.app.store) == []
    assert watch.go(3 * HOUR)[2:] == []


def test_the_setting_says_how_long_and_where(watch, hook):
    hook.answers = [(503, "")]
    watch.open(more='[deliver]\nalarm_after = "10m"\nalarm_channel = "desk"\n')
    assert watch.go(20 * MINUTE) == [("channel team fails", "ana@team.example")]


def test_without_ops_the_first_channel_that_delivers_is_told(watch, hook):
    hook.answers = [(503, "")]
    watch.open(ops=False)
    assert watch.go(2 * HOUR) == [("channel team fails", "ana@team.example")]


def test_a_failing_channel_is_never_the_one_that_is_told_of_itself(office, watch, hook, post):
    post.data = ["451 4.3.0 later"]
    hook.answers = [(200, "ok")]
    watch.open(ops=False)
    watch.go(2 * HOUR)
    texts = [body["text"] for _, _, body in hook.posts]
    assert texts.count("Returns Monitor: channel desk fails") == 1
    post.data = ["250 2.0.0 taken"]
    watch.go(2 * HOUR)
    assert [body["text"] for _, _, body in hook.posts].count("Returns Monitor: channel desk delivers again") == 1
    assert watch.told() == []


def test_what_nobody_could_be_told_is_told_when_somebody_is_there_again(office, watch, hook, post):
    post.data, hook.answers = ["451 4.3.0 later"], [(503, "")]
    watch.open(ops=False)
    watch.go(2 * HOUR)
    kept = store_alarms.open_alarms(watch.app.store)
    assert [(alarm.subject, alarm.told) for alarm in kept] == [("desk", False), ("team", False)]
    post.mails.clear()
    post.data = ["250 2.0.0 taken"]
    assert watch.go(2 * HOUR) == [("channel team fails", "ana@team.example")], (
        "and of desk nothing: it is over, unheard"
    )
    assert [(alarm.subject, alarm.told) for alarm in store_alarms.open_alarms(watch.app.store)] == [("team", True)]


def test_a_suspended_recipient_is_told_at_once_and_when_it_is_resumed(office, watch, hook):
    hook.answers = [(404, "no_service")]
    watch.open()
    ((subject, to),) = watch.go(10 * MINUTE)
    assert subject.endswith("is suspended")
    assert to == "owner@team.example"
    assert watch.go(5 * HOUR)[1:] == [], "no alarm of the channel beside it"
    hook.answers = [(200, "ok")]
    (suspension,) = store_channels.suspensions(watch.app.store)
    channels.resume(watch.app, suspension.recipient, now=office.now)
    assert [subject for subject, _ in watch.go(10 * MINUTE)[1:]] == [f"{suspension.recipient} is no longer suspended"]


def test_two_processes_that_see_the_same_tell_it_once(office, watch, hook, post):
    hook.answers = [(503, "")]
    watch.open()
    watch.go(50 * MINUTE)
    office.now += HOUR
    deliver.run(watch.app, now=office.clock)
    office.now += MINUTE
    with office.app() as other:
        first, second = alarms.run(watch.app, now=office.clock), alarms.run(other, now=office.clock)
        assert ([alarm.subject for alarm in first.opened], second.opened) == (["team"], ())
        deliver.run(other, now=office.clock)
    assert watch.told() == [("channel team fails", "owner@team.example")]


def test_a_stop_of_ours_is_no_hour_of_failures(office, watch, hook):
    hook.answers = [(503, ""), (200, "ok")]
    watch.open()
    deliver.run(watch.app, now=office.clock)
    office.now += 9 * HOUR
    assert alarms.run(watch.app, now=office.clock).opened == (), "its next try is due first"
    assert watch.go(HOUR) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[deliver]\nalarm_channel = "opps"\n', "deliver.alarm_channel"),
        ('[ping]\nurl = "example.org/ping"\n', "write http:// or https:// in front"),
    ],
)
def test_an_alarm_or_a_ping_that_would_reach_nobody_is_a_wrong_config(office, more, said):
    office.more = more
    with pytest.raises(ConfigError, match=said):
        office.app()
