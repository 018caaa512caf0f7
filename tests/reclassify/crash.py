"""Reclassify in processes that are killed at random moments, until one comes to its end; prints where they were.

Run as a program: ``python -m tests.reclassify.crash FOLDER SEED KILLS``. It forks, since each start would cost seconds.
"""

import json
import os
import random
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

from monitor.app import build
from monitor.domain.reclassify import Span
from monitor.jobs.reclassify import judging
from monitor.jobs.reclassify import run as reclassify
from monitor.jobs.reclassify.run import Wanted
from monitor.settings.load import load
from monitor.store.database import sqlite_driver
from tests.reclassify.desk import LONG_AGO, NOW

PAGE = 5
"""Entries of a page, so that there are many moments between two transactions."""
LATER = NOW + timedelta(days=1)


def work(folder: Path, *, alone: bool) -> None:
    """Run the stored entries through the model in use, as far as it goes; ``alone`` without a process that judges,
    whose start costs seconds."""
    judging.PAGE = PAGE
    workers = 1 if alone else 2
    with build(load(folder, {})) as app:
        assert app.model.classifier is not None
        reclassify.run(
            app, app.model.classifier, Wanted(Span(LONG_AGO, LATER), "all", workers=workers), now=lambda: LATER
        )


def done(folder: Path) -> int:
    """How many entries the run has looked at."""
    with sqlite_driver.connect(f"file:{folder.parent / 'var' / 'monitor.db'}?mode=ro", uri=True) as connection:
        found = connection.execute("SELECT tally FROM reclassify").fetchone()
    return int(json.loads(found[0])["done"]) if found else 0


def main(folder: Path, seed: int, kills: int) -> list[int]:
    """Kill ``kills`` processes, each a random moment after it has written; returns after how many entries of the whole
    run each was killed."""
    chance, killed = random.Random(seed), list[int]()
    while True:
        before = done(folder)
        pid = os.fork()
        if not pid:
            work(folder, alone=len(killed) % 3 > 0)
            os._exit(0)
        wait, wrote_at = chance.uniform(0.0, 0.04), 0.0
        while os.waitpid(pid, os.WNOHANG)[0] == 0:
            if not wrote_at and done(folder) > before:
                wrote_at = time.monotonic()
            if wrote_at and time.monotonic() - wrote_at > wait and len(killed) < kills:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                killed.append(done(folder))
                break
            time.sleep(0.0005)
        else:
            return killed


if __name__ == "__main__":
    print(*main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
