"""Reclassify: run stored entries through a model, beside the scores that stand, and say which decisions change.

A run is a row. A page's scores and where the run stands behind them are written in one transaction, so that one which
was killed at any moment goes on as if it had not been. Nothing is announced: a subscription has judged what it has
judged.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from time import monotonic

from monitor.app import App
from monitor.classify.classifier import Classifier
from monitor.domain.facts import Facts
from monitor.domain.reclassify import Job, Span, Tally
from monitor.errors import UsageError
from monitor.extract.facts import extract
from monitor.jobs.changes import Change, add
from monitor.jobs.clock import utc_now
from monitor.jobs.judging.pool import LEAST_JUDGES
from monitor.jobs.judging.serve import RejudgeRequest
from monitor.jobs.reclassify.judging import Judging, Page, is_unread, judging, pages, request_of
from monitor.observe import fields, log
from monitor.pipeline import Judged, may_be_ours, words_of
from monitor.store import reclassify as store_reclassify
from monitor.store.single import reclassifying


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What a dry run of a replay has not written: when the entries came that would be new, those that would have new
    scores already, and the new texts of others."""

    added: Sequence[datetime] = ()
    scored: Collection[int] = ()
    texts: Mapping[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be reclassified. ``asked`` are the words that it was asked for by: the same words again go on with
    what was interrupted, from where that began, if the span that they mean now begins in its span.

    With ``dry_run`` nothing is written; ``unwritten`` is what something before has not written either. ``workers`` are
    the processes in all; None are as many as [parse] names, or two.
    """

    span: Span
    asked: str = ""
    dry_run: bool = False
    workers: int | None = None
    unwritten: Unwritten = Unwritten()


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a run. ``resumed`` says that it went on where another was interrupted, whose numbers are in these;
    ``anew`` is one that was asked for in the same words, and could not be gone on with. ``waiting`` are entries that
    the next poll will score, since no model has."""

    job: Job
    dry_run: bool = False
    resumed: bool = False
    waiting: int = 0
    anew: Job | None = None

    @property
    def ended(self) -> bool:
        """Say whether it came to its end, or there was nothing to do; else it goes on when it is asked for again, and
        the numbers of a dry run are of a part only."""
        return not self.job.stopped


@dataclass(slots=True)
class _Run:
    """What one run has at hand."""

    app: App
    classifier: Classifier
    wanted: Wanted
    now: Callable[[], datetime]
    told: Callable[[Job], None]
    stop: Callable[[], bool]

    def is_stopped(self, job: Job) -> bool:
        """Say whether somebody has ended a job before its end."""
        return self.stop() and (job.tally.done < job.total or job.tally.scored < job.tally.done)


def run(
    app: App,
    classifier: Classifier,
    wanted: Wanted,
    *,
    now: Callable[[], datetime] = utc_now,
    progress: Callable[[Job], None] = lambda job: None,
    resumes: Callable[[Job], None] = lambda job: None,
    stop: Callable[[], bool] = lambda: False,
    mine: bool = False,
) -> Report:
    """Score what the classifier has not scored of a span, a page a transaction.

    The scores of the model in use count from now on; those of another stand beside. ``resumes`` is told what was
    interrupted and is gone on with, before its first page. Raises UsageError where another process is at it; with
    ``mine`` the caller is `alone` already.
    """
    run_ = _Run(app, classifier, wanted, now, progress, stop)
    with nullcontext() if mine else alone(app, dry_run=wanted.dry_run):
        fresh = _planned(run_)
        found, anew = _interrupted(run_, fresh)
        job = _counted(run_, fresh if found is None else _continued(found, fresh.span))
        waiting = store_reclassify.waiting(app.store, wanted.span) if job.counts else 0
        if found is not None:
            resumes(job)
            store_reclassify.save(app.store, job, now=now())
        elif job.total and not wanted.dry_run:
            job = store_reclassify.create(app.store, job)
        if job.total or found is not None:
            job = _go(run_, job)
    log.info(told_of(job))
    return Report(job, wanted.dry_run, found is not None, waiting, anew)


@contextmanager
def alone(app: App, *, dry_run: bool = False) -> Iterator[None]:
    """Hold the database's one place for this; a dry run needs none. Raises UsageError where another process has it."""
    if dry_run:
        yield
        return
    with reclassifying(app.store, app.settings.database_url) as mine:
        if not mine:
            raise UsageError(
                "another process is reclassifying, or replays with --classify; `monitor status` shows how far it is"
            )
        yield


def _interrupted(run_: _Run, fresh: Job) -> tuple[Job | None, Job | None]:
    """The job to go on with, or else one that was asked for in the same words, and is of another range by now, or has
    scored what was scored by another model since."""
    found = None if run_.wanted.dry_run else store_reclassify.open_one(run_.app.store, fresh)
    if found is None:
        return None, None
    lost = found.counts and store_reclassify.overtaken(run_.app.store, found)
    goes_on = found.span.reaches(fresh.span) and not lost
    return (found, None) if goes_on else (None, found)


def in_use(app: App, classifier: Classifier) -> bool:
    """Say whether a classifier is the one that decisions go by."""
    return app.model.classifier is not None and app.model.classifier.scorer == classifier.scorer


def _planned(run_: _Run) -> Job:
    classifier, wanted = run_.classifier, run_.wanted
    counts = in_use(run_.app, classifier)
    return Job(0, classifier.version, classifier.scorer, counts, wanted.asked, wanted.span, run_.now())


def _continued(found: Job, span: Span) -> Job:
    """A job that was interrupted; one without a fixed end goes on to what came since."""
    return replace(found, span=replace(found.span, until=max(found.span.until, span.until)), stopped=False)


def _counted(run_: _Run, job: Job) -> Job:
    entries, left = store_reclassify.count(run_.app.store, job)
    span, unwritten = job.span, run_.wanted.unwritten
    entries += sum(span.since <= at <= span.until for at in unwritten.added)
    return replace(job, entries=entries, total=job.tally.done + left)


def _go(run_: _Run, job: Job) -> Job:
    """Go through the pages, then once more for what was left out since somebody else was just writing it."""
    workers = run_.wanted.workers or max(run_.app.settings.options.parse.workers, LEAST_JUDGES)
    with judging(run_.app, run_.classifier, workers=workers, entries=job.total - job.tally.done) as judge:
        job = _pass(run_, job, judge, begin=job.cursor)
        left_out = job.tally.scored < job.tally.done
        while left_out and not run_.stop() and not run_.wanted.dry_run:
            before = job.tally.scored
            job = _pass(run_, job, judge, begin=0)
            left_out = job.tally.scored > before
    job = replace(job, stopped=run_.is_stopped(job))
    if run_.wanted.dry_run:
        return job
    if not job.stopped:
        return store_reclassify.end(run_.app.store, job, now=run_.now())
    store_reclassify.save(run_.app.store, job, now=run_.now())
    return job


def _pass(run_: _Run, job: Job, judge: Judging, *, begin: int) -> Job:
    at = monotonic()
    for page, found in judge(_pages(run_, job, begin)):
        job = _take(run_, job, page, found, seconds=monotonic() - at)
        at = monotonic()
        run_.told(job)
        log.info(told_of(job))
        if run_.stop():
            break
    return job


def _pages(run_: _Run, job: Job, after: int) -> Iterator[tuple[Page, RejudgeRequest]]:
    unwritten = run_.wanted.unwritten
    for found in pages(run_.app, job, after):
        page = [stored for stored in found if stored.id not in unwritten.scored]
        yield page, request_of(page, with_facts=job.counts and not run_.wanted.dry_run, texts=unwritten.texts)


def _take(run_: _Run, job: Job, page: Page, found: Sequence[Judged], *, seconds: float) -> Job:
    """Write a page with where the job stands then; a dry run only counts."""
    after = partial(_after, run_, job, page, found, seconds=seconds)
    if run_.wanted.dry_run:
        return after({stored.id for stored in page})
    ours = {s.id for s, judged in zip(page, found, strict=True) if job.counts and may_be_ours(judged.scores)}
    known = {
        words_of(stored.entry): judged.facts
        for stored, judged in zip(page, found, strict=True)
        if stored.id in ours and is_unread(stored.facts)
    }

    def read(title: str, text: str, lang: str) -> Facts:
        # To look for facts here costs seconds for the gazetteers alone: it is left to the processes.
        said = (title, text, lang)
        return known[said] if said in known else extract(*said)

    pairs = [(stored, judged.scores) for stored, judged in zip(page, found, strict=True)]
    return store_reclassify.advance(
        run_.app.store, job, pairs, after=after, now=run_.now(), ours=ours, read=read if ours else None
    )


def _after(
    run_: _Run, job: Job, page: Page, found: Sequence[Judged], written: Collection[int], *, seconds: float
) -> Job:
    """Where a job stands behind a page, of which these were written."""
    cuts = run_.app.settings.cuts
    # A label that the new scores do not have keeps the one that it has.
    changed = [
        Change(stored, stored.scores, {**stored.scores, **judged.scores}, cuts(stored.feed, stored.entry.lang))
        for stored, judged in zip(page, found, strict=True)
        if stored.id in written
    ]
    tally = job.tally
    fresh = sum(stored.id > job.cursor for stored in page)
    return replace(
        job,
        cursor=max((job.cursor, *(stored.id for stored in page))),
        tally=Tally(
            tally.done + fresh, tally.scored + len(changed), tally.seconds + seconds, add(tally.labels, changed)
        ),
    )


def told_of(job: Job) -> str:
    """One line for the log."""
    changed = sum(changes.gained + changes.lost for changes in job.tally.labels.values())
    return fields(
        "reclassify", job=job.id, model=job.model, counts="yes" if job.counts else "no", entries=job.tally.done,
        of=job.total, scored=job.tally.scored, changed=changed, rate=job.rate, left=job.left,
    )  # fmt: skip
