"""`monitor tune` as people and scripts call it."""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.tuning import DAY, LABELS, Newsroom, Piece

POSITIVES, NEGATIVES = ["w85"] * 60 + ["w55"] * 10, ["w15"] * 100 + ["w65"] * 5


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """A newsroom whose week ended just now, and a held-out set."""
    made = Newsroom(tmp_path, now=datetime.now(UTC)).write()
    made.hold_out(POSITIVES, NEGATIVES)
    with made.app() as app:
        made.week(app)
    return made


def threshold(room: Newsroom) -> float:
    labels = tomllib.loads((room.config / "labels.toml").read_text(encoding="utf-8"))["labels"]
    return float(labels["returns"]["threshold"])


def test_people_are_told_the_line_its_interval_what_it_rests_on_and_what_it_would_have_given(
    call: Any, room: Newsroom
) -> None:
    done = call("tune", "returns", "--per-day", 1, "--config", room.config)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "returns, budget 1 a day: 0.5 -> 0.81 (95 %: 0.81 to 0.81)"
    assert lines[1] == "review 0.25 -> 0.03"
    assert lines[2].startswith("at 0.81: precision 1.00 (1.00 to 1.00), recall 0.86 (0.7")
    assert lines[3].startswith("precision and recall: on 0 labels of people and 175 held-out items (sha256 ")
    assert lines[4] == "stream: 1400 entries of 1400 stories, from 7.0 of 30 days"
    assert "   line  review  entries  near-misses  stories a day  precision  recall" in lines
    assert "    0.5    0.25       28            0            4.0       0.93    1.00  now" in lines
    assert "   0.81    0.03        7           21            1.0       1.00    0.86  proposed" in lines
    assert "would go out: 21" in lines
    assert sum(line.startswith("    0.80  ") for line in lines) == 5
    assert lines[-1] == "nothing is written; --write does it"
    assert threshold(room) == 0.5


def test_scripts_get_json_alone(call: Any, room: Newsroom) -> None:
    done = call("tune", "returns", "--precision", "0.9", "--json", "--config", room.config)
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert found["goal"] == {"mode": "precision", "value": 0.9}
    assert (found["before"], found["after"]) == (
        {"threshold": 0.5, "review": 0.25}, {"threshold": 0.16, "review": 0.03}
    )  # fmt: skip
    assert found["measured"]["precision"] == pytest.approx(70 / 75)
    assert found["refusal"].startswith("Not enough labels (0/100)")
    assert found["written"] == []
    assert {row["what"] for row in found["rows"]} == {"", "now", "proposed"}


def test_writing_says_which_file_and_the_next_run_finds_the_line_there(call: Any, room: Newsroom) -> None:
    done = call("tune", "returns", "--per-day", 2, "--write", "--config", room.config)
    assert (done.code, done.out.splitlines()[-1]) == (0, f"written to {room.config / 'labels.toml'}")
    assert threshold(room) == 0.71
    again = call("tune", "returns", "--per-day", 2, "--config", room.config)
    assert again.out.startswith("returns, budget 2 a day: 0.71 stays")


def test_a_line_from_too_few_labels_is_shown_and_its_writing_refused(call: Any, room: Newsroom) -> None:
    refused = call("tune", "returns", "--recall", "0.8", "--write", "--config", room.config)
    assert refused.code == 2
    assert refused.out.startswith("returns, recall 0.8: 0.5 -> 0.85 ")
    assert "Not enough labels (0/100)" in refused.out
    assert "nothing was written" in refused.err
    assert "--write does it" not in refused.out
    assert threshold(room) == 0.5
    as_json = call("tune", "returns", "--recall", "0.8", "--write", "--json", "--config", room.config)
    assert (as_json.code, json.loads(as_json.out)["written"]) == (2, [])


def test_a_tier_is_named_in_what_people_read_and_written_below_the_label(call: Any, room: Newsroom) -> None:
    done = call("tune", "returns", "--per-day", 1, "--tier", "news", "--write", "--config", room.config)
    assert done.out.startswith("returns of tier news, budget 1 a day: 0.5 -> 0.81")
    assert threshold(room) == 0.5
    assert "[labels.returns.tiers.news]" in (room.config / "labels.toml").read_text(encoding="utf-8")


def test_progress_is_told_on_stderr_where_much_is_to_be_scored(call: Any, room: Newsroom) -> None:
    with room.app() as app:
        room.bring(app, [Piece(word="w25")] * 2_000, age=DAY, feed="review", scorer="2025.01+old")
    done = call("tune", "returns", "--per-day", 1, "--json", "--config", room.config)
    assert done.code == 0
    assert done.err.splitlines() == ["1000 of 2000 entries scored", "2000 of 2000 entries scored"]
    assert json.loads(done.out)["data"]["entries"] == 3_400


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("returns", "--per-day", 1, "--recall", 0.9), "give one of --per-day, --precision, --recall and --cost-miss"),
        (("nonsense",), 'no label "nonsense"'),
        (("returns", "--days", 2), "not enough entries (400/1000)"),
        (("returns", "--per-day", 0), "give a number over 0"),
        (("returns", "--recall", 1.5), "give a share over 0 and up to 1"),
        (("returns", "--per-day", 1_000), "lets everything in"),
        (("returns", "--lang", "ru"), "not enough entries (0/1000) for returns in ru"),
        ((), "LABEL"),
    ],
)
def test_what_does_not_fit_is_wrong_usage(call: Any, room: Newsroom, args: tuple[Any, ...], words: str) -> None:
    refused = call("tune", *args, "--config", room.config)
    assert (refused.code, refused.out) == (2, "")
    assert words in " ".join(refused.err.split())


def test_without_a_flag_the_goal_of_config_holds(call: Any, room: Newsroom) -> None:
    room.labels = LABELS + '[labels.returns.tune]\nmode = "recall"\ntarget = 0.8\n'
    room.write()
    done = call("tune", "returns", "--config", room.config)
    assert (done.code, done.out.split(":")[0]) == (0, "returns, recall 0.8")
    over = call("tune", "returns", "--per-day", 1, "--config", room.config)
    assert over.out.startswith("returns, budget 1 a day")


def test_without_a_database_the_verb_says_what_makes_one(call: Any, desk: Any) -> None:
    refused = call("tune", "returns", "--config", desk.config)
    assert (refused.code, refused.out) == (2, "")
    assert "`monitor poll`" in refused.err
