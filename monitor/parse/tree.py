"""XML that a stranger wrote to a tree: no entities, no network, bounded, and mended where it can be read at all."""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from html.entities import html5

from lxml import etree

from monitor.errors import ParseError, Severity

MAX_BYTES = 10 * 1024 * 1024
"""The most that is read of one decoded document; the limit that fetching has too."""

_BARE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)(?:([A-Za-z][A-Za-z0-9]{1,31});)?")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"'][^>]*\?>")
_PROLOG = re.compile(rb"^\s*<\?xml[^>]*>")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


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
    """Write what would be dropped in a form that is kept: bytes of another encoding, bare ampersands, HTML's entities.

    libxml2's own recovery turns ``?a=1&b=2`` into ``?a=1=2``.
    """
    if body.startswith(_WIDE):
        return body
    body = body.removeprefix(codecs.BOM_UTF8).lstrip()
    declared = _DECLARED.match(body)
    if declared is None or declared[1].lower() in {b"utf-8", b"utf8", b"us-ascii"}:
        body = b'<?xml version="1.0" encoding="utf-8"?>' + _as_utf8(_PROLOG.sub(b"", body, count=1))
    return _BARE.sub(_escaped, mend(_CONTROL.sub(b"", body)))


def _as_utf8(body: bytes) -> bytes:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace").encode("utf-8")
    return body


def _escaped(found: re.Match[bytes]) -> bytes:
    name = (found[1] or b"").decode("ascii")
    known = html5.get(f"{name};", "") if name else ""
    return "".join(f"&#{ord(c)};" for c in known).encode("ascii") if known else b"&amp;" + found[0][1:]
