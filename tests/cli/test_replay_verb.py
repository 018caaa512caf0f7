"""`monitor replay`: what it says, and that it may be killed."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.demo.server import FeedServer
from monitor.domain.feed import Captured
from monitor.store.database import open_store
from monitor.store.documents import keep

SUBJECT = "Twelve children flown home from al-Hol camp, ministry says"
WRONG = '{ item = "li.nowhere" }'
RIGHT = '{ item = "li", title = "i", summary = "p" }'


def page(*numbers):
    items = "".join(
        f'<li><a href="/release/{n}"><i>{SUBJECT if n == 1 else f"Notice number {n} of the ministry"}</i></a>'
        f"<p>Said on day {n}.</p></li>"
        for n in numbers
    )
    return f"<html><head><title>Releases</title></head><body><ul>{items}</ul></body></html>".encode()


def feeds(desk, select):
    desk.write(
        feeds=f'[sources.paper]\ntitle = "The Paper"\n[sources.paper.feeds]\ndaily = "{desk.address}/daily.xml"\n'
        f'press = {{ url = "{desk.address}/press", kind = "page", select = {select} }}\n'
    )


@pytest.fixture
def pressed(call, desk, tmp_path):
    """A config of a good feed and a watched page, each polled once; the page's selectors were wrong and are right."""
    with FeedServer() as server:
        server.add("/press", page(1, 2), content_type="text/html")
        server.add("/daily.xml", b'<rss version="2.0"><channel><title>Daily</title></channel></rss>')
        desk.address = server.url("")
        desk.write(monitor='timezone = "Europe/Brussels"\n[fetch]\nallow_private_hosts = true\n')
        feeds(desk, WRONG)
        polled = call("poll", "--all", "--json", "--config", desk.config)
        assert [event["kind"] for event in json.loads(polled.out)["feeds"] if event["kind"]] == ["selector"]
        feeds(desk, RIGHT)
        yield desk


def replayed(call, desk, *options):
    done = call("replay", *options, "--json", "--config", desk.config)
    return done.code, json.loads(done.out)


def test_what_was_missed_is_told_stored_and_found_done_by_the_next_run(call, pressed):
    wanted = {
        "feeds": 2, "documents": 2, "failed": {}, "entries": 2, "new": 2, "changed": 0, "unchanged": 0,
        "released": [], "failures": [], "reclassified": None, "model_problem": "", "nothing": "",
    }  # fmt: skip
    # Without a date nothing of a first document is news.
    rehearsed = replayed(call, pressed, "--dry-run")
    assert rehearsed == (0, {"dry_run": True, **wanted, "announced": 0})
    assert json.loads(call("items", "list", "--json", "--config", pressed.config).out) == []

    assert replayed(call, pressed) == (0, {"dry_run": False, **wanted, "announced": 0})
    listed = json.loads(call("items", "list", "--json", "--config", pressed.config).out)
    assert {entry["title"] for entry in listed} == {SUBJECT, "Notice number 2 of the ministry"}
    assert all(entry["scores"] for entry in listed)

    code, again = replayed(call, pressed)
    assert (code, again["new"], again["unchanged"]) == (0, 0, 2)


def test_people_get_a_line_and_progress_goes_to_stderr_in_plain_lines(call, pressed):
    rehearsed = call("replay", "--dry-run", "--config", pressed.config)
    said = "read 2 documents of 2 feeds, 0 failed: 2 entries found, 2 new, 0 changed, 0 unchanged; 0 to be announced"
    assert (rehearsed.code, rehearsed.out) == (0, f"dry run, nothing is written: {said}\n")
    assert rehearsed.err.splitlines() == ["1 of 2 documents", "2 of 2 documents"]
    done = call("replay", "--feed", "press", "--json", "--config", pressed.config)
    assert json.loads(done.out)["new"] == 2
    assert done.err.splitlines() == ["1 of 1 documents"]


def test_what_still_cannot_be_read_is_told_with_its_reason_and_ends_with_1(call, pressed):
    feeds(pressed, WRONG)
    done = call("replay", "--config", pressed.config)
    assert done.code == 1
    (line,) = [line for line in done.err.splitlines() if line.startswith("press: ")]
    assert line.startswith("press: selector: 1 document, the last of ")
    assert "li.nowhere" in line
    assert done.out.startswith("read 2 documents of 2 feeds, 1 failed: ")
    code, report = replayed(call, pressed, "--failed")
    assert (code, report["documents"], report["failed"]) == (1, 1, {"selector": 1})
    assert (report["failures"][0]["feed"], report["failures"][0]["documents"]) == ("press", 1)


def test_without_a_model_it_says_that_entries_wait(call, pressed):
    monitor = (pressed.config / "monitor.toml").read_text()
    pressed.write(monitor=monitor + '[model]\ndirectory = "no-models"\n')
    refused = call("replay", "--classify", "--json", "--config", pressed.config)
    assert (refused.code, refused.out) == (2, "")
    assert "--classify: the model in use cannot be loaded: " in refused.err
    code, report = replayed(call, pressed)
    assert (code, report["new"], report["reclassified"]) == (1, 2, None)
    assert "no-models" in report["model_problem"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--feed", "pres"], "did you mean press?"),
        (["--feed", "press", "--feed", "zzzz"], "documents are kept of: daily, press"),
        (["--since", "last week"], "7d"),
        (["--sinse", "7d"], "--since"),
    ],
)
def test_wrong_arguments_end_with_2_and_say_what_there_is(call, pressed, args, words):
    refused = call("replay", *args, "--json", "--config", pressed.config)
    assert (refused.code, refused.out) == (2, "")
    assert words in refused.err
    assert json.loads(call("items", "list", "--json", "--config", pressed.config).out) == []


def test_where_there_is_nothing_to_read_it_says_why_and_what_there_is(call, pressed):
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for options, words in (
        (["--since", tomorrow], "no document has come since"),
        (["--feed", "daily", "--failed"], "without --failed there are 1"),
    ):
        done = call("replay", *options, "--config", pressed.config)
        assert (done.code, done.err) == (0, "")
        assert words in done.out
        code, report = replayed(call, pressed, *options)
        assert (code, report["documents"]) == (0, 0)
        assert words in report["nothing"]
    config = (pressed.config / "feeds.toml").read_text()
    pressed.write(feeds=config + 'young = "http://127.0.0.1:9/young"\n')
    done = call("replay", "--feed", "young", "--config", pressed.config)
    assert (done.code, done.out) == (0, "no document of young is kept; there are documents of: daily, press\n")


def test_where_config_keeps_nothing_it_says_so(call, pressed):
    with open_store(f"sqlite:///{pressed.base / 'var' / 'monitor.db'}") as store, store.write() as connection:
        connection.execute(text("DELETE FROM document"))
    done = call("replay", "--config", pressed.config)
    assert (done.code, done.out) == (
        0,
        "nothing is kept yet: polls keep the documents that come from now on, for 14d\n",
    )
    monitor = (pressed.config / "monitor.toml").read_text()
    pressed.write(monitor=monitor + '[retention]\ndocuments = "0d"\n')
    done = call("replay", "--config", pressed.config)
    assert done.code == 0
    assert done.out.startswith("nothing is kept: retention.documents is 0d")


def test_before_the_first_poll_it_says_what_makes_the_database(call, desk):
    refused = call("replay", "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert "`monitor poll`" in refused.err
    assert not (desk.base / "var").exists()


def test_classify_says_what_changes_by_label_or_that_nothing_does(call, pressed):
    replayed(call, pressed)
    done = call("replay", "--classify", "--config", pressed.config)
    assert done.code == 0
    assert "has scored all 2 entries of that time" in done.out
    with open_store(f"sqlite:///{pressed.base / 'var' / 'monitor.db'}") as store, store.write() as connection:
        connection.execute(text("UPDATE prediction SET scorer = '2025.01+old', probability = 0.25"))
    code, report = replayed(call, pressed, "--classify", "--dry-run")
    assert (code, report["reclassified"]["scored"], report["reclassified"]["labels"]["returns"]["gained"]) == (0, 2, 1)
    done = call("replay", "--classify", "--config", pressed.config)
    lines = done.out.splitlines()
    assert lines[1].startswith("scored 2 of 2 entries anew by ")
    example = lines[lines.index("returns: 1 in, 0 out; 0 stay in, 1 stay out") + 1]
    assert example.strip().startswith("in: 0.25 -> ")
    assert example.endswith(SUBJECT)
    assert "2 of 2 entries" in done.err.splitlines()


def fill_up(base: Path, documents: int) -> None:
    """Keep a document a minute of the last hours, each with an entry of its own and two that others bring too."""
    with open_store(f"sqlite:///{base / 'var' / 'monitor.db'}") as store, store.write() as connection:
        for n in range(documents):
            body = page(1, n + 10, n + 11)
            captured = Captured(hashlib.sha256(body).hexdigest(), "http://127.0.0.1:9/press", "text/html", body)
            keep(connection, "press", captured, now=datetime.now(UTC) - timedelta(minutes=documents - n))


def told(base: Path) -> dict[str, list[object]]:
    asked = {
        "entry": "SELECT feed, key, title, text, version, announceable, announce_seq IS NULL, first_seen FROM entry",
        "numbers": "SELECT count(DISTINCT announce_seq), count(announce_seq) FROM entry",
        "prediction": "SELECT key, p.version, label, scorer, probability FROM prediction p JOIN entry e "
        "ON e.id = p.entry_id",
    }
    with open_store(f"sqlite:///{base / 'var' / 'monitor.db'}") as store, store.read() as connection:
        return {name: sorted(map(tuple, connection.execute(text(sql)))) for name, sql in asked.items()}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_replay_that_is_killed_loses_and_doubles_nothing(call, pressed, tmp_path):
    documents = 60
    fill_up(pressed.base, documents)
    shutil.copytree(pressed.base / "config", tmp_path / "whole" / "config")
    shutil.copytree(pressed.base / "var", tmp_path / "whole" / "var")
    assert call("replay", "--config", tmp_path / "whole" / "config").code == 0

    command = [sys.executable, "-m", "monitor", "replay", "--config", str(pressed.config)]
    for lines in (1, 5):
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as running:
            assert running.stderr is not None
            for _ in range(lines):
                assert "documents" in running.stderr.readline()
            os.kill(running.pid, signal.SIGKILL)
        assert running.returncode == -signal.SIGKILL
    found = told(pressed.base)["entry"]
    assert 0 < len(found) < documents
    assert call("replay", "--config", pressed.config).code == 0
    assert told(pressed.base) == told(tmp_path / "whole")
