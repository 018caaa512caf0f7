"""A feed server on 127.0.0.1 that answers as it is told: well, late, wrongly, or not at all."""

import ssl
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Self

from monitor.demo.answer import Answer, Fault, Framing
from monitor.demo.handler import Listener, SeenRequest

CLOSE_LIMIT = 5.0  # seconds that closing waits for handlers that were told to stop


class FeedServer:
    """Serve scripted answers on loopback until closed; a context manager that starts on entering.

    ``requests`` is the log: its ``append()``, ``clear()`` and ``copy()`` are each atomic. ``errors`` holds what
    callables given as bodies raised: the first of them is raised again when the ``with`` block ends without another.
    ``tls`` is the context that new connections are encrypted by, None for plain HTTP; it may be changed at any time.
    """

    def __init__(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[SeenRequest] = []
        self.errors: list[BaseException] = []
        self.tls = tls
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._answers: dict[str, list[Answer]] = {}
        self._http = Listener(port, self)
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, name="feed-server", daemon=True
        )

    @property
    def port(self) -> int:
        """The port that is listened on, also where 0 was asked for."""
        return self._http.server_port

    def url(self, path: str) -> str:
        """Return the address of a path, which begins with ``/``."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}{path}"

    def add(
        self,
        path: str,
        body: bytes | Callable[[], bytes] = b"",
        *,
        content_type: str = "application/rss+xml",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        etag: bool | str = True,
        last_modified: datetime | None = None,
        gzip: bool = False,
        delay: threading.Event | float | None = None,
        fault: Fault | None = None,
        framing: Framing = Framing.LENGTH,
    ) -> None:
        """Let a path answer in one way from now on; the options are those of `Answer`."""
        made = Answer(
            body=body,
            content_type=content_type,
            status=status,
            headers=headers or {},
            etag=etag,
            last_modified=last_modified,
            gzip=gzip,
            delay=delay,
            fault=fault,
            framing=framing,
        )
        self.play(path, made)

    def play(self, path: str, *answers: Answer) -> None:
        """Let a path give these answers, one a request, and the last one for ever after.

        A request with a query gets the answers of its own path and query, else those of the path alone.
        Raises ValueError for a path that does not begin with ``/`` and for no answers.
        """
        if not path.startswith("/") or not answers:
            raise ValueError(f"{len(answers)} answers at {path!r}: give a path like /feed.xml and one or more")
        with self._lock:
            self._answers[path] = list(answers)

    def remove(self, path: str) -> None:
        """Forget a path, which answers 404 from now on; one that is not there is no error."""
        with self._lock:
            self._answers.pop(path, None)

    def next_answer(self, target: str) -> Answer:
        """Take the answer whose turn it is at a request target; 404 where nothing was added."""
        with self._lock:
            answers = self._answers.get(target) or self._answers.get(target.partition("?")[0])
            if not answers:
                return Answer(b"not found\n", "text/plain", 404, etag=False)
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def start(self) -> Self:
        """Begin to answer, on threads of its own."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Release the slow handlers, cut what is open, free the port. Closing twice is no error."""
        if self.closing.is_set():
            return
        self.closing.set()
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()
        self._http.cut_all(CLOSE_LIMIT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None and self.errors:
            raise self.errors[0]
