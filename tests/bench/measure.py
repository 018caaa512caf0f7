"""Timing a command as a whole, and what its processes hold in memory together."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_BETWEEN_LOOKS = 0.02  # seconds


@dataclass(frozen=True, slots=True)
class Spent:
    """What one command took: seconds by the clock, seconds of CPU (its children's too), and megabytes.

    ``peak`` is the largest of its processes, or where it was watched the most that all of them had at one time.
    """

    wall: float
    cpu: float
    peak: float


class FailedError(Exception):
    """A command ended with another code than it should."""

    def __init__(self, command: Sequence[str], code: int, said: str) -> None:
        short = " ".join(part.strip().partition("\n")[0] for part in command)[:100]
        super().__init__(f"`{short}` ended with {code}: {said.strip()[-600:]}")


def run(command: Sequence[str], environment: Mapping[str, str], *, output: Path, watch: bool = False) -> Spent:
    """Run a command to its end; what it prints goes to ``output``. Raises FailedError.

    With ``watch`` the memory of all its processes is added up, fifty times a second, which costs some time itself.
    """
    with output.open("wb") as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                                   stdout=said, stderr=subprocess.STDOUT, cwd=output.parent)  # fmt: skip
        together = 0.0
        while watch and os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            together = max(together, sum(_resident(pid) for pid in _family(process.pid)))
            time.sleep(_BETWEEN_LOOKS)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise FailedError(command, process.returncode, output.read_text(errors="replace"))
    return Spent(wall, usage.ru_utime + usage.ru_stime, together or usage.ru_maxrss / 1024)


def _family(pid: int) -> list[int]:
    """A process and all that came of it; those that ended meanwhile are left out."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            for thread in Path(f"/proc/{one}/task").iterdir():
                found.extend(int(child) for child in (thread / "children").read_text().split())
    return found


def _resident(pid: int) -> float:
    """Megabytes that a process has in memory (VmRSS); pages that processes share are counted in each."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0
