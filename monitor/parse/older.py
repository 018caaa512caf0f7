"""Where a feed's older entries are: the next page of it, if it says so or its software is known."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

_COMPLETE = re.compile(rb"""<[\w.-]+:complete\s*/?>""")
_HISTORY = b"purl.org/syndication/history/1.0"
_WORDPRESS = re.compile(r"https?://wordpress\.org/", re.IGNORECASE)
"""What WordPress calls itself in a feed's ``generator``; its feeds go on under ``?paged=2``."""


def older_page(feed: Any, url: str) -> str:
    """The address of the page that follows a document, or "".

    A link ``prev-archive`` or ``next`` (RFC 5005), else WordPress's own form of address; ``feed`` is feedparser's.
    """
    links = {link.get("rel"): link.get("href") for link in feed.get("links", ())}
    for rel in ("prev-archive", "next"):
        if isinstance(links.get(rel), str):
            return web_address(links[rel], url)
    return _paged(url) if _WORDPRESS.search(str(feed.get("generator") or "")) else ""


def is_whole(body: bytes) -> bool:
    """Say whether a feed declares that it holds all entries there are (RFC 5005, section 2)."""
    return _HISTORY in body and _COMPLETE.search(body) is not None


def web_address(href: str, url: str) -> str:
    """An absolute http or https address; "" for any other, and for the page's own."""
    try:
        found = urljoin(url, href.strip())
    except ValueError:
        return ""
    return found if found.lower().startswith(("http://", "https://")) and found != url else ""


def _paged(url: str) -> str:
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    page = asked.get("paged", "1")
    if not page.isascii() or not page.isdigit():
        return ""
    return urlunsplit(parts._replace(query=urlencode(asked | {"paged": str(int(page) + 1)})))
