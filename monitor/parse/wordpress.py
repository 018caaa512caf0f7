"""Posts as WordPress's REST interface gives them (developer.wordpress.org/rest-api, wp/v2) to raw entries."""

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from monitor.domain.backfill import Listing
from monitor.domain.entry import Document, RawEntry
from monitor.errors import ParseError
from monitor.parse.stranger import recognised
from monitor.parse.teaser import fuller

_OF_ITS_OWN = frozenset({"page", "attachment"})
"""Kinds that every site has and that are no articles; so are those that begin with ``wp_`` or ``nav_``."""


def parse_posts(body: bytes, *, url: str, max_entries: int) -> Document:
    """Read a page of posts; raises ParseError (``not-posts``), or what `stranger` knows the page for.

    ``older`` is the site's own time of the last one. The guid is that of the site's feed.
    """
    data = _json(body, url)
    if not isinstance(data, list):
        said = data.get("message") if isinstance(data, dict) else None
        raise ParseError("not-posts", f"no list of posts: {str(said or data)[:200]}")
    posts = [post for post in data if isinstance(post, dict)]
    return Document(
        "wordpress-rest",
        "",
        None,
        tuple(_entry(post) for post in posts[:max_entries]),
        cut=max(0, len(posts) - max_entries),
        older=_digits(posts[-1].get("date")) if posts else "",
    )


def parse_kinds(body: bytes, *, url: str) -> Listing:
    """Read what kinds of posts a site has: the names under which they are asked for, ``posts`` first."""
    data = _json(body, url)
    kinds = [
        str(kind["rest_base"])
        for name, kind in (data.items() if isinstance(data, dict) else ())
        if isinstance(kind, dict) and kind.get("rest_base") and _is_article(str(name), str(kind["rest_base"]))
    ]
    return Listing(names=tuple(sorted(dict.fromkeys(kinds), key=lambda kind: (kind != "posts", kind))))


def _is_article(name: str, base: str) -> bool:
    """Say whether a kind of posts is one of the site's own; a path that leads elsewhere is none."""
    return name not in _OF_ITS_OWN and not name.startswith(("wp_", "nav_")) and base.replace("-", "").isidentifier()


def _json(body: bytes, url: str) -> Any:
    try:
        return json.JSONDecoder(strict=False).raw_decode(body.decode("utf-8-sig").lstrip())[0]
    except (ValueError, RecursionError) as error:
        raise recognised(body, url) or ParseError("not-posts", f"no JSON: {error}"[:300]) from error


def _entry(post: Mapping[str, Any]) -> RawEntry:
    content, excerpt = _rendered(post.get("content")), _rendered(post.get("excerpt"))
    return RawEntry(
        guid=_rendered(post.get("guid")) or None,
        link=_text(post.get("link")) or None,
        title=_rendered(post.get("title")),
        summary=fuller(excerpt, content) or content,
        published=_utc(post.get("date_gmt")) or _digits(post.get("date")) or None,
        updated=_utc(post.get("modified_gmt")) or None,
    )


def _rendered(value: object) -> str:
    return _text(value.get("rendered")) if isinstance(value, dict) else _text(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _utc(value: object) -> str:
    """A time in UTC, which WordPress writes without saying so; "" for the zeros of a draft."""
    given = _digits(value)
    return f"{given}Z" if given and not given.startswith("0000") else ""


def _digits(value: object) -> str:
    """A time in plain digits: sites in Arabic and Persian have been seen to write it in their own."""
    return "".join(str(unicodedata.digit(char, char)) for char in _text(value)).strip()
