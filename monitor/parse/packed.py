"""Documents that came compressed without their server's saying so."""

import zlib

from monitor.errors import ParseError
from monitor.parse.tree import MAX_BYTES

_GZIP = b"\x1f\x8b"
_LAYERS = 2  # a file that was compressed once, and once more by a server that does not say so


def unpacked(body: bytes, *, kind: str) -> bytes:
    """Undo gzip, of any number of members, without ever holding more than the limit; other bytes come back as they are.

    Raises ParseError: ``too-large``, ``truncated``, or ``kind`` where what begins as gzip is none.
    """
    for _ in range(_LAYERS):
        if not body.startswith(_GZIP):
            break
        body = _layer(body, kind)
    return body


def _layer(body: bytes, kind: str) -> bytes:
    packed, parts, room = len(body), [], MAX_BYTES + 1
    while body.startswith(_GZIP) and room > 0:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            part = unpacker.decompress(body, room)
        except zlib.error as error:
            raise ParseError(kind, f"begins as gzip and is none: {error}") from error
        if not unpacker.eof and len(part) < room:
            raise ParseError("truncated", f"the gzip'd document ends in the middle, after {packed:,} bytes")
        parts.append(part)
        room -= len(part)
        body = unpacker.unused_data
    if room <= 0:
        raise ParseError("too-large", f"the gzip'd document holds more than the {MAX_BYTES:,} bytes that are read")
    return b"".join(parts)
