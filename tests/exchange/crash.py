"""Import or export in processes that are killed at random moments; prints what was there after each.

Run as a program: ``python -m tests.exchange.crash import|export CONFIG PATH SEED KILLS``. It forks, since each start
would cost seconds.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from monitor.app import build
from monitor.exchange.files import Form
from monitor.jobs import export, takein
from monitor.jobs.export import Asked
from monitor.settings.load import load
from monitor.store.tables import metadata
from tests.exchange.conftest import NOW

PAGE = 10
"""Rows of a transaction, so that there are many moments between two."""


def work(verb: str, config: Path, path: Path, told: int) -> None:
    """Do it, and write a byte for each step."""
    takein.PAGE = PAGE
    with build(load(config, {}), with_model=False) as app:
        if verb == "import":
            takein.run(app, path, progress=lambda what, *_: what == "importing" and bool(os.write(told, b".")))
        else:
            form = Form.JSONL if path.suffix else Form.CSV
            export.run(app, path, form, Asked(), now=NOW, progress=lambda *_: bool(os.write(told, b".")))


def stored(config: Path) -> int:
    """How many rows there are."""
    with build(load(config, {}), with_model=False) as app, app.store.read() as connection:
        counts = [connection.scalar(select(func.count()).select_from(table)) for table in metadata.sorted_tables]
    return sum(count or 0 for count in counts)


def begun(verb: str, config: Path, path: Path) -> tuple[int, int]:
    """Start a process; returns its id, and where its steps are to be read."""
    heard, told = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(heard)
        work(verb, config, path, told)
        os._exit(0)
    os.close(told)
    return pid, heard


def main(verb: str, config: Path, path: Path, seed: int, kills: int, steps: int) -> list[object]:
    """Kill processes, each some of the ``steps`` that the whole takes later than the one before."""
    chance, found = random.Random(seed), list[object]()
    for n in range(kills):
        pid, heard = begun(verb, config, path)
        for _ in range((n * steps + chance.randrange(steps)) // kills):
            if not os.read(heard, 1):
                break
        time.sleep(chance.uniform(0.0, 0.005))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        os.close(heard)
        if os.WIFSIGNALED(status):
            found.append(stored(config) if verb == "import" else path.exists())
    return found


if __name__ == "__main__":
    print(*main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:])))
