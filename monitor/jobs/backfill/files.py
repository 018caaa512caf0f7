"""A backfill from an archive on this machine: read ahead in the worker processes, compared and written in order."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from monitor.domain.backfill import Cursor, Job, JobState, Listed
from monitor.domain.entry import DocumentHints
from monitor.domain.feed import Feed
from monitor.errors import ParseError, UsageError
from monitor.fetch.politeness import budget_key
from monitor.jobs.backfill.read import to_read
from monitor.jobs.backfill.take import article_document
from monitor.jobs.backfill.walk import Walk, told_of
from monitor.normalise.entry import CleanDocument
from monitor.observe import log
from monitor.parse import archive
from monitor.parse.archive import Contents, Piece
from monitor.parse.article import ArticleRequest

_AHEAD = 3  # pieces a worker process that are read before they are taken
_MOST_GAPS = 10
_NOTHING = CleanDocument("", (), 0, DocumentHints(), complete=True, recovered="", older="")


def domain_of(feed: Feed) -> str:
    """The domain that an archive of many sites is searched for."""
    budget, private = budget_key(feed.url, "")
    return "" if private else budget.removeprefix("domain:")


def look_through(path: Path, feed: Feed) -> Contents:
    """Look through an archive, before anything is written; raises UsageError where it is broken."""
    try:
        return archive.contents(path, domain=domain_of(feed), names=(feed.name, feed.url))
    except ParseError as error:
        raise UsageError(f"--archive: {error.detail}") from error


@dataclass(slots=True)
class Files:
    """What one job needs on its way through an archive."""

    walk: Walk

    def go(self, job: Job) -> Job:
        """Take a job to the archive's end, and write how it stands then; raises Cancelled."""
        job = self._write(replace(job, state=JobState.RUNNING, detail="", ended_at=None))
        line = self.walk.line
        try:
            for piece, document in self._read_ahead(job):
                began = monotonic()
                job = self._take(job, piece, document)
                job = replace(job, tally=replace(job.tally, seconds=job.tally.seconds + monotonic() - began))
                self.walk.told(job)
                if line.stop():
                    return self._write(replace(job, state=JobState.STOPPED, detail="stopped by hand"))
        except ParseError as error:  # it was whole when the job began
            return self._write(replace(job, state=JobState.FAILED, detail=error.detail))
        declared = None if job.declared is None else max(0, job.declared - job.tally.outside)
        done = replace(job, state=JobState.DONE, declared=declared, detail="read to the end", ended_at=line.now())
        return self._write(done)

    def _take(self, job: Job, piece: Piece, document: CleanDocument | ParseError) -> Job:
        """Write a piece, and where the next one begins; one that cannot be read is told of."""
        walk = self.walk
        cursor = Cursor(part=piece.part, at=piece.at)
        if isinstance(document, ParseError):
            failures = {**job.tally.failures, document.kind: job.tally.failures.get(document.kind, 0) + 1}
            gaps = (*job.gaps, f"{piece.part}, {piece.at}: {document}"[:300])[:_MOST_GAPS]
            tally = replace(job.tally, pages=job.tally.pages + 1, failures=failures)
            return self._write(replace(job, cursor=cursor, gaps=gaps, tally=tally))
        job = walk.worker.submit(
            walk.keep, job, document, lambda tally: replace(job, cursor=cursor, tally=tally)
        ).result()
        log.info(told_of(job))
        return job

    def _read_ahead(self, job: Job) -> Iterator[tuple[Piece, CleanDocument | ParseError]]:
        """Read the archive's pieces in the worker processes, in their order."""
        walk = self.walk
        ahead = _AHEAD * max(2, walk.line.app.settings.options.parse.workers)
        reading: deque[tuple[Piece, Future[CleanDocument | ParseError]]] = deque()
        path = Path(job.site.archive)
        names, cursor = (walk.feed.name, walk.feed.url), job.cursor
        for piece in archive.pieces(path, part=cursor.part, at=cursor.at, domain=domain_of(walk.feed), names=names):
            reading.append((piece, walk.reader.threads.submit(self._read, job, piece)))
            if len(reading) > ahead:
                done, future = reading.popleft()
                yield done, future.result()
        for done, future in reading:
            yield done, future.result()

    def _read(self, job: Job, piece: Piece) -> CleanDocument | ParseError:
        feed, pool, now = self.walk.feed, self.walk.reader.pool, self.walk.line.now()
        url = piece.url or feed.url
        try:
            if not piece.article:
                return pool.read(
                    to_read(feed, piece.body, url=url, content_type=piece.content_type, kind=piece.kind, now=now)
                )
            if domain_of(feed) and budget_key(url, "") != budget_key(feed.url, ""):
                return _NOTHING
            article = pool.article(ArticleRequest(piece.body, url, piece.content_type, asked=url))
            item = Listed(url)
            return article_document(feed, item, url, article, now=now, dated_by_listing=False, span=job.span)
        except ParseError as error:
            return error

    def _write(self, job: Job) -> Job:
        return self.walk.worker.submit(self.walk.write, job).result()
