"""What a digest or an alert could not deliver in time comes with the next one: to whom missed it, once, and named."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.deliver import atom
from monitor.deliver.brief import brief
from monitor.deliver.limits import Layout, Limit
from monitor.domain.delivery import DeliveryState
from monitor.jobs import alarms, alert, channels, deliver, deliveries, digest
from monitor.store import alerts as store_alerts
from monitor.store import deliveries as store_deliveries
from monitor.store import digests as store_digests
from monitor.store import outbox
from monitor.store import subscriptions as store_subscriptions

from .conftest import Office

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EARLIER = "that could not be delivered in time"


class Team:
    """An office with ana and bo on one mail server; a day a step, and what each of them got."""

    def __init__(self, office, post, item, url, *, more=""):
        self.office, self.post, self._item, self.number = office, post, item, 0
        office.database = url
        office.more = '[deliver]\ndeadline = "1h"\n'
        urls = ", ".join(repr(post.url(f"{name}@team.example")) for name in ("ana", "bo"))
        office.channels = f"[channels.mail]\nurls = [{urls}]\n"
        office.subscriptions = office.subscriptions.replace('["files"]', '["mail"]') + more
        self.app = office.app()

    def down(self, *names):
        self.post.put_off = {f"{name}@team.example" for name in names}

    def bring(self, number=1, *, feed="paper", **scores):
        made = []
        for _ in range(number):
            self.number += 1
            made.append(self._item(self.number, **(scores or {"returns": 0.9})))
        self.office.bring(self.app, *made, feed=feed)
        return self.number

    def close(self):
        """Close the window that is open, and deliver for a day."""
        (sent,) = digest.send(self.app, ["morning"], now=self.office.clock)
        self.deliver(DAY)
        return sent

    def deliver(self, span):
        """Deliver as the daemon does, until the clock stands so much later."""
        end = self.office.now + span
        while True:
            report = deliver.run(self.app, now=self.office.clock)
            later = [one.next_at for one in report.attempts if one.next_at and one.next_at <= end]
            if not later:
                break
            self.office.now = min(later)
        self.office.now = end

    def mails(self, name):
        """The texts that one got."""
        return [
            " ".join(mail.get_body(("plain",)).get_content().split())
            for mail in self.post.mails
            if mail["To"] == f"{name}@team.example"
        ]

    def stories(self, name):
        """How often one was told each story."""
        numbers = range(1, self.number + 1)
        return Counter(n for text in self.mails(name) for n in numbers if f"returnee number {n} " in text)

    def states(self):
        return {state.value: count for state, count in outbox.counts(self.app.store).items() if count}


@pytest.fixture
def team(office, post, item, secrets, store_url):
    made = []

    def build(**how):
        made.append(Team(office, post, item, store_url, **how))
        return made[-1]

    yield build
    for one in made:
        one.app.close()


def test_who_was_cut_off_for_three_windows_gets_each_story_once_and_nobody_else_notices(team):
    one = team()
    one.down("ana")
    for _ in range(3):
        one.bring(2)
        one.close()
    assert one.mails("ana") == []
    one.down()
    one.bring(2)
    last = one.close()

    assert one.stories("ana") == one.stories("bo") == dict.fromkeys(range(1, 9), 1)
    (told,) = one.mails("ana")
    assert "8 stories (6 from 3 messages since 22 Nov 2026, not delivered before): 8 returns" in told
    assert (
        "It holds 6 stories that could not be delivered in time: 2 of the digest of 22 Nov 2026, 06:00, 2 of the digest"
        " of 23 Nov 2026, 06:00, 2 of the digest of 24 Nov 2026, 06:00."
    ) in told
    assert told.count("Not delivered before, of the digest of 23 Nov 2026, 06:00") == 2
    assert [EARLIER in text for text in one.mails("bo")] == [False] * 4
    assert (last.stories, last.recipients, last.folded) == (2, 2, 1)
    assert one.states() == {"delivered": 5, "superseded": 3}


def test_digests_of_who_missed_nothing_are_those_they_would_have_been(team, office):
    one = team()
    one.down("ana")
    keys = []
    for _ in range(3):
        one.bring()
        keys.append(one.close().key)
    with_ana = [store_digests.digest_of_window(one.app.store, "morning", key) for key in keys]
    assert all(EARLIER not in message.text and message.data["folded"] is None for message in with_ana)
    assert [message.data["counts"]["stories"] for message in with_ana] == [1, 1, 1]


def test_it_is_said_in_every_form_and_of_which_window(team):
    one = team()
    one.down("ana")
    one.bring(2)
    first = one.close()
    one.bring()
    sent = one.close()
    message = store_digests.digest_of_window(one.app.store, "morning", f"{sent.key}+1")
    said = f"It holds 2 stories {EARLIER}, of the digest of 22 Nov 2026, 06:00."
    assert said in message.html
    assert said in " ".join(message.text.split())
    assert said in message.markdown
    assert said in str(message.blocks)
    assert message.data["folded"] == {
        "said": said,
        "of": [{"key": first.key, "at": "2026-11-22T06:00:00Z", "alert": False, "stories": 2}],
    }
    stories = message.data["sections"][0]["stories"]
    assert Counter(story["undelivered"] for story in stories) == {first.key: 2, None: 1}
    assert message.subject == "morning: 3 stories (3 returns; 2 not delivered before), 23 Nov 2026"
    assert message.key == f"morning/{sent.key}+1"
    each = "not delivered before, of the digest of 22 Nov 2026, 06:00"
    assert [story["carried"] for story in stories] == [each if story["undelivered"] else "" for story in stories]
    short = {layout: brief(message, Limit(1_500, layout=layout)) for layout in Layout}
    assert all(said.count(f"The paper · {each}") == 2 for layout, said in short.items() if layout is not Layout.SMS)
    assert short[Layout.SMS].count(f"(The paper - {each})") == 2
    assert said in short[Layout.HTML]
    assert said in short[Layout.TEXT]
    assert "2 of the digest of 22 Nov 2026, 06:00, not delivered before" in short[Layout.SMS]
    feed = atom.grown(b"", message).decode()
    assert said in feed
    assert feed.count("N" + each[1:]) == 2


def test_a_window_without_anything_new_is_sent_to_whom_it_owes_something_and_to_nobody_else(team):
    one = team()
    one.down("ana")
    one.bring()
    one.close()
    one.down()

    sent = one.close()

    assert (sent.stories, sent.recipients, sent.folded) == (0, 1, 1)
    assert one.stories("ana") == one.stories("bo") == {1: 1}
    assert (len(one.mails("ana")), len(one.mails("bo"))) == (1, 1)
    assert one.close().recipients == 0


def test_what_carries_it_may_run_out_of_time_itself(team):
    one = team()
    one.down("ana")
    one.bring()
    one.close()
    for _ in range(3):
        assert one.close().folded == 1
    one.bring()
    assert one.close().folded == 1
    one.down()
    one.close()
    assert one.stories("ana") == one.stories("bo") == {1: 1, 2: 1}
    assert one.states() == {"delivered": 3, "superseded": 5}
    (told,) = one.mails("ana")
    assert "1 of the digest of 22 Nov 2026, 06:00, 1 of the digest of 26 Nov 2026, 06:00." in told


def test_recipients_that_missed_the_same_share_a_digest_and_others_have_their_own(team):
    one = team()
    one.down("ana", "bo")
    one.bring()
    one.close()
    one.down("bo")
    one.bring()
    both = one.close()
    assert [d.key for d in store_subscriptions.sent_last(one.app.store, "morning", limit=9)][:2] == [
        f"{both.key}+1", both.key,
    ]  # fmt: skip
    one.down()
    one.bring()
    one.close()
    assert one.stories("ana") == one.stories("bo") == {1: 1, 2: 1, 3: 1}
    told = one.mails("bo")[0]
    assert "It holds 2 stories" in told


def test_a_story_that_came_on_meanwhile_stands_as_it_is_now_and_once(team, office, item):
    one = team()
    one.down("ana")
    one.bring()
    one.close()
    again = item(90, returns=0.95, title="Judges hear the same returnee anew")
    office.bring(one.app, replace(again, joins=1), feed="wire")
    one.down()
    one.close()
    (told,) = one.mails("ana")
    assert told.count("(1)") == 1
    assert "+1 source" in told
    assert "1 story (1 of the digest of" in told
    assert "UPDATE" not in told


def test_an_alert_that_was_not_delivered_in_time_comes_in_full_with_the_next_digest(team, office):
    office.labels = "[labels.returns]\nthreshold = 0.5\nalert = 0.8\n[labels.policy]\nthreshold = 0.5\n"
    one = team()
    digest.run(one.app, now=office.clock)
    one.down("ana")
    one.bring()
    office.now += timedelta(minutes=1)
    (sent,) = alert.run(one.app, now=office.clock)
    assert store_alerts.ALERT in sent.key
    one.deliver(DAY)
    one.down()
    one.bring(1, returns=0.6)
    office.now += HOUR
    one.close()
    (told,) = one.mails("ana")
    assert "of the alert of 22 Nov 2026, 06:01." in told
    assert "SENT AS ALERTS BEFORE" not in told
    assert "SENT AS ALERTS BEFORE (1)" in one.mails("bo")[-1]
    assert one.stories("ana") == {1: 1, 2: 1}


def test_what_is_sent_again_by_hand_while_a_window_closes_is_not_folded(team, office, monkeypatch):
    one = team()
    one.down("ana")
    one.bring()
    one.close()
    one.bring()
    one.down()
    (missed,) = store_deliveries.missed(one.app.store, "morning")
    closed = store_digests.close_window

    def close(store, closing, *, now):
        if not again:
            again.append(deliveries.again(one.app, missed.delivery_id, now=now))
        return closed(store, closing, now=now)

    again: list[object] = []
    monkeypatch.setattr(store_digests, "close_window", close)
    sent = one.close()
    assert (sent.folded, sent.recipients, len(again)) == (0, 2, 1)
    assert one.stories("ana") == one.stories("bo") == {1: 1, 2: 1}
    assert one.states() == {"delivered": 4}


def test_a_suspended_recipient_is_made_no_digest_of_what_is_not_new(team, post, office):
    one = team()
    one.down("ana")
    one.bring()
    one.close()
    one.down()
    post.refused = {"ana@team.example"}
    one.bring()
    assert one.close().folded == 1
    assert one.close().recipients == 0
    (suspended,) = [s for state in channels.states(one.app) for s in state.suspended]
    post.refused = set()
    channels.resume(one.app, suspended.id, now=office.now)
    one.deliver(HOUR)
    assert one.stories("ana") == {1: 1, 2: 1}


def test_a_delivery_shows_what_carries_it_and_the_channel_still_counts_as_failing(team, office):
    one = team()
    one.down("ana")
    one.bring()
    one.close()
    alarms.run(one.app, now=office.clock)
    one.bring()
    (sent,) = digest.send(one.app, ["morning"], now=office.clock)
    (row,) = store_deliveries.listed(one.app.store, states=[DeliveryState.SUPERSEDED])
    shown = deliveries.shown(one.app, row.id)
    assert shown.carrier is not None
    assert (shown.carrier.key, shown.carrier.id) == (f"{sent.key}+1", shown.carrier.id)
    (trouble,) = channels.states(one.app)[0].troubles
    assert trouble.since < office.now - HOUR
    assert alarms.run(one.app, now=office.clock).closed == ()
    one.down()
    one.deliver(HOUR)
    assert channels.states(one.app)[0].troubles == ()
    assert one.states()["superseded"] == 1


def test_what_others_were_told_long_ago_is_not_carried_on(team, office):
    one = team()
    one.down("ana")
    one.bring()
    one.close()
    office.now += 40 * DAY
    one.bring()
    assert one.close().folded == 0


def missed_by_ana(team, office):
    """An immediate subscription of which ana missed the first story, a day ago."""
    one = team(more='schedule = "immediate"\n')
    digest.run(one.app, now=office.clock)
    one.down("ana")
    one.bring()
    office.now += HOUR
    digest.run(one.app, now=office.clock)
    one.deliver(DAY)
    one.down()
    return one


def test_an_immediate_subscription_does_not_wait_for_news_to_tell_what_was_missed(team, office):
    one = missed_by_ana(team, office)
    (sent,) = digest.run(one.app, now=office.clock)
    assert (sent.stories, sent.folded) == (0, 1)
    one.deliver(HOUR)
    assert one.stories("ana") == {1: 1}
    assert digest.run(one.app, now=office.clock) == []


def test_what_was_missed_hurries_no_news_that_waits_for_what_comes_with_it(team, office):
    one = missed_by_ana(team, office)
    one.bring()
    office.now += timedelta(seconds=5)
    assert digest.run(one.app, now=office.clock) == []
    one.bring()
    office.now += HOUR
    (sent,) = digest.run(one.app, now=office.clock)
    one.deliver(HOUR)
    assert (sent.stories, sent.folded) == (2, 1)
    assert one.stories("ana") == {1: 1, 2: 1, 3: 1}
    assert one.stories("bo") == {1: 1, 2: 1, 3: 1}


def test_near_misses_gather_for_news_though_what_was_missed_is_sent_before(team, office):
    office.subscriptions = office.subscriptions.replace("near_misses = 0", "near_misses = 3")
    one = missed_by_ana(team, office)
    near = one.bring(returns=0.45)
    office.now += HOUR
    (sent,) = digest.run(one.app, now=office.clock)
    assert (sent.stories, sent.folded) == (0, 1)
    one.bring()
    office.now += HOUR
    digest.run(one.app, now=office.clock)
    one.deliver(HOUR)
    for name in ("ana", "bo"):
        (told,) = [mail for mail in one.mails(name) if "JUST BELOW THE LINE" in mail]
        assert f"returnee number {near} " in told
        assert f"returnee number {near + 1} " in told


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sets(st.sampled_from(["ana", "bo"])), st.booleans()), min_size=1, max_size=6
    )
)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_is_cut_off_whenever_gets_each_story_once(tmp_path_factory, post, item, secrets, days):
    office = Office(tmp_path_factory.mktemp("office"), environment={"SMTP_PASSWORD": secrets[0]})
    post.mails.clear()
    one = Team(office, post, item, "sqlite:///monitor.db")
    with one.app:
        for stories, down, midway in days:
            one.down(*down)
            one.bring(stories)
            digest.send(one.app, ["morning"], now=office.clock)
            one.deliver(HOUR / 2)
            if midway:
                one.down()
            one.deliver(DAY - HOUR / 2)
        one.down()
        one.close()
        one.close()
        everything = dict.fromkeys(range(1, one.number + 1), 1)
        assert one.stories("ana") == one.stories("bo") == everything
        assert set(one.states()) <= {"delivered", "superseded"}
