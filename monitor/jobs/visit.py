"""From what one visit to a feed brought to everything that it changes: the part of the poll job that only computes."""

import zlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.app import App
from monitor.domain.entry import Document, DocumentHints
from monitor.domain.feed import Feed, FeedState, FeedUpdate, Outcome, PollEvent, Validators
from monitor.errors import FetchError, ParseError, Severity
from monitor.fetch import moves
from monitor.fetch.client import Fetched
from monitor.fetch.options import PollOptions
from monitor.fetch.schedule import Came, Next, next_poll
from monitor.observe import mask
from monitor.parse.workers import DocumentKilled
from monitor.pipeline import Ingested, ingest
from monitor.store import feeds as store_feeds

GONE_TIMES, GONE_FOR = 3, timedelta(days=14)
"""A feed that answers 410 so often, over so long, is asked by name only."""
MAX_DETAIL = 500
"""Characters kept of what went wrong."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One feed's turn: what it was like before, where and when it was asked, and how long that took."""

    app: App
    feed: Feed
    state: FeedState
    asked: str
    now: datetime
    seconds: float

    def plan(self, came: Came, hints: DocumentHints | None = None) -> Next:
        """When this feed is due again."""
        return next_poll(
            self.state,
            came,
            now=self.now,
            options=self.app.settings.options.poll,
            seed=zlib.crc32(f"{self.feed.name} {self.now.isoformat()}".encode()),
            fixed=self.feed.interval,
            hints=hints,
        )


def take(visit: Visit, fetched: Fetched | FetchError, document: Document | ParseError | None) -> FeedUpdate:
    """Turn what came back, and what it was read as (None: nothing to read), into one update.

    Reads the store once, for the keys that are known; writes nothing. A document that is no feed is a failure, and
    keeps the validators.
    """
    if isinstance(fetched, FetchError):
        return failure(visit, fetched)
    if isinstance(document, ParseError):
        return failure(visit, document, status=fetched.status)
    return _success(visit, fetched, document, None if document is None else _ingest(visit, fetched, document))


def _ingest(visit: Visit, fetched: Fetched, document: Document) -> Ingested:
    return ingest(
        visit.feed,
        document,
        base=fetched.url,
        first_poll=visit.state.polled_at is None,
        first_poll_news=visit.app.settings.options.poll.first_poll_news,
        known=lambda name, keys: store_feeds.known(visit.app.store, name, keys),
        classifier=visit.app.model.classifier,
        now=visit.now,
    )


def _success(visit: Visit, fetched: Fetched, document: Document | None, ingested: Ingested | None) -> FeedUpdate:
    """What a 200, or with ``document`` None a 304, changes."""
    found = ingested or Ingested((), 0, 0, 0)
    known = _known_share(visit.state, document, found)
    outcome = Outcome.NOT_MODIFIED if document is None else Outcome.OK
    came = Came(outcome, None, fetched.status, fetched.retry_after, known, fetched.fresh_for)
    hints = visit.state.memory.hints if document is None else document.hints
    plan = visit.plan(came, hints)
    whole = document is not None and document.complete
    event = PollEvent(
        visit.feed.name, visit.now, outcome, fetched.status, entries=found.entries, new=len(found.new),
        repeats=found.repeats, dropped=found.dropped, cut=document.cut if document else 0, gap=known == 0,
        kind="" if document is None or whole else "cut-off", seconds=visit.seconds,
    )  # fmt: skip
    memory = replace(
        visit.state.memory, learned=plan.learned, full=plan.full, hints=hints, gone=0, gone_since=None,
        # Only what came without being asked for conditionally proves that the validators do not lie.
        whole_at=visit.now if whole and not _conditional(visit) else visit.state.memory.whole_at or visit.now,
    )  # fmt: skip
    memory = moves.seen(
        memory, asked=visit.asked, permanent=_openly(fetched.permanent), configured=visit.feed.url, now=visit.now
    )
    # A 304 leaves the stored pair alone, and so does a document that breaks off: they are those of the last whole one.
    validators = fetched.validators if whole else None
    return FeedUpdate(
        event, plan.at, plan.reason, visit.state.lease, plan.failures, plan.paused_until, validators, found.new, memory,
    )  # fmt: skip


def _known_share(state: FeedState, document: Document | None, found: Ingested) -> float | None:
    """Which share of the document was known before; None where that tells nothing (first poll, nothing in it)."""
    if document is None:
        return 1.0
    taken = found.repeats + len(found.new)
    return found.repeats / taken if state.polled_at is not None and taken else None


def _openly(url: str | None) -> str | None:
    """An address that may be kept: none that carries a secret of the config."""
    return url if url is not None and mask(url) == url else None


def failure(visit: Visit, error: FetchError | ParseError, *, status: int | None = None) -> FeedUpdate:
    asked, status = (error.retry_after, error.status) if isinstance(error, FetchError) else (None, status)
    plan = visit.plan(Came(Outcome.FAILED, error.severity, status, asked))
    event = PollEvent(
        visit.feed.name, visit.now, Outcome.FAILED, status, error.kind, error.severity,
        detail=mask(error.detail)[:MAX_DETAIL], seconds=visit.seconds,
    )  # fmt: skip
    memory = visit.state.memory
    memory = replace(
        memory, gone=memory.gone + 1 if status == 410 else 0,
        gone_since=(memory.gone_since or visit.now) if status == 410 else None,
    )  # fmt: skip
    if isinstance(error, DocumentKilled):
        memory = replace(memory, poison=error.sha256)
    if error.severity is Severity.HARD:
        memory = moves.failed(memory, asked=visit.asked, configured=visit.feed.url)
    gone = memory.gone >= GONE_TIMES and memory.gone_since is not None and visit.now - memory.gone_since >= GONE_FOR
    return FeedUpdate(
        event, plan.at, plan.reason, visit.state.lease, plan.failures, plan.paused_until, memory=memory, gone=gone
    )


def _conditional(visit: Visit) -> bool:
    """Say whether this visit asked with validators."""
    return bool(validators_for(visit.state, visit.app.settings.options.poll, visit.now) != Validators())


def validators_for(state: FeedState, options: PollOptions, now: datetime) -> Validators:
    """The validators to ask with.

    None where no document has come unasked-for-conditionally for longer than ``refetch_after``: some servers say 304
    for ever (NetNewsWire asks anew after eight days). Validators of which it is not known since when, as an older
    version of the program left them, are good: their time counts from the next visit on.
    """
    whole_at = state.memory.whole_at
    lapsed = whole_at is not None and now - whole_at >= options.refetch_after
    return Validators() if lapsed else state.validators
