"""Pausing, resuming and testing subscriptions."""

from datetime import timedelta

import pytest

from monitor.errors import UsageError
from monitor.jobs import deliver, digest, subscriptions

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_paused_subscription_gets_nothing_and_then_what_is_a_day_old_at_the_most(office, item, tables):
    with office.app() as app:
        digest.run(app, now=office.clock)
        assert subscriptions.pause(app, "morning", now=office.clock) == 1
        office.bring(app, item(1, returns=0.9))
        office.now += 3 * DAY
        assert digest.run(app, now=office.clock) == []
        office.bring(app, item(2, returns=0.9), feed="wire")
        office.now += 5 * HOUR

        assert subscriptions.resume(app, "morning", now=office.clock) == 1
        assert digest.run(app, now=office.clock) == [], "the windows of the pause have passed"
        office.now += DAY - 3 * HOUR
        (sent,) = digest.run(app, now=office.clock)
        assert sent.stories == 1
        (ledger,) = tables(app)["ledger"]
        assert ledger[1] == 2


def test_a_pause_that_was_short_loses_nothing(office, item):
    with office.app() as app:
        office.bring(app, item(1, returns=0.9))
        subscriptions.pause(app, "morning", now=office.clock)
        office.now += HOUR
        office.bring(app, item(2, returns=0.9), feed="wire")
        subscriptions.resume(app, "morning", now=office.clock)
        office.now += HOUR
        (sent,) = digest.run(app, now=office.clock)
        assert sent.stories == 2


def test_what_changes_no_row_is_an_error_and_says_so(office):
    with office.app() as app:
        with pytest.raises(UsageError, match="not paused; nothing was changed"):
            subscriptions.resume(app, "morning", now=office.clock)
        subscriptions.pause(app, "morning", now=office.clock)
        with pytest.raises(UsageError, match="paused already since 2026-11-22 06:00 UTC; nothing was changed"):
            subscriptions.pause(app, "morning", now=office.clock)
        with pytest.raises(UsageError, match=r'no subscription "evening".*morning'):
            subscriptions.pause(app, "evening", now=office.clock)


def test_a_paused_subscription_is_not_sent_by_hand_and_the_others_are(office, item):
    office.subscriptions += '[subscriptions.desk]\nlabels = ["returns"]\nchannels = ["files"]\n'
    with office.app() as app:
        office.bring(app, item(1, returns=0.9))
        subscriptions.pause(app, "morning", now=office.clock)
        with pytest.raises(UsageError, match="subscriptions resume morning"):
            digest.send(app, ["morning"], now=office.clock)
        (sent,) = digest.send(app, ["morning", "desk"], now=office.clock)
        assert (sent.subscription, sent.stories) == ("desk", 1)
        assert digest.next_windows(app, now=office.now)["morning"] is None
        assert subscriptions.standing(app, "morning", now=office.clock).paused_at == office.now


def test_what_a_cap_had_cut_before_a_pause_is_dropped(office, item, tables):
    office.subscriptions += "max_stories = 1\n"
    with office.app() as app:
        office.bring(app, item(1, returns=0.9), item(2, returns=0.8))
        digest.send(app, ["morning"], now=office.clock)
        subscriptions.pause(app, "morning", now=office.clock)
        office.now += DAY
        subscriptions.resume(app, "morning", now=office.clock)
        assert sorted(row[3] for row in tables(app)["ledger"]) == ["dropped", "shown"]


def test_a_test_arrives_marked_and_leaves_everything_as_it_was(office, item, tables):
    with office.app() as app:
        office.bring(app, item(1, returns=0.9))
        digest.run(app, now=office.clock)
        before = tables(app)
        dry = subscriptions.try_out(app, "morning", dry_run=True, now=office.clock)
        assert tables(app) == before
        assert (dry.sent, dry.stories, len(dry.recipients)) == (False, 1, 1)
        assert dry.message.subject.startswith("Test: morning: 1 story")

        trial = subscriptions.try_out(app, "morning", now=office.clock)
        report = deliver.run(app, now=office.clock)
        assert len(report.attempts) == 1
        after = tables(app)
        assert [after[name] for name in ("subscription", "ledger")] == [before["subscription"], before["ledger"]]
        files = [path.read_text(encoding="utf-8") for path in (office.folder / "digests").glob("*-test.txt")]
        assert [text.splitlines()[0] for text in files] == ["TEST: MORNING"]
        assert trial.sent

        office.now += 2 * HOUR
        (sent,) = digest.run(app, now=office.clock)
        assert sent.stories == 1
