"""One document of any kind to raw entries, or to clean ones."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.domain.entry import Document
from monitor.normalise.entry import CleanDocument, clean_document
from monitor.parse.feed import parse
from monitor.parse.lines import parse_gkg, parse_lines
from monitor.parse.page import Selectors, check_selectors, parse_page
from monitor.parse.sitemap import parse_sitemap
from monitor.parse.wordpress import parse_posts


class Kind(StrEnum):
    """What a document is to be read as. The first three are polled, the others brought by backfills."""

    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"
    POSTS = "posts"
    LINES = "lines"
    GKG = "gkg"


@dataclass(frozen=True, slots=True)
class ParseRequest:
    """A document and how to read it.

    A page needs ``selectors``, which the other kinds do without; raises ValueError where that is not so, or where one
    of them cannot be used.
    """

    body: bytes
    url: str
    kind: Kind = Kind.FEED
    content_type: str = ""
    max_entries: int = 500
    selectors: Selectors | None = None

    def __post_init__(self) -> None:
        if (self.kind is Kind.PAGE) != (self.selectors is not None):
            raise ValueError("a watched page needs selectors, and no other kind of document has any")
        if self.selectors is not None:
            check_selectors(self.selectors)


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A document to parse and to clean. ``claimed_language`` is its source's own, ``now`` (aware) what dates may be."""

    parse: ParseRequest
    claimed_language: str
    now: datetime

    @property
    def body(self) -> bytes:
        return self.parse.body


def read_document(request: ReadRequest) -> CleanDocument:
    """Read a document and clean its entries; raises ParseError as `parse_document` does."""
    document = parse_document(request.parse)
    return clean_document(document, base=request.parse.url, claimed_language=request.claimed_language, now=request.now)


def parse_document(request: ParseRequest) -> Document:
    """Read a document in this process; raises ParseError where it is none of its kind."""
    body, url, most = request.body, request.url, request.max_entries
    if request.kind is Kind.SITEMAP:
        return parse_sitemap(body, url=url, max_entries=most)
    if request.kind is Kind.POSTS:
        return parse_posts(body, url=url, max_entries=most)
    if request.kind is Kind.LINES:
        return parse_lines(body, max_entries=most)
    if request.kind is Kind.GKG:
        return parse_gkg(body, max_entries=most)
    if request.selectors is not None:
        return parse_page(
            body, content_type=request.content_type, url=url, selectors=request.selectors, max_entries=most
        )
    return parse(body, content_type=request.content_type, url=url, max_entries=most)
