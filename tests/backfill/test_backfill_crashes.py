"""A backfill that is killed at any moment, and resumed, stores what one stores that nobody disturbed."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app import App
from monitor.domain.backfill import JobState, RouteName, Span
from monitor.parse import archive
from tests.backfill import crash
from tests.backfill.desk import SUBJECT, Desk, job_of, tables
from tests.backfill.sites import Chain, Post, day
from tests.backfill.test_backfill_archives import lines

SPAN = Span(day("2024-01-01"), day("2024-12-01"))
KILLS = 15
"""Of each of two routes."""


def past(count: int) -> list[Post]:
    """A past in which one in six is about our subject, and some lie out of the range."""
    begin = day("2023-12-25")
    return [
        Post(n, begin + timedelta(hours=9) * n, f"{SUBJECT}, report {n}" if n % 6 == 0 else "") for n in range(count)
    ]


def done(app: App, id_: int) -> tuple[object, ...]:
    job = job_of(app, id_)
    tally = job.tally
    return (job.state, job.cursor, tally.pages, tally.entries, tally.new, tally.known, tally.outside, job.declared)


@pytest.mark.slow
@pytest.mark.parametrize("route", [RouteName.ARCHIVE, RouteName.RFC5005])
def test_killed_at_random_moments_and_resumed_the_tables_are_those_of_an_undisturbed_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, route: RouteName
) -> None:
    monkeypatch.setattr(archive, "LINES", crash.LINES)
    file = tmp_path / "past.jsonl"
    file.write_bytes(lines(past(700)))
    with Chain(past(700), size=5) as site:
        wanted = {"archive": file} if route is RouteName.ARCHIVE else {"route": route}
        whole, killed = (Desk(tmp_path / name, {"paper": site.url("/feed/1")}) for name in ("whole", "killed"))
        with whole.app() as app:
            (job,) = whole.run(app, whole.begin(app, span=SPAN, **wanted))
            assert job.state is JobState.DONE
            expected, ended = tables(app), done(app, job.id)
        with killed.app() as app:
            (job,) = killed.begin(app, span=SPAN, **wanted)
        command = [sys.executable, "-m", "tests.backfill.crash", str(killed.folder), str(job.id), "7", str(KILLS)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        assert ran.returncode == 0, ran.stderr
        moments = [int(pages) for pages in ran.stdout.split()]
        assert len(moments) == KILLS, "the job ended before it had been killed often enough"
        assert len(set(moments)) == KILLS, "each process had done something"
        with killed.app() as app:
            assert done(app, job.id) == ended
            found = tables(app)
            assert found.keys() == expected.keys()
            for name, rows in expected.items():
                assert found[name] == rows, name
