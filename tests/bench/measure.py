"""Timing a command as a whole, and what its processes hold in memory together."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

_BETWEEN_LOOKS = 0.02  # seconds
_SELDOM = 10  # looks, of which one tells shared pages apart


@dataclass(frozen=True, slots=True)
class Spent:
    """What one command took: seconds by the clock, seconds of CPU (its children's too), and megabytes.

    ``peak`` is the largest of its processes, or where it was watched the most that all of them had at one time, by
    adding up what each has resident. ``shared`` is the same with pages that several have counted once (PSS); 0 where it
    was not watched, or the kernel does not tell.
    """

    wall: float
    cpu: float
    peak: float
    shared: float = 0.0

    @property
    def memory(self) -> str:
        """Its memory in words."""
        shared = f", {self.shared:.0f} with shared pages counted once" if self.shared else ""
        return f"peak {self.peak:.0f} MB{shared}"


class FailedError(Exception):
    """A command ended with another code than it should."""

    def __init__(self, command: Sequence[str], code: int, said: str) -> None:
        short = " ".join(part.strip().partition("\n")[0] for part in command)[:100]
        super().__init__(f"`{short}` ended with {code}: {said.strip()[-600:]}")


def run(command: Sequence[str], environment: Mapping[str, str], *, output: Path, watch: bool = False) -> Spent:
    """Run a command to its end; what it prints goes to ``output``. Raises FailedError.

    With ``watch`` the memory of all its processes is added up, fifty times a second, and shared pages are told apart
    five times a second, for which the kernel walks through all of them; it costs some time itself.
    """
    with output.open("wb") as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                                   stdout=said, stderr=subprocess.STDOUT, cwd=output.parent)  # fmt: skip
        together = shared = 0.0
        looks = count()
        while watch and os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            family = _family(process.pid)
            together = max(together, sum(_told(Path(f"/proc/{pid}/status"), "VmRSS:") for pid in family))
            if next(looks) % _SELDOM == 0:
                shared = max(shared, sum(_told(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") for pid in family))
            time.sleep(_BETWEEN_LOOKS)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise FailedError(command, process.returncode, output.read_text(errors="replace"))
    return Spent(wall, usage.ru_utime + usage.ru_stime, together or usage.ru_maxrss / 1024, shared)


def _family(pid: int) -> list[int]:
    """A process and all that came of it; those that ended meanwhile are left out."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            for thread in Path(f"/proc/{one}/task").iterdir():
                found.extend(int(child) for child in (thread / "children").read_text().split())
    return found


def _told(file: Path, name: str) -> float:
    """Megabytes that the kernel tells under a name of a process: resident pages (VmRSS), which are counted in each
    process that shares them, or the process's share of them (Pss)."""
    with suppress(OSError):
        for line in file.read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
    return 0.0
