"""`monitor subscriptions`."""

import json
import re

import pytest

from monitor.app import build
from monitor.domain.delivery import Via
from monitor.jobs import departures
from monitor.settings.load import load


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


@pytest.fixture
def mailed(desk):
    """A config whose digests go to ana and bo by mail; ana has left."""
    base = "mailto://127.0.0.1:9?from=monitor@example.org&to="
    desk.write(
        channels=f'[channels.mail]\nurls = ["{base}ana@team.example", "{base}bo@team.example"]\n',
        subscriptions='[subscriptions.morning]\nlabels = ["returns"]\nchannels = ["mail"]\n'
        '[subscriptions.evening]\nlabels = ["returns"]\nchannels = ["mail"]\n',
    )
    with build(load(desk.config), with_model=False) as app:
        ana = next(one for one in app.settings.channels["mail"] if "ana" in one.label)
        departures.leave(app, "morning", ana, Via.PAGE)
    return desk


def test_who_left_is_shown_in_lists_and_status_and_brought_back(call, mailed):
    at = ("--config", mailed.config)
    listed = call("subscriptions", "list", *at).out.splitlines()
    assert [line.endswith("; 1 left it") for line in listed] == [True, False]
    assert re.search(r"left it +mailto:ana@team\.example 20\S+ \S+, by the page of the link", call("subscriptions", "show", "morning", *at).out)  # fmt: skip  # noqa: E501
    (left,) = json.loads(call("subscriptions", "show", "morning", "--json", *at).out)["left"]
    assert (left["subscription"], left["recipient"], left["via"]) == ("morning", "mailto:ana@team.example", "page")
    assert [len(one["left"]) for one in json.loads(call("subscriptions", "list", "--json", *at).out)] == [1, 0]
    assert "morning: 1 recipient, the last 20" in call("status", *at).out
    assert [one["recipient"] for one in json.loads(call("status", "--json", *at).out)["left"]] == [left["recipient"]]

    back = call("subscriptions", "rejoin", "morning", "ana", *at)
    assert (back.code, back.out) == (0, "morning: mailto:ana@team.example is back, and gets the next digest\n")
    assert "left" not in call("subscriptions", "list", *at).out
    again = call("subscriptions", "rejoin", "morning", "ana", *at)
    assert (again.code, 'nobody has left subscription "morning"' in again.err) == (2, True)


def test_bringing_back_a_stranger_names_who_left(call, mailed):
    wrong = call("subscriptions", "rejoin", "morning", "bo", "--config", mailed.config)
    assert wrong.code == 2
    assert "there are: mailto:ana@team.example" in wrong.err
    there = json.loads(call("subscriptions", "rejoin", "morning", "ana", "--json", "--config", mailed.config).out)
    assert (there["state"], there["recipient"]) == ("rejoined", "mailto:ana@team.example")


def test_a_digest_that_everybody_left_says_that_it_goes_to_nobody(call, fresh):
    with build(load(fresh.config), with_model=False) as app:
        (folder,) = app.settings.channels["files"]
        departures.leave(app, "morning", folder, Via.PAGE)
    sent = call("digest", "send", "morning", "--config", fresh.config)
    assert sent.code == 0
    assert "to nobody: all have left it; `monitor subscriptions show morning`" in sent.out


def test_a_delivery_that_was_given_up_for_who_left_says_so(call, mailed, stocked):
    at = ("--config", mailed.config)
    stocked({"title": "Twelve children flown home", "returns": 0.9})
    call("digest", "send", "evening", *at)
    with build(load(mailed.config), with_model=False) as app:
        bo = next(one for one in app.settings.channels["mail"] if "bo" in one.label)
        departures.leave(app, "evening", bo, Via.ONE_CLICK)
    found = json.loads(call("deliveries", "list", "--state", "abandoned", "--json", *at).out)
    assert [(one["recipient"], one["code"]) for one in found] == [("mailto:bo@team.example", "left")]
    shown = call("deliveries", "show", found[0]["id"], *at).out
    assert re.search(r"state +abandoned 20\S+ \S+: the recipient has left the subscription", shown)
    again = call("deliveries", "retry", found[0]["id"], *at)
    assert (again.code, "monitor subscriptions rejoin evening mailto:bo@team.example" in again.err) == (2, True)
