"""XML that a stranger wrote to a tree: no entities, no network, bounded, and mended where it can be read at all."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from monitor.errors import ParseError, Severity
from monitor.parse.encoding import to_utf8
from monitor.parse.repair import escape_loud, without_controls

MAX_BYTES = 10 * 1024 * 1024
"""The most that is read of one decoded document; the limit that fetching has too."""

_PROLOG = re.compile(rb"^\s*<\?xml[^>]*>")
_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>'


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed document. ``mended`` says what was wrong with it, "" where it was well-formed."""

    root: etree._Element
    mended: str = ""


def read_tree(body: bytes, *, expected: str, mend: Callable[[bytes], bytes] = bytes) -> Tree:
    """Read XML; where it is not well-formed, mend encoding, ampersands and tags, and say so in ``mended``.

    Entities are never expanded: a document that declares any is refused, since neither sitemaps nor OPML need them.
    ``expected`` names the kind of document in errors; ``mend`` is what else helps its kind. Raises ParseError:
    ``empty``, ``too-large`` (over `MAX_BYTES`), ``entities``, ``too-deep``, or ``not-xml`` where there is no element.
    """
    if not body.strip(b"\xef\xbb\xbf \t\r\n\0"):
        raise ParseError("empty", "the server answered with an empty document", Severity.TEMPORARY)
    if len(body) > MAX_BYTES:
        raise ParseError("too-large", f"{len(body):,} bytes, more than the {MAX_BYTES:,} that are read")
    try:
        return Tree(_checked(etree.fromstring(body.lstrip(), _parser(recover=False))))
    except etree.XMLSyntaxError as error:
        demand_whole(error.error_log)
        problem = str(error.msg)
    parser = _parser(recover=True)
    try:
        root = etree.fromstring(_mended(body, mend), parser)
    except etree.XMLSyntaxError as error:
        demand_whole(error.error_log)
        raise ParseError("not-xml", f"no {expected}: {problem}"[:300]) from error
    if root is None:  # what lxml answers in recover mode where there was nothing to recover
        raise ParseError("not-xml", f"no {expected}: {problem}"[:300])
    demand_whole(parser.error_log)
    return Tree(_checked(root), f"not well-formed, and mended: {problem}")


def demand_whole(log: etree._ListErrorLog) -> None:
    """Refuse what a recovering parser left off: libxml2 gives what it had read when it ran into a limit.

    Raises ParseError (``too-deep``, ``entities``) or MemoryError. The last error tells: lxml keeps the first hundred.
    """
    last = log.last_error
    if last is not None and last.type_name == "ERR_NO_MEMORY":
        raise MemoryError(last.message)
    if last is not None and last.type_name == "ERR_RESOURCE_LIMIT":
        kind = "entities" if "entity" in last.message else "too-deep"
        raise ParseError(kind, f"the rest of the document would be lost: {last.message}, line {last.line}")


def local(name: object) -> str:
    """The name of an element or attribute without its namespace or prefix, in small letters; "" for a comment."""
    return re.split("[}:]", name)[-1].lower() if isinstance(name, str) else ""


def _parser(*, recover: bool) -> etree.XMLParser[etree._Element]:
    return etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )


def _checked(root: etree._Element) -> etree._Element:
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and next(iter(dtd.iterentities()), None) is not None:
        raise ParseError("entities", "the document declares entities of its own, which are never expanded")
    return root


def _mended(body: bytes, mend: Callable[[bytes], bytes]) -> bytes:
    """Write in a form that is kept what would be dropped: other encodings, bare ampersands, HTML's entities."""
    text = without_controls(to_utf8(body).body).lstrip()
    return escape_loud(mend(_DECLARATION + _PROLOG.sub(b"", text, count=1)))
