"""Who left a subscription gets none of its digests, alerts and folded ones, and is no failure of anybody's."""

from datetime import timedelta

import pytest

from monitor.domain.delivery import LEFT, DeliveryState, Via
from monitor.errors import UsageError
from monitor.jobs import alarms, alert, channels, deliver, deliveries, departures, digest, status, subscriptions
from monitor.store import deliveries as store_deliveries

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVENING = '[subscriptions.evening]\nlabels = ["returns"]\nchannels = ["mail"]\n'


class Team:
    """Ana and bo, who get a digest by mail; what each of them got."""

    def __init__(self, office, post, item, *, url="sqlite:///monitor.db", more=""):
        self.office, self.post, self._item, self.number = office, post, item, 0
        office.database = url
        urls = ", ".join(repr(post.url(f"{name}@team.example")) for name in ("ana", "bo"))
        office.channels = f"[channels.mail]\nurls = [{urls}]\n"
        office.subscriptions = office.subscriptions.replace('["files"]', '["mail"]') + more
        office.more = '[deliver]\ndeadline = "1h"\n'
        self.app = office.app()

    def bring(self):
        self.number += 1
        self.office.bring(self.app, self._item(self.number, returns=0.99))

    def send(self, name="morning"):
        """Close the window, deliver, and say who got it."""
        self.office.now += HOUR
        digest.send(self.app, [name], now=self.office.clock)
        return self.deliver()

    def deliver(self):
        self.post.mails.clear()
        deliver.run(self.app, now=self.office.clock)
        return sorted(mail["To"].partition("@")[0] for mail in self.post.mails)

    def leave(self, who="ana", name="morning"):
        (recipient,) = (one for one in self.app.settings.channels["mail"] if f":{who}@" in one.label)
        return departures.leave(self.app, name, recipient, Via.ONE_CLICK, now=self.office.clock)


@pytest.fixture
def team(office, post, item, secrets, store_url):
    made = Team(office, post, item, url=store_url, more="alert_thresholds = { returns = 0.95 }\n" + EVENING)
    yield made
    made.app.close()


def test_the_next_digests_go_to_the_others_only_and_another_subscription_to_all(team):
    team.bring()
    assert team.send() == ["ana", "bo"]
    assert team.leave()
    assert not team.leave()
    for _ in range(2):
        team.bring()
        assert team.send() == ["bo"]
    assert team.send("evening") == ["ana", "bo"]


def test_an_alert_and_a_test_go_to_the_others_only(team):
    digest.run(team.app, now=team.office.clock)
    team.leave()
    team.office.now += HOUR
    team.bring()
    team.office.now += HOUR
    (sent,) = alert.run(team.app, now=team.office.clock)
    assert (sent.recipients, team.deliver()) == (1, ["bo"])
    assert subscriptions.try_out(team.app, "morning", now=team.office.clock).recipients == ("mailto:bo@team.example",)
    assert team.deliver() == ["bo"]


def test_what_is_planned_is_not_sent_any_more_and_is_no_failure(team):
    team.bring()
    team.office.now += HOUR
    digest.send(team.app, ["morning"], now=team.office.clock)
    team.leave()
    report = deliver.run(team.app, now=team.office.clock)
    assert [(one.recipient, one.state) for one in report.attempts] == [
        ("mailto:bo@team.example", DeliveryState.DELIVERED)
    ]
    (given_up,) = store_deliveries.listed(team.app.store, states=[DeliveryState.ABANDONED])
    assert (given_up.recipient, given_up.code, given_up.detail) == (
        "mailto:ana@team.example", LEFT, "the recipient has left the subscription"
    )  # fmt: skip
    team.office.now += DAY
    found = status.status(team.app, now=team.office.now)
    assert found.unsettled == ()
    assert [(one.subscription, one.recipient) for one in found.left] == [("morning", "mailto:ana@team.example")]
    (channel,) = channels.states(team.app)
    assert (channel.waiting, channel.failed, channel.troubles) == (0, 0, ())
    assert alarms.run(team.app, now=team.office.clock).opened == ()


def test_what_failed_before_is_not_carried_to_who_left_and_its_alarm_is_over(team):
    team.post.put_off = {"ana@team.example"}
    team.bring()
    team.send()
    team.office.now += 2 * HOUR
    team.deliver()
    (channel,) = channels.states(team.app)
    assert channel.troubles, "the channel fails until ana leaves"
    team.post.put_off = set()
    team.leave()
    (channel,) = channels.states(team.app)
    assert (channel.failed, channel.troubles) == (0, ())
    team.bring()
    assert team.send() == ["bo"]


def test_what_was_under_way_when_its_recipient_left_is_not_tried_again(team):
    team.bring()
    team.post.put_off = {"ana@team.example"}
    team.office.now += HOUR
    digest.send(team.app, ["morning"], now=team.office.clock)
    first = [team.office.now]

    def clock():
        if len(first) == 1 and team.post.asked:  # the first look at the clock after ana's server has answered
            first.append(team.office.now)
            team.leave()
        return team.office.now

    deliver.run(team.app, now=clock)
    assert len(first) == 2
    team.post.put_off = set()
    team.office.now += 5 * HOUR
    assert team.deliver() == []
    states = {one.recipient: one.state for one in store_deliveries.listed(team.app.store)}
    assert states["mailto:ana@team.example"] is DeliveryState.ABANDONED


def test_who_comes_back_gets_the_next_digest_and_nothing_that_was_missed(team):
    team.bring()
    team.leave()
    team.send()
    team.bring()
    assert team.send() == ["bo"]
    found = subscriptions.rejoin(team.app, "morning", "ana")
    assert found.recipient == "mailto:ana@team.example"
    assert team.deliver() == []
    team.bring()
    assert team.send() == ["ana", "bo"]
    (to_ana,) = (mail for mail in team.post.mails if mail["To"].startswith("ana"))
    body = to_ana.get_body(("plain",)).get_content()
    assert "number 3" in body
    assert "number 1" not in body
    assert "number 2" not in body


def test_nobody_is_sent_by_hand_what_he_left_until_he_is_back(team):
    team.bring()
    team.office.now += HOUR
    digest.send(team.app, ["morning"], now=team.office.clock)
    team.leave()
    (given_up,) = store_deliveries.listed(team.app.store, states=[DeliveryState.ABANDONED])
    with pytest.raises(
        UsageError, match=r"has left subscription morning; `monitor subscriptions rejoin morning mailto"
    ):
        deliveries.again(team.app, given_up.id, now=team.office.now)
    subscriptions.rejoin(team.app, "morning", given_up.recipient)
    assert deliveries.again(team.app, given_up.id, now=team.office.now).ids == {given_up.id}
    assert team.deliver() == ["ana", "bo"]


def test_an_address_that_left_stays_left_when_its_mail_goes_by_another_server(team):
    team.leave()
    team.office.channels = team.office.channels.replace("desk:", "another:")
    team.app.close()
    team.app = team.office.app()
    team.bring()
    team.office.now += HOUR
    (sent,) = digest.send(team.app, ["morning"], now=team.office.clock)
    assert sent.recipients == 1


def test_a_digest_that_everybody_left_is_sent_to_nobody_and_its_window_closes(team):
    team.leave("ana")
    team.leave("bo")
    team.bring()
    assert team.send() == []
    subscriptions.rejoin(team.app, "morning", "bo")
    assert team.send() == [], "the window was closed"


def test_bringing_back_who_has_not_left_says_who_has(team):
    with pytest.raises(UsageError, match=r'nobody has left subscription "morning"; nothing was changed$'):
        subscriptions.rejoin(team.app, "morning", "ana")
    team.leave("ana", "evening")
    with pytest.raises(UsageError, match=r'nobody has left subscription "morning".*; somebody has left evening'):
        subscriptions.rejoin(team.app, "morning", "ana")
    team.leave("ana")
    with pytest.raises(
        UsageError, match=r'no recipient who left subscription "morning" is called "cy".*there are: .*ana'
    ):
        subscriptions.rejoin(team.app, "morning", "cy")
    with pytest.raises(UsageError, match=r'no subscription "noon"'):
        subscriptions.rejoin(team.app, "noon", "ana")
