"""A reclassification killed at any moment, and asked for again, stores what one stores that nobody disturbed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from monitor.app import App
from tests.reclassify.desk import Desk, many, tables

KILLS = 15


def report(app: App) -> list[Any]:
    """The run's row, but for how long it was at work."""
    with app.store.read() as connection:
        rows = connection.execute(text("SELECT * FROM reclassify")).mappings().all()
    return [{**row, "tally": {**json.loads(row["tally"]), "seconds": 0}} for row in rows]


def filled(folder: Path, models: Path) -> Desk:
    desk = Desk(folder, models)
    with desk.app() as app:
        desk.bring(app, many(600))
    return desk


@pytest.mark.slow
def test_killed_at_random_moments_and_asked_for_again_the_tables_are_those_of_an_undisturbed_run(
    tmp_path: Path, models: Path
) -> None:
    whole, killed = (filled(tmp_path / name, models) for name in ("whole", "killed"))
    command = [sys.executable, "-m", "tests.reclassify.crash"]
    for desk, seed, kills in ((whole, "1", "0"), (killed, "7", str(KILLS))):
        ran = subprocess.run(
            [*command, str(desk.folder), seed, kills], capture_output=True, text=True, timeout=900, check=False
        )
        assert ran.returncode == 0, ran.stderr
    moments = [int(entries) for entries in ran.stdout.split()]
    assert len(moments) == KILLS, "the run ended before it had been killed often enough"
    assert len(set(moments)) == KILLS, "each process had done something"
    with whole.app() as app, killed.app() as other:
        expected, found = (tables(one, without=lambda name: name == "reclassify") for one in (app, other))
        assert len(expected["prediction"]) > 2 * 600
        assert expected["measure"]
        for name, rows in expected.items():
            assert found[name] == rows, name
        assert report(other) == report(app)
