"""A body's content coding undone, never by more than the limit, and checked for its end."""

import zlib

from monitor.errors import FetchError, Severity

ACCEPT_ENCODING = "gzip, deflate"


class Decoder:
    """Takes a body piece by piece and gives back what it decodes to.

    aiohttp's own decoding does not notice a gzip stream that breaks off inside a whole HTTP message.
    """

    def __init__(self, coding: str, limit: int) -> None:
        """``coding`` is the Content-Encoding header; ``limit`` bounds the decoded size.

        Raises FetchError (``encoding``) for a coding that is not read here.
        """
        self._coding = coding.strip().lower().removeprefix("x-")
        if self._coding not in {"", "identity", "gzip", "deflate"}:
            raise FetchError(
                "encoding", f"the server sent {coding!r} unasked; we take {ACCEPT_ENCODING}", Severity.SOFT
            )
        self._limit = limit
        self._size = 0
        self._inflate: zlib._Decompress | None = None

    def feed(self, data: bytes) -> bytes:
        """Decode a piece; raises FetchError (``too-large``, ``encoding``)."""
        if self._coding in {"", "identity"}:
            return self._counted(data)
        parts = []
        while data := self._rest(data):
            if self._inflate is None or self._inflate.eof:
                self._inflate = zlib.decompressobj(self._window(data))
            parts.append(self._counted(self._step(self._inflate, data)))
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
        return b"".join(parts)

    def _rest(self, data: bytes) -> bytes:
        """What is still to decode: behind a gzip stream another one, after padding; behind a deflate stream nothing."""
        if self._inflate is None or not self._inflate.eof:
            return data
        return data.lstrip(b"\0") if self._coding == "gzip" else b""

    def finish(self) -> None:
        """Raise FetchError (``truncated``) where the compressed stream has not come to its end."""
        if self._inflate is not None and not self._inflate.eof:
            raise FetchError("truncated", "the compressed document was cut off before its end", Severity.TEMPORARY)

    def _step(self, inflate: "zlib._Decompress", data: bytes) -> bytes:
        try:
            return inflate.decompress(data, self._limit - self._size + 1)
        except zlib.error as error:
            raise FetchError("encoding", f"the body is not valid {self._coding}: {error}", Severity.SOFT) from error

    def _window(self, data: bytes) -> int:
        """Gzip by its header; deflate as RFC 9110 has it, in zlib's frame, or bare as some servers send it."""
        if self._coding == "gzip":
            return 16 + zlib.MAX_WBITS
        return zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS

    def _counted(self, decoded: bytes) -> bytes:
        self._size += len(decoded)
        if self._size > self._limit:
            raise FetchError("too-large", f"more than {self._limit} bytes after decompression", Severity.HARD)
        return decoded
