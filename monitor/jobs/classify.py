"""Take one page from the web for `monitor classify --url`: nothing is stored."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from monitor.errors import FetchError, ParseError, UsageError
from monitor.fetch.client import ACCEPT_PAGES, Fetched, Fetcher
from monitor.fetch.options import FetchOptions
from monitor.jobs.clock import utc_now
from monitor.observe import mask
from monitor.parse.article import Article, ArticleRequest, read_article


def page(url: str, options: FetchOptions, *, now: Callable[[], datetime] = utc_now) -> Article:
    """Fetch a page once, with the limits and the guard of a poll, and take the article from it.

    Raises UsageError that says why there is none.
    """
    try:
        fetched = asyncio.run(_fetch(url, options, now()))
        return read_article(ArticleRequest(fetched.body, fetched.url, fetched.content_type, asked=url))
    except (FetchError, ParseError) as error:
        raise UsageError(
            f"--url {mask(url)}: {error.kind}: {mask(error.detail)}; give the words by --text or --file"
        ) from error


async def _fetch(url: str, options: FetchOptions, now: datetime) -> Fetched:
    async with Fetcher(options) as fetcher:
        return await fetcher.fetch(url, now=now, accept=ACCEPT_PAGES)
