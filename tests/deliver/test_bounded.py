"""A time limit for what may hang."""

import threading

from monitor.deliver.bounded import hangs, within

PATIENCE = 60.0


def left_behind(whom: str) -> tuple[threading.Event, threading.Thread]:
    """Work that goes on until it is let go, and has run out of its time."""
    over, threads = threading.Event(), list[threading.Thread]()

    def work() -> str:
        threads.append(threading.current_thread())
        over.wait(PATIENCE)
        return "late"

    assert within(0.05, whom, work) is None
    return over, threads[0]


def test_whoever_was_left_behind_hangs_until_the_last_of_it_has_ended() -> None:
    assert not hangs("ana")
    first, second = left_behind("ana"), left_behind("ana")
    assert hangs("ana")
    for over, thread in (second, first):
        assert hangs("ana")
        over.set()
        thread.join(PATIENCE)
    assert not hangs("ana")
    assert within(PATIENCE, "ana", lambda: "in time") == "in time"
