"""Archives by the line: entries as JSON, one a line, and GDELT's global knowledge graph."""

import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from monitor.domain.entry import Document, RawEntry
from monitor.errors import ParseError
from monitor.parse.teaser import fuller

_GUID = ("guid", "id")
_LINK = ("url", "link", "external_url")
_TITLE = ("title", "headline")
_SUMMARY = ("summary", "description", "excerpt")
_TEXT = ("text", "content_text", "content_html", "content", "body")
_PUBLISHED = ("published", "date_published", "pubDate", "published_at", "publish_date", "date", "date_modified")
_UPDATED = ("updated", "date_modified", "updated_at")
_LANGUAGE = ("language", "lang")

_GKG_COLUMNS = 27
_GKG_EXTRAS = 26
_PAGE_TITLE = re.compile(r"<PAGE_TITLE>(.*?)</PAGE_TITLE>", re.DOTALL)
_PRECISE = re.compile(r"<PAGE_PRECISEPUBTIMESTAMP>(\d{14})</PAGE_PRECISEPUBTIMESTAMP>")
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")


def parse_lines(body: bytes, *, max_entries: int) -> Document:
    """Read entries as JSON, one a line, by the names that JSON Feed, RSS and other monitors have for their parts.

    Raises ParseError (``not-entries``) for a line that is no object, or has neither title nor link nor id.
    """
    entries = tuple(_entry(line) for line in body.splitlines() if line.strip())
    return Document("jsonl", "", None, entries[:max_entries], cut=max(0, len(entries) - max_entries))


def _entry(line: bytes) -> RawEntry:
    try:
        item = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ParseError("not-entries", f"no JSON: {error}: {line[:80].decode('utf-8', 'replace')}") from error
    if not isinstance(item, dict):
        raise ParseError("not-entries", f"no object: {line[:80].decode('utf-8', 'replace')}")
    found = RawEntry(
        guid=_first(item, _GUID) or None,
        link=_first(item, _LINK) or None,
        title=_first(item, _TITLE),
        summary=fuller(_first(item, _SUMMARY), _first(item, _TEXT)),
        published=_first(item, _PUBLISHED) or None,
        language=_first(item, _LANGUAGE) or None,
        updated=_first(item, _UPDATED) or None,
    )
    if not (found.guid or found.link or found.title):
        names = ", ".join(sorted(map(str, item)))[:120]
        raise ParseError("not-entries", f"an object without title, link and id; it has {names or 'nothing'}")
    return found


def _first(item: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first of these that says something; one that is an object may be WordPress's ``{"rendered": …}``."""
    for name in names:
        value = item.get(name)
        if isinstance(value, dict):
            value = value.get("rendered")
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value)
    return ""


def parse_gkg(body: bytes, *, max_entries: int) -> Document:
    """Read records of GDELT's knowledge graph 2.1: address, title and date, of pages that have a title; no text.

    The date is the page's own where GDELT found one, else that of the file, in which it was published by GDELT's word.
    """
    entries = tuple(
        entry for line in body.decode("utf-8", "replace").splitlines() if (entry := _record(line)) is not None
    )
    return Document("gkg", "", None, entries[:max_entries], cut=max(0, len(entries) - max_entries))


def _record(line: str) -> RawEntry | None:
    columns = line.split("\t")
    title = _PAGE_TITLE.search(columns[_GKG_EXTRAS]) if len(columns) >= _GKG_COLUMNS else None
    if title is None or not columns[4].startswith(("http://", "https://")):
        return None
    precise = _PRECISE.search(columns[_GKG_EXTRAS])
    return RawEntry(
        guid=None,
        link=columns[4],
        title=unescape(title[1]),
        summary="",
        published=_written(precise[1] if precise else columns[1]),
    )


def _written(stamp: str) -> str | None:
    found = _STAMP.fullmatch(stamp)
    return "{}-{}-{}T{}:{}:{}Z".format(*found.groups()) if found else None
