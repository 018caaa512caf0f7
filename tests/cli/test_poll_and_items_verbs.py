"""`monitor poll` and `monitor items`: what scripts rely on."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_poll_takes_the_due_feeds_then_none_and_tells_its_failures(call, served):
    first = call("poll", "--json", "--config", served.config)
    assert first.code == 1
    report = json.loads(first.out)
    assert (report["polled"], report["failed"], report["new"], report["repeats"]) == (2, 1, 3, 0)
    by_feed = {event["feed"]: event for event in report["feeds"]}
    assert (by_feed["dead"]["outcome"], by_feed["dead"]["kind"], by_feed["dead"]["status"]) == (
        "failed",
        "http-404",
        404,
    )
    assert UTC_TIME.fullmatch(by_feed["daily"]["at"])

    second = call("poll", "--config", served.config)
    assert (second.code, second.out.strip(), second.err) == (0, "no feed was due", "")

    everything = call("poll", "--all", "--config", served.config)
    assert everything.code == 1
    assert everything.err.splitlines() == ["dead: http-404: the server answered 404 Not Found"]
    assert everything.out.strip() == "polled 2 feeds, 1 failed: 0 entries seen, 0 new, 0 repeats"

    named = call("poll", "--feed", "daily", "--config", served.config)
    assert (named.code, named.err) == (0, "")
    assert named.out.startswith("polled 1 feed, 0 failed")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--feed", "dayly"], "did you mean daily?"),
        (["--feed", "daily", "--feed", "zzzz"], "zzzz"),
        (["--feed", "resting"], "disabled"),
        (["--feed", "daily", "--all"], "one of them"),
    ],
)
def test_poll_refuses_what_does_not_fit_and_polls_nothing(call, served, args, words):
    refused = call("poll", *args, "--json", "--config", served.config)
    assert (refused.code, refused.out) == (2, "")
    assert words in refused.err
    assert (
        not (served.base / "var" / "monitor.db").exists()
        or json.loads(call("items", "list", "--json", "--config", served.config).out) == []
    )


def test_without_a_model_entries_are_stored_and_wait_and_the_next_poll_classifies_them(call, served):
    monitor = (served.config / "monitor.toml").read_text()
    served.write(monitor=monitor + '[model]\ndirectory = "no-models"\n')
    first = call("poll", "--feed", "daily", "--json", "--config", served.config)
    assert first.code == 1
    report = json.loads(first.out)
    assert (report["new"], report["failed"]) == (3, 0)
    assert "no-models" in report["model_problem"]
    waiting = json.loads(call("items", "list", "--json", "--config", served.config).out)
    assert [(found["scores"], found["decisions"]) for found in waiting] == [({}, [])] * 3

    served.write(monitor=monitor)
    assert json.loads(call("poll", "--feed", "daily", "--json", "--config", served.config).out)["caught_up"] == 3
    scored = json.loads(call("items", "list", "--json", "--config", served.config).out)
    assert all(set(found["scores"]) >= {"returns", "policy"} for found in scored)


def test_a_database_that_cannot_be_written_is_told_in_a_sentence(call, desk):
    (desk.base / "var").write_text("not a folder")
    refused = call("poll", "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert "the database cannot be opened" in refused.err
    assert "Traceback" not in refused.err


def test_looking_before_the_first_poll_says_what_makes_the_database(call, desk):
    refused = call("items", "list", "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert "`monitor poll`" in refused.err
    assert not (desk.base / "var").exists()


def test_items_are_json_as_scripts_rely_on_it(call, polled, titles):
    listed = call("items", "list", "--json", "--config", polled.config)
    assert (listed.code, listed.err) == (0, "")
    found = json.loads(listed.out)
    assert {entry["title"] for entry in found} == set(titles)
    assert [entry["id"] for entry in found] == sorted((entry["id"] for entry in found), reverse=True)
    for entry in found:
        assert isinstance(entry["id"], int)
        assert (entry["feed"], entry["text"], entry["origin"]) == ("daily", "Told on Friday.", "live")
        assert entry["url"] == f"https://paper.example/{entry['guid']}"
        assert UTC_TIME.fullmatch(entry["first_seen"])
        assert UTC_TIME.fullmatch(entry["published"])
        assert set(entry["scores"]) >= {"returns", "policy"}
        assert all(0 <= value <= 1 for value in entry["scores"].values())
        own = {label: entry["scores"][label] for label in ("returns", "policy")}
        assert set(entry["decisions"]) == {label for label, value in own.items() if value >= 0.5}
        assert entry["bands"] == {
            label: "in" if value >= 0.5 else "review" if value >= 0.25 else "out" for label, value in own.items()
        }
        assert entry["human"] == {}
    assert {entry["lang"] for entry in found} == {"en", "ru"}


def test_items_are_limited_from_the_newest_and_0_is_all(call, polled):
    counts = {
        limit: len(json.loads(call("items", "list", "--json", "--limit", limit, "--config", polled.config).out))
        for limit in (0, 1, 2, 50)
    }
    assert counts == {0: 3, 1: 1, 2: 2, 50: 3}


def test_items_since_counts_by_first_seen(call, polled):
    now = datetime.now(UTC)
    tomorrow, yesterday = (now + timedelta(days=1), now - timedelta(days=1))
    for since, count in (
        ("1h", 3), ("7d", 3), (yesterday.date().isoformat(), 3), (yesterday.isoformat(), 3),
        (tomorrow.date().isoformat(), 0), (tomorrow.strftime("%Y-%m-%dT%H:%MZ"), 0),
    ):  # fmt: skip
        listed = call("items", "list", "--json", "--since", since, "--config", polled.config)
        assert len(json.loads(listed.out)) == count, since
    refused = call("items", "list", "--json", "--since", "last week", "--config", polled.config)
    assert (refused.code, refused.out) == (2, "")
    assert "7d" in refused.err


def test_items_of_a_label_are_those_that_pass_its_line(call, polled, titles):
    returns = json.loads(call("items", "list", "--json", "--label", "returns", "--config", polled.config).out)
    assert all("returns" in entry["decisions"] for entry in returns)
    assert titles[0] in {entry["title"] for entry in returns}
    assert titles[2] not in {entry["title"] for entry in returns}
    one = json.loads(call("items", "list", "--json", "--label", "returns", "--limit", 1, "--config", polled.config).out)
    assert one == returns[:1]
    refused = call("items", "list", "--label", "return", "--config", polled.config)
    assert refused.code == 2
    assert "policy, returns" in refused.err


def test_search_finds_words_in_any_case_of_any_alphabet(call, polled, titles):
    for words, found in (("BAKERY", [titles[2]]), ("СУД", [titles[1]]), ("told on", None), ("100%", []), ("_", [])):
        listed = json.loads(call("items", "search", words, "--json", "--config", polled.config).out)
        assert [entry["title"] for entry in listed] == found if found is not None else len(listed) == 3, words


def test_show_tells_the_terms_behind_a_score(call, polled):
    (entry,) = json.loads(call("items", "search", "al-Hol", "--json", "--config", polled.config).out)
    shown = json.loads(call("items", "show", entry["id"], "--json", "--config", polled.config).out)
    assert {key: shown[key] for key in entry} == entry
    assert shown["story"] == []
    assert all({"text", "weight", "concept"} == set(term) for term in shown["terms"]["returns"])
    told = call("items", "show", entry["id"], "--config", polled.config)
    assert told.code == 0
    for words in (
        entry["title"],
        entry["url"],
        "returns: ",
        "Told on Friday.",
        "Europe/Brussels",
        shown["terms"]["returns"][0]["text"],
    ):
        assert words in told.out


def test_show_of_an_unknown_id_is_wrong_usage(call, polled):
    refused = call("items", "show", 4711, "--json", "--config", polled.config)
    assert (refused.code, refused.out) == (2, "")
    assert "4711" in refused.err


def test_a_list_that_is_no_terminal_is_a_tab_separated_line_an_entry(call, polled, titles):
    listed = call("items", "list", "--config", polled.config)
    lines = [line.split("\t") for line in listed.out.splitlines()]
    assert [line[4] for line in lines] == list(reversed(titles))
    assert all(len(line) == 5 for line in lines)
