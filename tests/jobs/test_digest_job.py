"""The digest job on a real store: windows, the ledger between them, and what a digest says it looked at."""

import threading
from datetime import date, datetime, timedelta

import pytest

from monitor.domain.delivery import DeliveryState
from monitor.errors import UsageError
from monitor.jobs import compose, deliver, digest
from monitor.store import digests as store_digests

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# The clock of the office starts at 2026-11-22 06:00 UTC, an hour and a half before the daily window closes.
TODAY = date(2026, 11, 22)


def text_of(app, subscription, key):
    message = store_digests.digest_of_window(app.store, subscription, key)
    return None if message is None else message.text


def test_a_preview_shows_the_open_window_and_changes_nothing(office, item, tables):
    with office.app() as app:
        office.bring(app, item(1, returns=0.9), item(2, returns=0.2))
        before = tables(app)

        shown = digest.preview(app, "morning", now=office.clock)

        assert tables(app) == before
        assert (shown.stories, shown.frozen) == (1, False)
        assert "Court hears returnee number 1" in shown.message.text
        assert "number 2" not in shown.message.text


def test_a_send_is_what_the_preview_showed_and_is_delivered_without_a_daemon(office, item):
    with office.app() as app:
        office.bring(app, item(1, returns=0.9))
        shown = digest.preview(app, "morning", now=office.clock)

        (sent,) = digest.send(app, ["morning"], now=office.clock)
        report = deliver.run(app, now=office.clock)

        assert (sent.stories, sent.recipients, sent.already) == (1, 1, False)
        assert report.count(DeliveryState.DELIVERED) == 1
        (page,) = (office.folder / "digests").glob("*.html")
        assert page.read_text(encoding="utf-8") == shown.message.html
        assert page.with_suffix(".txt").read_text(encoding="utf-8").strip() == shown.message.text.strip()


def test_what_was_sent_does_not_come_again(office, item):
    with office.app() as app:
        office.bring(app, item(1, returns=0.9))
        digest.send(app, ["morning"], now=office.clock)
        office.now += HOUR
        office.bring(app, item(2, returns=0.9))

        (sent,) = digest.send(app, ["morning"], now=office.clock)

        told = text_of(app, "morning", sent.key)
        assert "number 2" in told
        assert "number 1 " not in told


def test_a_window_named_by_its_day_is_closed_once(office, item, tables):
    office.now += 2 * HOUR
    with office.app() as app:
        office.bring(app, item(1, returns=0.9))
        (first,) = digest.send(app, ["morning"], day=TODAY, now=office.clock)
        office.now += HOUR
        office.bring(app, item(2, returns=0.9))
        before = tables(app)

        (second,) = digest.send(app, ["morning"], day=TODAY, now=office.clock)

        assert first.key == second.key == "2026-11-22T07:30+00:00"
        assert (first.already, second.already) == (False, True)
        assert tables(app) == before


def test_a_day_that_is_previewed_after_its_window_closed_shows_what_was_sent(office, item):
    office.now += 2 * HOUR
    with office.app() as app:
        office.bring(app, item(1, returns=0.9))
        (sent,) = digest.send(app, ["morning"], day=TODAY, now=office.clock)
        office.now += HOUR
        office.bring(app, item(2, returns=0.9))

        shown = digest.preview(app, "morning", day=TODAY, now=office.clock)

        assert shown.frozen
        assert shown.message.text == text_of(app, "morning", sent.key)


def test_a_day_whose_window_closed_without_a_digest_takes_nothing_that_came_later(office, item, tables):
    office.now += 2 * HOUR
    with office.app() as app:
        digest.send(app, ["morning"], day=TODAY, now=office.clock)
        office.now += HOUR
        office.bring(app, item(1, returns=0.9))
        before = tables(app)

        (sent,) = digest.send(app, ["morning"], day=TODAY, now=office.clock)

        assert sent.already
        assert tables(app) == before
        with pytest.raises(UsageError, match="closed without a digest"):
            digest.preview(app, "morning", day=TODAY, now=office.clock)


def test_a_window_that_was_closed_by_hand_before_its_time_is_not_closed_again_when_it_comes(office, item, tables):
    with office.app() as app:
        office.bring(app, item(1, returns=0.9))
        (early,) = digest.send(app, ["morning"], day=TODAY, now=office.clock)
        office.now += HOUR
        office.bring(app, item(2, returns=0.9))
        office.now += HOUR
        before = tables(app)

        assert digest.run(app, now=office.clock) == []
        assert tables(app) == before

        office.now += DAY
        (next_day,) = digest.run(app, now=office.clock)
        assert early.key != next_day.key
        assert "number 2" in text_of(app, "morning", next_day.key)


@pytest.mark.parametrize(
    ("schedule", "day", "words"),
    [
        ("daily 07:30", date(2026, 11, 23), "future"),
        ("30 7 * * 1", date(2026, 11, 21), "no window that closes on 2026-11-21"),
    ],
)
def test_a_day_without_a_window_is_refused(office, schedule, day, words):
    office.subscriptions += f'schedule = "{schedule}"\n'
    with office.app() as app:
        with pytest.raises(UsageError, match=words):
            digest.send(app, ["morning"], day=day, now=office.clock)
        with pytest.raises(UsageError, match=words):
            digest.preview(app, "morning", day=day, now=office.clock)


def test_an_unknown_subscription_is_refused_before_any_window_is_closed(office, item, tables):
    with office.app() as app:
        office.bring(app, item(1, returns=0.9))
        before = tables(app)

        with pytest.raises(UsageError, match="there are: morning"):
            digest.send(app, ["morning", "evening"], now=office.clock)

        assert tables(app) == before


@pytest.mark.parametrize("wanted", [True, False])
def test_an_empty_digest_is_sent_only_if_the_subscription_wants_it(office, item, wanted):
    office.subscriptions += f"empty_digests = {str(wanted).lower()}\n"
    with office.app() as app:
        office.bring(app, item(1, returns=0.1))

        (sent,) = digest.send(app, ["morning"], now=office.clock)
        report = deliver.run(app, now=office.clock)

        assert (sent.stories, sent.recipients, len(report.attempts)) == (0, int(wanted), int(wanted))
        told = text_of(app, "morning", sent.key)
        assert (told is not None) is wanted
        if told:
            assert told.splitlines().count("Nothing new passed a line.") == 1


def test_the_planner_closes_a_due_window_once(office, item):
    with office.app() as app:
        assert digest.run(app, now=office.clock) == []  # meets the subscription
        office.bring(app, item(1, returns=0.9))
        office.now += HOUR
        assert digest.run(app, now=office.clock) == []
        office.now += HOUR

        (sent,) = digest.run(app, now=office.clock)

        assert (sent.key, sent.stories) == ("2026-11-22T07:30+00:00", 1)
        office.now += timedelta(seconds=15)
        assert digest.run(app, now=office.clock) == []


def test_what_was_missed_comes_late_in_one_digest_that_says_so(office, item):
    with office.app() as app:
        digest.run(app, now=office.clock)
        office.bring(app, item(1, returns=0.9))
    office.now += 3 * DAY + 5 * HOUR
    with office.app() as app:
        office.bring(app, item(2, returns=0.9), feed="wire")

        (sent,) = digest.run(app, now=office.clock)

        assert (sent.key, sent.stories) == ("2026-11-25T07:30+00:00", 2)
        assert "Composed 3 h 30 min after its window closed." in text_of(app, "morning", sent.key)
        assert digest.run(app, now=office.clock) == []


def test_a_digest_in_time_says_nothing_of_its_time(office, item):
    with office.app() as app:
        digest.run(app, now=office.clock)
        office.bring(app, item(1, returns=0.9))
        office.now += timedelta(hours=1, minutes=30, seconds=14)

        (sent,) = digest.run(app, now=office.clock)

        assert "after its window closed" not in text_of(app, "morning", sent.key)


def test_a_new_subscription_sends_nothing_for_windows_before_it_was_met_and_begins_a_day_back(office, item):
    with office.app() as app:
        office.now -= 2 * DAY
        office.bring(app, item(1, returns=0.9))
        office.now += 2 * DAY - HOUR
        office.bring(app, item(2, returns=0.9), feed="wire")
        office.now += 3 * HOUR  # 08:00: today's window has closed

        assert digest.run(app, now=office.clock) == []
        office.now += HOUR
        assert digest.run(app, now=office.clock) == []
        office.now += DAY

        (sent,) = digest.run(app, now=office.clock)
        assert sent.key == "2026-11-23T07:30+00:00"
        told = text_of(app, "morning", sent.key)
        assert "number 2" in told
        assert "number 1 " not in told


def test_each_subscription_judges_for_itself(office, item):
    office.subscriptions += (
        '[subscriptions.late]\nlabels = ["returns"]\nchannels = ["files"]\nschedule = "daily 20:00"\n'
        "thresholds = { returns = 0.8 }\n"
    )
    with office.app() as app:
        office.bring(app, item(1, returns=0.9), item(2, returns=0.7))
        (morning,) = digest.send(app, ["morning"], now=office.clock)
        (late,) = digest.send(app, ["late"], now=office.clock)
        assert (morning.stories, late.stories) == (2, 1)


def test_what_the_cap_cut_comes_first_next_time_and_is_then_dropped_for_good(office, item):
    office.subscriptions += "max_stories = 1\n"
    with office.app() as app:
        office.bring(app, item(1, returns=0.9), item(2, returns=0.8), item(3, returns=0.7))
        told = []
        for _ in range(4):
            (sent,) = digest.send(app, ["morning"], now=office.clock)
            told.append(text_of(app, "morning", sent.key))
            office.now += HOUR
        assert "number 1 " in told[0]
        assert "2 more stories were over the line" in told[0]
        assert "number 2 " in told[1]
        assert told[2:] == [None, None]


def test_a_story_told_under_another_link_is_not_told_again(office, item):
    with office.app() as app:
        office.bring(app, item(1, returns=0.9, title="Twelve children flown home from a camp in the north"))
        digest.send(app, ["morning"], now=office.clock)
        office.now += HOUR
        office.bring(
            app, item(2, returns=0.95, title="Twelve children flown home from a camp in the north"), feed="wire"
        )
        (sent,) = digest.send(app, ["morning"], now=office.clock)
        assert sent.stories == 0


def test_two_that_close_the_same_window_at_once_send_it_once(office, item, tables):
    with office.app() as app, office.app() as other:
        office.bring(app, item(1, returns=0.9))
        office.now += 2 * HOUR
        together = threading.Barrier(2)
        results = []

        def close(mine):
            together.wait()
            results.extend(digest.send(mine, ["morning"], day=TODAY, now=office.clock))

        threads = [threading.Thread(target=close, args=(mine,)) for mine in (app, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(sent.already for sent in results) == [False, True]
        found = tables(app)
        assert (len(found["digest"]), len(found["outbox"]), len(found["ledger"])) == (1, 1, 1)


def test_a_recipient_of_two_channels_gets_one_message(office, item, tables):
    office.channels += '[channels.again]\nurls = ["folder://digests", "folder://more"]\n'
    office.subscriptions = office.subscriptions.replace('["files"]', '["files", "again"]')
    with office.app() as app:
        office.bring(app, item(1, returns=0.9))
        (sent,) = digest.send(app, ["morning"], now=office.clock)
        assert sent.recipients == 2
        assert sorted(row[2] for row in tables(app)["outbox"]) == ["again", "files"]


def test_a_frozen_digest_has_all_its_forms_and_a_way_out_for_those_who_get_mail(office, item):
    office.channels = '[channels.files]\nurls = ["mailto://127.0.0.1:9?from=a@example.org&to=b@example.org"]\n'
    office.more = '[mail]\nbase_url = "https://monitor.example.org"\nsecret = "a secret of some length"\n'
    with office.app() as app:
        office.bring(app, item(1, returns=0.9))
        (sent,) = digest.send(app, ["morning"], now=office.clock)
        kept = digest.preview(app, "morning", key=sent.key, now=office.clock).message
    assert kept.data["counts"]["stories"] == 1
    assert kept.markdown.startswith("# ")
    assert kept.thread.startswith("morning/")
    ((_, link),) = kept.unsubscribe.items()
    assert link.startswith("https://monitor.example.org/unsubscribe/")


def test_the_footer_counts_what_really_happened_in_the_window(office, item):
    office.feeds = ["paper", "wire", "down", "quiet", "asleep"]
    with office.app() as app:
        office.now -= 12 * DAY
        office.bring(app, item(901, returns=0.9), feed="quiet")
        office.bring(app, item(902, returns=0.9), feed="paper")
        office.now += 11 * DAY
        digest.send(app, ["morning"], now=office.clock)
        closed = office.now

        office.now += 6 * HOUR
        office.bring(app, item(1, returns=0.9), item(2, policy=0.8), item(3, returns=0.3), feed="paper", repeats=4)
        office.bring(app, feed="quiet", repeats=2)
        office.fail(app, "down")
        office.now += HOUR
        office.bring(app, item(4, scorer="", young=True), feed="wire")
        office.fail(app, "down", "dns")
        office.now = datetime.fromisoformat("2026-11-22T06:00Z")

        found = compose.coverage(app, since=closed, until=office.now, over_line=2)

    assert (found.feeds, found.polled) == (5, 4)
    assert [(fault.feed, fault.kind, fault.since) for fault in found.failed] == [("down", "dns", closed + 6 * HOUR)]
    assert [(silence.feed, silence.last_new) for silence in found.silent] == [("quiet", closed - 11 * DAY)]
    assert found.longest == found.silent[0]
    assert found.due == 4  # the fifth was never registered
    assert (found.seen, found.new, found.unclassified, found.scorers) == (3 + 4 + 2 + 1, 4, 1, ("2026.11+abc",))


def test_entries_that_waited_for_a_model_are_judged_when_they_have_their_scores(office, item):
    from monitor.domain.entry import Score
    from monitor.store import waiting as waiting_store

    with office.app() as app:
        office.bring(app, item(1, scorer=""))
        assert digest.send(app, ["morning"], now=office.clock)[0].stories == 0
        (waiting,) = waiting_store.waiting(app.store, limit=9)
        waiting_store.add_scores(app.store, [(waiting.id, {"returns": Score(0.9)})], "2026.11+abc", now=office.now)
        office.now += HOUR
        assert digest.send(app, ["morning"], now=office.clock)[0].stories == 1
