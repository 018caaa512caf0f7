"""Pages of stored entries judged by a model, in processes where there is enough to do, some pages ahead."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import cast

from monitor.app import App
from monitor.classify.classifier import Classifier
from monitor.domain.entry import StoredEntry
from monitor.domain.facts import Facts
from monitor.domain.reclassify import Job
from monitor.errors import ParseError
from monitor.jobs.judging.pool import judging_pool
from monitor.jobs.judging.serve import RejudgeRequest
from monitor.observe import fields, log
from monitor.pipeline import Judged, rejudge
from monitor.store import reclassify as store_reclassify

PAGE = 500
"""Entries judged and written at once."""
_DEADLINE = timedelta(minutes=5)  # for a page
_SLACK = timedelta(minutes=1)  # that a sign of life may be late, beside three missed ones
_AHEAD = 2  # pages a process that are judged before they are written

Page = Sequence[StoredEntry]
Judging = Callable[[Iterable[tuple[Page, RejudgeRequest]]], Iterator[tuple[Page, Sequence[Judged]]]]
"""Judges pages, and gives them back in their order."""


def pages(app: App, job: Job, after: int) -> Iterator[Page]:
    """Read what a job's scorer has not scored beyond an entry, a page at a time."""
    while found := store_reclassify.page(app.store, job, after=after, limit=PAGE):
        yield found
        after = found[-1].id


def in_hand(job: Job, *, now: datetime) -> bool:
    """Say whether some process has a job in hand, by its last sign of life: it writes one with each page."""
    if job.stopped or job.ended_at is not None:
        return False
    every = timedelta(seconds=PAGE / job.rate) if job.rate else _DEADLINE / 3
    return now - (job.updated_at or job.created_at) <= 3 * min(every, _DEADLINE) + _SLACK


def request_of(page: Page, *, with_facts: bool, texts: Mapping[int, tuple[str, str]]) -> RejudgeRequest:
    """What is asked about a page; facts are wanted of entries that have none. ``texts`` are other words than theirs."""
    words = tuple((*texts.get(s.id, (s.entry.title, s.entry.text)), s.entry.lang) for s in page)
    return RejudgeRequest(words, tuple(with_facts and is_unread(s.facts) for s in page))


def is_unread(facts: Facts) -> bool:
    """Say whether nothing was taken out of an entry yet but its countries, which are known in any case."""
    return not (facts.measures or facts.figures or facts.persons or facts.actors)


@contextmanager
def judging(app: App, classifier: Classifier, *, workers: int, entries: int) -> Iterator[Judging]:
    """Open what judges so many entries: all of ``workers`` but this process, which reads and writes. Where that is the
    only one it judges too, and for a page or less no other is started."""
    judges = workers - 1 if entries > PAGE else 0
    pool = judging_pool(app, judges, classifier=classifier, deadline=_DEADLINE) if judges else None
    if pool is None:
        yield lambda asked: ((page, rejudge(one.words, one.unread, classifier)) for page, one in asked)
        return

    def judge(request: RejudgeRequest) -> Sequence[Judged]:
        try:
            return cast("Sequence[Judged]", pool.ask(request))
        except ParseError as error:  # a page that cost its process is judged here, as polls judge
            log.warning(fields("reclassify", outcome="judged here", why=str(error)))
            return rejudge(request.words, request.unread, classifier)

    with pool, ThreadPoolExecutor(judges, "judge") as threads:
        yield lambda asked: _in_order(asked, judge, threads, _AHEAD * judges)


def _in_order(
    asked: Iterable[tuple[Page, RejudgeRequest]],
    judge: Callable[[RejudgeRequest], Sequence[Judged]],
    threads: ThreadPoolExecutor,
    ahead: int,
) -> Iterator[tuple[Page, Sequence[Judged]]]:
    waiting: deque[tuple[Page, Future[Sequence[Judged]]]] = deque()
    for page, request in asked:
        waiting.append((page, threads.submit(judge, request)))
        if len(waiting) > ahead:
            done, future = waiting.popleft()
            yield done, future.result()
    for done, future in waiting:
        yield done, future.result()
