"""Stored entries through a model: what counts then, what changes, and what stays as it was."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from monitor.domain.facts import Measure
from monitor.domain.reclassify import Job, Span
from monitor.errors import UsageError
from monitor.jobs import alert, facts, poll, prune, status
from monitor.jobs.facts import Asked
from monitor.jobs.label import annotate
from monitor.jobs.reclassify import judging
from monitor.store import digests, near, sample, stories, views
from monitor.store import reclassify as store_reclassify
from monitor.store.annotations import NewAnnotation
from monitor.store.single import reclassifying
from tests.reclassify.desk import (
    DAY,
    HOUR,
    LONG_AGO,
    OLD,
    ORDINARY,
    OURS,
    Desk,
    many,
    scorers,
    scores,
    stored,
    tables,
    use,
)

LINES = {"returns": 0.5, "policy": 0.5}
SmallPages = Callable[[int], None]


def test_scores_of_the_model_in_use_count_beside_the_old_ones_and_what_changes_is_told(desk: Desk) -> None:
    with desk.app() as app:
        desk.bring(app, [OURS[0], ORDINARY[0]])
        desk.bring(app, [OURS[2], ORDINARY[1]], feed="wire", returns=0.9)
        report = desk.run(app)
        assert (report.job.counts, report.ended, report.resumed, report.waiting) == (True, True, False, 0)
        assert (report.job.entries, report.job.total, report.job.tally.done, report.job.tally.scored) == (4, 4, 4, 4)
        returns = report.job.tally.labels["returns"]
        assert (returns.gained, returns.lost, returns.stay_in, returns.stay_out) == (1, 1, 1, 1)
        gained, lost = returns.examples
        now_in, now_out = stored(app)[OURS[0]], stored(app)[ORDINARY[1]]
        assert (gained.entry_id, gained.title, gained.source, gained.at, gained.before, gained.line) == (
            now_in.id, OURS[0], "The paper", now_in.entry.published, 0.2, 0.5,
        )  # fmt: skip
        assert gained.after == now_in.scores["returns"].probability >= 0.5
        assert (lost.entry_id, lost.source, lost.before) == (now_out.id, "The wire", 0.9)
        assert lost.after == now_out.scores["returns"].probability < 0.5
        assert scorers(app) == {OLD.rpartition("+")[0]: 4, "steady": 4}
        assert now_in.scorer == report.job.scorer


def test_asked_again_there_is_nothing_to_do_and_no_row_is_made_of_that(desk: Desk) -> None:
    with desk.app() as app:
        desk.bring(app, many(6))
        desk.run(app)
        before = tables(app)
        again = desk.run(app)
        assert (again.job.entries, again.job.total, again.ended) == (6, 0, True)
        assert tables(app) == before


def test_a_version_that_is_not_in_use_changes_no_view_no_digest_and_no_fact(desk: Desk) -> None:
    desk.labels += "[labels.detention_camp]\nthreshold = 0.3\n"
    with desk.app() as app:
        desk.bring(app, [*OURS, *ORDINARY], returns=0.01, policy=0.01)
        desk.run(app)
        state = digests.subscription_state(app.store, "desk", now=desk.now, begin=DAY)
        span = {"since": LONG_AGO, "until": desk.now + DAY}

        def seen() -> list[Any]:
            return [
                views.items(app.store, limit=0),
                views.items(app.store, limit=0, over=LINES, watched=True),
                stories.latest(app.store, LINES),
                digests.unjudged(app.store, state, LINES),
                digests.first_unjudged(app.store, state, LINES),
                near.near_ids(app.store, 0, {n: own.lines for n, own in app.settings.labels.items()}, upto=99),
                views.window(app.store, **span),
                sample.low(app.store, LINES, below=0.05),
                facts.policy(app, Asked()),
                facts.ledger(app, Asked()),
            ]

        before = seen()
        report = desk.run(app, "bold")
        assert (report.job.counts, report.job.tally.scored) == (False, 8)
        assert report.job.tally.labels["returns"].gained >= 4
        assert scorers(app)["bold"] == 8
        assert seen() == before
        assert desk.run(app, "bold").job.total == 0, "what stands beside is not made again"


def test_once_it_is_in_use_the_next_run_lets_count_what_it_had_scored_beside(desk: Desk) -> None:
    with desk.app() as app:
        desk.bring(app, [*OURS, *ORDINARY])
        desk.run(app)
        beside = desk.run(app, "bold").job.tally.labels
    use(desk.models, "bold")
    with desk.app() as app:
        before = scores(app)
        report = desk.run(app)
        assert (report.job.model, report.job.tally.scored) == ("bold", 8)
        assert report.job.tally.labels == beside, "what was told beforehand"
        assert scorers(app) == {OLD.rpartition("+")[0]: 8, "steady": 8, "bold": 8}
        assert all(after > before[title] for title, after in scores(app).items())


def test_back_with_the_model_before_its_scores_count_again(desk: Desk) -> None:
    with desk.app() as app:
        desk.bring(app, [*OURS, *ORDINARY])
        desk.run(app)
        steady = scores(app)
    use(desk.models, "bold")
    with desk.app() as app:
        desk.run(app)
        assert scores(app) != steady
    use(desk.models, "steady")
    with desk.app() as app:
        assert desk.run(app).job.tally.scored == 8
        assert scores(app) == steady
        assert scorers(app)["steady"] == 8


def test_what_is_over_the_line_anew_is_in_no_digest_and_no_alert_and_what_nobody_had_judged_is_judged_by_it(
    desk: Desk,
) -> None:
    desk.subscription += "alert_thresholds = { returns = 0.5, policy = 0.5 }\n"
    with desk.app() as app:
        desk.bring(app, ORDINARY)
        assert ORDINARY[3] not in desk.digest(app)
        desk.bring(app, [*OURS, *many(30)])
        alert.run(app, now=desk.clock)
        desk.digest(app)
        places = announced(app)
        report = desk.run(app)
        assert report.job.tally.labels["returns"].gained > 5
        assert announced(app) == places
        assert alert.run(app, now=desk.clock) == []
        said = desk.digest(app)
        assert not any(title in said for title in (*OURS, *many(30)))
        desk.bring(app, ["Twelve children and their mothers come home from Roj camp in Syria"])
        desk.run(app)
        said = desk.digest(app)
        assert "Twelve children and their mothers" in said
        assert not any(title in said for title in (*OURS, *many(30)))


def announced(app: Any) -> list[Any]:
    with app.store.read() as connection:
        return list(connection.execute(text("SELECT id, announce_seq FROM entry ORDER BY id")).all())


def test_what_becomes_ours_has_its_facts_from_then_on_but_not_by_a_model_that_is_not_in_use(desk: Desk) -> None:
    with desk.app() as app:
        desk.bring(app, [OURS[1], ORDINARY[0]])
        desk.run(app, "bold")
        assert [one.facts.measures for one in stored(app).values()] == [(), ()]
        desk.run(app)
        assert [fact.measure for fact in stored(app)[OURS[1]].facts.measures] == [Measure.CITIZENSHIP]
        assert stored(app)[ORDINARY[0]].facts.measures == ()


def test_what_has_facts_keeps_them_and_its_story(desk: Desk) -> None:
    with desk.app() as app:
        desk.bring(app, [OURS[1]])
        desk.run(app)
        with app.store.write() as connection:
            connection.execute(text("UPDATE measure SET words = 'as somebody found them'"))
        desk.run(app, "bold")
        use(desk.models, "bold")
    with desk.app() as app:
        story = stored(app)[OURS[1]].story_id
        desk.run(app)
        assert stored(app)[OURS[1]].facts.measures[0].words == "as somebody found them"
        assert stored(app)[OURS[1]].story_id == story


def test_what_no_model_has_scored_is_left_to_the_poll_which_may_announce_it(desk: Desk) -> None:
    with desk.app() as app:
        desk.digest(app)
        desk.bring(app, [ORDINARY[0]])
        desk.bring(app, [OURS[0]], scorer="")
        desk.bring(app, [OURS[2]], scorer="rules+0123abcd")
        report = desk.run(app)
        assert (report.job.entries, report.job.tally.scored, report.waiting) == (1, 1, 2)
        beside = desk.run(app, "bold")
        assert beside.job.tally.scored == 2, "what rules have scored has words that count"
        assert poll.catch_up(app, now=desk.clock) == 2
        said = desk.digest(app)
        assert OURS[0] in said
        assert OURS[2] in said


def test_what_people_said_stands_whatever_a_model_says(desk: Desk) -> None:
    with desk.app() as app:
        desk.bring(app, [OURS[0], OURS[1]])
        ids = {title: one.id for title, one in stored(app).items()}
        said = [NewAnnotation(ids[OURS[0]], "returns", value=False), NewAnnotation(ids[OURS[1]], "returns", value=True)]
        annotate(app.store, said, who="ana", via="cli", now=desk.now)
        returns = desk.run(app).job.tally.labels["returns"]
        assert (returns.gained, returns.lost, returns.stay_in, returns.stay_out) == (0, 0, 1, 1)


def test_only_the_sources_and_times_that_are_asked_for_are_taken(desk: Desk) -> None:
    with desk.app() as app:
        desk.bring(app, ["One of the paper's, early"])
        begin = desk.now + timedelta(seconds=1)
        desk.bring(app, ["One of the wire's"], feed="wire")
        desk.bring(app, ["One of the paper's, in time"])
        end = desk.now
        desk.bring(app, ["One of the paper's, late"])
        report = desk.run(app, span=Span(begin, end, frozenset({"paper"})))
        assert (report.job.entries, report.job.tally.scored) == (1, 1)
        by_steady = [title for title, one in stored(app).items() if one.scorer != OLD]
        assert by_steady == ["One of the paper's, in time"]


def test_a_dry_run_writes_nothing_and_says_the_same(desk: Desk) -> None:
    with desk.app() as app:
        desk.bring(app, many(20))
        before = tables(app)
        rehearsed = desk.run(app, dry_run=True)
        assert tables(app) == before
        done = desk.run(app)
        assert (rehearsed.job.entries, rehearsed.job.total) == (done.job.entries, done.job.total)
        assert rehearsed.job.tally.labels == done.job.tally.labels
        assert rehearsed.ended


def test_processes_and_one_alone_make_the_same_rows_and_numbers(
    desk: Desk, small_pages: SmallPages, caplog: pytest.LogCaptureFixture
) -> None:
    titles = many(60)
    with desk.app() as app:
        desk.bring(app, titles)
        at = desk.now
        alone = desk.run(app, dry_run=True).job.tally.labels
        small_pages(7)
        desk.now, seen = at, list[Job]()
        with caplog.at_level(logging.INFO, "monitor"):
            report = desk.run(app, workers=3, progress=seen.append)
        assert report.job.tally.labels == alone
        assert report.job.tally.scored == 60
        assert [job.tally.done for job in seen] == [7, 14, 21, 28, 35, 42, 49, 56, 60]
        assert all(job.rate and job.left is not None for job in seen)
        line = next(record.getMessage() for record in caplog.records if "entries=14" in record.getMessage())
        for part in ("reclassify", "model=steady", "of=60", "scored=14", "rate=", "left="):
            assert part in line


@pytest.mark.slow
def test_a_page_that_costs_its_process_is_judged_by_the_run_itself(
    desk: Desk, small_pages: SmallPages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    small_pages(15)
    monkeypatch.setattr(judging, "_DEADLINE", timedelta(milliseconds=1))
    with desk.app() as app:
        desk.bring(app, many(30))
        assert desk.run(app, workers=2).job.tally.scored == 30
        assert "judged here" in caplog.text


def test_stopped_and_asked_for_again_it_goes_on_and_ends_as_if_it_had_not_been(
    desk: Desk, small_pages: SmallPages
) -> None:
    with desk.app() as app:
        desk.bring(app, many(40))
        expected = desk.run(app, dry_run=True).job.tally.labels
        small_pages(6)
        first = desk.run(app, workers=1, asked="all", stop=lambda: True)
        assert (first.ended, first.job.tally.done, first.job.tally.scored) == (False, 6, 6)
        told = status.status(app, now=desk.now)
        assert told.reclassification is not None
        assert (told.reclassification.tally.done, told.reclassification.total, told.reclassifying) == (6, 40, False)
        desk.bring(app, [OURS[0], ORDINARY[0]])
        second = desk.run(app, workers=1, asked="all")
        assert (second.resumed, second.ended, second.job.id) == (True, True, first.job.id)
        assert second.job.tally.scored == 42, "what came since belongs to a range without an end"
        assert second.job.tally.labels["returns"].gained == expected["returns"].gained + 1
        assert status.status(app, now=desk.now).reclassification is None
        assert scorers(app)["steady"] == 42


def test_status_judges_by_signs_of_life_and_keeps_nobody_out(desk: Desk, small_pages: SmallPages) -> None:
    small_pages(5)
    with desk.app() as app:
        desk.bring(app, many(20))
        seen = []

        def look(job: Job) -> None:
            with desk.app() as other:
                seen.append(status.status(other, now=desk.now).reclassifying)
                with reclassifying(other.store, other.settings.database_url) as mine:
                    assert not mine, "the run has it in hand, whoever looked"

        desk.run(app, workers=1, progress=look, stop=lambda: len(seen) == 2)
        assert seen == [True, True]
        told = status.status(app, now=desk.now)
        assert told.reclassification is not None
        assert not told.reclassifying, "it was stopped"
        store_reclassify.save(app.store, replace(told.reclassification, stopped=False), now=desk.now)
        assert status.status(app, now=desk.now).reclassifying
        assert not status.status(app, now=desk.now + HOUR).reclassifying, "its process is gone"


def test_after_another_model_was_in_use_a_run_begins_anew(desk: Desk, small_pages: SmallPages) -> None:
    """Where it stood before, the other model's scores count now."""
    small_pages(5)
    with desk.app() as app:
        desk.bring(app, many(12))
        first = desk.run(app, workers=1, asked="all", stop=lambda: True)
    use(desk.models, "bold")
    with desk.app() as app:
        desk.run(app, workers=1, asked="all")
    use(desk.models, "steady")
    with desk.app() as app:
        again = desk.run(app, workers=1, asked="all")
        assert (again.resumed, again.anew and again.anew.id) == (False, first.job.id)
        assert again.job.tally.scored == 12
        assert {one.scorer for one in stored(app).values()} == {again.job.scorer}


def test_a_run_that_ended_long_ago_is_pruned_and_one_that_did_not_end_is_not(
    desk: Desk, small_pages: SmallPages
) -> None:
    small_pages(5)
    with desk.app() as app:
        desk.bring(app, many(12))
        desk.run(app, "bold", workers=1, asked="bold", stop=lambda: True)
        ended = desk.run(app, workers=1, asked="all").job
        assert ended.ended_at is not None
        kept = app.settings.options.retention.polls
        for later, left in ((kept - DAY, ["bold", "all"]), (kept + DAY, ["bold"])):
            prune.run(app, now=lambda later=later: ended.ended_at + later)
            with app.store.read() as connection:
                assert list(connection.scalars(text("SELECT asked FROM reclassify ORDER BY id"))) == left


def test_another_request_is_another_run_and_what_was_begun_beside_does_not_go_on_as_in_use(
    desk: Desk, small_pages: SmallPages
) -> None:
    small_pages(5)
    with desk.app() as app:
        desk.bring(app, many(20))
        first = desk.run(app, "bold", workers=1, asked="all", stop=lambda: True)
        other = desk.run(app, "bold", workers=1, asked="paper", stop=lambda: True)
        assert other.job.id != first.job.id
    use(desk.models, "bold")
    with desk.app() as app:
        done = desk.run(app, workers=1, asked="all")
        assert (done.resumed, done.job.tally.scored) == (False, 20)
        assert {one.scorer for one in stored(app).values()} == {done.job.scorer}


def test_what_is_edited_while_its_page_is_judged_is_scored_in_its_new_words(
    desk: Desk, small_pages: SmallPages
) -> None:
    small_pages(5)
    with desk.app() as app:
        desk.bring(app, many(20))
        last = max(one.id for one in stored(app).values())

        def edit(job: Job) -> None:
            if job.tally.done == 5:  # the pages behind it are read by now
                change = "UPDATE entry SET title = :title, version = 2 WHERE id IN (7, :last)"
                with app.store.write() as connection:
                    connection.execute(text(change), {"title": OURS[0], "last": last})

        report = desk.run(app, "bold", workers=2, progress=edit)
        assert (report.job.tally.done, report.job.tally.scored, report.ended) == (20, 20, True)
        with app.store.read() as connection:
            rows = connection.execute(
                text("SELECT entry_id, version FROM prediction WHERE scorer LIKE 'bold%' AND label = 'returns'")
            )
            assert {row.entry_id for row in rows if row.version == 2} == {7, last}


def test_one_process_does_it_at_a_time_and_a_dry_run_may_look_meanwhile(desk: Desk) -> None:
    with desk.app() as app:
        desk.bring(app, many(4))
        with reclassifying(app.store, app.settings.database_url) as mine:
            assert mine
            with desk.app() as other:
                with pytest.raises(UsageError, match="another process is reclassifying"):
                    desk.run(other)
                assert desk.run(other, dry_run=True).job.tally.done == 4
        assert desk.run(app).job.tally.scored == 4


def test_an_edit_that_changes_nothing_that_matters_needs_no_new_score(desk: Desk) -> None:
    with desk.app() as app:
        desk.bring(app, many(3))
        desk.run(app)
        with app.store.write() as connection:
            connection.execute(text("UPDATE entry SET version = 2"))
        assert desk.run(app).job.total == 0


def test_lines_of_a_tier_and_a_language_hold(desk: Desk) -> None:
    desk.labels = (
        "[labels.returns]\nthreshold = 0.5\n[labels.returns.tiers.news]\nthreshold = 1.0\n"
        "[labels.returns.languages.fr]\nthreshold = 0.5\n[labels.policy]\nthreshold = 0.5\n"
    )
    with desk.app() as app:
        desk.bring(app, [OURS[0]])
        returns = desk.run(app).job.tally.labels["returns"]
        assert (returns.gained, returns.stay_out) == (0, 1)
    assert replace(returns, examples=()) == returns
    assert desk.now - HOUR < desk.now
