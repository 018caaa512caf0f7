"""XML that may be broken to its parts, in one pass whose time grows with the length alone.

Expressions such as ``<!--.*?-->`` look at the rest of the document again for each comment that nobody closed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPENING = re.compile(rb"<(?:!--|!\[CDATA\[|\?|!DOCTYPE)", re.IGNORECASE)
_TAG = re.compile(rb"<(/?)([A-Za-z_][\w.-]*(?::[\w.-]+)?)")


class Finder:
    """Searches that remember what they found, so that nothing is sought twice in the same bytes.

    Only for starts that grow.
    """

    def __init__(self, body: bytes) -> None:
        self.body = body
        self._next: dict[bytes, int] = {}

    def end_of(self, what: bytes, start: int) -> int:
        """Where the next ``what`` ends; -1 where none comes."""
        found = self._next.get(what, 0)
        if 0 <= found < start or what not in self._next:
            found = self._next[what] = self.body.find(what, start)
        return found + len(what) if found >= 0 else -1


@dataclass(frozen=True, slots=True)
class Quiet:
    """A part in which no tag is one: ``kind`` is ``<!--``, ``<![cdata[``, ``<?`` or ``<!doctype``."""

    kind: bytes
    start: int
    end: int


def quiet_parts(body: bytes) -> Iterator[Quiet]:
    """Comments, CDATA sections, processing instructions and document types; what never ends is none."""
    finder, position = Finder(body), 0
    while (found := _OPENING.search(body, position)) is not None:
        kind, start = found[0].lower(), found.start()
        end = _end(finder, kind, found.end())
        if end >= 0:
            yield Quiet(kind, start, end)
        position = end if end >= 0 else found.end()


def loud_spans(body: bytes) -> Iterator[tuple[int, int]]:
    """Where markup and text are: all that stands between the quiet parts."""
    position = 0
    for part in quiet_parts(body):
        if part.start > position:
            yield position, part.start
        position = part.end
    if position < len(body):
        yield position, len(body)


@dataclass(frozen=True, slots=True)
class Tag:
    """The beginning of a tag, as far as its ``name`` (with prefix, in small letters); ``closes`` for an end tag."""

    name: bytes
    closes: bool
    start: int
    end: int


def tags(body: bytes) -> Iterator[Tag]:
    """All tags, in their order."""
    for start, stop in loud_spans(body):
        for found in _TAG.finditer(body, start, stop):
            yield Tag(found[2].lower(), bool(found[1]), found.start(), found.end())


def _end(finder: Finder, kind: bytes, start: int) -> int:
    match kind:
        case b"<!--":
            return finder.end_of(b"-->", start)
        case b"<![cdata[":
            return finder.end_of(b"]]>", start)
        case b"<?":
            end = finder.end_of(b"?>", start)  # one that holds a tag was not closed: what ends there is another
            return end if end >= 0 and finder.body.find(b"<", start, end) < 0 else -1
        case _:
            return _end_of_type(finder, start)


def _end_of_type(finder: Finder, start: int) -> int:
    """The end of a document type, behind what it declares in brackets."""
    end = finder.end_of(b">", start)
    if end < 0 or finder.body.find(b"[", start, end) < 0:
        return end
    closing = finder.end_of(b"]", start)
    return finder.end_of(b">", closing) if closing >= 0 else end
