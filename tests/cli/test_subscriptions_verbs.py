"""`monitor subscriptions`."""

import json

import pytest


@pytest.fixture
def fresh(call, served):
    """A config of its own whose good feed was polled."""
    assert call("poll", "--feed", "daily", "--config", served.config).code == 0
    return served


def test_a_subscription_is_paused_shown_as_such_and_resumed(call, fresh):
    at = ("--config", fresh.config)
    assert "next " in call("subscriptions", "list", *at).out
    assert call("subscriptions", "pause", "morning", *at).out == "morning: paused, 1 row changed\n"
    assert "paused since" in call("subscriptions", "list", *at).out
    again = call("subscriptions", "pause", "morning", *at)
    assert (again.code, "nothing was changed" in again.err) == (2, True)
    assert json.loads(call("subscriptions", "resume", "morning", "--json", *at).out)["rows"] == 1
    assert call("subscriptions", "resume", "morning", *at).code == 2


def test_a_test_says_what_would_be_sent_sends_it_and_shows_it_as_sent_last(call, fresh):
    at = ("--config", fresh.config)
    dry = call("subscriptions", "test", "morning", "--dry-run", *at)
    assert (dry.code, dry.out.startswith("TEST: "), "would go to" in dry.err) == (0, True, True)
    sent = call("subscriptions", "test", "morning", *at)
    assert (sent.code, "to 1 recipient" in sent.out, "delivered" in sent.out) == (0, True, True)
    shown = call("subscriptions", "show", "morning", *at)
    assert "Test: " in shown.out
    found = json.loads(call("subscriptions", "show", "morning", "--json", *at).out)
    assert found["last"][0]["key"].endswith("-test")
    assert found["options"]["near_misses"] == 0
