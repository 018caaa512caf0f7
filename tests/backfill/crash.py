"""Do a backfill in processes that are killed at random moments, until one comes to its end; prints where they were.

Run as a program: ``python -m tests.backfill.crash FOLDER ID SEED KILLS``. It forks, since each start would cost
seconds.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from monitor.app import build
from monitor.jobs.backfill import run as backfill
from monitor.parse import archive
from monitor.settings.load import load
from monitor.store.database import sqlite_driver
from tests.backfill.desk import NOW, job_of

LINES = 5
"""Entries of a piece, so that there are many moments between two transactions."""


def work(folder: Path, id_: int) -> None:
    """Go on with the job, in a process of its own."""
    archive.LINES = LINES
    with build(load(folder, {})) as app:
        backfill.run(app, [job_of(app, id_)], now=lambda: NOW)


def pages(folder: Path, id_: int) -> int:
    """How many pages the job has written."""
    with sqlite_driver.connect(f"file:{folder.parent / 'var' / 'monitor.db'}?mode=ro", uri=True) as connection:
        (tally,) = connection.execute("SELECT tally FROM backfill WHERE id = ?", (id_,)).fetchone()
    return int(json.loads(tally)["pages"])


def main(folder: Path, id_: int, seed: int, kills: int) -> list[int]:
    """Kill ``kills`` processes that do the job, each a random moment after its first page; returns after how many pages
    of the whole job each was killed."""
    chance, killed = random.Random(seed), list[int]()
    while True:
        before = pages(folder, id_)
        pid = os.fork()
        if not pid:
            work(folder, id_)
            os._exit(0)
        wait, wrote_at = chance.uniform(0.0, 0.12), 0.0
        while os.waitpid(pid, os.WNOHANG)[0] == 0:
            if not wrote_at and pages(folder, id_) > before:
                wrote_at = time.monotonic()
            if wrote_at and time.monotonic() - wrote_at > wait and len(killed) < kills:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                killed.append(pages(folder, id_))
                break
            time.sleep(0.001)
        else:
            return killed


if __name__ == "__main__":
    print(*main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
