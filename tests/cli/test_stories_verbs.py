"""`monitor stories`: what is listed and shown, as lines, in a terminal and as JSON, and what is done by hand."""

import getpass
import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Place, Role, Stage
from monitor.domain.feed import Feed, FeedUpdate, Outcome, PollEvent, Source
from monitor.store import feeds as store_feeds
from monitor.store.database import open_store
from monitor.store.feeds import Which

HOME = "Six women and sixteen children flown home from Roj camp"
MEASURE = MeasureFact(Measure.REPATRIATION, "BE", Stage.APPLIED)
CHILDREN = Figure(16, 16, False, Counted.CHILDREN, to="BE", by="the ministry")
FIRST = Facts(
    (Place("BE", frozenset({Role.ACTOR})), Place("SY")), (MEASURE,), (CHILDREN,), ("Ann Bo",), ("the ministry",)
)
SECOND = Facts((Place("BE"),), (MEASURE,), (replace(CHILDREN, by=""),))
THIRD = Facts(
    (Place("BE"),), (replace(MEASURE, negated=True),), (replace(CHILDREN, low=14, high=14, by="an aid group"),)
)


@pytest.fixture
def paper(call, desk, classified):
    """A story of three entries from three sources (1, 2, 3), one of a single entry (4), and one that is out (5)."""
    now = datetime.now(UTC)
    tell = [
        ("daily", "The Paper", [("a", HOME, 0.93, 0.61, FIRST, None, None)], 3),
        ("wire", "The Wire", [("b", HOME + " today", 0.9, 0.2, SECOND, 1, 1)], 2),
        ("fil", "Le Fil", [("c", "Quatorze enfants de retour", 0.1, 0.1, THIRD, 1, None)], 1),
        ("daily", "The Paper", [("d", "Court strips a man of his citizenship", 0.1, 0.88, Facts(), None, None)], 0),
        ("daily", "The Paper", [("e", "Bakery wins a prize", 0.01, 0.01, Facts(), None, None)], 0),
    ]
    with open_store(f"sqlite:///{desk.base / 'var' / 'monitor.db'}") as store:
        for feed, source, told, hours in tell:
            at = now - timedelta(hours=hours)
            made = tuple(
                replace(classified(name, title=title, returns=r, policy=p), facts=facts, joins=joins, copy_of=copy)
                for name, title, r, p, facts, joins, copy in told
            )
            store_feeds.sync(store, [Feed(feed, f"http://127.0.0.1:9/{feed}", Source(feed, source))], now=at)
            (state,) = store_feeds.claim(store, [feed], Which.NAMED, now=at, lease=timedelta(minutes=5))
            event = PollEvent(feed, at, Outcome.OK, 200, entries=1, new=1)
            store_feeds.apply(store, FeedUpdate(event, at, "interval", state.lease, 0.0, new=made))

    def run(*args, code=0):
        ended = call("stories", *args, "--config", desk.config)
        assert ended.code == code, ended.err
        return ended

    return run


@pytest.fixture
def terminal(paper, desk):
    """The lines that a terminal of so many columns gets."""
    if not hasattr(os, "openpty"):
        pytest.skip("needs a pseudo terminal")

    def run(width, *args):
        ours, screen = os.openpty()
        command = [sys.executable, "-m", "monitor", "stories", *map(str, args), "--config", str(desk.config)]
        # A dumb terminal has 80 columns, whatever is said.
        environment = {**os.environ, "COLUMNS": str(width), "TERM": "xterm", "NO_COLOR": "1"}
        with subprocess.Popen(command, stdout=screen, env=environment):
            os.close(screen)
            read = b""
            with suppress(OSError):  # how Linux says that the other end is shut
                while part := os.read(ours, 65536):
                    read += part
        os.close(ours)
        return re.sub(r"\x1b\[[\d;]*m", "", read.decode()).splitlines()

    return run


def rows(ended):
    return [line.split("\t") for line in ended.out.splitlines()]


def test_a_list_has_a_line_for_each_story_that_is_in_the_last_seen_first(paper):
    fourth, first = rows(paper("list"))
    assert [fourth[0], *fourth[2:]] == [
        "4", "developing", "policy 0.88", "", "1", "The Paper", "Court strips a man of his citizenship"
    ]  # fmt: skip
    assert [first[0], *first[2:]] == ["1", "developing", "returns 0.93,policy 0.61", "BE,SY", "3", "The Paper +2", HOME]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first[1])


@pytest.mark.parametrize(
    ("args", "ids"),
    [
        (["--limit", 1], ["4"]), (["--limit", 0], ["4", "1"]), (["--label", "returns"], ["1"]),
        (["--since", "30m"], ["4"]), (["--since", "7d"], ["4", "1"]),
    ],
)  # fmt: skip
def test_a_list_can_be_narrowed(paper, args, ids):
    assert [row[0] for row in rows(paper("list", *args))] == ids


def test_a_list_without_any_story_says_what_else_could_be_looked_at(paper):
    ended = paper("list", "--since", "2100-01-01")
    assert (ended.out, "--band review" in ended.err) == ("", True)
    assert paper("list", "--since", "2100-01-01", "--json").out.strip() == "[]"


def test_a_list_as_json(paper):
    _, first = json.loads(paper("list", "--json").out)
    seen = [datetime.fromisoformat(first.pop(name)) for name in ("first_seen", "last_seen")]
    assert seen[1] - seen[0] == timedelta(hours=2)
    assert first == {
        "id": 1, "title": HOME, "url": "https://courier.example/a", "source": "The Paper", "state": "developing",
        "labels": {"returns": 0.93, "policy": 0.61}, "countries": ["BE", "SY"],
        "sources": ["The Paper", "Le Fil", "The Wire"], "entries": [1, 3, 2],
    }  # fmt: skip


@pytest.mark.parametrize("width", [80, 120])
def test_a_list_keeps_to_the_width_of_a_terminal(terminal, width):
    shown = terminal(width, "list")
    assert width - 40 < max(map(len, shown)) <= width
    assert shown[0].split() == ["id", "last", "seen", "labels", "countries", "entries", "title"]
    text = " ".join(" ".join(shown).split())
    assert ("developing" in text, "+2" in text, "policy 0.61" in text) == (True, True, True)


def test_a_story_tells_each_thing_once_with_its_sources_and_what_goes_against_it(paper):
    lines = paper("show", 3).out.splitlines()
    assert lines[:2] == [HOME, "The Paper, Le Fil, The Wire"]
    assert re.match(r"story 1, developing: first seen [\d: -]{16}, last [\d: -]{16} Europe/Brussels", lines[2])
    assert lines[3:] == [
        "labels: returns 0.93; policy 0.61",
        "countries: Belgium (actor); Syria",
        "persons: Ann Bo",
        "institutions: the ministry",
        "",
        "measures",
        "Belgium: repatriation: applied – The Paper, The Wire",
        "    but not applied – Le Fil",
        "",
        "figures",
        "16 children to Belgium, by the ministry – The Paper, The Wire",
        "    but 14 children to Belgium, by an aid group – Le Fil",
        "",
        "entries",
        *lines[-6:],
    ]
    heads = [re.sub(r"[\d-]{10} [\d:]{5}", "TIME", line) for line in lines[-6:]]
    assert heads == [
        f"TIME  The Paper: {HOME}  [1]", "    https://courier.example/a",
        f"    TIME  copy: The Wire: {HOME} today  [2]", "        https://courier.example/b",
        "TIME  Le Fil: Quatorze enfants de retour  [3]", "    https://courier.example/c",
    ]  # fmt: skip


def test_a_story_without_facts_has_no_headings_for_them(paper):
    shown = paper("show", 5).out
    assert "labels: no entry is in" in shown
    assert not re.search("measures|figures|countries|persons", shown)


@pytest.mark.parametrize("width", [80, 120])
def test_a_story_keeps_to_the_width_of_a_terminal_and_breaks_no_link(terminal, width):
    shown = terminal(width, "show", 1)
    assert max(map(len, shown)) <= width
    assert "    https://courier.example/a" in shown


def test_a_story_as_json(paper):
    paper("split", 3, "--who", "ana")
    paper("split", 3, "--into", 1, code=2)
    paper("merge", 3, 1, "--who", "ben")
    shown = json.loads(paper("show", 1, "--json").out)
    assert shown["places"] == [{"country": "BE", "roles": ["actor"]}, {"country": "SY", "roles": []}]
    (measure,) = shown["measures"]
    assert (measure["negated"], measure["sources"], [e["id"] for e in measure["otherwise"]]) == (
        False, ["The Paper", "The Wire"], [3]
    )  # fmt: skip
    assert [(figure["low"], len(figure["entries"]), len(figure["otherwise"])) for figure in shown["figures"]] == [
        (16, 2, 1), (14, 1, 2)
    ]  # fmt: skip
    assert [(e["id"], e["story_id"], e["copy_of"], (e["moved"] or {}).get("who")) for e in shown["entries"]] == [
        (1, 1, None, None), (3, 1, None, "ben"), (2, 1, 1, None)
    ]  # fmt: skip


def test_what_is_done_by_hand_is_told_and_shown_with_who_did_it(paper):
    assert paper("split", 1, 2).out.splitlines() == [
        f"entries 1, 2: now story 1 (2 entries): {HOME}", "what stays of story 1 is story 3 now"
    ]  # fmt: skip
    assert paper("merge", 3, 4, "--who", "Ana Lund").out.splitlines() == [
        "entry 3: now story 4 (2 entries): Quatorze enfants de retour"
    ]
    shown = paper("show", 4).out
    assert re.search(r"\[3\]\n.*\n    put here by Ana Lund, \d{4}-\d\d-\d\d \d\d:\d\d\n", shown)
    assert f"put here by {getpass.getuser()}, " in paper("show", 1).out


def test_what_is_done_by_hand_as_json(paper):
    assert json.loads(paper("split", 2, 1, "--json").out) == {
        "story_id": 1, "moved": [1, 2], "entries": [1, 2], "renamed": [{"from": 1, "to": 3}]
    }  # fmt: skip
    assert json.loads(paper("merge", 3, 4, "--json").out) == {
        "story_id": 4, "moved": [3], "entries": [3, 4], "renamed": []
    }  # fmt: skip


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["merge", 1, 1], "story 1 cannot be merged with itself"),
        (["merge", 1, 77], "no story 77;"),
        (["split", 1, 2, 3], "nothing would stay of story 1"),
        (["split", 77], "no entry 77;"),
        (["show", 77], "no story 77, and no entry;"),
        (["list", "--label", "retuns"], "did you mean returns?"),
        (["list", "--since", "soon"], "--since soon: give a day"),
        (["split"], "ENTRY"),
    ],
)
def test_what_is_wrong_is_named(paper, args, words):
    before = paper("list").out
    ended = paper(*args, code=2)
    assert (words in " ".join(ended.err.split()), ended.out) == (True, "")
    assert paper("list").out == before
