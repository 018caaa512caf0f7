"""A feed document to raw entries."""

import calendar
import io
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin

from monitor.domain.entry import Document, RawEntry
from monitor.errors import ParseError, Severity
from monitor.parse.ending import has_open_entry, hints, is_complete
from monitor.parse.jsonfeed import parse_json

# feedparser 6 resolves a guid without isPermaLink="false" against the address that the document came from, so that
# "12345" becomes a URL, and another one after a redirect or a move. An identity is what the publisher wrote.
_FeedParserMixin.can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {"id"}

_HEAD = 1024  # bytes in which a document shows what it is


def parse(body: bytes, *, content_type: str, url: str, max_entries: int) -> Document:
    """Read a document by what it is, not by what its server calls it.

    At most ``max_entries`` entries are taken, in the document's order; what is cut is counted. Raises ParseError:
    ``empty`` for no bytes, ``html`` for a web page, ``not-a-feed`` for anything else that is none.
    """
    head = body[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        raise ParseError("empty", "the server answered with an empty document", Severity.TEMPORARY)
    if head[:1] in b"{[":
        return parse_json(body, max_entries=max_entries)
    parsed = _feedparser(body, content_type, url)
    if not parsed.get("version") and not parsed.get("entries"):
        raise _not_a_feed(head)
    complete = is_complete(body)
    entries = parsed.get("entries", [])
    if not complete and has_open_entry(body):
        entries = entries[:-1]  # the one that breaks off: it comes whole next time, or its key would be taken
    feed = parsed.get("feed", {})
    return Document(
        version=parsed.get("version") or "unknown",
        title=str(feed.get("title") or ""),
        language=str(feed.get("language") or "") or None,
        entries=tuple(_entry(entry) for entry in entries[:max_entries]),
        cut=max(0, len(entries) - max_entries),
        hints=hints(body),
        complete=complete,
    )


def _feedparser(body: bytes, content_type: str, url: str) -> Any:
    # A file object, never bytes: feedparser.parse(b"/etc/hostname") opens that file.
    headers = {"content-location": url, **({"content-type": content_type} if content_type else {})}
    try:
        return feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # feedparser lets its parsers' errors through, of whatever class they are
        raise ParseError(
            "not-a-feed", f"the document broke the parser: {type(error).__name__}: {error}"[:300]
        ) from error


def _not_a_feed(head: bytes) -> ParseError:
    start = head.lower()
    if b"<html" in start or b"<!doctype html" in start:
        return ParseError("html", "a web page came instead of a feed")
    shown = head[:60].decode("utf-8", "replace")
    return ParseError("not-a-feed", f"neither RSS nor Atom nor JSON Feed; it begins with {shown!r}")


def _entry(entry: Any) -> RawEntry:
    # dict.get, since FeedParserDict's own answers for a missing "updated" with "published", and warns about it.
    date = next((name for name in ("published", "updated", "created") if dict.get(entry, name)), "published")
    guid = _text(entry.get("id"))
    return RawEntry(
        guid=guid or None,
        link=_link(entry, guid) or None,
        title=_text(entry.get("title")),
        summary=_text(entry.get("summary")) or _content(entry),
        published=_text(dict.get(entry, date)) or None,
        published_hint=_instant(dict.get(entry, f"{date}_parsed")),
        language=_language(entry),
        other_link=next((href for link in entry.get("links", ()) if (href := _text(link.get("href")))), None),
    )


def _link(entry: Any, guid: str) -> str:
    """The entry's own link; a guid that stands in for it counts only where it is an address.

    feedparser 6.0.14 lets a malformed enclosure take the place of the alternate link, which its list of links keeps.
    """
    alternates = (_text(link.get("href")) for link in entry.get("links", ()) if link.get("rel") == "alternate")
    link = next(filter(None, alternates), "") or _text(entry.get("link"))
    return "" if link == guid and not link.lower().startswith(("http://", "https://")) else link


def _content(entry: Any) -> str:
    return next((text for content in entry.get("content", ()) if (text := _text(content.get("value")))), "")


def _language(entry: Any) -> str | None:
    detail = entry.get("title_detail") or {}
    return _text(detail.get("language")) or None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _instant(parsed: struct_time | None) -> datetime | None:
    """feedparser's dates are UTC; those that no calendar holds (a 31 February, a year 0) are None."""
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
