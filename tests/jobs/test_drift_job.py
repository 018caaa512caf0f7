"""Drift: what comes held against what came, and against what the model's training saw."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app import App, Model
from monitor.classify.drift import State
from monitor.classify.drift_alarms import Alarm, Kind
from monitor.errors import ModelError
from monitor.jobs import drift
from monitor.jobs.drift import DriftReport, Seems
from tests.jobs.drifting import DAY, NOW, REFERENCE, RULES, SHARE, WEEK, Piece, Stream


@pytest.fixture
def stream(tmp_path: Path) -> Stream:
    return Stream(tmp_path)


def run(app: App, days: int = 7) -> DriftReport:
    return drift.run(app, days=days, now=NOW)


def only(report: DriftReport, kind: Kind) -> list[Alarm]:
    return [alarm for alarm in report.drift.alarms if alarm.kind is kind]


def test_a_quiet_store_raises_no_alarm_and_says_what_was_compared(stream):
    with stream.app() as app:
        stream.weeks(app)
        report = run(app)
        glanced = drift.glance(app, now=NOW)
    found = report.drift
    assert found.alarms == ()
    assert (found.entries, found.entries_before, report.left_out) == (600, 1200, 0)
    assert (report.past_since, report.since, report.until) == (NOW - 5 * WEEK, NOW - WEEK, NOW)
    assert report.training
    assert (report.note, report.examples) == ("", {})
    assert [(row.name, row.entries, row.learnt) for row in found.languages] == [("en", 400, True), ("de", 200, True)]
    assert [row.over.per_thousand for row in found.sources] == [20.0, 20.0]
    for row in found.languages:
        assert row.unknown_words.against == "training"
        assert row.unknown_words.now == pytest.approx(SHARE, abs=0.02)
    assert (glanced.state, glanced.entries, glanced.alarms) == (Seems.STABLE, 600, 0)


def test_a_language_that_the_model_never_saw_is_an_alarm_with_examples_of_it(stream):
    with stream.app() as app:
        stream.weeks(app)
        finnish = stream.bring(app, stream.ordinary(120, lang="fi", strange=1.0), feed="wire")
        report = run(app)
        assert drift.glance(app, now=NOW).state is Seems.ALARMS
    (alarm,) = only(report, Kind.UNLEARNT)
    assert (alarm.now, alarm.before, alarm.against) == (pytest.approx(120 / 720), 0.0, "past")
    assert len(alarm.examples) == 3
    assert set(alarm.examples) <= set(finnish)
    shown = report.examples[alarm.examples[0]]
    assert shown.title.startswith("outo")
    assert shown.source == "The wire"
    assert [row.learnt for row in report.drift.languages] == [True, True, False]
    assert report.drift.languages[2].unknown_words.against == ""  # neither a past nor training to hold it against


def test_a_language_that_was_always_there_is_no_drift(stream):
    with stream.app() as app:
        stream.weeks(app)
        for week in range(3):
            stream.bring(app, stream.ordinary(120, lang="fi", strange=1.0), age=week * WEEK + DAY)
        assert run(app).drift.alarms == ()


def test_new_words_in_a_known_language_are_held_against_training_and_shown_by_the_strangest_entries(stream):
    with stream.app() as app:
        stream.weeks(app, now=False)
        stream.bring(app, stream.ordinary(400))
        strange = stream.bring(app, stream.ordinary(250, lang="de", strange=0.9), feed="wire")
        report = run(app)
        assert drift.glance(app, now=NOW).alarms > 0
    by_name = {(alarm.by, alarm.name): alarm for alarm in only(report, Kind.UNKNOWN_WORDS)}
    assert set(by_name) == {("language", "de"), ("source", "The wire")}
    assert by_name["language", "de"].against == "training"
    assert by_name["source", "The wire"].against == "past"
    assert by_name["source", "The wire"].now == pytest.approx(0.9, abs=0.02)
    assert set(by_name["language", "de"].examples) <= set(strange)


def test_a_source_that_goes_wild_is_named_with_its_highest_scores(stream):
    with stream.app() as app:
        stream.weeks(app)
        wild = stream.bring(app, [Piece(0.7 + at / 1000) for at in range(60)], feed="wire")
        report = run(app)
    by_name = {(alarm.by, alarm.name): alarm for alarm in only(report, Kind.OVER)}
    wire = by_name["source", "The wire"]
    assert ("source", "The paper") not in by_name
    assert wire.before == pytest.approx(20.0)
    assert wire.now == pytest.approx(1000 * 66 / 360)
    in_order = [id_ for id_ in wire.examples if id_ in wild]
    assert len(wire.examples) == 3
    assert in_order == sorted(in_order, reverse=True)
    row = next(row for row in report.drift.sources if row.name == "The wire")
    assert row.state is State.ACT


def test_a_source_whose_scores_fall_silent_is_named_with_its_near_misses(stream):
    with stream.app() as app:
        for week in range(1, 5):
            stream.bring(app, [Piece(0.9 if at % 5 == 0 else 0.01) for at in range(300)], age=week * WEEK + DAY)
        ids = stream.bring(app, [Piece(0.4 if at == 77 else 0.01) for at in range(500)])
        (alarm, *_) = [a for a in only(run(app), Kind.OVER) if a.by == "source"]
    assert (alarm.now, alarm.before) == (0.0, pytest.approx(200.0))
    assert alarm.examples[0] == ids[77]


def test_a_source_that_gives_titles_only_from_now_on_is_an_alarm(stream):
    with stream.app() as app:
        stream.weeks(app, now=False)
        stream.bring(app, stream.ordinary(400))
        stream.bring(app, stream.ordinary(200, text=False), feed="wire")
        named = {(a.by, a.name, a.against) for a in only(run(app), Kind.NO_TEXT)}
    assert ("source", "The wire", "past") in named
    assert ("source", "The paper", "past") not in named


def test_words_that_name_our_subject_and_score_low_are_counted_against_their_past(stream):
    subject = "Foreign fighters and their families in al-Hol camp"
    with stream.app() as app:
        stream.weeks(app)
        missed = stream.bring(app, [Piece(0.02, title=f"{subject}, part {at}") for at in range(40)])
        report = run(app)
        (alarm,) = only(report, Kind.NAMED_LOW)
        assert drift.glance(app, now=NOW).alarms == 0  # a glance does not look for that
    assert report.drift.named_low.count == 40
    assert set(alarm.examples) <= set(missed)


def test_the_highest_scores_are_held_against_the_past_from_2000_entries_on(stream):
    with stream.app() as app:
        stream.weeks(app, a_week=1000)
        assert run(app).drift.scores["returns"].state is State.STABLE
        stream.bring(app, [Piece(0.3 + stream.random.random() / 6) for _ in range(150)])
        report = run(app)
    shift = report.drift.scores["returns"]
    assert (shift.state, shift.against) == (State.ACT, "past")
    assert [alarm.name for alarm in only(report, Kind.SCORES)] == ["returns"]


def test_without_a_past_the_highest_scores_are_held_against_training_and_rates_against_nothing(tmp_path):
    edges = [-5.0 + at / 10 for at in range(9)]
    facts = {"reference": {**REFERENCE, "upper": {"returns": edges}}}
    stream = Stream(tmp_path, facts)
    with stream.app() as app:
        stream.weeks(app, past=0, a_week=1000)
        found = run(app).drift
    assert found.scores["returns"].against == "training"
    assert found.scores["policy"] is None
    assert [row.over.chance for row in (*found.languages, *found.sources)] == [None] * 4
    assert found.languages[0].no_text.against == "training"


def test_too_few_entries_give_no_numbers(stream):
    with stream.app() as app:
        stream.weeks(app, now=False)
        stream.bring(app, stream.ordinary(312, strange=1.0, score=0.9))
        found = run(app).drift
        glanced = drift.glance(app, now=NOW)
    assert (found.enough, found.entries, found.languages, found.scores, found.alarms) == (False, 312, (), {}, ())
    assert (glanced.state, glanced.entries, glanced.needed) == (Seems.TOO_FEW, 312, 500)


def test_days_set_both_times(stream):
    with stream.app() as app:
        stream.weeks(app)
        report = run(app, days=14)
    assert (report.drift.entries, report.drift.entries_before) == (1200, 600)
    assert report.past_since == NOW - timedelta(days=70)


def test_what_another_model_has_scored_is_left_out_and_another_lexicon_counts(stream):
    with stream.app() as app:
        stream.weeks(app)
        stream.bring(app, stream.ordinary(200, score=0.9, scorer="older+12345678"))
        stream.bring(app, stream.ordinary(10, scorer="toy+12345678"))
        report = run(app)
    assert report.drift.entries == 610
    assert report.left_out == 200
    assert only(report, Kind.OVER) == []


@pytest.mark.parametrize("facts", [{}, {"reference": {"languages": {"en": {}}}}, {"reference": None}])
def test_a_model_that_says_nothing_of_its_training_is_held_against_the_past_only(tmp_path, facts):
    stream = Stream(tmp_path, facts)
    with stream.app() as app:
        stream.weeks(app)
        report = run(app)
        assert drift.glance(app, now=NOW).note == report.note
    assert "only the past" in report.note
    assert not report.training
    assert {row.unknown_words.against for row in report.drift.languages} == {"past"}
    assert report.drift.unlearnt is not None


def test_with_rules_alone_rates_are_held_against_the_past_and_words_are_not_counted(tmp_path):
    stream = Stream(tmp_path, facts=None, labels=RULES)
    with stream.app() as app:
        stream.weeks(app)
        stream.bring(app, [Piece(0.8)] * 60, feed="wire")
        report = run(app)
    assert report.scorer.startswith("rules+")
    assert "rules" in report.note
    assert report.drift.unlearnt is None
    assert {row.unknown_words for row in report.drift.languages} == {None}
    assert ("source", "The wire") in {(alarm.by, alarm.name) for alarm in only(report, Kind.OVER)}


def test_where_nothing_scores_a_glance_says_so_and_a_report_is_refused(stream):
    with stream.app() as app:
        bare = replace(app, model=Model(None, "no active model"))
        assert drift.glance(bare, now=NOW).state is Seems.NO_MODEL
        with pytest.raises(ModelError, match="no active model"):
            drift.run(bare, days=7, now=NOW)


def test_the_same_store_gives_the_same_report_and_is_not_changed(stream):
    with stream.app() as app:
        stream.weeks(app)
        stream.bring(app, stream.ordinary(100, lang="fi", strange=1.0, score=0.7), feed="wire")
        before = (stream.base / "monitor.db").read_bytes()
        told: list[tuple[int, int]] = []
        first = drift.run(app, days=7, now=NOW, progress=lambda done, total: told.append((done, total)))
        assert first == run(app)
        assert drift.glance(app, now=NOW) == drift.glance(app, now=NOW)
        assert (stream.base / "monitor.db").read_bytes() == before
    assert first.drift.alarms
    assert told[-1] == (1900, 1900)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_glance_at_a_large_store_reads_a_part_and_sees_the_same(stream):
    with stream.app() as app:
        stream.weeks(app, past=1, a_week=2010)
        quiet = drift.glance(app, now=NOW)
        stream.bring(app, stream.ordinary(300, score=0.9), feed="wire")
        wild = drift.glance(app, now=NOW)
    assert quiet.state is Seems.STABLE
    assert quiet.entries == pytest.approx(4020, rel=0.01)
    assert wild.state is Seems.ALARMS
