"""A feed document to raw entries."""

import calendar
import re
from dataclasses import replace
from datetime import UTC, datetime
from time import struct_time
from typing import Any

from monitor.domain.entry import Document, RawEntry
from monitor.errors import ParseError
from monitor.parse.encoding import to_utf8
from monitor.parse.ending import has_open_entry, hints, is_complete
from monitor.parse.frame import framed, is_page
from monitor.parse.jsonfeed import parse_json
from monitor.parse.older import is_whole, older_page, web_address
from monitor.parse.packed import unpacked
from monitor.parse.reading import Reading, read_feed
from monitor.parse.repair import without_controls
from monitor.parse.shorten import shortened
from monitor.parse.stranger import demand_enough, recognised, refusal
from monitor.parse.teaser import fuller

_FOREIGN = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
"""Links that are not the web's: gemini, gopher, mailto."""


def parse(body: bytes, *, content_type: str, url: str, max_entries: int) -> Document:
    """Read a document by what it is, not by what its server calls it, and mend what can be mended.

    At most ``max_entries`` entries are taken, in the document's order; what is cut is counted. Raises ParseError:
    those of `refusal` (``empty``, ``html``, ``challenge``, ``parked``, ``not-a-feed``) and of `unpacked`.
    """
    plain = unpacked(body, kind="not-a-feed")
    demand_enough(plain)
    notes = ["compressed, without its server's saying so"] if plain is not body else []
    decoded = to_utf8(plain, content_type)
    notes += [decoded.note]
    text = without_controls(decoded.body)
    notes += ["control characters"] if len(text) != len(decoded.body) else []
    if text.lstrip()[:1] in {b"{", b"["}:
        return _json(text, url, max_entries, notes)
    frame = framed(text)
    if frame is None and is_page(text):
        raise refusal(text, url)
    parts = [shortened(part, max_entries) for part in (frame.documents if frame else (text,))]
    documents, beyond = tuple(part for part, _ in parts), sum(cut for _, cut in parts)
    readings = [read_feed(document, url) for document in documents]
    if not any(reading.parsed.get("version") or reading.entries for reading in readings):
        raise refusal(text, url)
    notes += [frame.note if frame else "", *(reading.note for reading in readings)]
    recovered = "; ".join(dict.fromkeys(filter(None, notes)))
    found = _document(readings, documents, max_entries, recovered, url)
    return replace(found, cut=found.cut + beyond)


def _json(text: bytes, url: str, max_entries: int, notes: list[str]) -> Document:
    try:
        document = parse_json(text, max_entries=max_entries)
    except ParseError as error:
        known = recognised(text, url)
        if known is None:
            raise
        raise known from error
    recovered = "; ".join(filter(None, [*notes, document.recovered]))
    return replace(document, recovered=recovered, older=web_address(document.older, url) if document.older else "")


def _document(
    readings: list[Reading], bodies: tuple[bytes, ...], max_entries: int, recovered: str, url: str
) -> Document:
    """Put together what was read; of several documents in one the first says what feed it is."""
    first, end = readings[0].parsed, bodies[-1]
    complete = is_complete(end)
    entries = [entry for reading in readings for entry in reading.entries]
    if not complete and has_open_entry(end):
        entries = entries[:-1]  # the one that breaks off: it comes whole next time, or its key would be taken
    feed = first.get("feed", {})
    return Document(
        version=first.get("version") or "unknown",
        title=str(feed.get("title") or ""),
        language=str(feed.get("language") or "") or None,
        entries=tuple(_entry(entry) for entry in entries[:max_entries]),
        cut=max(0, len(entries) - max_entries),
        hints=hints(bodies[0]),
        complete=complete,
        recovered=recovered,
        older=older_page(feed, url),
        whole=is_whole(bodies[0]),
    )


def _entry(entry: Any) -> RawEntry:
    # dict.get, since FeedParserDict's own answers for a missing "updated" with "published", and warns about it.
    date = next((name for name in ("published", "updated", "created") if dict.get(entry, name)), "published")
    guid = _text(entry.get("id"))
    return RawEntry(
        guid=guid or None,
        link=_link(entry, guid) or None,
        title=_text(entry.get("title")),
        summary=fuller(_text(entry.get("summary")), _content(entry)),
        published=_text(dict.get(entry, date)) or None,
        published_hint=_instant(dict.get(entry, f"{date}_parsed")),
        language=_language(entry),
        other_link=next((href for link in entry.get("links", ()) if (href := _text(link.get("href")))), None),
        updated=_text(dict.get(entry, "updated")) or None,
        updated_hint=_instant(dict.get(entry, "updated_parsed")),
    )


def _link(entry: Any, guid: str) -> str:
    """The entry's own link, the first to the web; a guid that stands in for it counts only where it is an address.

    feedparser 6.0.14 lets a malformed enclosure take the place of the alternate link, which its list of links keeps.
    """
    links = (_text(link.get("href")) for link in entry.get("links", ()) if link.get("rel") == "alternate")
    alternates = sorted(filter(None, links), key=lambda href: _FOREIGN.match(href) is not None)
    link = next(iter(alternates), "") or _text(entry.get("link"))
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
