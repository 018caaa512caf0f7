"""Documents and bodies that are made to break their reader; small to send, and large once they are taken in."""

import gzip
import zlib
from collections.abc import Callable
from itertools import pairwise

import brotli
import zstandard

MIB = 1024 * 1024
_ZEROS = bytes(MIB)


def deflated(size: int, *, window: int) -> bytes:
    """Zeros in zlib's stream of that window (31: gzip, 15: zlib, -15: raw), which is never ended.

    Blocks that are flushed in full are all alike, so that gigabytes cost the work of one block.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    head = packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(_ZEROS) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * (size // MIB)


def brotlied(size: int) -> bytes:
    """Zeros as brotli: one stream."""
    packer = brotli.Compressor(quality=1)
    return b"".join(packer.process(_ZEROS) for _ in range(size // MIB)) + packer.finish()


def zstandarded(size: int) -> bytes:
    """Zeros as zstd: one frame after the other."""
    return zstandard.compress(bytes(64 * MIB)) * (size // (64 * MIB))


def wide_frame() -> bytes:
    """A small zstd frame that asks for a window of 128 MiB."""
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return packer.compress(b"<rss version='2.0'>") + packer.flush()


def laughs(body: str) -> bytes:
    """Billion laughs: ten entities deep, ten of each, in the title of a feed's first entry."""
    names = "abcdefghij"
    declared = "".join(f'<!ENTITY {one} "{f"&{before};" * 10}">' for before, one in pairwise(names))
    return _with_type(f'<!ENTITY a "laughter ">{declared}', body, "&j;")


def quadratic(body: str) -> bytes:
    """Quadratic blow-up: one long entity, used many times over."""
    return _with_type(f'<!ENTITY a "{"laughter " * 5_000}">', body, "&a;" * 20_000)


def external(body: str, address: str) -> bytes:
    """An external entity: what stands at an address is to be read into a title."""
    return _with_type(f'<!ENTITY a SYSTEM "{address}">', body, "[&a;]")


def external_type(body: str, address: str) -> bytes:
    """An external document type, which a parser that validates would fetch."""
    return f'<?xml version="1.0"?><!DOCTYPE rss SYSTEM "{address}">{body}'.encode()


def _with_type(declared: str, body: str, used: str) -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE rss [{declared}]>{body.replace("@", used, 1)}'.encode()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstandard.compress,
}  # fmt: skip
"""The codings that we ask for, and what packs an honest document in each."""
BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "gzip": ("gzip", lambda: deflated(4096 * MIB, window=31)),
    "gzip, behind an honest member": ("gzip", lambda: gzip.compress(b"<rss>") + deflated(4096 * MIB, window=31)),
    "deflate": ("deflate", lambda: deflated(4096 * MIB, window=15)),
    "deflate, raw": ("deflate", lambda: deflated(4096 * MIB, window=-15)),
    "brotli": ("br", lambda: brotlied(1024 * MIB)),
    "zstd": ("zstd", lambda: zstandarded(4096 * MIB)),
}
"""The coding and the body of each."""
DEEP: dict[str, str] = {
    "in a title": "<b>" * 30_000 + "deep" + "</b>" * 30_000,
    "escaped": "&lt;b&gt;" * 50_000 + "deep",
    "never closed": "<b>" * 30_000,
    "attributes": "<b " + " ".join(f"a{number}='x'" for number in range(4_000)) + "/>",
    "names": "<" + "n" * 1_000_000 + "/>",
    "ampersands": "&" * 200_000,
}
"""Parts of a title by which some hundred kilobytes hold a parser for long."""
