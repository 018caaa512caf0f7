"""Reading what a backfill got, in the processes that read documents for polls, too."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from monitor.backfill.route import Reads
from monitor.domain.backfill import Listed, Listing
from monitor.domain.feed import Feed
from monitor.fetch.client import Fetched
from monitor.normalise.entry import CleanDocument
from monitor.parse.article import Article, ArticleRequest
from monitor.parse.document import Kind, ParseRequest, ReadRequest
from monitor.parse.listing import ListingKind, ListingRequest
from monitor.parse.workers import ParserPool

MOST_ENTRIES = 20_000
"""Entries of one document of the past; some feeds hold all there ever was."""
_LISTINGS = {
    Reads.SITEMAP: ListingKind.SITEMAP,
    Reads.CAPTURES: ListingKind.CAPTURES,
    Reads.POSTS: ListingKind.KINDS,
}


@dataclass(frozen=True, slots=True)
class Reader:
    """The processes that read, and the threads that wait for them."""

    pool: ParserPool
    threads: ThreadPoolExecutor
    now: Callable[[], datetime]

    async def document(self, feed: Feed, fetched: Fetched, kind: Kind, *, base: str = "") -> CleanDocument:
        """Read a feed or a page of posts; raises ParseError."""
        request = to_read(
            feed, fetched.body, url=base or fetched.url, content_type=fetched.content_type, kind=kind, now=self.now()
        )
        return await asyncio.get_running_loop().run_in_executor(self.threads, partial(self.pool.read, request))

    async def listing(self, fetched: Fetched, reads: Reads) -> Listing:
        """Read what names other documents; raises ParseError."""
        request = ListingRequest(fetched.body, fetched.url, _LISTINGS[reads])
        return await asyncio.get_running_loop().run_in_executor(self.threads, partial(self.pool.listing, request))

    async def article(self, fetched: Fetched, item: Listed, *, base: str = "") -> Article:
        """Read the page of an article; raises ParseError."""
        url = base or fetched.url
        request = ArticleRequest(fetched.body, url, fetched.content_type, asked=item.url, title=item.title)
        return await asyncio.get_running_loop().run_in_executor(self.threads, partial(self.pool.article, request))


def to_read(feed: Feed, body: bytes, *, url: str, content_type: str, kind: Kind, now: datetime) -> ReadRequest:
    """A document of the past, to be read and cleaned."""
    parse = ParseRequest(body, url, kind, content_type, MOST_ENTRIES)
    return ReadRequest(parse, feed.source.language, now)
