"""Where in what a server sent the feed begins and ends: warnings, pages' ends and second documents stand around it."""

import re
from dataclasses import dataclass

from monitor.parse.ending import is_complete
from monitor.parse.scan import loud_spans, quiet_parts, tags

ROOTS = frozenset({b"rss", b"feed", b"rdf", b"channel"})
"""Names of a feed's outermost element, without a prefix; ``channel`` is that of CDF."""
_PAGE = frozenset({b"html", b"head", b"body"})
_BARE_PAGE = frozenset(b"title meta script style h1 h2 p div center br b font form iframe table".split())
"""What pages begin with that leave out ``<html>``."""
_WRAPPER = re.compile(rb"(?:\s|<(?:html|body)(?:\s[^<>]*)?>)*", re.IGNORECASE)
_BEGINS_WITHIN = 262_144  # bytes; PHP has been seen to warn at length
_OWN = re.compile(rb"[^<>]*\s(?:version|xmlns(?::[\w.-]+)?)\s*=", re.IGNORECASE)
_MOST_DOCUMENTS = 8
_DECLARATION_OPENS = re.compile(rb"<\?xml[\s?]", re.IGNORECASE)
_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'


@dataclass(frozen=True, slots=True)
class Framed:
    """The feeds in a body, mostly one; ``note`` says what stood around them."""

    documents: tuple[bytes, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Start:
    """Where the root's tag begins, its name, and what is wrong with what stands before it, "" where it is a prolog."""

    at: int
    name: bytes
    wrong: str


def framed(body: bytes) -> Framed | None:
    """Cut out the feeds of a document in UTF-8; None where no feed's root stands outside of a web page.

    A root inside ``<html>`` is an example on a page, or a feed that a browser shows; neither is what was asked for.
    Only a page that says nothing before the feed begins is the feed's wrapper.
    """
    start = _start(body)
    if start is None:
        return None
    notes = [start.wrong] if start.wrong else []
    documents: list[bytes] = []
    while start is not None and len(documents) < _MOST_DOCUMENTS:
        end = _end(body, start)
        documents.append(_with_prolog(body, start, end))
        body = body[end:]
        start = _start(body)
    if len(documents) > 1:
        notes.append(f"{len(documents)} documents in one")
    elif not _is_quiet(body):
        notes.append(f"{len(body):,} bytes after the feed")
    return Framed(tuple(documents), "; ".join(notes))


def is_page(body: bytes) -> bool:
    """Say whether what is no feed is a web page."""
    head = body[:_BEGINS_WITHIN]
    types = (head[part.start : part.end].lower() for part in quiet_parts(head) if part.kind == b"<!doctype")
    first = next((tag.name for tag in tags(head)), b"")
    bare = first in _BARE_PAGE and head.lstrip()[:1] == b"<"
    return first in _PAGE or bare or any(b"html" in found for found in types)


def _start(body: bytes) -> _Start | None:
    head = body[:_BEGINS_WITHIN]
    in_page = other = False
    for tag in tags(head):
        if tag.name.rpartition(b":")[2] in ROOTS and not tag.closes:
            outermost = not in_page or _WRAPPER.fullmatch(_loud(body[: tag.start]))
            feed = not other or tag.name == b"rss" or _OWN.match(body, tag.end)  # <feed> may be any element's name
            return _Start(tag.start, tag.name, _wrong(body[: tag.start])) if outermost and feed else None
        other = True
        if tag.name in _PAGE:
            in_page = not (tag.closes and tag.name == b"html")
    return None


def _wrong(prolog: bytes) -> str:
    loud = _loud(prolog).strip()
    if loud.lower().startswith(b"<?xml") and b"<" not in loud[1:]:
        return "a declaration that does not end"
    if loud:
        return f"{len(loud):,} bytes before the feed"
    declared = [part.start for part in quiet_parts(prolog) if _DECLARATION_OPENS.match(prolog, part.start)]
    return "a declaration that does not come first" if any(declared) else ""


def _loud(body: bytes) -> bytes:
    return b" ".join(body[start:stop] for start, stop in loud_spans(body))


def _is_quiet(body: bytes) -> bool:
    """Say whether there is nothing in it but blanks, comments, instructions and types."""
    return not _loud(body).strip()


def _end(body: bytes, start: _Start) -> int:
    """Where the document ends; the whole body where its root is not closed, or only what may follows the root."""
    closings = re.findall(rb"</" + re.escape(start.name) + rb"\s*>", body[start.at :], re.IGNORECASE)
    if len(closings) < 2 and is_complete(body):
        return len(body)
    depth = 0
    for tag in tags(body[start.at :]):
        if tag.name == start.name:
            depth += -1 if tag.closes else 1
            if tag.closes and depth <= 0:
                end = body.find(b">", start.at + tag.end) + 1
                return len(body) if not end or _is_quiet(body[end:]) else end
    return len(body)


def _with_prolog(body: bytes, start: _Start, end: int) -> bytes:
    if not start.wrong:
        return body[:end]
    types = (body[part.start : part.end] for part in quiet_parts(body[: start.at]) if part.kind == b"<!doctype")
    declared = next((found for found in types if b"html" not in found.lower()), b"")
    return _DECLARATION + declared + body[start.at : end]
