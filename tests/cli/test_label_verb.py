"""`monitor label`: labels as a user types them, and what `monitor items` then shows."""

import json
import os
import re
import subprocess
import sys

import pytest

from monitor.cli.label import os_user
from monitor.domain.entry import Score, Term
from monitor.domain.labels import Band

ENTRIES = (
    {"title": "Families flown home", "returns": 0.9, "policy": 0.1},
    {"title": "Bill on passports", "returns": 0.3, "policy": 0.7},
    {"title": "Harbour fair", "returns": 0.01, "policy": 0.02},
    {
        "title": "Camp gate shut",
        "scores": {"returns": Score(0.05), "policy": Score(0.02), "watch": Score(1.0, (Term("al-Hol", 1.0),))},
    },
)


@pytest.fixture
def paper(call, stocked):
    """Four entries, and the command line with their config."""
    desk = stocked(*ENTRIES)

    def run(*args, code=0):
        ended = call(*args, "--config", desk.config)
        assert ended.code == code, ended.err
        return ended

    return run


def human(paper):
    return {found["id"]: found["human"] for found in json.loads(paper("items", "list", "--json").out)}


def test_plus_gives_minus_refuses_and_a_question_mark_says_unsure(paper):
    told = paper("label", 1, "+returns", "-policy").out
    assert told.strip() == "1: returns yes, policy no: Families flown home"
    paper("label", 2, 3, "-returns", "?policy")
    assert human(paper) == {1: {"returns": True, "policy": False}, 2: {"returns": False}, 3: {"returns": False}, 4: {}}


@pytest.mark.parametrize(
    "args",
    [
        ["-policy", 1], ["1", "-policy"], ["--note", "-x", "-policy", "1"], ["1", "--who=-ana", "-policy"],
        ["--", "1", "-policy"],
    ],
)  # fmt: skip
def test_a_minus_label_is_no_option_wherever_it_stands(call, stocked, args):
    desk = stocked(*ENTRIES)
    ended = call("label", "--config", desk.config, *args)
    assert (ended.code, ended.err) == (0, "")
    (said,) = json.loads(call("label", 1, "--json", "--config", desk.config).out)
    assert said["human"] == {"policy": False}


def test_a_shell_hands_over_what_the_guide_says_to_type(stocked):
    desk = stocked(*ENTRIES)
    monitor = f"{sys.executable} -m monitor"
    typed = f"{monitor} label 2 3 +policy -returns --config config && {monitor} label 1 ?returns --json --config config"
    done = subprocess.run(["sh", "-c", typed], cwd=desk.base, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told, said = done.stdout.split("[", 1)
    assert told.splitlines() == [
        "2: policy yes, returns no: Bill on passports",
        "3: policy yes, returns no: Harbour fair",
    ]
    assert json.loads(f"[{said}")[0]["annotations"][0]["value"] is None


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([1, "+retruns"], 'no label "retruns" in labels.toml; did you mean returns?'),
        ([1, "-xyz"], "there are: returns, policy"),
        ([1, "+"], 'no label ""'),
        ([1, "--nte", "x"], "--nte is no option"),
        ([1, "returns"], "returns is neither an id nor a label"),
        (["+returns"], "which entry?"),
        ([1, "+returns", "-returns"], "returns is said twice, once yes and once no"),
        ([1, "--note", "x"], "--note goes with a label"),
        ([1, 99, "+returns"], "no entry 99"),
        ([98, 99, "+returns"], "no entries 98, 99"),
        ([99], "no entry 99"),
        ([], "ID"),
    ],
)
def test_wrong_usage_says_what_would_be_right_and_stores_nothing(paper, args, words):
    refused = paper("label", *args, code=2)
    assert refused.out == ""
    assert words in refused.err
    assert not any(human(paper).values())


def test_the_same_label_twice_is_said_once(paper):
    (said,) = json.loads(paper("label", 1, 1, "+returns", "+returns", "--json").out)
    assert len(said["annotations"]) == 1


def test_without_labels_it_shows_who_said_what_when_and_why(paper):
    assert "nobody has labelled it" in paper("label", 1).out
    paper("label", 1, "+returns", "--note", "from Roj", "--who", "ana")
    paper("label", 1, "?returns", "--who", "ben")
    title, newest, first = paper("label", 1).out.splitlines()
    assert title == "1: Families flown home"
    assert re.fullmatch(r" +\d{4}-\d\d-\d\d \d\d:\d\d  returns unsure  ben \(cli\)", newest)
    assert re.fullmatch(r' +\d{4}-\d\d-\d\d \d\d:\d\d  returns yes  ana \(cli\): "from Roj"', first)


def test_what_was_said_is_json_as_scripts_rely_on_it(paper):
    paper("label", 1, "+returns", "--note", "from Roj", "--who", "ana")
    (said,) = json.loads(paper("label", 1, "?policy", "--who", "ben", "--json").out)
    assert (said["id"], said["title"], said["human"]) == (1, "Families flown home", {"returns": True})
    first, second = said["annotations"]
    at = first.pop("at")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", at)
    assert first == {
        "id": 1, "label": "returns", "value": True, "who": "ana", "via": "cli", "note": "from Roj", "withdrawn_at": None
    }  # fmt: skip
    assert (second["label"], second["value"], second["who"]) == ("policy", None, "ben")


def test_who_is_the_user_who_is_logged_in_unless_said_otherwise(paper, monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "carla")
    (said,) = json.loads(paper("label", 1, "+returns", "--json").out)
    assert said["annotations"][0]["who"] == "carla"


def test_a_user_without_a_name_is_unknown(monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    assert os_user() == "unknown"


def test_items_show_says_what_was_decided_by_hand_by_whom_and_when(paper):
    paper("label", 3, "+returns", "--note", "a relative of hers", "--who", "ana")
    paper("label", 3, "?policy", "--who", "ben")
    told = paper("items", "show", 3).out
    assert re.search(
        r"returns: 0\.010 against 0\.5: in, by hand \(ana, \d{4}-\d\d-\d\d\)\n    \"a relative of hers\"", told
    )
    assert re.search(r"policy: 0\.020 against 0\.5: out\n    unsure \(ben, \d{4}-\d\d-\d\d\)", told)
    shown = json.loads(paper("items", "show", 3, "--json").out)
    assert shown["bands"] == {"returns": "in", "policy": "out"}
    assert (shown["decisions"], shown["human"]) == (["returns"], {"returns": True})
    assert [word["who"] for word in shown["annotations"]] == ["ana", "ben"]


def test_items_show_names_near_misses_and_what_is_on_the_watch_list(paper):
    assert "returns: 0.300 against 0.5: near-miss, from 0.25 on" in paper("items", "show", 2).out
    told = paper("items", "show", 4).out
    assert "returns: 0.050 against 0.5: near-miss, being on the watch-list" in told
    assert "on the watch-list: al-Hol" in told
    assert "of the kinds" not in told


def test_items_are_listed_by_band_of_a_label_or_of_the_best(paper):
    def ids(*args):
        return [found["id"] for found in json.loads(paper("items", "list", "--json", *args).out)]

    assert [ids("--band", band) for band in Band] == [[2, 1], [4], [3]]
    assert [ids("--band", band, "--label", "returns") for band in Band] == [[1], [4, 2], [3]]
    assert [ids("--band", band, "--label", "policy") for band in Band] == [[2], [4], [3, 1]]
    assert ids("--label", "returns") == [1]
    paper("label", 3, "+returns")
    paper("label", 1, "-returns")
    assert [ids("--band", band, "--label", "returns") for band in Band] == [[3], [4, 2], [1]]
    assert ids("--label", "returns") == [3]
    assert ids("--band", "out", "--label", "policy", "--limit", "1") == [3]
    assert [found["id"] for found in json.loads(paper("items", "search", "fair", "--band", "in", "--json").out)] == [3]


def test_the_lines_of_a_language_and_of_a_tier_hold_in_lists_too(call, stocked):
    desk = stocked({"title": "A", "lang": "ru", "returns": 0.2}, {"title": "B", "lang": "en", "returns": 0.2})
    own = "languages = { ru = { threshold = 0.15 } }"
    desk.write(labels=f"[labels.returns]\nthreshold = 0.5\n{own}\n[labels.policy]\nthreshold = 0.5\n")
    listed = call("items", "list", "--label", "returns", "--json", "--config", desk.config)
    assert [found["title"] for found in json.loads(listed.out)] == ["A"]


def test_walking_over_several_pages_misses_nothing_and_stops_at_the_limit(call, stocked, monkeypatch):
    monkeypatch.setattr("monitor.cli.items._PAGE", 2)
    desk = stocked(*({"title": f"N{n}", "returns": 0.9 if n % 3 else 0.01, "policy": 0.01} for n in range(7)))
    listed = call("items", "list", "--band", "out", "--json", "--config", desk.config)
    assert [found["title"] for found in json.loads(listed.out)] == ["N6", "N3", "N0"]
    listed = call("items", "list", "--band", "in", "--limit", 3, "--json", "--config", desk.config)
    assert [found["title"] for found in json.loads(listed.out)] == ["N5", "N4", "N2"]
