"""`monitor drift`, and its line in `monitor status`."""

import json
from datetime import UTC, datetime

import pytest

from monitor.cli.drift_words import percent, thousandth
from tests.jobs.drifting import RULES, Piece, Stream


@pytest.fixture
def stream(tmp_path):
    return Stream(tmp_path, now=datetime.now(UTC))


@pytest.fixture
def drifted(stream):
    """A quiet past, and a week in which one source goes wild and a strange language comes."""
    with stream.app() as app:
        stream.weeks(app)
        stream.bring(app, stream.ordinary(100, lang="fi", strange=1.0), feed="paper")
        stream.bring(app, [Piece(0.99, title="[bold]Wild[/bold] news of the wire")] * 60, feed="wire")
    return stream


def line(call, stream):
    told = call("status", "--config", stream.config)
    assert told.code == 0
    return next(line[13:] for line in told.out.splitlines() if line.startswith("drift"))


def test_alarms_are_told_with_examples_and_what_to_do_and_the_exit_code_is_0(call, drifted):
    told = call("drift", "--config", drifted.config)
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0].startswith("760 entries of the last 7 days (since ")
    assert lines[1] == "held against 1,200 entries of the 28 days before and what the model's training saw"
    sources = [row.split("\t")[0] for row in lines if row.startswith("The ")]
    assert sources == ["The wire", "The paper"]  # the one with an alarm first
    (wild,) = (at for at, row in enumerate(lines) if row.startswith("- The wire:"))
    assert lines[wild].endswith("of 1,000 entries are over the line, before 20")
    assert all(row.endswith("[bold]Wild[/bold] news of the wire (The wire)") for row in lines[wild + 1 : wild + 4])
    assert "monitor review" in lines[wild + 4]
    assert "- 13 % of the entries are in languages that the model has not learnt (fi), before 0 %" in lines
    assert any(row.startswith("fi\t100\t") and row.endswith("not learnt") for row in lines)


def test_fail_ends_with_1_where_there_are_alarms_and_only_there(call, drifted):
    assert call("drift", "--fail", "--config", drifted.config).code == 1
    assert call("drift", "--fail", "--json", "--config", drifted.config).code == 1


def test_a_quiet_store_has_no_alarms_and_ends_with_0_under_fail(call, stream):
    with stream.app() as app:
        stream.weeks(app)
    told = call("drift", "--fail", "--config", stream.config)
    assert told.code == 0
    assert told.out.splitlines()[-1] == "no alarms"
    assert line(call, stream) == "none seen (600 entries of 7 days)"


def test_json_is_json_alone_and_says_what_people_read(call, drifted):
    told = call("drift", "--json", "--config", drifted.config)
    assert told.err == ""
    found = json.loads(told.out)
    assert (found["entries"], found["entries_before"], found["enough"], found["training"]) == (760, 1200, True, True)
    wire = next(row for row in found["sources"] if row["name"] == "The wire")
    assert (wire["state"], wire["over"]["per_thousand_before"]) == ("act", 20.0)
    alarm = next(alarm for alarm in found["alarms"] if alarm["by"] == "source" and alarm["kind"] == "over")
    assert alarm["name"] == "The wire"
    assert "monitor review" in alarm["do"]
    assert alarm["says"].startswith("The wire: ")
    assert {example["source"] for example in alarm["examples"]} == {"The wire"}


def test_too_few_entries_are_said_instead_of_numbers(call, stream):
    with stream.app() as app:
        stream.bring(app, stream.ordinary(312, score=0.9, strange=1.0))
    told = call("drift", "--fail", "--config", stream.config)
    assert told.code == 0
    assert told.out.splitlines()[-1] == "not enough entries (312/500)"
    assert "\t" not in told.out
    assert json.loads(call("drift", "--json", "--config", stream.config).out)["enough"] is False
    assert line(call, stream) == "not enough entries (312/500)"
    found = json.loads(call("status", "--json", "--config", stream.config).out)["drift"]
    assert (found["state"], found["entries"], found["needed"]) == ("not enough entries", 312, 500)


def test_without_a_past_that_is_said(call, stream):
    with stream.app() as app:
        stream.weeks(app, past=0)
    lines = call("drift", "--config", stream.config).out.splitlines()
    assert "no past yet: rates are held against nothing" in lines
    assert "-: no past yet, for which 200 entries are needed" in lines
    assert "highest scores of returns: not enough entries (600/2,000)" in lines


def test_status_counts_the_alarms(call, drifted):
    assert line(call, drifted).endswith("alarms, see `monitor drift`")
    found = json.loads(call("status", "--json", "--config", drifted.config).out)["drift"]
    assert found["state"] == "alarms"
    assert found["alarms"] >= 2


def test_with_rules_alone_both_say_that_only_the_past_counts(call, tmp_path):
    stream = Stream(tmp_path, facts=None, labels=RULES, now=datetime.now(UTC))
    with stream.app() as app:
        stream.weeks(app)
    assert "only the past" in call("drift", "--config", stream.config).out
    assert line(call, stream).startswith("none seen (600 entries of 7 days); only the rules")


def test_where_nothing_scores_entries_the_verb_is_refused_and_status_says_so(call, stream):
    with stream.app():
        pass
    (stream.base / "models" / "ACTIVE").unlink()
    refused = call("drift", "--config", stream.config)
    assert (refused.code, refused.out) == (2, "")
    assert "nothing scores entries" in refused.err
    assert line(call, stream) == "nothing scores entries"


def test_days_must_be_days(call, stream):
    assert call("drift", "--days", "0", "--config", stream.config).code == 2


def test_small_shares_and_counts_keep_a_decimal():
    assert [percent(share) for share in (0.0, 0.004, 0.0951, 0.1, 1.0)] == ["0 %", "0.4 %", "9.5 %", "10 %", "100 %"]
    assert [thousandth(value) for value in (0.0, 0.44, 12.3)] == ["0", "0.4", "12"]
