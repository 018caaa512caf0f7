"""Proposing a line from a real store, a held-out set and people's labels, and writing it into config."""

import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.app import App
from monitor.classify import artefact
from monitor.classify.quality import evalset
from monitor.classify.quality.gate import kept_out
from monitor.classify.tune import Goal
from monitor.domain.labels import Cut
from monitor.errors import ModelError, UsageError
from monitor.jobs import tune
from monitor.jobs.tune_report import Row, Tuning
from monitor.settings.bundled import bundled_models
from tests.jobs.conftest import rows as tables
from tests.jobs.tuning import DAY, LABELS, NOW, Newsroom, Piece

POSITIVES, NEGATIVES = ["w85"] * 60 + ["w55"] * 10, ["w15"] * 100 + ["w55"] * 5 + ["w65"] * 5
"""With these, precision is 0.93 from 0.56 on at a recall of 0.86."""
PRECISION = Goal("precision", 0.9)


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path).write()


def tuned(app: App, label: str = "returns", **options: Any) -> Tuning:
    return tune.run(app, label, now=lambda: NOW, **options)


def row(found: Tuning, what: str) -> Row:
    (one,) = (row for row in found.rows if row.what == what)
    return one


def labels_of(room: Newsroom, folder: str = "") -> dict[str, Any]:
    return tomllib.loads((room.config / folder / "labels.toml").read_text(encoding="utf-8"))["labels"]


def label_many(room: Newsroom, app: App, **fields: Any) -> None:
    """120 labels of people: what scores over .7 is ours, what scores .6 and .3 is not."""
    for score, value, number in ((0.75, True, 60), (0.6, False, 20), (0.3, False, 40)):
        ids = room.bring(app, [Piece(score, **fields)] * number, age=40 * DAY)
        room.say(app, ids, value)


def test_a_budget_needs_no_labels_and_is_kept_on_the_stream(room: Newsroom) -> None:
    with room.app() as app:
        room.week(app)
        found = tuned(app, goal=Goal("budget", 2))
    assert found.before == Cut(0.5, 0.25)
    assert found.after.threshold == 0.71  # .9 and .8 of each day
    assert found.interval == (0.71, 0.71)  # every day was the same
    assert (found.data.days, found.data.entries, found.data.stories) == (7.0, 1400, 1400)
    assert (row(found, "now").stories_a_day, row(found, "proposed").stories_a_day) == (4.0, 2.0)
    assert (row(found, "now").entries, row(found, "proposed").entries) == (28, 14)
    assert row(found, "proposed").near_misses == 14
    assert (found.refusal, found.tuned) == ("", "2026-11-29 budget 2 a day: 1400 entries of 7 days")


@pytest.mark.parametrize("goal", [Goal("budget", 2), Goal("cost", 5)], ids=str)
def test_too_few_entries_or_days_are_no_stream(room: Newsroom, goal: Goal) -> None:
    room.hold_out(POSITIVES, NEGATIVES)
    with room.app() as app:
        room.bring(app, [Piece(0.02)] * 312, age=6 * DAY)
        with pytest.raises(UsageError, match=r"not enough entries \(312/1000\) for returns in the last 30 days"):
            tuned(app, goal=goal)
        room.bring(app, [Piece(0.02)] * 688, age=DAY, feed="review")
        with pytest.raises(UsageError, match=r"not enough entries \(688/1000\) for returns in the last 5 days"):
            tuned(app, goal=goal, days=5)
        with pytest.raises(UsageError, match=r"not enough days \(1\.4/3\)"):
            tuned(app, goal=goal)  # two on which anything came, the older one not whole


def test_days_on_which_nobody_polled_do_not_thin_the_stream(room: Newsroom) -> None:
    with room.app() as app:
        for day in (1, 2, 20, 21):
            room.bring(app, [Piece(0.9), Piece(0.8), *[Piece(0.02)] * 300], age=day * DAY - timedelta(seconds=9))
        found = tuned(app, goal=Goal("budget", 1))
    assert found.data.days == 4.0
    assert found.after.threshold == 0.81


@pytest.mark.parametrize("hours", [1, 12, 23])
def test_one_batch_a_day_is_as_many_days_as_batches_at_any_hour(room: Newsroom, hours: int) -> None:
    with room.app() as app:
        for day in range(4):
            room.bring(app, [Piece(0.9), *[Piece(0.02)] * 299], age=day * DAY + timedelta(hours=hours))
        assert tuned(app, goal=Goal("budget", 0.5)).data.days == 4.0


@pytest.mark.parametrize(("age", "days"), [(4.02, 4.25), (4.5, 4.5)])
def test_the_oldest_day_counts_from_its_first_entry_or_by_how_many_it_has(
    room: Newsroom, age: float, days: float
) -> None:
    with room.app() as app:
        for day in range(4):
            room.bring(app, [Piece(0.9), *[Piece(0.02)] * 299], age=(day + 0.9) * DAY)
        room.bring(app, [Piece(0.02)] * 75, age=age * DAY)
        assert tuned(app, goal=Goal("budget", 0.5)).data.days == days


def test_what_may_not_be_announced_is_no_part_of_the_stream(room: Newsroom) -> None:
    with room.app() as app:
        room.week(app)
        room.bring(app, [Piece(0.99, news=False)] * 500, age=DAY, feed="review")
        found = tuned(app, goal=Goal("budget", 2))
    assert (found.data.entries, found.after.threshold) == (1400, 0.71)


def test_entries_of_one_story_count_once_with_their_best_score(room: Newsroom) -> None:
    with room.app() as app:
        room.week(app, high=(0.9, 0.6))
        copies = [Piece(0.8, story="one"), Piece(0.95, story="one"), Piece(0.7, story="one")]
        room.bring(app, copies, age=2 * DAY, feed="review")
        found = tuned(app, goal=Goal("budget", 8 / 7))  # the seven of .9 and the story
    assert found.after.threshold == 0.61
    assert (row(found, "proposed").entries, row(found, "proposed").stories_a_day) == (10, 1.14)


def test_a_person_s_word_stands_at_every_line(room: Newsroom) -> None:
    with room.app() as app:
        room.week(app, high=(0.9, 0.8))
        ids = room.bring(app, [Piece(0.85)] * 7 + [Piece(0.02)] * 7, age=2 * DAY, feed="review")
        room.say(app, ids[:7], False)
        room.say(app, ids[7:], True)
        found = tuned(app, goal=Goal("budget", 2))  # seven that people let in, and those of .9
    assert found.after.threshold == 0.81
    assert row(found, "proposed").entries == 14
    assert not {flip.entry_id for flip in found.goes_out.examples} & set(ids)
    assert row(found, "proposed").near_misses == 7  # those of .8; what people refused is none


def test_what_another_scorer_scored_is_scored_afresh_and_nothing_is_written(room: Newsroom) -> None:
    told: list[tuple[int, int]] = []
    with room.app() as app:
        room.week(app, high=(0.9,))
        old = [Piece(0.99)] * 400 + [Piece(0.0, "w85"), Piece(0.0, "w35")]
        room.bring(app, old * 3, age=3 * DAY, feed="review", scorer="2025.01+old")
        room.bring(app, [Piece(word="w85")], age=DAY, feed="review", scorer="")  # it waits for a model
        before = tables(app)
        found = tuned(app, goal=Goal("budget", 11 / 7), progress=lambda done, total: told.append((done, total)))
        assert tables(app) == before
    assert found.after.threshold == 0.36
    assert row(found, "proposed").entries == 7 + 4
    assert told == [(1000, 1207), (1207, 1207)]


def test_the_interval_is_wide_where_days_differ(room: Newsroom) -> None:
    with room.app() as app:
        for day in range(10):
            busy = [0.6 + day / 25] * (day % 5)
            pieces = [*(Piece(score) for score in busy), *[Piece(0.02)] * 120]
            room.bring(app, pieces, age=(day + 1) * DAY - timedelta(seconds=9))
        found = tuned(app, goal=Goal("budget", 1))
    assert found.interval[0] < found.after.threshold < found.interval[1]


def test_without_people_s_labels_the_line_is_shown_from_the_held_out_set_alone_and_not_written(room: Newsroom) -> None:
    room.hold_out(POSITIVES, NEGATIVES)
    with room.app() as app:
        room.week(app)
        room.say(app, [1, 2, 3, 4, 5, 6, 7], False)  # over the line, and refused: they would move it
        found = tuned(app, goal=PRECISION)
        assert found.after.threshold == 0.56
        assert found.measured is not None
        assert (found.measured.precision, found.data.human, found.data.heldout) == (60 / 65, 0, 180)
        assert found.refusal.startswith("Not enough labels (7/100): ")
        before = (room.config / "labels.toml").read_bytes()
        with pytest.raises(UsageError, match=r"Not enough labels \(7/100\).*; nothing was written"):
            tune.write(app.settings, found)
        assert (room.config / "labels.toml").read_bytes() == before


def test_a_hundred_labels_count_beside_the_held_out_set(room: Newsroom) -> None:
    room.hold_out(POSITIVES, NEGATIVES)
    sha256 = evalset.fingerprint(evalset.read([room.base / "models" / "heldout"]))
    with room.app() as app:
        room.week(app)
        label_many(room, app)
        found = tuned(app, goal=Goal("recall", 0.9))
    assert (found.data.human, found.data.heldout, found.data.heldout_sha256) == (120, 180, sha256)
    assert found.after.threshold == 0.75  # 120 of 130 positives
    assert found.tuned == f"2026-11-29 recall 0.9: 120 labels, held-out {sha256[:8]}"
    assert found.refusal == ""
    assert found.measured is not None
    assert found.measured.recall == pytest.approx(120 / 130)
    assert found.measured.recall_interval is not None
    assert found.measured.recall_interval[0] < 120 / 130 < found.measured.recall_interval[1]


def test_labels_that_people_gave_old_entries_are_scored_by_the_scorer_of_today(room: Newsroom) -> None:
    room.hold_out(POSITIVES, NEGATIVES)
    with room.app() as app:
        ids = room.bring(app, [Piece(0.1, "w95")] * 110, age=400 * DAY, scorer="2025.01+old")
        room.say(app, ids, True)
        found = tuned(app, goal=Goal("recall", 110 / 180))
    assert found.after.threshold == 0.95


@pytest.mark.parametrize(("positives", "negatives", "fewer"), [(7, 200, 7), (40, 29, 29)])
def test_under_thirty_of_a_kind_there_is_no_number_at_all(
    room: Newsroom, positives: int, negatives: int, fewer: int
) -> None:
    room.hold_out(["w85"] * positives, ["w15"] * negatives)
    words = rf"not enough labels \({fewer}/30\): for returns, people and the held-out"
    with room.app() as app, pytest.raises(UsageError, match=words):
        tuned(app, goal=PRECISION)


def test_thirty_of_a_kind_of_which_most_are_people_s_are_still_too_few_below_a_hundred(room: Newsroom) -> None:
    room.hold_out(["w85"] * 10, NEGATIVES)
    with room.app() as app:
        ids = room.bring(app, [Piece(0.9)] * 99, age=DAY)
        room.say(app, ids, True)
        with pytest.raises(UsageError, match=r"\(10/30\): for returns, the held-out set gave 10 .* people gave 99"):
            tuned(app, goal=PRECISION)
        room.say(app, room.bring(app, [Piece(0.9)], age=DAY, feed="review"), True)
        assert tuned(app, goal=PRECISION).data.human == 100


def test_a_label_that_the_held_out_set_says_nothing_of_has_people_s_labels_alone(room: Newsroom) -> None:
    room.hold_out(POSITIVES, NEGATIVES)
    room.labels = LABELS.replace("[labels.policy]", "[labels.own]")
    with room.write().app() as app:
        ids = [*range(1, 41)], [*range(41, 100)]
        room.bring(app, [Piece(word="w75")] * 40 + [Piece(word="w25")] * 60, age=DAY, scorer="")
        for part, value in zip(ids, (True, False), strict=True):
            room.say(app, part, value, "own")
        with pytest.raises(UsageError, match=r"\(0/30\): for own, the held-out set gave 0 positives .* people gave 99"):
            tuned(app, "own", goal=PRECISION)
        room.say(app, [100], False, "own")
        found = tuned(app, "own", goal=PRECISION)
    assert (found.after.threshold, found.data.human, found.data.heldout, found.refusal) == (0.26, 100, 0, "")


def test_a_folder_of_models_without_a_held_out_set_has_the_one_that_comes_with_the_program(room: Newsroom) -> None:
    assert not list((room.base / "models" / "heldout").iterdir())
    with room.app() as app:
        room.week(app)
        assert tuned(app, goal=Goal("budget", 2)).data.heldout > 500


def test_of_a_model_that_has_learnt_from_people_only_the_stories_that_were_kept_out_count(room: Newsroom) -> None:
    room.hold_out(POSITIVES, NEGATIVES)
    models = room.base / "models"
    stored = artefact.read(bundled_models())
    for name, annotated in (("plain", 0), ("mine", 400)):
        artefact.write(
            models, replace(stored, version=name, facts={**stored.facts, "stream": {"annotated": annotated}})
        )
    artefact.activate(models, "mine")
    with room.app() as app:
        ids = room.bring(app, [Piece(0.9)] * 400 + [Piece(0.1)] * 400, age=40 * DAY)
        room.say(app, ids[:400], True)
        room.say(app, ids[400:], False)
        room.week(app)
        found = tuned(app, goal=Goal("budget", 1))
        left = sum(kept_out(id_) for id_ in ids)
        assert 100 <= left < 200
        assert found.data.human == left
        assert any("kept out of its training" in note for note in found.notes)
    artefact.activate(models, "plain")
    with room.app() as app:
        assert tuned(app, goal=Goal("budget", 1)).data.human == 800


def test_borderline_items_and_labels_of_other_kinds_are_left_out(room: Newsroom) -> None:
    room.hold_out(POSITIVES, NEGATIVES)
    room.hold_out(["w85"] * 9, ["w85"] * 50, note="borderline: camp news")
    with room.app() as app:
        ids = room.bring(app, [Piece(0.9)] * 120, age=DAY)
        room.say(app, ids, False, "policy")
        room.say(app, ids, None)  # "I could not say"
        found = tuned(app, goal=PRECISION)
    assert (found.data.human, found.data.heldout) == (0, 180)


def test_without_enough_of_a_stream_the_line_is_found_and_the_review_line_stays(room: Newsroom) -> None:
    room.hold_out(POSITIVES, NEGATIVES)
    with room.app() as app:
        found = tuned(app, goal=Goal("recall", 1.0))
        assert found.after == Cut(0.55, 0.25)
        assert any("not enough entries (0/1000)" in note for note in found.notes)
        assert row(found, "proposed") == Row(0.55, 0.25, "proposed", 0, 0, None, 70 / 80, 1.0)
        lower = replace(PRECISION, value=0.45)
        assert tuned(app, goal=lower).after == Cut(0.16, 0.16)  # never over the threshold


def test_the_table_holds_both_lines_and_some_around_with_what_is_known(room: Newsroom) -> None:
    room.hold_out(POSITIVES, NEGATIVES)
    with room.app() as app:
        room.week(app)
        found = tuned(app, goal=Goal("budget", 1))
    assert [(row.threshold, row.what) for row in found.rows] == [
        (0.5, "now"), (0.71, ""), (0.76, ""), (0.81, "proposed"), (0.86, ""), (0.91, "")
    ]  # fmt: skip
    assert [row.entries for row in found.rows] == [28, 14, 14, 7, 7, 0]
    assert [row.recall for row in found.rows] == [1.0, *[60 / 70] * 3, 0.0, 0.0]
    assert [row.precision for row in found.rows] == [70 / 80, 1.0, 1.0, 1.0, None, None]
    assert found.after.review == 0.03  # five times as many are 35: all 28 that score, and no more


def test_up_to_five_stories_that_would_change_sides_are_named_each_way(room: Newsroom) -> None:
    with room.app() as app:
        room.week(app, high=(0.9, 0.7))
        twins = room.bring(app, [Piece(0.8, story="twin"), Piece(0.75, story="twin")], age=2 * DAY, feed="review")
        stricter = tuned(app, goal=Goal("budget", 1))
        room.labels = LABELS.replace("threshold = 0.5", "threshold = 0.88")
    assert (stricter.comes_in.entries, stricter.goes_out.entries) == (0, 9)
    assert [flip.score for flip in stricter.goes_out.examples] == [0.8, 0.7, 0.7, 0.7, 0.7]
    assert stricter.goes_out.examples[0].entry_id == twins[0]
    assert stricter.goes_out.examples[0].title == f"Note {twins[0]}"
    with room.write().app() as app:
        wider = tuned(app, goal=Goal("budget", 2.2))
    assert (wider.comes_in.entries, wider.goes_out.entries) == (9, 0)


def test_without_a_goal_the_one_of_config_holds(room: Newsroom) -> None:
    room.labels = LABELS + '[labels.returns.tune]\nmode = "budget"\nper_day = 3\n'
    with room.write().app() as app:
        room.week(app)
        found = tuned(app)
        assert (found.goal, found.after.threshold) == (Goal("budget", 3.0), 0.61)


def test_writing_keeps_the_comments_and_says_which_file(room: Newsroom) -> None:
    with room.app() as app:
        room.week(app)
        files = tune.write(app.settings, tuned(app, goal=Goal("budget", 2)))
    text = (room.config / "labels.toml").read_text(encoding="utf-8")
    assert files == (room.config / "labels.toml",)
    assert text.startswith(
        '# Lines of the newsroom.\n[labels.returns]\ntitle = "Returns"\nthreshold = 0.71   # since spring'
    )
    written = labels_of(room)["returns"]
    assert written["review"] == 0.03
    assert written["tuned"] == "2026-11-29 budget 2 a day: 1400 entries of 7 days"
    assert labels_of(room)["policy"]["threshold"] == 0.5
    with room.app() as app:
        assert app.settings.labels["returns"].lines.default == Cut(0.71, 0.03)
        assert tuned(app, goal=Goal("budget", 2)).before == Cut(0.71, 0.03)


def test_a_line_of_config_local_is_changed_there(room: Newsroom) -> None:
    local = room.config / "local" / "labels.toml"
    local.parent.mkdir()
    local.write_text("[labels.returns]\nthreshold = 0.4\n", encoding="utf-8")
    with room.app() as app:
        room.week(app)
        assert tune.write(app.settings, tuned(app, goal=Goal("budget", 2))) == (local,)
    assert labels_of(room, "local")["returns"]["threshold"] == 0.71
    assert labels_of(room)["returns"]["threshold"] == 0.5


def test_a_language_is_tuned_on_its_own_entries_and_written_below_the_label(room: Newsroom) -> None:
    room.hold_out(POSITIVES, NEGATIVES)
    room.hold_out(["w35"] * 40, ["w15"] * 40, lang="ru")
    with room.app() as app:
        room.week(app)
        label_many(room, app)
        russian = [Piece(0.4, lang="ru"), Piece(0.3, lang="ru"), *[Piece(0.02, lang="ru")] * 198]
        for day in range(6):
            room.bring(app, russian, age=(day + 1) * DAY - timedelta(seconds=9), feed="review")
        found = tuned(app, goal=Goal("budget", 1), lang="ru")
        assert (found.after.threshold, found.data.entries, found.data.heldout) == (0.31, 1200, 80)
        assert tuned(app, goal=Goal("budget", 2)).data.entries == 2600  # Russian has no line of its own yet
        by_label = tuned(app, goal=PRECISION, lang="ru")
        assert by_label.after.threshold == 0.16
        assert by_label.refusal.startswith(
            "Not enough labels (0/100): for returns in ru this is from the held-out set alone"
        )
        tune.write(app.settings, found)
    assert labels_of(room)["returns"]["languages"]["ru"]["threshold"] == 0.31
    assert labels_of(room)["returns"]["threshold"] == 0.5
    with room.app() as app:
        rest = tuned(app, goal=Goal("budget", 2))
        assert (rest.data.entries, rest.data.heldout, rest.after.threshold) == (1400, 180, 0.71)
        assert "entries in ru go by lines of their own, and are not looked at" in rest.notes
        assert tuned(app, goal=Goal("budget", 1), lang="ru").before == Cut(0.31, found.after.review)


def test_a_tier_is_tuned_on_the_entries_of_its_sources(room: Newsroom) -> None:
    room.hold_out(POSITIVES, NEGATIVES)
    room.labels = LABELS + "[labels.returns.languages.ru]\nthreshold = 0.3\n"
    with room.write().app() as app:
        room.week(app)
        for day in range(6):
            analysis = [Piece(0.4), Piece(0.3), Piece(0.9, lang="ru"), *[Piece(0.02)] * 198]
            room.bring(app, analysis, age=(day + 1) * DAY - timedelta(seconds=9), feed="review")
        found = tuned(app, goal=Goal("budget", 1), tier="analysis")
        assert (found.after.threshold, found.data.entries) == (0.31, 1200)
        assert found.data.heldout == 180  # an item of the set has no tier
        tune.write(app.settings, found)
    assert labels_of(room)["returns"]["tiers"]["analysis"]["threshold"] == 0.31


def test_subscriptions_with_a_line_of_their_own_are_named(room: Newsroom) -> None:
    room.subscriptions = (
        '[subscriptions.desk]\nlabels = ["returns"]\nchannels = ["files"]\nthresholds = { returns = 0.8 }\n'
        '[subscriptions.wide]\nlabels = ["returns"]\nchannels = ["files"]\n'
    )
    with room.write().app() as app:
        room.week(app)
        found = tuned(app, goal=Goal("budget", 2))
    assert any(note.startswith("subscription desk has a line of its own for returns") for note in found.notes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"label": "nonsense"}, 'no label "nonsense" in labels.toml; there are: policy, returns, vague'),
        ({"label": "vague"}, '"vague" has no scores to tune'),
        ({"lang": "ru", "tier": "news"}, "give one of them"),
        ({"lang": "Russian"}, "--lang Russian: give an ISO 639-1 code"),
        ({"tier": "blog"}, "--tier blog: there are news, analysis"),
        ({"goal": Goal("precision", 1.1)}, "precision 1.1: give a share over 0 and up to 1"),
        ({"goal": Goal("budget", 0)}, "budget 0 a day: give a number over 0"),
        ({"goal": Goal("cost", float("nan"))}, "give a number over 0"),
        ({"goal": Goal("budget", 5000)}, "no more than 5000 a day"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(room: Newsroom, options: dict[str, Any], words: str) -> None:
    room.labels = LABELS + "[labels.vague]\nthreshold = 0.5\n"
    with room.write().app() as app:
        room.week(app)
        with pytest.raises(UsageError, match=words):
            tuned(app, **{"label": "returns", "goal": Goal("budget", 2), **options})


def test_without_anything_that_scores_nothing_is_tuned(room: Newsroom) -> None:
    room.labels = "[labels.returns]\nthreshold = 0.5\n"
    with room.write().app() as app, pytest.raises(ModelError, match="monitor train"):
        tuned(app, goal=Goal("budget", 2))


def test_cost_weighs_false_alerts_against_misses_in_the_stream(room: Newsroom) -> None:
    room.hold_out(["w95"] * 30 + ["w45"] * 10, ["w45"] * 30)
    with room.app() as app:
        room.week(app, high=(0.955, 0.955, 0.955, 0.455, 0.455, 0.455, 0.455))  # of the latter one in four is right
        cheap, dear = tuned(app, goal=Goal("cost", 1)), tuned(app, goal=Goal("cost", 9))
    assert (cheap.after.threshold, dear.after.threshold) == (0.46, 0.03)
    assert cheap.tuned.endswith("held-out " + cheap.data.heldout_sha256[:8] + ", 1400 entries of 7 days")
    assert cheap.refusal
