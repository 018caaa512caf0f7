"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1); feedparser 6 does not read it."""

import json
from typing import Any

from monitor.domain.entry import Document, RawEntry
from monitor.errors import ParseError

_VERSION = ("https://jsonfeed.org/version/", "http://jsonfeed.org/version/")


def parse_json(body: bytes, *, max_entries: int) -> Document:
    """Read a JSON Feed; raises ParseError (``not-a-feed``) where it is none."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ParseError("not-a-feed", f"looks like JSON and is not valid: {error}"[:300]) from error
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list) or not (str(data.get("version", "")).startswith(_VERSION)):
        raise ParseError("not-a-feed", "JSON, but no JSON Feed: it has no version of jsonfeed.org or no items")
    taken = [item for item in items if isinstance(item, dict)]
    entries = tuple(_entry(item) for item in taken[:max_entries])
    return Document(
        "json", _text(data.get("title")), _text(data.get("language")) or None, entries, max(0, len(taken) - max_entries)
    )


def _entry(item: dict[str, Any]) -> RawEntry:
    body = _text(item.get("summary")) or _text(item.get("content_text")) or _text(item.get("content_html"))
    return RawEntry(
        guid=_text(item.get("id")) or None,
        link=_text(item.get("url")) or _text(item.get("external_url")) or None,
        title=_text(item.get("title")),
        summary=body,
        published=_text(item.get("date_published")) or _text(item.get("date_modified")) or None,
        language=_text(item.get("language")) or None,
    )


def _text(value: object) -> str:
    """Text of a JSON value; publishers write ids and titles as numbers too."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
