"""Rounds of polls, side by side: every system gets the same server and fresh state, and is checked to have it all."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from .measure import Spent, run
from .systems import ROOT, System

_CLIENTS = 4


class VoidError(Exception):
    """A system did not do the work: its times mean nothing."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, and what it serves."""

    port: int
    feeds: int
    entries: int

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{self.port}/{feed}.xml" for feed in range(self.feeds)]

    def counts(self) -> dict[str, int]:
        """How many answers of each status were given since this was last asked."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", "/counts")
        found: dict[str, int] = json.loads(connection.getresponse().read())
        connection.close()
        return found


@contextmanager
def serving(feeds: int, entries: int) -> Iterator[Server]:
    """A server in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.server", str(feeds), str(entries)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Server(int(process.stdout.readline()), feeds, entries)
        process.stdin.close()


def fastest(server: Server) -> float:
    """Answers a second that the server gives to clients which only read: it is not what the others wait for."""

    def fetch(urls: Sequence[str]) -> None:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        for url in urls:
            connection.request("GET", "/" + url.rpartition("/")[2])
            connection.getresponse().read()
        connection.close()

    with ThreadPoolExecutor(_CLIENTS) as pool:
        started = time.perf_counter()
        list(pool.map(fetch, [server.urls[n::_CLIENTS] for n in range(_CLIENTS)]))
        taken = time.perf_counter() - started
    server.counts()
    return server.feeds / taken


@dataclass(frozen=True, slots=True)
class Pair:
    """A first poll, in which everything is new, and a second one, in which nothing is."""

    first: Spent
    second: Spent


def poll_twice(system: System, server: Server, *, watch: bool = False) -> Pair:
    """Poll into fresh state, and again; raises VoidError where entries are missing or the second poll took any anew."""
    with tempfile.TemporaryDirectory(prefix=f"bench-{system.name}-") as made:
        folder = Path(made)
        system.prepare(folder, server.urls)
        server.counts()
        first = _polled(system, server, folder, status="200", watch=watch)
        if system.late:
            _polled(system, server, folder, status="200", watch=False)
        return Pair(first, _polled(system, server, folder, status="304", watch=watch))


def _polled(system: System, server: Server, folder: Path, *, status: str, watch: bool) -> Spent:
    spent = run(system.poll(folder), system.environment(folder), output=folder / "said.txt", watch=watch)
    stored, answered = system.stored(folder), server.counts()
    if stored != server.feeds * server.entries:
        said = (folder / "said.txt").read_text(errors="replace")[-500:]
        raise VoidError(
            f"{system.name} has stored {stored} of {server.feeds * server.entries} entries; it said: {said}"
        )
    if answered.get(status, 0) != server.feeds:
        raise VoidError(f"{system.name} was given {answered}, and not {status} for each of {server.feeds} feeds")
    return spent


def turns(systems: Sequence[System], rounds: int) -> Iterator[System]:
    """Rounds of all systems, each round begun by another: what a machine does meanwhile meets them all."""
    for number in range(rounds):
        begin = number % len(systems)
        yield from (*systems[begin:], *systems[:begin])


def middle(pairs: Sequence[Pair]) -> Pair:
    """The median of each figure."""

    def of(spent: Sequence[Spent]) -> Spent:
        return Spent(median(s.wall for s in spent), median(s.cpu for s in spent), median(s.peak for s in spent))

    return Pair(of([pair.first for pair in pairs]), of([pair.second for pair in pairs]))
