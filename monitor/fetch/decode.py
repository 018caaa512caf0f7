"""A body's content coding undone, never by more than the limit, and checked for its end."""

import zlib
from collections.abc import Callable
from typing import Protocol

import brotli
import zstandard

from monitor.errors import FetchError, Severity

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_ZSTD_WINDOW = 8 * 1024 * 1024
"""The window that RFC 9659 allows over HTTP; a larger one is a way to make us take memory."""
_SLICE = 256
"""Bytes given at once to zstandard, which bounds nothing itself: a block of 4 can become 128 KiB, so 8 MiB at most."""


class _Stream(Protocol):
    """One compressed stream."""

    @property
    def ended(self) -> bool:
        """Whether the stream has come to its own end."""

    def feed(self, data: bytes, most: int) -> tuple[bytes, bytes]:
        """Decode; returns what came out, in about ``most`` bytes, and what of ``data`` is to be given again."""


class Decoder:
    """Takes a body piece by piece and gives back what it decodes to.

    aiohttp's own decoding does not notice a gzip stream that breaks off inside a whole HTTP message.
    """

    def __init__(self, coding: str, limit: int) -> None:
        """``coding`` is the Content-Encoding header; ``limit`` bounds the decoded size.

        Raises FetchError (``encoding``) for a coding that is not read here.
        """
        self._coding = coding.strip().lower().removeprefix("x-")
        if self._coding not in {"", "identity", *_STREAMS}:
            raise FetchError(
                "encoding", f"the server sent {coding!r} unasked; we take {ACCEPT_ENCODING}", Severity.SOFT
            )
        self._limit = limit
        self._size = 0
        self._stream: _Stream | None = None

    def feed(self, data: bytes) -> bytes:
        """Decode a piece; raises FetchError (``too-large``, ``encoding``)."""
        if self._coding in {"", "identity"}:
            return self._counted(data)
        parts = []
        while data := self._rest(data):
            if self._stream is None or self._stream.ended:
                self._stream = _STREAMS[self._coding](data)
            decoded, data = self._step(self._stream, data)
            parts.append(self._counted(decoded))
        return b"".join(parts)

    def _rest(self, data: bytes) -> bytes:
        """What is still to decode: gzip and zstd may follow one stream by another, after padding; the others not."""
        if self._stream is None or not self._stream.ended:
            return data
        return data.lstrip(b"\0") if self._coding in {"gzip", "zstd"} else b""

    def finish(self) -> None:
        """Raise FetchError (``truncated``) where the compressed stream has not come to its end."""
        if self._stream is not None and not self._stream.ended:
            raise FetchError("truncated", "the compressed document was cut off before its end", Severity.TEMPORARY)

    def _step(self, stream: _Stream, data: bytes) -> tuple[bytes, bytes]:
        try:
            return stream.feed(data, self._limit - self._size + 1)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise FetchError("encoding", f"the body is not valid {self._coding}: {error}", Severity.SOFT) from error

    def _counted(self, decoded: bytes) -> bytes:
        self._size += len(decoded)
        if self._size > self._limit:
            raise FetchError("too-large", f"more than {self._limit} bytes after decompression", Severity.HARD)
        return decoded


class _Zlib:
    """Gzip by its header; deflate as RFC 9110 has it, in zlib's frame, or bare as some servers send it."""

    def __init__(self, window: int) -> None:
        self._inflate = zlib.decompressobj(window)

    @property
    def ended(self) -> bool:
        return self._inflate.eof

    def feed(self, data: bytes, most: int) -> tuple[bytes, bytes]:
        decoded = self._inflate.decompress(data, most)
        return decoded, self._inflate.unconsumed_tail or self._inflate.unused_data


class _Brotli:
    """Brotli holds input back by itself once it has given as much as it may."""

    def __init__(self) -> None:
        self._inflate = brotli.Decompressor()

    @property
    def ended(self) -> bool:
        return bool(self._inflate.is_finished())

    def feed(self, data: bytes, most: int) -> tuple[bytes, bytes]:
        parts = [self._inflate.process(data, output_buffer_limit=most)]
        size = len(parts[0])
        while size < most and not self._inflate.can_accept_more_data() and not self._inflate.is_finished():
            parts.append(self._inflate.process(b"", output_buffer_limit=most - size))
            size += len(parts[-1])
        return b"".join(parts), b""


class _Zstd:
    """One frame, within the window that is allowed over HTTP."""

    def __init__(self) -> None:
        self._inflate = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()

    @property
    def ended(self) -> bool:
        return bool(self._inflate.eof)

    def feed(self, data: bytes, most: int) -> tuple[bytes, bytes]:  # noqa: ARG002 - bounded by the slice
        decoded = self._inflate.decompress(data[:_SLICE])
        return decoded, self._inflate.unused_data + data[_SLICE:]


_STREAMS: dict[str, Callable[[bytes], _Stream]] = {
    "gzip": lambda _: _Zlib(16 + zlib.MAX_WBITS),
    "deflate": lambda data: _Zlib(zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS),
    "br": lambda _: _Brotli(),
    "zstd": lambda _: _Zstd(),
}
