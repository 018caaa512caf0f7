"""Mend what XML parsers refuse, so that none of them has to guess: libxml2 makes ``?a=1=2`` of ``?a=1&b=2``."""

import re
from html.entities import html5

from monitor.parse.scan import Finder, loud_spans, tags

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_CONTROL_REFERENCE = re.compile(rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bcefBCEF]|1[\da-fA-F]));")
_BARE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)(?:([A-Za-z][A-Za-z0-9]{1,31});)?")
_BARE_LESS = re.compile(rb"<(?![A-Za-z_:/!?])")
_ENTITY = re.compile(rb"<!ENTITY\s+([A-Za-z_][\w.-]*)\s", re.IGNORECASE)
_PREFIX = re.compile(rb"</?([A-Za-z_][\w.-]*):[A-Za-z_]|\s([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*\s*=\s*[\"']")
_DECLARED_PREFIX = re.compile(rb"\sxmlns:([\w.-]+)\s*=")
_OPENS_SECTION = re.compile(rb"<([A-Za-z_][\w.:-]*)[^<>]{0,200}>\s*\Z")
_SECTION, _SECTION_END = b"<![CDATA[", b"]]>"
_FOREIGN = (_SECTION, b"</item>", b"</entry>")
"""What stands behind the end of its element in a section that goes on too long."""
_NAMESPACES = {
    b"atom": b"http://www.w3.org/2005/Atom",
    b"content": b"http://purl.org/rss/1.0/modules/content/",
    b"dc": b"http://purl.org/dc/elements/1.1/",
    b"dcterms": b"http://purl.org/dc/terms/",
    b"feedburner": b"http://rssnamespace.org/feedburner/ext/1.0",
    b"geo": b"http://www.w3.org/2003/01/geo/wgs84_pos#",
    b"georss": b"http://www.georss.org/georss",
    b"itunes": b"http://www.itunes.com/dtds/podcast-1.0.dtd",
    b"media": b"http://search.yahoo.com/mrss/",
    b"rdf": b"http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    b"slash": b"http://purl.org/rss/1.0/modules/slash/",
    b"sy": b"http://purl.org/rss/1.0/modules/syndication/",
    b"thr": b"http://purl.org/syndication/thread/1.0",
    b"wfw": b"http://wellformedweb.org/CommentAPI/",
    b"xhtml": b"http://www.w3.org/1999/xhtml",
}


def without_controls(body: bytes) -> bytes:
    """Take out what XML 1.0 has no place for, NUL among it; UTF-8 only."""
    return _CONTROL.sub(b"", body) if _CONTROL.search(body) else body


def close_sections(body: bytes) -> bytes:
    """End the CDATA sections that nobody ended, where the element around them does.

    Such a section goes on to the end of another entry's, and takes that entry with it: which is well-formed, so that no
    parser complains.
    """
    finder, position, parts = Finder(body), 0, []
    start = body.find(_SECTION)
    while start >= 0:
        end = finder.end_of(_SECTION_END, start)
        stop = end if end >= 0 else len(body)
        closing = _closing(body, start, stop)
        if closing >= 0 and (end < 0 or any(0 <= finder.end_of(mark, closing) <= stop for mark in _FOREIGN)):
            parts += [body[position:closing], _SECTION_END]
            position = stop = closing
        start = body.find(_SECTION, stop)
    return b"".join([*parts, body[position:]])


def _closing(body: bytes, start: int, stop: int) -> int:
    """Where the element closes in which a section begins; -1 where it does not before ``stop``."""
    around = _OPENS_SECTION.search(body, max(0, start - 300), start)
    return -1 if around is None else body.find(b"</" + around[1] + b">", start, stop)


def repaired(body: bytes) -> tuple[bytes, str]:
    """Mend a document in UTF-8; returns it and what was wrong with it, "" where nothing of this was."""
    mended = close_sections(body)
    notes = ["unended CDATA sections"] * (mended != body)
    for mend, note in (
        (escape_loud, "bare ampersands, angle brackets or entities that XML does not have"),
        (_declare, "undeclared namespaces"),
    ):
        before, mended = mended, mend(mended)
        notes += [note] * (mended != before)
    return mended, "; ".join(notes)


def escape_loud(body: bytes) -> bytes:
    """Write bare ampersands and angle brackets as XML wants them, and HTML's entities as numbers, outside of CDATA.

    Entities that the document declares itself are left for its parser.
    """
    declared, parts, position = frozenset(_ENTITY.findall(body)), [], 0
    for start, stop in loud_spans(body):
        text = _CONTROL_REFERENCE.sub(b"", body[start:stop]).replace(b"&#X", b"&#x")
        parts += [body[position:start], _BARE_LESS.sub(b"&lt;", _escape_ampersands(text, declared))]
        position = stop
    return b"".join([*parts, body[position:]])


def _escape_ampersands(text: bytes, keep: frozenset[bytes]) -> bytes:
    def written(found: re.Match[bytes]) -> bytes:
        name = found[1] or b""
        letters = html5.get(f"{name.decode('ascii')};", "") if name else ""
        if name in keep:
            return found[0]
        return "".join(f"&#{ord(c)};" for c in letters).encode("ascii") if letters else b"&amp;" + found[0][1:]

    return _BARE.sub(written, text)


def _declare(body: bytes) -> bytes:
    """Declare the prefixes that nobody did, at the first element; those of feeds by their names."""
    used = {found[1] or found[2] for start, stop in loud_spans(body) for found in _PREFIX.finditer(body, start, stop)}
    missing = sorted(used - set(_DECLARED_PREFIX.findall(body)) - {b"xml", b"xmlns"})
    first = next(tags(body), None)
    if not missing or first is None:
        return body
    spaces = (b' xmlns:%b="%b"' % (name, _NAMESPACES.get(name, b"urn:undeclared:" + name)) for name in missing)
    return body[: first.end] + b"".join(spaces) + body[first.end :]
