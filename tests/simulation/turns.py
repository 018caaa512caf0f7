"""The rule of `monitor.fetch.politeness.Turns`, for one request at a time to a domain, without an event loop."""

from collections import deque
from collections.abc import Callable, Sequence
from heapq import heappop, heappush

NEVER = float("inf")


def take_turns(
    keys: Sequence[str],
    begin: float,
    free_at: dict[str, float],
    *,
    interval: Callable[[str], float],
    concurrency: int,
    serve: Callable[[int, float], float],
    done: Callable[[int, float], None],
    until: float = NEVER,
) -> float:
    """Let requests, that all ask for their turn at ``begin``, have it; returns when the last one ended.

    ``keys`` are their budgets, ``free_at`` when each budget is free again, which is changed. ``serve(i, start)`` begins
    request i and says how many seconds it takes; ``done(i, end)`` is told of its end. What would happen after ``until``
    does not happen any more.
    """
    queues: dict[str, deque[int]] = {}
    events: list[tuple[float, int, bool, int]] = []
    order = 0
    for i, key in enumerate(keys):
        if key in queues:
            queues[key].append(i)
        else:
            queues[key] = deque()
            heappush(events, (max(begin, free_at.get(key, begin)), order, False, i))
            order += 1
    free, waiting, now = concurrency, deque[int](), begin
    while events:
        now, _, ends, i = heappop(events)
        if now > until:
            return until
        starts = -1
        if ends:
            done(i, now)
            free += 1
            if waiting:
                starts = waiting.popleft()
            if queue := queues[keys[i]]:
                heappush(events, (max(now, free_at[keys[i]]), order, False, queue.popleft()))
                order += 1
        elif free:
            starts = i
        else:
            waiting.append(i)
        if starts >= 0:
            free -= 1
            free_at[keys[starts]] = now + interval(keys[starts])
            heappush(events, (now + serve(starts, now), order, True, starts))
            order += 1
    return now
