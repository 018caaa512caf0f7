"""`monitor backfill`, as its user types it."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.backfill.desk import DAY, SUBJECT, Desk
from tests.backfill.sites import Blog, Post, WordPress, day, posts
from tests.backfill.test_backfill_archives import lines

Call = Callable[..., Any]
YEAR = ("--from", "2024-01-01", "--to", "2024-12-31")


@pytest.fixture
def site() -> Iterator[WordPress]:
    with ExitStack() as stack:
        yield stack.enter_context(WordPress(Blog(posts(30, first=day("2024-03-01"), apart=DAY))))


@pytest.fixture
def desk(tmp_path: Path, site: WordPress, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(tmp_path, {"paper": site.url("/feed/")})
    monkeypatch.setenv("MONITOR_CONFIG", str(made.write()))
    return made


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", *YEAR), 'no source or feed "nowhere"'),
        (("paper",), "--from: say from which day on"),
        (YEAR, "say which source to backfill, or --all"),
        (("paper", "--all", *YEAR), "say which source to backfill, or --all"),
        (("paper", "--from", "2024-12-31", "--to", "2024-01-01"), "the range is reversed"),
        (("paper", "--from", "2099-01-01"), "that day is still to come"),
        (("paper", "--from", "2024-01-01", "--to", "2099-01-01"), "that day is still to come"),
        (("paper", "--from", "yesterday"), "give a day such as"),
        (("paper", "--from", "1969-07-20"), "feeds are not older than"),
        (("paper", "--route", "sitemap", *YEAR), "the site does not have the route sitemap"),
        (("paper", "--route", "archive", *YEAR), "--archive PATH"),
        (("paper", "--archive", "nowhere.jsonl"), "nowhere.jsonl is not there"),
        (("paper", "--archive", "x", "--route", "paged", *YEAR), "an archive is a route of its own"),
        (("--all", "--archive", "x"), "--archive goes with one source"),
        (("paper", "--announce", *YEAR), "or give --yes"),
        (("show", "7"), "no backfill 7"),
        (("resume", "7"), "no backfill 7"),
        (("cancel", "7"), "no backfill 7"),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_written(
    call: Call, desk: Desk, arguments: tuple[str, ...], said: str
) -> None:
    with desk.app():
        pass  # the verbs that only look want a database
    result = call("backfill", *arguments)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert "Traceback" not in result.err
    assert call("items", "list", "--json").out.strip() == "[]"
    assert call("backfill", "list", "--json").out.strip() == "[]"


def test_a_dry_run_says_what_would_be_asked_and_expected_and_writes_nothing(
    call: Call, desk: Desk, site: WordPress
) -> None:
    result = call("backfill", "paper", *YEAR, "--dry-run")
    assert result.code == 0
    assert "paper: wordpress, 2024-01-01 to 2024-12-31: 30 entries declared" in result.out
    assert "/wp-json/wp/v2/posts?after=2023-12-31T10" in result.out
    assert "dry run: nothing is written" in result.out
    assert not any("per_page=100" in target for target in site.asked)
    assert call("backfill", "list", "--json").out.strip() == "[]"


def test_the_end_is_a_statement(call: Call, desk: Desk) -> None:
    result = call("backfill", "paper", *YEAR)
    assert result.code == 0
    assert "backfill 1, paper by wordpress: done: read to the end" in result.out
    assert "found 30 of 30 declared" in result.out
    assert "2024-03 30" in result.out
    shown = call("backfill", "show", "1")
    assert "found 30 of 30 declared" in shown.out
    listed = json.loads(call("backfill", "list", "--json").out)
    assert [(job["state"], job["tally"]["new"]) for job in listed] == [("done", 30)]
    assert "wordpress" in call("backfill", "list").out
    again = call("backfill", "paper", *YEAR)
    assert "0 new, 30 known" in again.out


def test_a_spent_budget_is_told_and_the_job_goes_on_where_it_stood(call: Call, desk: Desk, site: WordPress) -> None:
    site.blog.rest = 401
    first = call("backfill", "paper", *YEAR, "--budget", "5", "--json")
    told = json.loads(first.out)
    assert first.code == 1
    assert told["jobs"][0]["state"] == "stopped"
    assert any("not at its end" in gap for gap in told["jobs"][0]["statement"]["gaps"])
    status = call("status")
    assert "its budget" not in status.out
    assert "backfill     1, paper by paged: stopped, last page 20" in status.out
    second = call("backfill", "resume", "--budget", "20")
    assert second.code == 0
    assert "found 30 of an unknown number" in second.out
    assert call("backfill", "resume").out == "no backfill is open\n"
    assert call("backfill", "resume", "1").code == 2


def test_a_cancelled_job_is_over(call: Call, desk: Desk, site: WordPress) -> None:
    site.blog.rest = 401
    call("backfill", "paper", *YEAR, "--budget", "4")
    assert call("backfill", "cancel", "1").out == "backfill 1: cancelled\n"
    assert "is over already" in call("backfill", "cancel", "1").out
    assert call("backfill", "resume", "1").code == 2


def test_all_feeds_are_done_side_by_side_and_those_without_a_route_are_named(
    call: Call, desk: Desk, site: WordPress
) -> None:
    desk.feeds["bare"] = site.url("/nothing.xml")
    desk.more = f'[backfill]\nwayback = "{site.url("/none")}"\n'
    desk.write()
    result = call("backfill", "--all", *YEAR)
    assert result.code == 1
    assert "bare: no route:" in result.err
    assert "rfc5005: there is no feed to begin with" in result.err
    assert "paper by wordpress: done" in result.out


def test_an_archive_needs_no_range(call: Call, desk: Desk) -> None:
    file = desk.base / "past.jsonl"
    file.write_bytes(lines(posts(25, first=day("2019-03-01"), apart=DAY)))
    plan = call("backfill", "paper", "--archive", file, "--dry-run")
    assert "25 entries declared" in plan.out
    result = call("backfill", "paper", "--archive", file)
    assert result.code == 0
    assert "found 25 of 25 declared, for 0 requests" in result.out


def test_what_is_to_be_announced_is_shown_and_needs_a_yes(call: Call, desk: Desk, site: WordPress) -> None:
    site.blog.posts.append(Post(900, datetime.now(UTC) - timedelta(days=2), SUBJECT))
    since = (datetime.now(UTC) - timedelta(days=5)).date()
    result = call("backfill", "paper", "--from", since, "--announce", "--yes")
    assert "1 entry young enough, 1 over a line:" in result.out
    assert SUBJECT in result.out
    assert "1 let out" in result.out
    assert SUBJECT[:40] in call("digest", "preview").out
