"""Backfill: what a job is, where it stands, and what its routes hand to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, aware UTC: ``since`` is in it, ``until`` is not."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime) -> bool:
        """Say whether a moment lies in it."""
        return self.since <= moment < self.until


ALL_TIME = Span(datetime(1995, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
"""Everything that a feed's entry can be dated (`normalise.date.EARLIEST`)."""


class RouteName(StrEnum):
    """The ways to a source's past, in the order in which they are tried."""

    RFC5005 = "rfc5005"  # links to older pages, and JSON Feed's next_url
    WORDPRESS = "wordpress"  # its REST interface
    PAGED = "paged"  # WordPress's ?paged=N
    SITEMAP = "sitemap"  # sitemaps, with the pages of articles
    WAYBACK = "wayback"  # the Wayback Machine's captures of the feed's own address
    WAYBACK_PAGES = "wayback-pages"  # and of the site's pages
    ARCHIVE = "archive"  # files on this machine


@dataclass(frozen=True, slots=True)
class Listed:
    """Something that a listing names: a page, a sitemap or a capture. ``at`` is when it was changed last, or captured;
    ``title`` and ``published`` are what a news sitemap says of it."""

    url: str
    at: datetime | None = None
    title: str = ""
    published: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A document that names others: pages to ask for, further listings, and the key of the listing's next part."""

    items: tuple[Listed, ...] = ()
    listings: tuple[Listed, ...] = ()
    more: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """What was found out of a site before a job began: the root of WordPress's REST interface, its kinds of posts, and
    its sitemaps; or the archive on this machine, with what it is."""

    api: str = ""
    kinds: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    archive: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a job stands; stored with what the page before it brought, in one transaction.

    ``part`` is the kind of posts, the listing or the file that is being read, ``parts`` are those still to come.
    ``next`` is the address (or key) of the page to ask for, "" for the part's first; ``page`` its number. ``at`` counts
    the items of a listing that are done, or the bytes of a file. ``seen`` are digests of what was asked and brought, by
    which a circle is known. ``outside``, ``barren`` and ``failed`` count pages in a row that held only what is older
    than the span, only what came before, or nothing that could be read. ``ended`` says why there is no next page.
    """

    part: str = ""
    parts: tuple[str, ...] = ()
    next: str = ""
    page: int = 1
    at: int = 0
    seen: tuple[str, ...] = ()
    outside: int = 0
    barren: int = 0
    failed: int = 0
    ended: str = ""


class JobState(StrEnum):
    """How a job stands; those that are over are not begun again."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"  # a server asked for patience
    STOPPED = "stopped"  # by its budget, or by hand
    FAILED = "failed"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        return self in {JobState.DONE, JobState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Tally:
    """What a job has done so far.

    ``entries`` came in all; of them ``new`` were stored, ``known`` were there, ``outside`` lie out of the span, and
    ``undated`` have no date, and are stored all the same. ``failures`` are pages that could not be had or read, by
    kind. ``seconds`` is how long it was at work.
    """

    pages: int = 0
    requests: int = 0
    entries: int = 0
    new: int = 0
    known: int = 0
    outside: int = 0
    undated: int = 0
    seconds: float = 0.0
    failures: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Job:
    """A backfill of one feed. ``wanted`` is the route that was named, "" for the first that the site has; ``route`` the
    one that is taken. ``declared`` is how many entries the route says there are, None where it does not say; ``gaps``
    name what could not be had. ``pause_until`` holds for a paused one."""

    id: int
    feed: str
    span: Span
    budget: int
    created_at: datetime
    wanted: str = ""
    route: str = ""
    state: JobState = JobState.WAITING
    detail: str = ""
    site: Site = Site()
    cursor: Cursor = Cursor()
    tally: Tally = Tally()
    declared: int | None = None
    gaps: tuple[str, ...] = ()
    announce: bool = False
    updated_at: datetime | None = None
    ended_at: datetime | None = None
    pause_until: datetime | None = None

    @property
    def rate(self) -> float | None:
        """Entries a second, while it was at work."""
        return self.tally.entries / self.tally.seconds if self.tally.seconds > 0 else None

    @property
    def left(self) -> float | None:
        """Seconds that are left by the rate so far; None where nobody knows."""
        if self.declared is None or not self.rate:
            return None
        return max(0, self.declared - self.tally.entries) / self.rate


@dataclass(frozen=True, slots=True)
class Statement:
    """What a job's end says: how many entries of the span the store holds, of how many declared (None: unknown), by
    month (``YYYY-MM``), what is missing, and what it cost."""

    found: int
    declared: int | None
    by_month: Mapping[str, int]
    gaps: tuple[str, ...]
    requests: int
