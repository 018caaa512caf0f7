"""Notices: from polls in the store, on each database, to the owner's mail box; each told once."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from monitor.app import App
from monitor.domain.delivery import DeliveryState
from monitor.domain.entry import ClassifiedEntry, Entry, Score
from monitor.domain.feed import FeedUpdate, Outcome, PollEvent
from monitor.domain.notice import NoticeKind
from monitor.errors import Severity
from monitor.jobs import deliver, digest, health, notices, prune, status
from monitor.jobs.health import State
from monitor.jobs.notices import NoticesReport
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.store import feeds as store_feeds
from monitor.store import notices as store_notices
from monitor.store import outbox
from monitor.store.database import Store
from monitor.store.feeds import Which

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)


@dataclass
class Watch:
    """Feeds, a clock, a store of either kind, and the owner's mail box. ``channels`` is TOML."""

    folder: Path
    store: Store
    post: Any
    channels: str
    now: datetime = START
    feeds: dict[str, str] = field(default_factory=lambda: dict.fromkeys(("courier", "paper", "wire"), ""))
    subscription: str = "desk"
    made: int = 0
    loaded: dict[str, Settings] = field(default_factory=dict)

    def app(self) -> App:
        """A program that has just started on what is stored."""
        return App(self.settings(), self.store)

    def settings(self) -> Settings:
        """The config, read once for as long as nobody changes it."""
        config = self.folder / "config"
        config.mkdir(exist_ok=True)
        now = repr((self.feeds, self.channels, self.subscription))
        sources = "".join(
            f'[sources.{name}]\ntitle = "The {name}"\n{more}\n[sources.{name}.feeds]\n{name} = "http://127.0.0.1:9/{name}"\n'
            for name, more in self.feeds.items()
        )
        files = {
            "monitor.toml": '[database]\nurl = "sqlite:///unused.db"\n',
            "feeds.toml": sources,
            "labels.toml": "[labels.returns]\nthreshold = 0.5\n",
            "channels.toml": f'[channels.files]\nurls = ["folder://digests"]\n{self.channels}',
            "subscriptions.toml": f'[subscriptions."{self.subscription}"]\n'
            'labels = ["returns"]\nchannels = ["files"]\n',
        }
        if now not in self.loaded:
            for name, text in files.items():
                (config / name).write_text(text, encoding="utf-8")
            self.loaded[now] = load(config, {"SMTP_PASSWORD": "correct-horse-battery"})
        return self.loaded[now]

    def poll(self, feed: str, new: int = 0, *, fail: str = "", quarantined: int = 0, gone: bool = False) -> None:
        """Write a poll, now."""
        app = self.app()
        store_feeds.sync(app.store, [app.settings.feeds[feed]], now=self.now)
        (state,) = store_feeds.claim(app.store, [feed], Which.NAMED, now=self.now, lease=MINUTE)
        entries = tuple(self._entry(feed, self.made + n) for n in range(new))
        self.made += new
        outcome, severity = (Outcome.FAILED, Severity.HARD) if fail else (Outcome.OK, None)
        event = PollEvent(
            feed, self.now, outcome, None, fail, severity, "it is down" if fail else "", entries=new, new=new,
            quarantined=quarantined,
        )  # fmt: skip
        update = FeedUpdate(event, self.now + HOUR, "interval", state.lease, float(bool(fail)), new=entries, gone=gone)
        store_feeds.apply(app.store, update)

    def _entry(self, feed: str, number: int) -> ClassifiedEntry:
        title = f"Harbour notes, part {number}"
        entry = Entry(f"g:{number}", str(number), f"https://{feed}.example/{number}", title, "", "en", self.now)
        return ClassifiedEntry(entry, {"returns": Score(0.1)}, "test+0", (), (f"u:{number}",), news=True)

    def publish(self, feed: str, days: int, *, new: int = 1) -> None:
        """Let a feed bring so many new entries on each of the next days, and tell of it after each."""
        for _ in range(days):
            self.now += DAY
            self.poll(feed, new)
            assert self.run() == NoticesReport()

    def run(self) -> NoticesReport:
        """A run of the job and one of the deliveries, by a program that has just started."""
        report = notices.run(self.app(), now=lambda: self.now)
        if outbox.counts(self.store).get(DeliveryState.PENDING):
            deliver.run(self.app(), now=lambda: self.now)
        return report

    def mails(self) -> list[EmailMessage]:
        """What has come since the last look."""
        found = list(self.post.mails)
        self.post.mails.clear()
        return found

    def subjects(self) -> list[str]:
        return [str(mail["Subject"]).removeprefix("Returns Monitor: ") for mail in self.mails()]


@pytest.fixture
def watch(tmp_path: Path, store: Store, post: Any) -> Watch:
    return Watch(tmp_path, store, post, f"[channels.ops]\nurls = ['{post.url('owner@team.example')}']\n")


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def test_a_silence_is_told_once_and_its_end_once(watch: Watch) -> None:
    watch.publish("courier", 30)
    for _ in range(20):
        watch.now += 8 * HOUR
        watch.poll("courier")
        watch.run()
    (mail,) = watch.mails()
    assert mail["Subject"] == "Returns Monitor: courier has fallen silent"
    assert "nothing new since 1 Apr 2026, 09:30: for 4 days 8 h" in text_of(mail)
    assert "seldom pauses for longer than 1 day; a notice is due after 4 days" in text_of(mail)
    html = mail.get_body(("html",))
    assert html is not None
    assert "<code" in html.get_content()

    watch.now += HOUR
    watch.poll("courier", 1)
    watch.run()
    (mail,) = watch.mails()
    assert mail["Subject"] == "Returns Monitor: courier is no longer silent"
    assert "brought something new, the last at 8 Apr 2026, 02:30" in text_of(mail)
    watch.publish("courier", 5)
    assert watch.mails() == []


def test_a_weekly_feed_is_not_silent_when_a_daily_one_is(watch: Watch) -> None:
    for day in range(100):
        watch.now += DAY
        watch.poll("courier", 1 if day <= 90 else 0)
        watch.poll("wire", 1 if day % 7 == 0 else 0)
        watch.run()
    assert watch.subjects() == ["courier has fallen silent"]


def test_the_rhythm_of_config_counts_until_the_feeds_own_is_known(watch: Watch) -> None:
    watch.feeds["courier"] = 'rhythm = "3d"'
    watch.poll("courier", 9)
    watch.now += 11 * DAY
    watch.poll("courier")
    assert watch.run() == NoticesReport()
    watch.now += 2 * DAY
    watch.poll("courier")
    watch.run()
    (mail,) = watch.mails()
    assert "feeds.toml expects something every 3 days; a notice is due after 12 days." in text_of(mail)


def test_a_feed_that_keeps_failing_is_told_once_and_its_recovery_once(watch: Watch) -> None:
    watch.publish("courier", 3)
    for hour in range(60):
        watch.now += HOUR
        watch.poll("wire", 1 if hour == 0 else 0)
        watch.poll("courier", fail="http-503")
        watch.run()
    (mail,) = watch.mails()
    assert mail["Subject"] == "Returns Monitor: courier fails"
    assert "since 5 Mar 2026, 10:30, all 25 polls; the last with http-503: it is down." in text_of(mail)
    watch.poll("courier")
    watch.run()
    assert watch.subjects() == ["courier answers again"]
    watch.run()
    assert watch.mails() == []


def test_a_feed_that_is_gone_is_told_as_gone_and_no_longer_as_failing(watch: Watch) -> None:
    watch.poll("wire", 1)
    for day in range(20):
        watch.now += DAY
        watch.poll("wire")
        watch.poll("courier", fail="http-410", gone=day >= 14)
        watch.run()
    assert watch.subjects() == ["courier fails", "courier is gone"]
    assert [n.kind for n in store_notices.open_notices(watch.store)] == [NoticeKind.GONE]
    watch.poll("courier", 1)
    watch.run()
    assert watch.subjects() == ["courier answers again"]


def outage(watch: Watch, hours: int) -> None:
    """Every poll fails, each hour anew."""
    for _ in range(hours):
        for name in watch.feeds:
            watch.now += MINUTE
            watch.poll(name, fail="dns")
        watch.now += HOUR - len(watch.feeds) * MINUTE
        watch.run()


def test_a_cycle_in_which_everything_fails_is_one_notice_and_no_flood_comes_after_it(watch: Watch) -> None:
    for name in watch.feeds:
        watch.poll(name, 1)
    watch.now += HOUR
    outage(watch, 40)
    (mail,) = watch.mails()
    assert mail["Subject"] == "Returns Monitor: every poll fails"
    assert "since 2 Mar 2026, 10:31; 3 feeds asked" in text_of(mail)
    assert "How they fail: dns 3." in text_of(mail)

    watch.poll("courier")
    watch.run()
    assert watch.subjects() == ["polls go well again"]
    for hour in range(30):
        watch.now += HOUR
        watch.poll("courier")
        watch.poll("wire")
        watch.poll("paper", fail="dns")
        watch.run()
        assert watch.subjects() == (["paper fails"] if hour == 23 else [])


def test_an_outage_that_comes_and_goes_is_told_once(watch: Watch) -> None:
    for name in watch.feeds:
        watch.poll(name, 1)
    for _ in range(4):
        watch.now += HOUR
        outage(watch, 3)
        for name in watch.feeds:
            watch.poll(name)
        watch.run()
    assert watch.subjects() == ["every poll fails", "polls go well again"]
    (kept,) = store_notices.kept(watch.store).notices
    assert (kept.open, kept.times) == (False, 4)


def test_two_feeds_that_fail_are_no_outage(watch: Watch) -> None:
    del watch.feeds["paper"]
    for name in watch.feeds:
        watch.poll(name, 1)
    watch.now += HOUR
    outage(watch, 20)
    assert watch.mails() == []


def test_a_spike_is_told_with_its_usual_and_when_it_is_over(watch: Watch) -> None:
    watch.publish("courier", 20, new=5)
    watch.now += DAY
    watch.poll("courier", 60)
    watch.run()
    (mail,) = watch.mails()
    assert mail["Subject"] == "Returns Monitor: courier brings far more than usual"
    assert "60 new entries in the 24 h to 23 Mar 2026, 09:30. Its usual is 5.0 a day; more than 19" in text_of(mail)
    watch.now += DAY + HOUR
    watch.poll("courier", 5)
    watch.run()
    assert watch.subjects() == ["courier is as usual again"]


def test_a_first_poll_is_no_spike_and_a_rotation_is_one(watch: Watch) -> None:
    watch.poll("courier", 300)
    assert watch.run() == NoticesReport()
    watch.now += DAY
    watch.poll("courier", 12, quarantined=11)
    watch.run()
    (mail,) = watch.mails()
    assert "11 entries came again under other ids" in text_of(mail)


def test_a_rotation_of_a_feed_that_brings_much_is_told_too(watch: Watch) -> None:
    watch.publish("courier", 30, new=5)
    watch.now += DAY
    watch.poll("courier", 3, quarantined=3)
    watch.run()
    (mail,) = watch.mails()
    assert "3 entries came again under other ids" in text_of(mail)
    assert "Its usual is 5.0 a day" in text_of(mail)


def test_one_run_tells_everything_in_one_message(watch: Watch) -> None:
    watch.publish("courier", 30)
    for _ in range(6):
        watch.now += DAY
        watch.poll("courier")
        watch.poll("wire", fail="tls")
    watch.run()
    assert watch.subjects() == ["1 failing, 1 silent"]
    watch.poll("courier", 1)
    watch.poll("wire", 1, quarantined=1)
    watch.run()
    (mail,) = watch.mails()
    assert mail["Subject"] == "Returns Monitor: 1 far over their usual, 2 back to normal"


def test_while_nothing_ran_nothing_fell_silent_or_failed(watch: Watch) -> None:
    watch.publish("courier", 30)
    watch.poll("wire", fail="dns")
    watch.now += 90 * DAY
    assert watch.run() == NoticesReport()
    watch.poll("wire", 1)
    watch.poll("courier", 25)  # what piled up meanwhile
    assert watch.run() == NoticesReport()


def test_without_the_channel_notices_are_kept_logged_and_shown(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="monitor")
    watch.channels = ""
    watch.publish("courier", 30)
    watch.now += 5 * DAY
    watch.poll("courier")
    report = watch.run()
    assert [notice.key for notice in report.opened] == [(NoticeKind.SILENT, "courier")]
    assert report.recipients == 0
    assert watch.run() == NoticesReport()
    assert outbox.counts(watch.store) == {}
    assert "notice kind=silent feed=courier state=opened" in caplog.text
    app = watch.app()
    (shown,) = status.status(app, now=watch.now).notices
    assert shown.detail.startswith("It answers, and has brought nothing new since 1 Apr 2026")
    by_name = {found.feed: found for found in health.health(app, now=watch.now)}
    assert (by_name["courier"].state, by_name["courier"].silent_days) == (State.SILENT, 5)
    assert by_name["courier"].notices == (shown,)
    watch.poll("courier", 1)
    watch.run()
    assert "notice kind=silent feed=courier state=closed" in caplog.text
    assert status.status(watch.app(), now=watch.now).notices == ()


def test_settings_without_channels_are_refused_before_anything_is_kept(watch: Watch) -> None:
    config = watch.settings().folder
    app = App(load(config, {"SMTP_PASSWORD": "x"}, channels=False), watch.store)
    with pytest.raises(RuntimeError, match="loaded without channels"):
        notices.run(app, now=lambda: watch.now)


def test_a_feed_that_leaves_the_config_takes_its_notice_along(watch: Watch) -> None:
    watch.publish("courier", 30)
    watch.now += 5 * DAY
    watch.poll("courier")
    watch.run()
    assert watch.subjects() == ["courier has fallen silent"]
    watch.feeds["courier"] = "enabled = false"
    assert watch.run() == NoticesReport()
    assert watch.mails() == []
    assert store_notices.kept(watch.store).notices == ()
    watch.feeds["courier"] = ""
    watch.run()
    assert watch.subjects() == ["courier has fallen silent"]


def test_a_crash_before_the_delivery_loses_nothing_and_tells_nothing_twice(watch: Watch) -> None:
    watch.poll("courier", 1, quarantined=1)
    notices.run(watch.app(), now=lambda: watch.now)
    assert outbox.counts(watch.store) == {DeliveryState.PENDING: 1}
    watch.run()
    watch.run()
    assert watch.subjects() == ["courier brings far more than usual"]


def test_a_message_goes_to_every_recipient_of_the_channel_and_is_pruned_like_a_digest(watch: Watch) -> None:
    watch.channels = (
        f"[channels.ops]\nurls = ['{watch.post.url('ana@team.example')}', '{watch.post.url('bo@team.example')}',"
        ' "folder://told"]\n'
    )
    watch.poll("courier", 1, quarantined=1)
    assert watch.run().recipients == 3
    first, second = watch.mails()
    assert {first["To"], second["To"]} == {"ana@team.example", "bo@team.example"}
    assert first["Message-ID"] != second["Message-ID"]
    names = sorted(path.name for path in (watch.folder / "told").iterdir())
    assert names == ["notices-2026-03-02T09-30-00Z-1.html", "notices-2026-03-02T09-30-00Z-1.txt"]
    watch.now += 500 * DAY
    assert prune.run(watch.app(), now=lambda: watch.now).digests == 1


def test_a_subscription_may_be_called_like_the_messages_of_notices(watch: Watch) -> None:
    watch.subscription = "@notices"
    watch.poll("courier", 1, quarantined=1)
    watch.run()
    app = watch.app()
    (sent,) = digest.send(app, ["@notices"], now=lambda: watch.now)
    assert not sent.already
    assert watch.subjects() == ["courier brings far more than usual"]
