"""From what one visit to a feed brought to everything that it changes: the part of the poll job that only computes."""

import hashlib
import zlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.app import App
from monitor.domain.entry import DocumentHints
from monitor.domain.feed import Captured, Feed, FeedState, FeedUpdate, Outcome, PollEvent, Validators
from monitor.errors import FetchError, ParseError, Severity
from monitor.fetch import moves
from monitor.fetch.client import Fetched
from monitor.fetch.options import PollOptions
from monitor.fetch.politeness import budget_key
from monitor.fetch.schedule import Came, Next, next_poll
from monitor.jobs.context import context_of
from monitor.jobs.neighbours import lately
from monitor.normalise.entry import CleanDocument
from monitor.observe import mask
from monitor.parse.suspicion import suspicion, title_after, usual_after
from monitor.parse.workers import DocumentKilled
from monitor.pipeline import Ingested, Recall, ingest
from monitor.store import known

GONE_TIMES, GONE_FOR = 3, timedelta(days=14)
"""A feed that answers 410 so often, over so long, is asked by name only."""
DOUBTS = frozenset({"another-feed", "collapse"})
"""Kinds of documents that can be read and are not believed, for a while."""
_MAX_TITLE = 300
MAX_DETAIL = 500
"""Characters kept of what went wrong."""


_UNASKED = "the server says that nothing is new, to a request that did not ask for that, and sends no document"


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


def take(visit: Visit, fetched: Fetched | FetchError, document: CleanDocument | ParseError | None) -> FeedUpdate:
    """Turn what came back, and what it was read as (None: nothing to read), into one update.

    Reads the store once, for the keys that are known; writes nothing. A document that is no feed is a failure, and
    keeps the validators.
    """
    if isinstance(fetched, FetchError):
        return failure(visit, fetched)
    if isinstance(document, ParseError):
        return failure(visit, document, status=fetched.status, captured=capture(visit, fetched))
    if document is None and not _conditional(visit):
        # Nobody asked whether anything is new; to believe it would take a server that hides its feed for a quiet one.
        return failure(visit, FetchError("unasked-304", _UNASKED, Severity.SOFT, status=304))
    if document is None:
        return _success(visit, fetched, None, Ingested(trust=visit.state.memory.trust))
    found = ingest_document(visit, document)
    doubt = _doubt(visit, fetched, document, found)
    if doubt is not None:
        return failure(visit, doubt, status=fetched.status, captured=capture(visit, fetched))
    return _success(visit, fetched, document, found)


def _doubt(visit: Visit, fetched: Fetched, document: CleanDocument, found: Ingested) -> ParseError | None:
    """Say why a document that can be read is not taken for this feed's all the same."""
    memory = visit.state.memory
    if not document.complete and not document.entries:
        return None
    return suspicion(
        document,
        title_before=memory.title,
        usual_entries=memory.usual,
        known=found.repeats + found.quarantined,
        elsewhere=budget_key(visit.asked, "") != budget_key(fetched.url, ""),
        odd_since=memory.odd_since,
        now=visit.now,
    )


def ingest_document(visit: Visit, document: CleanDocument, *, first_poll: bool | None = None) -> Ingested:
    """Compare a document with what is known of its feed, and judge what is new; writes nothing."""
    store, name = visit.app.store, visit.feed.name
    first = visit.state.polled_at is None if first_poll is None else first_poll
    context = context_of(visit.app, visit.feed, now=visit.now, first_poll=first)
    recall = Recall(
        known=lambda keys: known.known(store, name, keys),
        alike=lambda marks: known.alike(store, name, marks),
        lately=lambda: known.lately(store, name),
        telling=lambda new: lately(visit.app, new, now=visit.now),
    )
    return ingest(context, document, trust=visit.state.memory.trust, recall=recall)


def _success(visit: Visit, fetched: Fetched, document: CleanDocument | None, found: Ingested) -> FeedUpdate:
    """What a 200, or with ``document`` None a 304, changes."""
    known_share = _known_share(visit.state, document, found)
    outcome = Outcome.NOT_MODIFIED if document is None else Outcome.OK
    came = Came(outcome, None, fetched.status, fetched.retry_after, known_share, fetched.fresh_for)
    hints = visit.state.memory.hints if document is None else document.hints
    plan = visit.plan(came, hints)
    whole = document is not None and document.complete
    event = PollEvent(
        visit.feed.name, visit.now, outcome, fetched.status, entries=found.entries, new=len(found.new),
        repeats=found.repeats, dropped=found.dropped, cut=document.cut if document else 0, gap=known_share == 0,
        edited=len(found.revisions), quarantined=found.quarantined,
        kind="" if document is None or whole else "cut-off", seconds=visit.seconds,
    )  # fmt: skip
    memory = replace(
        visit.state.memory, learned=plan.learned, full=plan.full, hints=hints, gone=0, gone_since=None,
        trust=found.trust,
        # Only what came without being asked for conditionally proves that the validators do not lie.
        whole_at=visit.now if whole and not _conditional(visit) else visit.state.memory.whole_at or visit.now,
    )  # fmt: skip
    if document is not None and whole:
        usual = usual_after(memory.usual, len(document.entries))
        title = title_after(memory.title, document)[:_MAX_TITLE]
        memory = replace(memory, title=title, usual=usual, odd_since=None)
    memory = moves.seen(
        memory, asked=visit.asked, permanent=_openly(fetched.permanent), configured=visit.feed.url, now=visit.now
    )
    return FeedUpdate(
        event=event,
        next_poll_at=plan.at,
        reason=plan.reason,
        lease=visit.state.lease,
        failures=plan.failures,
        paused_until=plan.paused_until,
        # A 304 leaves the stored pair alone, and so does a document that breaks off: they are those of the last whole
        # one.
        validators=fetched.validators if whole else None,
        new=found.new,
        revisions=found.revisions,
        aliases=found.aliases,
        sighted=found.sighted,
        document=capture(visit, fetched),
        memory=memory,
    )


def capture(visit: Visit, fetched: Fetched) -> Captured | None:
    """What came, to be kept for a replay; None for a 304, and where config keeps nothing."""
    if fetched.not_modified or not fetched.body or not visit.app.settings.options.retention.documents:
        return None
    sha256 = hashlib.sha256(fetched.body).hexdigest()
    return Captured(sha256, mask(fetched.url), fetched.content_type, fetched.body)


def _known_share(state: FeedState, document: CleanDocument | None, found: Ingested) -> float | None:
    """Which share of the document was known before; None where that tells nothing (first poll, nothing in it)."""
    if document is None:
        return 1.0
    taken = found.repeats + len(found.new)
    return (found.repeats + found.quarantined) / taken if state.polled_at is not None and taken else None


def _openly(url: str | None) -> str | None:
    """An address that may be kept: none that carries a secret of the config."""
    return url if url is not None and mask(url) == url else None


def failure(
    visit: Visit, error: FetchError | ParseError, *, status: int | None = None, captured: Captured | None = None
) -> FeedUpdate:
    """What a visit that failed changes; a document that could not be read is kept for a replay."""
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
    if error.kind in DOUBTS:
        memory = replace(memory, odd_since=memory.odd_since or visit.now)
    if isinstance(error, DocumentKilled):
        memory = replace(memory, poison=error.sha256)
    if error.severity is Severity.HARD:
        memory = moves.failed(memory, asked=visit.asked, configured=visit.feed.url)
    gone = memory.gone >= GONE_TIMES and memory.gone_since is not None and visit.now - memory.gone_since >= GONE_FOR
    return FeedUpdate(
        event, plan.at, plan.reason, visit.state.lease, plan.failures, plan.paused_until, memory=memory, gone=gone,
        document=captured,
    )  # fmt: skip


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
