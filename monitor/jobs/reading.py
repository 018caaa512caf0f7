"""How a feed's documents are to be read, as config has it."""

from datetime import datetime

from monitor.app import App
from monitor.domain.feed import Feed
from monitor.parse.document import Kind, ParseRequest, ReadRequest
from monitor.parse.page import Selectors


def to_parse(app: App, feed: Feed | None, *, body: bytes, url: str, content_type: str) -> ParseRequest:
    """A document to be parsed; without a feed it is read as one."""
    return ParseRequest(
        body=body,
        url=url,
        kind=Kind(feed.kind) if feed else Kind.FEED,
        content_type=content_type,
        max_entries=app.settings.options.poll.max_entries,
        selectors=Selectors(**feed.selectors) if feed and feed.selectors else None,
    )


def to_read(app: App, feed: Feed, *, body: bytes, url: str, content_type: str, now: datetime) -> ReadRequest:
    """A document of a feed to be parsed and cleaned; ``now`` is when it came."""
    request = to_parse(app, feed, body=body, url=url, content_type=content_type)
    return ReadRequest(request, feed.source.language, now)
