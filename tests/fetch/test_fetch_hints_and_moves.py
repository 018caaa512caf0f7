"""What headers say about freshness, and how permanent redirects are learnt."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.feed import FeedMemory
from monitor.fetch import moves
from monitor.fetch.hints import freshness

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OLD, NEW, OTHER = "http://old.example/feed", "https://new.example/feed", "https://other.example/feed"


@pytest.mark.parametrize(
    ("cache_control", "expires", "date", "seconds"),
    [
        ("max-age=600", None, None, 600),
        ('public, Max-Age="600"', None, None, 600),
        ("max-age=600, no-cache", None, None, None),
        ("no-store", "Mon, 02 Mar 2026 10:30:00 GMT", None, None),
        ("max-age=0", None, None, None),
        ("max-age=99999999999999999999999", None, None, 365 * 86_400),
        ("max-age=soon", "Mon, 02 Mar 2026 10:30:00 GMT", None, 3600),
        (None, "Mon, 02 Mar 2026 10:30:00 GMT", "Mon, 02 Mar 2026 10:00:00 GMT", 1800),
        (None, "Mon, 02 Mar 2026 08:30:00 GMT", None, None),
        (None, "0", None, None),
        (None, None, None, None),
    ],
)
def test_freshness_is_read_as_the_server_means_it(
    cache_control: str | None, expires: str | None, date: str | None, seconds: int | None
) -> None:
    found = freshness(cache_control, expires, date, NOW)
    assert found == (None if seconds is None else timedelta(seconds=seconds))


@given(st.none() | st.text(), st.none() | st.text(), st.none() | st.text())
def test_no_header_breaks_it(cache_control: str | None, expires: str | None, date: str | None) -> None:
    found = freshness(cache_control, expires, date, NOW)
    assert found is None or timedelta() < found <= timedelta(days=365)


def test_a_permanent_redirect_is_learnt_after_a_week_and_not_before() -> None:
    memory = moves.seen(FeedMemory(), asked=OLD, permanent=NEW, configured=OLD, now=NOW)
    assert moves.address(OLD, memory, NOW + timedelta(days=6)) == OLD
    again = moves.seen(memory, asked=OLD, permanent=NEW, configured=OLD, now=NOW + timedelta(days=6))
    assert again == memory, "seen again it goes on counting from the first time"
    assert moves.address(OLD, again, NOW + timedelta(days=7)) == NEW


def test_a_move_to_https_and_nothing_else_is_learnt_at_once() -> None:
    secured = OLD.replace("http", "https", 1)
    memory = moves.seen(FeedMemory(), asked=OLD, permanent=secured, configured=OLD, now=NOW)
    assert moves.address(OLD, memory, NOW) == secured


def test_a_redirect_that_goes_or_changes_begins_anew() -> None:
    memory = moves.seen(FeedMemory(), asked=OLD, permanent=NEW, configured=OLD, now=NOW)
    later = NOW + timedelta(days=6)
    assert moves.seen(memory, asked=OLD, permanent=None, configured=OLD, now=later) == FeedMemory()
    changed = moves.seen(memory, asked=OLD, permanent=OTHER, configured=OLD, now=later)
    assert (changed.moved_to, changed.moved_since) == (OTHER, later)


def test_a_learnt_address_stays_while_it_answers_and_is_forgotten_when_it_fails() -> None:
    memory = moves.seen(FeedMemory(), asked=OLD, permanent=NEW, configured=OLD, now=NOW)
    assert moves.seen(memory, asked=NEW, permanent=None, configured=OLD, now=NOW) == memory
    assert moves.failed(memory, asked=OLD, configured=OLD) == memory
    assert moves.failed(memory, asked=NEW, configured=OLD) == FeedMemory()
