"""A process that composes and delivers, and can be killed anywhere: run by test_kill.py, one order a line on stdin.

An order is a JSON object: ``at`` is what the clock says, ``part`` and ``step`` at which step the work kills itself
(null: at none). Each order is worked off by a child of its own, so that what takes long to import is imported once. A
step is a line of our code, or of smtplib's, that is about to run while a digest is composed, sent or settled.
"""

import json
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import monitor
    from monitor.app import build
    from monitor.jobs import deliver, digest
    from monitor.settings.load import load
    from monitor.settings.model import Settings

_HOME = f"{Path(monitor.__file__).parent}/"
PARTS = {
    "compose": ("jobs/digest.py", "store/digests.py"),
    "send": ("deliver/", "smtplib.py"),
    "settle": ("jobs/deliver.py", "store/outbox.py"),
    "commit": ("store/database.py",),
}
"""Where a step is counted, so that what has few lines is hit as often as what has many."""


class Tracer:
    """Counts steps by part, and kills this process at one of them."""

    def __init__(self, part: str | None, step: int | None) -> None:
        self.steps = dict.fromkeys(PARTS, 0)
        self._kill_at = (part, step)
        self._part_of = cache(_part)
        self._lock = threading.Lock()

    def __call__(self, frame: Any, _event: str, _arg: Any) -> Callable[..., Any] | None:
        return self._line if self._part_of(frame.f_code.co_filename) else None

    def _line(self, frame: Any, event: str, _arg: Any) -> Callable[..., Any]:
        if event == "line":
            part = self._part_of(frame.f_code.co_filename)
            with self._lock:
                self.steps[part] += 1
                if (part, self.steps[part]) == self._kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)
        return self._line


def _part(name: str) -> str:
    ours = name.removeprefix(_HOME) if name.startswith(_HOME) else name.rpartition("/")[2]
    return next((part for part, files in PARTS.items() if ours.startswith(files)), "")


def work(settings: Settings, at: datetime, part: str | None, step: int | None) -> dict[str, int]:
    """Compose and deliver by the real jobs; returns the number of steps that it took, by part."""
    with build(settings, with_model=False, migrate=False) as app:
        trace = Tracer(part, step)
        threading.settrace(trace)
        sys.settrace(trace)
        digest.send(app, ["desk"], now=lambda: at)
        deliver.run(app, now=lambda: at)
        sys.settrace(None)
        return trace.steps


def main() -> None:
    settings = load(Path(sys.argv[1]))
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            steps = work(settings, datetime.fromisoformat(order["at"]), order["part"], order["step"])
            os.write(writing, json.dumps(steps).encode())
            os._exit(0)
        os.close(writing)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        said = os.read(reading, 1_000)
        os.close(reading)
        ended = {"killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, "status": status}
        print(json.dumps({**ended, "steps": json.loads(said or b"{}")}), flush=True)


if __name__ == "__main__":
    main()
