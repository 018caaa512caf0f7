"""Notices are written with the message that tells them, once, on each database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain.delivery import DeliveryState, Recipient
from monitor.domain.digest import Message
from monitor.domain.notice import SUBSCRIPTION, Notice, NoticeKind
from monitor.store import notices, outbox
from monitor.store.database import Store
from monitor.store.digests import digest_of_window, message
from monitor.store.notices import Telling

HOUR = timedelta(hours=1)
OPS = (Recipient("r1", "ops", "mailto://one", "x"), Recipient("r2", "ops", "mailto://two", "y"))


def telling(key: str = "k") -> Telling:
    made = Message(f"{SUBSCRIPTION}/{key}", "Subject", "<p>html</p>", "text", (({"type": "divider"},),))
    return Telling(key, 1, made, OPS)


@pytest.fixture
def silent(now) -> Notice:
    return Notice(NoticeKind.SILENT, "courier", "nothing new", now)


def test_notices_are_kept_as_they_are_and_the_message_waits_for_each_recipient(
    store: Store, silent: Notice, now
) -> None:
    whole = Notice(NoticeKind.ALL_FAILING, "", "dns\nand more", now, now - HOUR, 3)
    assert notices.kept(store) == notices.Kept(0, ())
    assert notices.write(store, 0, [silent, whole], telling=telling(), now=now)
    assert notices.kept(store) == notices.Kept(1, (whole, silent))
    assert notices.open_notices(store) == [whole, silent]
    leases = outbox.claim(store, now=now, lease=HOUR, limit=9)
    assert [(lease.channel, lease.recipient_id) for lease in leases] == [("ops", "r1"), ("ops", "r2")]
    assert message(store, leases[0].digest_id) == telling().message
    assert digest_of_window(store, SUBSCRIPTION, "k") == telling().message


def test_a_notice_changes_closes_and_goes(store: Store, silent: Notice, now) -> None:
    assert notices.write(store, 0, [silent], now=now)
    shut = replace(silent, closed_at=now + HOUR, times=2, detail="more")
    assert notices.write(store, 1, [shut], now=now)
    assert notices.kept(store).notices == (shut,)
    assert notices.open_notices(store) == []
    assert notices.write(store, 2, [], dropped=[silent.key], now=now)
    assert notices.kept(store) == notices.Kept(3, ())
    assert outbox.counts(store) == {}


def test_of_two_processes_that_saw_the_same_one_tells_it(store: Store, silent: Notice, now) -> None:
    turn = notices.kept(store).turn
    assert notices.write(store, turn, [silent], telling=telling("1"), now=now)
    assert not notices.write(store, turn, [replace(silent, detail="other")], telling=telling("2"), now=now)
    assert notices.kept(store) == notices.Kept(1, (silent,))
    assert outbox.counts(store) == {DeliveryState.PENDING: 2}
    assert digest_of_window(store, SUBSCRIPTION, "2") is None


def test_what_breaks_in_between_leaves_nothing_half_done(store: Store, silent: Notice, now) -> None:
    assert notices.write(store, 0, [silent], telling=telling(), now=now)
    shut = replace(silent, closed_at=now)
    with pytest.raises(RuntimeError, match="a message of notices k already"):
        notices.write(store, 1, [shut], telling=telling(), now=now)
    assert notices.kept(store) == notices.Kept(1, (silent,))
