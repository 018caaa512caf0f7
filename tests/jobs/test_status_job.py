"""How things stand: the daemon's sign of life, feeds, deliveries, next windows."""

from datetime import timedelta

from monitor.domain.delivery import DeliveryState
from monitor.jobs import deliver, digest, prune, status
from monitor.store import outbox, views

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_without_a_daemon_health_is_ill_and_says_how_to_start_one(office):
    with office.app() as app:
        found = status.health(app.store, now=office.now)
    assert (found.healthy, found.last_beat) == (False, None)
    assert "`monitor run`" in found.reason


def test_a_fresh_sign_of_life_is_health_and_an_old_one_is_not(office):
    with office.app() as app:
        views.beat(app.store, status.SCHEDULER, now=office.now, every=15)
        assert status.health(app.store, now=office.now + timedelta(seconds=100)).healthy
        found = status.health(app.store, now=office.now + timedelta(seconds=120))
        assert not found.healthy
        assert "120 s old" in found.reason


def test_a_dead_feed_is_not_ill_health(office):
    with office.app() as app:
        office.fail(app, "paper")
        views.beat(app.store, status.SCHEDULER, now=office.now, every=15)
        found = status.status(app, now=office.now)
    assert found.health.healthy
    assert [feed.name for feed in found.failing] == ["paper"]


def test_status_tells_feeds_entries_deliveries_and_the_next_windows(office, item):
    office.feeds = ["paper", "wire", "fresh"]
    office.subscriptions += (
        '[subscriptions.never]\nlabels = ["returns"]\nchannels = ["files"]\nschedule = "0 0 29 2 *"\n'
    )
    with office.app() as app:
        office.bring(app, item(1, returns=0.9), item(2, scorer=""))
        office.fail(app, "wire")
        digest.send(app, ["morning"], now=office.clock)

        found = status.status(app, now=office.now)

        assert found.never_polled == ("fresh",)
        assert [(feed.name, feed.kind, feed.detail) for feed in found.failing] == [("wire", "http-503", "it is down")]
        assert (found.totals.entries, found.totals.unclassified, found.totals.last_poll_at) == (2, 1, office.now)
        assert found.deliveries == {DeliveryState.PENDING: 1}
        assert [delivery.channel for delivery in found.unsettled] == ["files"]
        assert found.next_windows == {"morning": office.now + timedelta(hours=1, minutes=30), "never": None}
        deliver.run(app, now=office.clock)
        assert status.status(app, now=office.now).unsettled == ()


def test_a_feed_that_recovers_or_leaves_the_config_is_no_longer_failing(office, item):
    with office.app() as app:
        office.fail(app, "paper")
        office.fail(app, "wire")
        office.now += HOUR
        office.bring(app, item(1, returns=0.1), feed="paper")
        assert [feed.name for feed in status.status(app, now=office.now).failing] == ["wire"]
    office.feeds = ["paper"]
    with office.app() as app:
        assert status.status(app, now=office.now).failing == ()


def test_prune_obeys_retention_and_brings_nothing_back(office, item, tables):
    office.more = '[retention]\nentries = "10d"\npolls = "5d"\ndigests = "3d"\n'
    with office.app() as app:
        office.bring(app, item(1, returns=0.9))
        digest.send(app, ["morning"], now=office.clock)
        deliver.run(app, now=office.clock)
        assert prune.run(app, now=office.clock) == prune.Pruned(0, 0, 0)

        office.now += 4 * DAY
        office.bring(app, item(2, returns=0.9), feed="wire")
        assert prune.run(app, now=office.clock) == prune.Pruned(0, 0, 1)
        office.now += 2 * DAY
        assert prune.run(app, now=office.clock) == prune.Pruned(0, 1, 0)
        office.now += 5 * DAY
        assert prune.run(app, now=office.clock) == prune.Pruned(1, 1, 0)

        assert [stored.id for stored in views.items(app.store, limit=0)] == [2]
        (sent,) = digest.send(app, ["morning"], now=office.clock)
        assert sent.stories == 1
        assert len(tables(app)["entry"]) == 2


def test_a_digest_that_somebody_still_waits_for_is_kept(office, item, tables):
    office.more = '[retention]\ndigests = "3d"\n'
    with office.app() as app:
        office.bring(app, item(1, returns=0.9))
        digest.send(app, ["morning"], now=office.clock)
        office.now += 4 * DAY
        assert prune.run(app, now=office.clock).digests == 0
        assert outbox.counts(app.store) == {DeliveryState.PENDING: 1}
