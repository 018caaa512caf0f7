"""What feedparser makes of a document; and of the same document mended, where that brings more."""

import io
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

import feedparser
from feedparser.mixin import _FeedParserMixin
from lxml import etree

from monitor.errors import ParseError
from monitor.parse.repair import close_sections, repaired
from monitor.parse.scan import loud_spans
from monitor.parse.tree import read_tree

# feedparser 6 resolves a guid without isPermaLink="false" against the address that the document came from, so that
# "12345" becomes a URL, and another one after a redirect or a move. An identity is what the publisher wrote.
_FeedParserMixin.can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {"id"}

# It joins each element's base with that of the one around it, nearly always the same two: a seventh of all its time.
feedparser.mixin.make_safe_absolute_uri = lru_cache(256)(feedparser.mixin.make_safe_absolute_uri)

_OPENS = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>/]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """feedparser's result; ``sound`` where its strict parser could read the document. ``note`` says what was mended."""

    parsed: Any
    note: str = ""

    @property
    def sound(self) -> bool:
        return not self.parsed.get("bozo")

    @property
    def entries(self) -> list[Any]:
        return list(self.parsed.get("entries", ()))


def read_feed(body: bytes, url: str) -> Reading:
    """Read one document in UTF-8, without control characters; ``url`` is what relative links are relative to.

    What is not well-formed is mended and read again: by then mostly it is. Where entries are still missing, libxml2
    recovers what it can. Raises ParseError (``not-a-feed``) for what breaks every parser.
    """
    mended, note = (body, "") if _is_sound(body) else repaired(body)
    best = _attempt(mended, url, note)
    if isinstance(best, Reading) and best.sound:
        return best
    if note:
        best = _better(_attempt(body, url), best)
    else:  # feedparser knows fewer entities than a document type may promise
        mended, note = repaired(body)
        best = _better(best, _attempt(mended, url, note)) if note else best
    if isinstance(best, ParseError) or (not best.sound and len(best.entries) < _count(mended)):
        best = _better(best, _recovered(mended, url))
    if isinstance(best, ParseError):
        raise best
    return best


def _is_sound(body: bytes) -> bool:
    """Say whether a document is well-formed, and no CDATA section in it goes on too long.

    It costs a fiftieth of reading it; feedparser reads what is not well-formed once more, by a parser that guesses.
    """
    try:
        ParserCreate("utf-8", " ").Parse(body, True)
    except ExpatError:
        return False
    return close_sections(body) == body


def _attempt(body: bytes, url: str, note: str = "") -> Reading | ParseError:
    # A file object, never bytes: feedparser.parse(b"/etc/hostname") opens that file.
    headers = {"content-location": url, "content-type": "application/xml; charset=utf-8"}
    try:
        parsed = feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # noqa: BLE001 - feedparser lets its parsers' errors through, of whatever class they are
        problem = ParseError("not-a-feed", f"the document broke the parser: {type(error).__name__}: {error}"[:300])
        problem.__cause__ = error  # a worker looks there for memory that ran out
        return problem
    return Reading(parsed, note)


def _recovered(body: bytes, url: str) -> Reading | ParseError:
    """Read what libxml2 recovers, which is more than feedparser's loose parser where tags are crossed."""
    try:
        tree = read_tree(body, expected="feed")
    except ParseError as error:  # it declares entities, is nested too deep, or has no element
        return error
    return _attempt(etree.tostring(tree.root, encoding="utf-8", xml_declaration=True), url, "tags that do not match")


def _better(first: Reading | ParseError, second: Reading | ParseError) -> Reading | ParseError:
    """The one with more entries; of two with as many the one that nobody had to guess at, or else the mended one.

    What could be read as it came is never given up for what cannot.
    """
    if isinstance(first, ParseError) or isinstance(second, ParseError):
        return second if isinstance(first, ParseError) else first
    if first.sound and not second.sound:
        return first
    if len(first.entries) != len(second.entries):
        return max(first, second, key=lambda reading: len(reading.entries))
    return first if first.sound else second


def _count(body: bytes) -> int:
    """How many entries the document begins."""
    return sum(len(_OPENS.findall(body, start, stop)) for start, stop in loud_spans(body))
