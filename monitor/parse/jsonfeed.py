"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1); feedparser 6 does not read it."""

import json
from typing import Any

from monitor.domain.entry import Document, RawEntry
from monitor.errors import ParseError
from monitor.parse.teaser import fuller

_VERSION = ("https://jsonfeed.org/version/", "http://jsonfeed.org/version/")


def parse_json(body: bytes, *, max_entries: int) -> Document:
    """Read a JSON Feed in UTF-8, whatever stands behind it; raises ParseError (``not-a-feed``) where it is none."""
    try:
        text = body.decode().lstrip()
        # Not strict: publishers leave line ends and tabs in their strings as they are.
        data, end = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise ParseError("not-a-feed", f"looks like JSON and is not valid: {error}"[:300]) from error
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list) or not (str(data.get("version", "")).startswith(_VERSION)):
        raise ParseError("not-a-feed", "JSON, but no JSON Feed: it has no version of jsonfeed.org or no items")
    taken = [item for item in items if isinstance(item, dict)]
    entries = tuple(_entry(item) for item in taken[:max_entries])
    rest = len(text[end:].strip())
    return Document(
        "json",
        _text(data.get("title")),
        _text(data.get("language")) or None,
        entries,
        cut=max(0, len(taken) - max_entries),
        older=_text(data.get("next_url")),
        recovered=f"{rest:,} characters after the feed" if rest else "",
    )


def _entry(item: dict[str, Any]) -> RawEntry:
    content = _text(item.get("content_text")) or _text(item.get("content_html"))
    return RawEntry(
        guid=_text(item.get("id")) or None,
        link=_text(item.get("url")) or _text(item.get("external_url")) or None,
        title=_text(item.get("title")),
        summary=fuller(_text(item.get("summary")), content),
        published=_text(item.get("date_published")) or _text(item.get("date_modified")) or None,
        language=_text(item.get("language")) or None,
        updated=_text(item.get("date_modified")) or None,
    )


def _text(value: object) -> str:
    """Text of a JSON value; publishers write ids and titles as numbers too."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
