"""The page of an article to its text, by trafilatura; what is no article is refused.

trafilatura is imported by the first page that is read: it takes 0.1 s and 10 MB, which a worker that only reads feeds
does without. It is given a tree and asks nobody.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from monitor.errors import ParseError, Severity
from monitor.normalise.entry import MAX_TEXT
from monitor.normalise.text import clean
from monitor.parse.page import _root
from monitor.parse.stranger import recognised
from monitor.parse.walls import is_other_page, wall

SHORTEST = 200
"""Characters; what is shorter is a caption, a player or an error, and tells little more than the feed did."""
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|title|main|article|div|p|table)\b", re.IGNORECASE)
_MARKUP_WITHIN = 4096  # bytes
_DATES = {"original_date": True, "extensive_search": False, "max_date": "2999-12-31"}
"""Dates that the page declares: the extensive search guesses, and imports dateparser. Whether one can be true is not
judged here."""
_WALLS_FOR_GOOD = frozenset({"consent", "paywall"})


@dataclass(frozen=True, slots=True)
class ArticleRequest:
    """A page, and what is known of the article that should stand on it.

    ``asked`` is the address that was asked for, ``url`` the one that answered. ``title`` is the entry's ("" where it
    has none of its own), ``known`` how many characters its feed gave.
    """

    body: bytes
    url: str
    content_type: str = ""
    asked: str = ""
    title: str = ""
    known: int = 0


@dataclass(frozen=True, slots=True)
class Article:
    """What a page holds, in plain text on one line, `MAX_TEXT` characters at most. ``date`` is as the page has it, ""
    where it has none."""

    text: str
    title: str
    date: str


def read_article(request: ArticleRequest) -> Article:
    """Take the text of the article from its page.

    Raises ParseError: ``empty``, ``too-large``, ``too-deep`` and ``not-html`` for what is no page; ``short`` under
    `SHORTEST` characters; ``not-longer`` than what is known; ``consent``, ``challenge`` and ``paywall``; ``other-page``
    for one that is not about the entry, unless `stranger` has a better name for it. What waiting will not change is
    HARD.
    """
    if not _MARKUP.search(request.body[:_MARKUP_WITHIN].replace(b"\0", b"")):
        said = clean(request.content_type)[:60] or "something else"
        raise ParseError("not-html", f"no web page but {said}", Severity.HARD)
    root = _root(request.body, request.content_type)
    found = _extracted(root, request.url)
    titles = [title for title in dict.fromkeys([*_titles(root), clean(found.title or "") if found else ""]) if title]
    lines = _lines(found.text or "", titles) if found else []
    _demand_article(request, titles, lines)
    return Article(" ".join(lines)[:MAX_TEXT], titles[0] if titles else "", clean(found.date or ""))


def _titles(root: etree._Element) -> Iterator[str]:
    """What a page calls itself; its first heading last, since that may be the name of the site."""
    for meta in root.iter("meta"):
        if str(meta.get("property") or meta.get("name") or "").lower() in {"og:title", "twitter:title"}:
            yield clean(str(meta.get("content") or ""))
    for name in ("title", "h1"):
        first = next(root.iter(name), None)
        yield clean("".join(map(str, first.itertext()))) if first is not None else ""


def _extracted(root: Any, url: str) -> Any:
    """trafilatura's document, or None. Tables are left out: figures without their heads, or the columns of a layout."""
    from trafilatura import bare_extraction  # noqa: PLC0415 - see the module

    how: dict[str, Any] = {
        "url": url, "include_comments": False, "include_tables": False, "with_metadata": True,
        "date_extraction_params": _DATES,
    }  # fmt: skip
    found: Any = bare_extraction(root, favor_precision=True, **how)
    if found is not None and len(found.text or "") >= SHORTEST:
        return found
    # Pages laid out by tables have no other text than theirs; the balanced way falls back on other readers.
    return bare_extraction(root, **how) or found


def _lines(found: str, titles: Collection[str]) -> list[str]:
    """The paragraphs, cleaned, without the headline: an entry has its title beside its text."""
    lines = [line for line in map(clean, found.split("\n")) if line]
    while lines and any(lines[0].casefold() in title.casefold() for title in titles):
        del lines[0]
    return lines


def _demand_article(request: ArticleRequest, titles: Collection[str], lines: Collection[str]) -> None:
    """Refuse what is no article of ours, by the name of what came instead where that is known."""
    if is_other_page(request.title, titles, asked=request.asked or request.url, came_from=request.url):
        other = ParseError("other-page", f"the page is called {' | '.join(titles)}"[:300])
        raise recognised(request.body, request.url) or other
    if kind := wall(lines):
        severity = Severity.HARD if kind in _WALLS_FOR_GOOD else Severity.SOFT
        raise ParseError(kind, f"a {kind} page instead of the article", severity)
    length = len(" ".join(lines))
    if length < SHORTEST:
        short = ParseError("short", f"{length} characters of text, fewer than {SHORTEST}")
        raise recognised(request.body, request.url) or short
    if length <= request.known:
        raise ParseError("not-longer", f"{length} characters, and the feed gave {request.known}")
