"""Sources and feeds: what the config says of them, what is known of them, and what one poll found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.domain.entry import ClassifiedEntry, DocumentHints, Revision, Trust
from monitor.errors import Severity


class Tier(StrEnum):
    """What a source publishes; sets how long after its own date an entry is still news."""

    NEWS = "news"
    ANALYSIS = "analysis"

    @property
    def look_back(self) -> timedelta:
        """The age up to which an entry of this tier may be announced: 9 days for news, 28 for analysis."""
        return timedelta(days=9 if self is Tier.NEWS else 28)


@dataclass(frozen=True, slots=True)
class Source:
    """The publisher that owns feeds. ``language`` is an ISO 639-1 code, or "" where it publishes in several."""

    key: str
    title: str
    kind: str = "news"
    language: str = ""
    region: str = ""
    tier: Tier = Tier.NEWS
    note: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How one feed is asked, beside what every request has; its repr shows no secret.

    ``headers`` (name and value, an account and a cookie among them) go to ``origin`` alone, which is the scheme, host
    and port of the configured address. ``proxy`` is an http or https address, "" for none. ``allow_private`` opens the
    guard for this feed's own requests.
    """

    origin: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    user_agent: str = ""
    proxy: str = field(default="", repr=False)
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """One URL that is polled; ``name`` is unique, ``interval`` None means the default.

    ``rhythm`` is how long its publisher usually takes from one entry to the next, None where nobody knows.
    ``full_text`` says that the article page is fetched for entries that come with little text.
    """

    name: str
    url: str
    source: Source
    enabled: bool = True
    interval: timedelta | None = None
    kind: str = "feed"  # or "sitemap", or "page" with its ``selectors``
    selectors: Mapping[str, str] | None = None
    full_text: bool = False
    rhythm: timedelta | None = None
    manner: Manner = Manner()


@dataclass(frozen=True, slots=True)
class Validators:
    """ETag and Last-Modified as the server sent them, raw, always a pair (FRB014)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class FeedMemory:
    """What polling has learnt of a feed, and must not forget in a restart.

    ``learned`` is the interval that its overlaps suggest, ``full`` how many polls in a row found (nearly) nothing new.
    ``whole_at`` is when a document last came without our asking conditionally, or the first visit that kept it.
    ``gone`` counts answers 410 in a row, from ``gone_since`` on. ``moved_to`` is where permanent redirects lead, from
    ``moved_since`` on. ``poison`` is the SHA-256 of a document that broke the process which read it, and is not read
    again. ``trust`` says by what its entries are told apart. ``title`` is that of the newest
    believed document, ``usual`` how many entries it has as a rule (`parse.suspicion.usual_after`), and ``odd_since`` is
    when one first came that could not be believed to be this feed's, with none since that was.
    """

    learned: timedelta | None = None
    full: int = 0
    hints: DocumentHints = field(default_factory=DocumentHints)
    whole_at: datetime | None = None
    gone: int = 0
    gone_since: datetime | None = None
    moved_to: str | None = None
    moved_since: datetime | None = None
    poison: str | None = None
    trust: Trust = Trust.GUID
    title: str = ""
    usual: int = 0
    odd_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedState:
    """What the store knows of a feed: the state that a restart must find again.

    ``failures`` counts by `Severity` (1, 0.5, 0.25); ``paused_until`` is what a Retry-After asked for and
    holds even against ``--all``; ``polled_at`` is None until the first successful poll.
    """

    name: str
    validators: Validators = Validators()
    next_poll_at: datetime | None = None
    failures: float = 0.0
    paused_until: datetime | None = None
    polled_at: datetime | None = None
    failing_since: datetime | None = None
    memory: FeedMemory = field(default_factory=FeedMemory)
    lease: int = 0  # fencing token of the claim that this state was read under


class Outcome(StrEnum):
    """How a poll ended."""

    OK = "ok"
    NOT_MODIFIED = "not-modified"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PollEvent:
    """One poll of one feed, for status, coverage and logs.

    ``cut`` counts entries beyond the cap per document. ``gap`` says that no entry of the document was known, so that
    others may have come and gone since the last poll. ``edited`` counts new versions of known entries, ``quarantined``
    new entries that are the feed's past under other names, and are not announced.
    """

    feed: str
    at: datetime
    outcome: Outcome
    status: int | None = None
    kind: str = ""
    severity: Severity | None = None
    detail: str = ""
    entries: int = 0
    new: int = 0
    repeats: int = 0
    dropped: int = 0
    cut: int = 0
    gap: bool = False
    edited: int = 0
    quarantined: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Captured:
    """A document as it came, to be kept for a replay: where from, what its server called it, its bytes and their
    SHA-256."""

    sha256: str
    url: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class FeedUpdate:
    """All that one poll changes, made by pure code and written by one call in one transaction."""

    event: PollEvent
    next_poll_at: datetime
    reason: str  # why then: shown in status and logs
    lease: int
    failures: float
    paused_until: datetime | None = None
    validators: Validators | None = None  # None leaves the stored pair as it is
    new: tuple[ClassifiedEntry, ...] = ()
    revisions: tuple[Revision, ...] = ()
    aliases: Mapping[str, int] = field(default_factory=dict)  # other keys of known entries, with their ids
    sighted: Mapping[int, bool] = field(default_factory=dict)  # what only a backfill had found: whether it is news
    document: Captured | None = None
    memory: FeedMemory = field(default_factory=FeedMemory)
    gone: bool = False  # the feed answers 410 for good: polled only by name from here on
