"""`monitor digest` and `monitor status`."""

import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.answering import Answer, answering


@pytest.fixture
def fresh(call, served):
    """A config of its own whose good feed was polled."""
    assert call("poll", "--feed", "daily", "--config", served.config).code == 0
    return served


def test_preview_prints_the_digest_and_changes_nothing(call, fresh, titles):
    database = fresh.base / "var" / "monitor.db"
    call("status", "--config", fresh.config)
    before = database.read_bytes()
    shown = call("digest", "preview", "--config", fresh.config)
    assert (shown.code, shown.err) == (0, "")
    assert titles[0] in " ".join(shown.out.split())
    assert titles[2] not in shown.out
    assert database.read_bytes() == before
    assert not (fresh.base / "var" / "digests").exists()


def test_preview_writes_the_html_form_where_it_is_told(call, fresh, tmp_path):
    assert call("digest", "preview", "morning", "--html", tmp_path / "d.html", "--config", fresh.config).code == 0
    assert "https://paper.example/1" in (tmp_path / "d.html").read_text(encoding="utf-8")
    assert not (tmp_path / "d-rest.txt").exists(), "the page has room for all of it"
    refused = call("digest", "preview", "--html", tmp_path / "no" / "d.html", "--config", fresh.config)
    assert (refused.code, refused.out) == (2, "")


def test_what_a_page_has_no_room_for_is_written_beside_it(call, stocked, tmp_path):
    long = " ".join(f"word{n}" for n in range(60))
    desk = stocked(*({"title": f"Court {n} hears returnee", "text": long, "returns": 0.9} for n in range(90)))
    desk.write(
        subscriptions='[subscriptions.morning]\nlabels = ["returns"]\nchannels = ["files"]\nmax_stories = 90\n',
    )
    told = call("digest", "preview", "--html", tmp_path / "d.html", "--config", desk.config)
    assert told.code == 0
    assert f"what the page has no room for is in {tmp_path / 'd-rest.txt'}" in " ".join(told.err.split())
    page, rest = ((tmp_path / name).read_text(encoding="utf-8") for name in ("d.html", "d-rest.txt"))
    assert page.count("<h3") + len(re.findall(r"(?m)^Court \d+ hears", rest)) == 90
    (shown,) = json.loads(call("digest", "preview", "--json", "--config", desk.config).out)
    assert shown["message"]["rest"] == rest


def test_preview_is_told_in_the_language_that_is_asked_for_and_changes_nothing(call, fresh, tmp_path):
    page = tmp_path / "d.html"
    shown = call("digest", "preview", "morning", "--language", "fr", "--html", page, "--config", fresh.config)
    assert shown.code == 0
    assert "CE QUI A ÉTÉ EXAMINÉ" in shown.out
    assert '<html lang="fr">' in page.read_text(encoding="utf-8")
    (data,) = json.loads(call("digest", "preview", "--language", "ar", "--json", "--config", fresh.config).out)
    assert data["message"]["data"]["language"] == "ar"
    assert "WHAT WAS LOOKED AT" in call("digest", "preview", "--config", fresh.config).out


def test_a_day_whose_window_is_open_still_is_said_to_be_so(call, fresh):
    today = datetime.now(UTC).date()
    shown = call("digest", "preview", "--date", today, "--config", fresh.config)
    assert shown.err == "morning: not closed yet; this is what it would hold now\n"
    assert shown.code == 0


def test_preview_refuses_what_contradicts_itself_and_says_where_windows_are_named(call, fresh):
    both = call("digest", "preview", "--slack", "--json", "--config", fresh.config)
    assert (both.code, both.out, "give one" in both.err) == (2, "", True)
    unknown = call("digest", "preview", "morning", "--window", "2020-01-01T07:30+00:00", "--config", fresh.config)
    assert "`monitor subscriptions show morning` lists the last ones" in " ".join(unknown.err.split())


def test_preview_is_told_in_the_language_of_the_subscription_s_headings(call, fresh):
    config = fresh.config / "subscriptions.toml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("channels =", 'headings = "nl"\nchannels =', 1), encoding="utf-8"
    )
    assert "WAT IS BEKEKEN" in call("digest", "preview", "morning", "--config", fresh.config).out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--language", "xx"], '--language: "xx" is no language that headings come in; there are: ar, de, en'),
        (["--language", "fr", "--window", "k"], "leave out --language"),
    ],
)
def test_preview_refuses_a_language_that_there_is_not_or_that_was_not_sent(call, fresh, args, words):
    refused = call("digest", "preview", "morning", *args, "--config", fresh.config)
    assert (refused.code, refused.out) == (2, "")
    assert words in " ".join(refused.err.split())


def test_preview_as_json_is_json_alone(call, fresh):
    (shown,) = json.loads(call("digest", "preview", "--json", "--config", fresh.config).out)
    assert (shown["subscription"], shown["frozen"]) == ("morning", False)
    assert shown["stories"] >= 1
    assert shown["message"]["html"].startswith("<!")


def test_send_closes_delivers_and_the_second_time_has_nothing_new(call, fresh):
    sent = call("digest", "send", "--config", fresh.config)
    assert (sent.code, sent.err) == (0, "")
    assert "to 1 recipient" in sent.out
    assert "delivered" in sent.out
    assert len(list((fresh.base / "var" / "digests").glob("*.html"))) == 1
    again = call("digest", "send", "morning", "--json", "--config", fresh.config)
    assert again.code == 0
    report = json.loads(again.out)
    assert [(window["stories"], window["recipients"]) for window in report["digests"]] == [(0, 0)]
    assert report["deliveries"] == []


def test_a_day_is_sent_once(call, fresh):
    day = (datetime.now(UTC).astimezone(ZoneInfo("Europe/Brussels")) - timedelta(days=1)).date().isoformat()
    first, second = (
        json.loads(call("digest", "send", "--date", day, "--json", "--config", fresh.config).out) for _ in range(2)
    )
    assert [window["already"] for window in (*first["digests"], *second["digests"])] == [False, True]
    assert len(first["deliveries"]) == 1
    assert second["deliveries"] == []
    told = call("digest", "preview", "--date", day, "--config", fresh.config)
    assert "this is what was sent" in told.err


def test_slack_posts_are_printed_for_its_block_kit_builder(call, fresh):
    shown = call("digest", "preview", "morning", "--slack", "--config", fresh.config)
    assert shown.code == 0
    assert json.loads(shown.out)["blocks"][0]["type"] == "header"


def test_the_page_is_opened_in_the_users_browser(process, fresh, tmp_path):
    browser, page = tmp_path / "browser", tmp_path / "page.html"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/asked"\n')
    browser.chmod(0o755)
    options = ("--open", "--html", page, "--config", fresh.config)
    assert process("digest", "preview", "morning", *options, BROWSER=f"{browser} %s").code == 0
    assert (tmp_path / "asked").read_text().strip() == page.as_uri()
    assert "<!DOCTYPE html>" in page.read_text()


def test_a_window_is_shown_by_its_key(call, fresh):
    (sent,) = json.loads(call("digest", "send", "--json", "--config", fresh.config).out)["digests"]
    told = call("digest", "preview", "morning", "--window", sent["key"], "--config", fresh.config)
    assert "this is what was sent" in told.err
    refused = call("digest", "preview", "morning", "--window", "2001-01-01T07:30+01:00", "--config", fresh.config)
    assert refused.code == 2
    assert "no digest closed the window 2001-01-01T07:30+01:00" in refused.err


def test_a_delivery_that_fails_ends_with_1_and_waits(call, fresh):
    fresh.write(channels='[channels.files]\nurls = ["json://127.0.0.1:9/hook-with-a-secret"]\n')
    sent = call("digest", "send", "--config", fresh.config)
    assert sent.code == 1
    assert "pending" in sent.err
    assert "hook-with-a-secret" not in sent.out + sent.err
    assert len(sent.err.splitlines()) == 1
    status = json.loads(call("status", "--json", "--config", fresh.config).out)
    assert status["deliveries"] == {"pending": 1}
    assert "hook-with-a-secret" not in json.dumps(status)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["evening"], "there are: morning"),
        (["--date", "yesterday"], "2026-11-22"),
        (["--date", "2999-01-01"], "future"),
    ],
)
@pytest.mark.parametrize("verb", ["preview", "send"])
def test_what_does_not_fit_is_refused(call, fresh, verb, args, words):
    refused = call("digest", verb, *args, "--json", "--config", fresh.config)
    assert (refused.code, refused.out) == (2, "")
    assert words in refused.err


def test_status_tells_how_things_stand(call, served):
    call("poll", "--config", served.config)
    told = call("status", "--config", served.config)
    assert (told.code, told.err) == (0, "")
    lines = {line[:12].strip(): line[13:] for line in told.out.splitlines() if line[:12].strip()}
    rows = {"daemon", "model", "drift", "entries", "last poll", "feeds", "channels", "deliveries", "next digest"}
    assert set(lines) == rows
    assert lines["channels"] == "files: nothing delivered yet"
    assert lines["feeds"] == "2 known, 1 failing, 0 never polled"
    assert "dead: http-404" in told.out
    found = json.loads(call("status", "--json", "--config", served.config).out)
    assert found["failing"] == ["dead"]
    assert found["totals"]["entries"] == 3
    assert found["next_windows"]["morning"].endswith("Z")
    assert found["model"] == lines["model"]


def test_health_is_1_without_a_daemon_and_without_a_database(call, polled, desk):
    ill = call("status", "--health", "--config", polled.config)
    assert (ill.code, ill.out) == (1, "")
    assert "`monitor run`" in ill.err
    assert call("status", "--health", "--config", desk.config).code == 1
    found = call("status", "--health", "--json", "--config", desk.config)
    assert found.code == 1
    assert json.loads(found.out)["healthy"] is False
    assert not (desk.base / "var").exists()


def test_status_before_the_first_poll_says_what_makes_the_database(call, desk):
    refused = call("status", "--config", desk.config)
    assert refused.code == 2
    assert "`monitor run`" in refused.err


def test_a_send_without_a_daemon_tells_on_another_channel_of_one_that_refuses(call, stocked, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with answering(lambda _: Answer(410)) as port:
        desk = stocked({"title": "Court hears returnee", "returns": 0.9})
        desk.write(
            channels=f'[channels.team]\nurls = ["json://127.0.0.1:{port}/gone"]\n'
            '[channels.ops]\nurls = ["folder://var/ops"]\n',
            subscriptions='[subscriptions.morning]\nlabels = ["returns"]\nchannels = ["team"]\n',
        )
        for _ in range(2):
            call("digest", "send", "--config", desk.config)
    (told,) = (desk.base / "var" / "ops").glob("*.txt")
    text = " ".join(told.read_text(encoding="utf-8").split())
    assert f"json://127.0.0.1:{port}/gone is suspended" in text
    assert "410" in text
