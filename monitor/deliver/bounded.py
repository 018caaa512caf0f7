"""A time limit for what may hang. What is late is left behind in a thread of its own, which keeps nobody up.

Apprise's own limit (2.2, `notify(timeout=…)`) is not used: it runs every send of a process in one pool of a few threads
(cores + 4), so that as many servers that hang keep everybody else waiting, who is then said to have run out of time
without having been asked; and the process does not end before they do.
"""

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Generic, TypeVar

_T = TypeVar("_T")
_left: dict[str, list[threading.Thread]] = {}
_lock = threading.Lock()


class _Work(threading.Thread, Generic[_T]):
    """A thread that keeps what its work returned or raised; the process does not wait for it at its end."""

    def __init__(self, work: Callable[[], _T]) -> None:
        super().__init__(name="send", daemon=True)
        self._context, self._work = copy_context(), work
        self.returned: _T | None = None
        self.raised: BaseException | None = None

    def run(self) -> None:
        try:
            self.returned = self._context.run(self._work)
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
            self.raised = error


def within(seconds: float, whom: str, work: Callable[[], _T]) -> _T | None:
    """Do some work, and return its result; None where it is not done in time.

    What it does for ``whom`` is then left to itself, and `hangs` says so for as long as it goes on.
    """
    thread = _Work(work)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        with _lock:
            _left.setdefault(whom, []).append(thread)
        return None
    if thread.raised is not None:
        raise thread.raised
    return thread.returned


def hangs(whom: str) -> bool:
    """Say whether work for ``whom`` that was left behind still goes on: a second one would only hang beside it."""
    with _lock:
        going_on = [thread for thread in _left.pop(whom, ()) if thread.is_alive()]
        if going_on:
            _left[whom] = going_on
        return bool(going_on)
