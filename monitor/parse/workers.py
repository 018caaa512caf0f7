"""Parsing in processes of its own, with a deadline and a memory limit.

A thread cannot be stopped and its memory not be counted, and some kilobytes can hold a parser for minutes: so small
documents go to a worker too. Workers are new interpreters that import this room alone; `multiprocessing` would import
the caller's main module in each, by spawn and by forkserver: the whole CLI, or a script without a guard.
"""

import hashlib
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import IO, Protocol, Self, cast

from monitor.domain.backfill import Listing
from monitor.errors import MonitorError, ParseError, Severity
from monitor.normalise.entry import CleanDocument
from monitor.parse.article import Article, ArticleRequest
from monitor.parse.document import ReadRequest
from monitor.parse.listing import ListingRequest
from monitor.parse.serve import READY, SELF_ENDING, OutOfMemory, Refused, receive, send

LEAST_MEMORY = 512 * 1024 * 1024
"""Bytes of address space below which a worker might not even start."""
_START_WITHIN = 60.0  # seconds for a worker to import the parsers, on however busy a machine
_ALARM = -getattr(signal, "SIGALRM", 0) or None  # the code of a worker that its deadline ended
_CHILD = "import sys; sys.path[:] = sys.argv[1:]; from {} import serve; serve({}, {}, {!r})"
READER = "monitor.parse.serve"
"""The module whose ``serve`` runs in a worker, given deadline, memory and a text of its own."""
# What an interpreter needs to start: a process that reads what strangers wrote is given no secret of ours.
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME")


# numpy, under the language detection: each thread that it may not use is 40 MB of addresses more.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class DocumentKilled(ParseError):  # noqa: N818 - named for what happened, as the kinds are
    """A document took more time or memory than it may, or crashed its parser: to be put aside by its ``sha256``."""

    def __init__(self, detail: str, body: bytes) -> None:
        self.sha256 = hashlib.sha256(body).hexdigest()
        super().__init__("killed", detail, Severity.HARD)


@dataclass(frozen=True, slots=True)
class _Lost:
    """A worker ended without an answer; ``worn`` where what it read before may be the reason."""

    why: str
    worn: bool


class Asked(Protocol):
    """What a worker is asked; its ``body`` names it where it has to be put aside."""

    @property
    def body(self) -> bytes: ...


class ParserPool:
    """Workers that read one document each at a time; for any number of threads.

    ``deadline`` is for one document, from the moment a worker has it. ``max_memory`` is the address space in bytes that
    a worker may take, interpreter included; it holds where the system heeds RLIMIT_AS (Linux does, macOS does not).
    Workers start when documents need them, and are replaced when they were lost.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        deadline: timedelta = timedelta(seconds=20),
        max_memory: int = 1024 * 1024 * 1024,
        reader: str = READER,
        given: str = "",
    ) -> None:
        """``reader`` is the module whose ``serve`` the workers run, ``given`` what it is told beside."""
        if workers < 1 or deadline <= timedelta(0) or max_memory < LEAST_MEMORY:
            raise ValueError(f"a pool needs at least 1 worker, some time and {LEAST_MEMORY:,} bytes of memory")
        self._deadline = deadline.total_seconds()
        self._child = _CHILD.format(reader, self._deadline, max_memory, given)
        self._lock = threading.Lock()
        self._closed = False
        self._running: set[_Worker] = set()
        self._idle: queue.SimpleQueue[_Worker | None] = queue.SimpleQueue()
        for _ in range(workers):
            self._idle.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def processes(self) -> tuple[int, ...]:
        """The ids of the workers' processes, those that were lost and are not yet replaced among them."""
        with self._lock:
            return tuple(sorted(worker.pid for worker in self._running))

    def read(self, request: ReadRequest) -> CleanDocument:
        """Read and clean a document; blocks until a worker is free and has done it.

        Raises ParseError as `parse_document` does, DocumentKilled for a document that should not be tried again, and
        MonitorError where no worker can be started or the pool is closed. Memory that ran out and a crash count
        against a document only in a worker that has read no other before.
        """
        return cast("CleanDocument", self._reply_to(request))

    def article(self, request: ArticleRequest) -> Article:
        """Read the page of an article, as `read` reads a document; raises as it does, and as `read_article` does."""
        return cast("Article", self._reply_to(request))

    def listing(self, request: ListingRequest) -> Listing:
        """Read a listing, as `read` reads a document; raises as it does, and as `read_listing` does."""
        return cast("Listing", self._reply_to(request))

    def ask(self, request: Asked) -> object:
        """Ask the ``reader`` of this pool what only it knows; raises as `read` does."""
        return self._reply_to(request)

    def _reply_to(self, request: Asked) -> object:
        message = pickle.dumps(request, protocol=pickle.HIGHEST_PROTOCOL)
        worker = self._idle.get()
        try:
            worker = self._living(worker)
            reply = worker.ask(message)
            if isinstance(reply, _Lost) and reply.worn:
                worker = self._living(worker)
                reply = worker.ask(message)
        finally:
            self._idle.put(worker)
        match reply:
            case Refused():
                raise ParseError(reply.kind, reply.detail, reply.severity)
            case _Lost():
                self._demand_open()
                raise DocumentKilled(reply.why, request.body)
        return reply

    def close(self) -> None:
        """End all workers, busy ones too: whoever waits for a document then gets a MonitorError."""
        with self._lock:
            self._closed = True
            workers = list(self._running)
            self._running.clear()
        for worker in workers:
            worker.end()

    def _living(self, worker: "_Worker | None") -> "_Worker":
        with self._lock:
            self._demand_open()
            if worker is not None and worker.alive:
                return worker
            if worker is not None:
                self._running.discard(worker)
                worker.end()
            fresh = _Worker(self._deadline, self._child)
            self._running.add(fresh)
            return fresh

    def _demand_open(self) -> None:
        if self._closed:
            raise MonitorError("the parser pool is closed; open another one")


class _Worker:
    """One process. A single thread asks at a time; the timer and `end` may come from others."""

    def __init__(self, deadline: float, child: str) -> None:
        self._deadline = deadline
        self._process = _started(child)
        self._asking = threading.RLock()
        self._timing = threading.Lock()
        self._turn = 0
        self._expired = False
        self._ready = False
        self._asked = 0

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return not self._expired and self._process.poll() is None

    def ask(self, message: bytes) -> object:
        """Have a document read; the process is over where it is lost.

        Raises MonitorError where the process cannot so much as begin.
        """
        with self._asking:
            if not self.alive:
                return _Lost("its parser was gone", worn=True)
            self._await_ready()
            worn = self._asked > 0
            self._asked += 1
            try:
                answer: object = pickle.loads(self._exchange(message))  # noqa: S301 - our own
            except (OSError, EOFError):
                code = self.end()
                if self._expired or code == _ALARM:
                    return _Lost(f"not read within {self._deadline:g} s", worn=False)
                return _Lost(f"crashed its parser ({_ending(code)})", worn=worn)
            if isinstance(answer, OutOfMemory):
                self.end()
                return _Lost("needs more memory than a parser may take", worn=worn)
            return answer

    def end(self) -> int:
        """End the process at once, since it keeps nothing; returns its code."""
        self._process.kill()
        code = self._process.wait()
        with self._asking:
            for pipe in _pipes(self._process):
                with suppress(OSError):  # what a dead process did not read is lost with it
                    pipe.close()
        return code

    def _await_ready(self) -> None:
        if self._ready:
            return
        try:
            with self._ended_after(_START_WITHIN):
                self._ready = receive(_pipes(self._process)[1]) == READY
        except (OSError, EOFError):
            self._ready = False
        if not self._ready:
            ending = _ending(self.end())
            raise MonitorError(f"a parser process did not start ({ending}); what it said is on standard error")

    def _exchange(self, message: bytes) -> bytes:
        requests, replies = _pipes(self._process)
        # A timer is a thread, which makes a small document cost five times as much: 2.3 ms instead of 0.4.
        with nullcontext() if SELF_ENDING else self._ended_after(self._deadline):
            send(requests, message)
            return receive(replies)

    @contextmanager
    def _ended_after(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self._expire, (self._turn,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with self._timing:
                self._turn += 1

    def _expire(self, turn: int) -> None:
        """End the process unless the turn that the timer was for is over: it may be reading another document."""
        with self._timing:
            if turn == self._turn:
                self._expired = True
                self._process.kill()


def _started(child: str) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | _ONE_THREAD
    try:
        # In a session of its own, since an interrupt from the terminal is for the process that owns the pool.
        return subprocess.Popen(  # noqa: S603 - no word of it comes from outside
            [sys.executable, "-P", "-c", child, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise MonitorError(f"a parser process cannot be started: {error}") from error


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    return cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
