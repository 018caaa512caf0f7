"""Replay: read the documents that are kept with the parser of today. Nobody is asked, and no feed's state changes.

What a document brought and the parser of its day missed is stored; what it misread becomes a new version. Each document
is a transaction, and what is done is found done by the next run, so that a replay may be ended at any moment.
"""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from monitor.app import App
from monitor.classify.classifier import RULES, Classifier
from monitor.domain.entry import Revision
from monitor.domain.feed import Feed, Source
from monitor.domain.reclassify import Span
from monitor.errors import MonitorError, ParseError, Severity, UsageError
from monitor.jobs.clock import utc_now
from monitor.jobs.late import FeedReplay, Rules, address
from monitor.jobs.reading import to_read
from monitor.jobs.reclassify import run as reclassify
from monitor.jobs.reclassify.run import Report, Unwritten, Wanted
from monitor.jobs.rehearse import Rehearsing, Writing
from monitor.jobs.running import parser_pool
from monitor.jobs.visit import MAX_DETAIL
from monitor.normalise.entry import CleanDocument
from monitor.observe import fields, log, mask
from monitor.parse.workers import ParserPool
from monitor.store import documents as store_documents
from monitor.store.documents import Holding, KeptDocument
from monitor.store.replay import background

Progress = Callable[[str, int, int], None]
"""Told how many ``documents`` or ``entries`` are done, of how many."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Documents of a feed that cannot be read: how many of one kind, when the last came, and what is wrong with it."""

    feed: str
    kind: str
    documents: int
    last_at: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay did, or in a dry run would have done.

    An entry counts once, however many documents bring it: as new, changed or unchanged. ``announced`` are those of the
    new and the changed ones that subscriptions judge from now on. ``released`` names the feeds of which a document had
    been put aside that can be read now.
    """

    dry_run: bool
    feeds: int = 0
    documents: int = 0
    failures: tuple[Unreadable, ...] = ()
    entries: int = 0
    new: int = 0
    announced: int = 0
    changed: int = 0
    released: tuple[str, ...] = ()
    reclassified: Report | None = None
    model_problem: str = ""

    @property
    def failed(self) -> Mapping[str, int]:
        """How many documents could not be read, by kind."""
        kinds: Counter[str] = Counter()
        for failure in self.failures:
            kinds[failure.kind] += failure.documents
        return dict(sorted(kinds.items()))

    @property
    def unchanged(self) -> int:
        return self.entries - self.new - self.changed


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be read of a feed; ``only`` names documents, the others are looked at for what they bring."""

    holding: Holding
    since: datetime | None
    only: Mapping[str, datetime] | None = None


@dataclass(slots=True)
class _Run:
    """What one run shares among its feeds, and what it has found."""

    app: App
    dry_run: bool
    now: Callable[[], datetime]
    progress: Progress
    parser: ParserPool
    readers: ThreadPoolExecutor
    total: int
    done: int = 0
    documents: int = 0
    failures: dict[tuple[str, str], Unreadable] = field(default_factory=dict)
    released: set[str] = field(default_factory=set)
    brought: Counter[str] = field(default_factory=Counter)
    added: list[datetime] = field(default_factory=list)
    scored: set[int] = field(default_factory=set)
    texts: dict[int, tuple[str, str]] = field(default_factory=dict)

    def add(self, feed_replay: FeedReplay, revisions: Sequence[Revision]) -> None:
        """Count what a feed brought, and keep what a dry run has not written."""
        changed = feed_replay.changed - feed_replay.new.keys()
        self.brought.update(
            found=len(feed_replay.found), new=len(feed_replay.new), changed=len(changed),
            announced=len(feed_replay.announced),
        )  # fmt: skip
        if self.dry_run:
            self.added += feed_replay.new.values()
            self.scored |= {r.entry_id for r in revisions if r.scored is not None}
            self.texts |= {r.entry_id: (r.entry.title, r.entry.text) for r in revisions if r.scored is None}

    def fail(self, kept: KeptDocument, error: ParseError) -> None:
        """Note a document that cannot be read."""
        before = self.failures.get((kept.feed, error.kind))
        last_at = max(kept.last_at, before.last_at) if before else kept.last_at
        detail = mask(error.detail)[:MAX_DETAIL] if before is None or last_at == kept.last_at else before.detail
        count = 1 + (before.documents if before else 0)
        self.failures[kept.feed, error.kind] = Unreadable(kept.feed, error.kind, count, last_at, detail)


def run(
    app: App,
    *,
    names: Collection[str] | None = None,
    since: datetime | None = None,
    failed: bool = False,
    dry_run: bool = False,
    classify: bool = False,
    asked: str = "",
    now: Callable[[], datetime] = utc_now,
    progress: Progress = lambda what, done, total: None,
    parser: ParserPool | None = None,
) -> ReplayReport:
    """Read kept documents again: of the feeds that are named (None: of all), that came since then, with ``failed`` only
    those that no poll could read. ``classify`` gives the entries of their time the scores of today's classifier;
    ``asked`` are the words that ``since`` stood in. What cannot be is refused before the first document is read: raises
    UsageError.
    """
    classifier = _demand_model(app) if classify else None
    tasks, workers = _tasks(app, names, since, failed=failed), app.settings.options.parse.workers
    with ExitStack() as stack:
        if classifier is not None and tasks:
            stack.enter_context(reclassify.alone(app, dry_run=dry_run))
        pool = parser or stack.enter_context(parser_pool(app))
        readers = stack.enter_context(ThreadPoolExecutor(workers, "read"))
        run_ = _Run(app, dry_run, now, progress, pool, readers, sum(task.holding.documents for task in tasks))
        for task in tasks:
            _replay(run_, task)
        again = _reclassify(run_, classifier, tasks, since, asked) if classifier is not None and tasks else None
    return _report(run_, tasks, again)


def _demand_model(app: App) -> Classifier:
    """The model in use. Rules are not asked: their scores would stand above those that a model has made."""
    classifier = app.model.classifier
    if classifier is None or classifier.version == RULES:
        raise UsageError(f"--classify: the model in use cannot be loaded: {app.model.problem}")
    return classifier


def _report(run_: _Run, tasks: Sequence[_Task], reclassified: Report | None) -> ReplayReport:
    return ReplayReport(
        run_.dry_run,
        feeds=len(tasks),
        documents=run_.documents,
        failures=tuple(sorted(run_.failures.values(), key=lambda failure: (failure.feed, failure.kind))),
        entries=run_.brought["found"],
        new=run_.brought["new"],
        announced=run_.brought["announced"],
        changed=run_.brought["changed"],
        released=tuple(sorted(run_.released)),
        reclassified=reclassified,
        model_problem=run_.app.model.problem,
    )


def _tasks(app: App, names: Collection[str] | None, since: datetime | None, *, failed: bool) -> list[_Task]:
    """One a feed, those with the oldest documents first.

    Of documents that failed the feed's newer ones are looked at too: what those bring is theirs to say.
    """
    if not failed:
        found = store_documents.holdings(app.store, names, since=since)
        tasks = [_Task(holding, since) for holding in found.values()]
    else:
        tasks = []
        for feed, unread in store_documents.unread(app.store, names, since=since).items():
            begin = min(unread.values())
            holding = store_documents.holdings(app.store, [feed], since=begin)[feed]
            tasks.append(_Task(holding, begin, unread))
    return sorted(tasks, key=lambda task: (task.holding.first_at, task.holding.feed))


def _replay(run_: _Run, task: _Task) -> None:
    """Take one feed's documents, the oldest first."""
    app, name = run_.app, task.holding.feed
    configured = app.settings.feeds.get(name)
    feed = configured or Feed(name, "", Source(name, name))
    rules = Rules(feed, configured is None, app.settings.options.poll.first_poll_news)
    hand = Rehearsing(app.store, name) if run_.dry_run else Writing(app.store, name)
    unread = store_documents.unread(app.store, [name], since=task.since).get(name, {})
    feed_replay = FeedReplay(rules, hand, background(app.store, name), app.model.classifier, unread)
    before = run_.documents
    last: KeptDocument | None = None
    for kept, document in _read_ahead(run_, feed, store_documents.kept(app.store, [name], since=task.since)):
        wanted = task.only is None or kept.captured.sha256 in task.only
        with _alone(run_, kept):
            _take(run_, feed_replay, kept, document, wanted=wanted)
        run_.documents += wanted
        run_.done += 1
        run_.progress("documents", run_.done, max(run_.done, run_.total))
        last = kept
    if last is not None:
        with _alone(run_, last):
            run_.add(feed_replay, feed_replay.finish(now=run_.now()))
    log.info(
        fields(
            "replay", feed=name, documents=run_.documents - before, entries=len(feed_replay.found),
            new=len(feed_replay.new), changed=len(feed_replay.changed), announced=len(feed_replay.announced),
            dry="yes" if run_.dry_run else None,
        )
    )  # fmt: skip


@contextmanager
def _alone(run_: _Run, kept: KeptDocument) -> Iterator[None]:
    """Let an error that nobody foresaw be one document's alone."""
    try:
        yield
    except MonitorError:
        raise
    except Exception as error:  # noqa: BLE001 - the seam: whatever one document breaks, the others go on
        log.exception(fields("replay", feed=kept.feed, document=kept.captured.sha256[:12], outcome="crashed"))
        run_.fail(kept, ParseError("crashed", f"{type(error).__name__}: {error}", Severity.HARD))


def _take(
    run_: _Run, feed_replay: FeedReplay, kept: KeptDocument, document: CleanDocument | ParseError, *, wanted: bool
) -> None:
    """Take one document, or hear what one that is not asked for brings."""
    if not wanted:
        if isinstance(document, CleanDocument):
            feed_replay.witness(kept, document)
        return
    try:
        if isinstance(document, ParseError):
            raise document
        if feed_replay.take(kept, document, now=run_.now()):
            run_.released.add(kept.feed)
    except ParseError as error:
        run_.fail(kept, error)


def _read_ahead(
    run_: _Run, feed: Feed, documents: Iterable[KeptDocument]
) -> Iterator[tuple[KeptDocument, CleanDocument | ParseError]]:
    """Read documents in the worker processes, in their order, some ahead of what is taken."""
    ahead = 2 * run_.app.settings.options.parse.workers
    reading: deque[tuple[KeptDocument, Future[CleanDocument | ParseError]]] = deque()
    for kept in documents:
        reading.append((kept, run_.readers.submit(_read, run_, feed, kept)))
        if len(reading) > ahead:
            done, future = reading.popleft()
            yield done, future.result()
    for done, future in reading:
        yield done, future.result()


def _read(run_: _Run, feed: Feed, kept: KeptDocument) -> CleanDocument | ParseError:
    """Read one document, as a poll does, but whatever was put aside too."""
    captured = kept.captured
    request = to_read(
        run_.app,
        feed,
        body=captured.body,
        url=address(feed, kept),
        content_type=captured.content_type,
        now=kept.first_at,
    )
    try:
        return run_.parser.read(request)
    except ParseError as error:
        return error


def _reclassify(
    run_: _Run, classifier: Classifier, tasks: Collection[_Task], since: datetime | None, asked: str
) -> Report:
    """Score the entries that the feeds brought in the time of which documents are kept."""
    feeds = frozenset(task.holding.feed for task in tasks)
    there = store_documents.holdings(run_.app.store, feeds).values()
    begin = min(holding.first_at for holding in there)
    span = Span(max(begin, since) if since else begin, max(holding.last_at for holding in there), feeds)
    unwritten = Unwritten(run_.added, run_.scored, run_.texts) if run_.dry_run else Unwritten()
    words = f"replay of {', '.join(sorted(feeds))} since {asked or since}"
    return reclassify.run(
        run_.app, classifier, Wanted(span, words, run_.dry_run, unwritten=unwritten), now=run_.now, mine=True,
        progress=lambda job: run_.progress("entries", job.tally.done, max(job.tally.done, job.total)),
    )  # fmt: skip
