"""Files as they are, or compressed: gzip (``.gz``) and Zstandard (``.zst``)."""

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import zstandard

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BUFFER = 1 << 20
BROKEN = (OSError, EOFError, zlib.error, zstandard.ZstdError)
"""How a file says that it is broken."""


@contextmanager
def unpacked(file: Path) -> Iterator[IO[bytes]]:
    """Open a file for its plain bytes, whatever its name says."""
    with file.open("rb") as raw:
        begin = raw.read(4)
        raw.seek(0)
        if begin.startswith(_GZIP):
            with gzip.open(raw) as stream:
                yield io.BufferedReader(stream, _BUFFER)
        elif begin == _ZSTD:
            source: Any = raw  # frames that were put one behind the other are one file, as with zstd itself
            with zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True) as stream:
                yield io.BufferedReader(stream, _BUFFER)
        else:
            yield raw


@contextmanager
def packed(file: Path, name: str) -> Iterator[IO[bytes]]:
    """Make a file and open it for writing, compressed as ``name`` ends; what was written is on the disk at the end."""
    with file.open("xb") as raw:
        if name.endswith(".gz"):
            with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6) as stream:
                buffered = io.BufferedWriter(stream, _BUFFER)
                yield buffered
                buffered.flush()
        elif name.endswith(".zst"):
            target: Any = raw
            with zstandard.ZstdCompressor().stream_writer(target, closefd=False) as stream:
                yield stream
        else:
            yield raw
        raw.flush()
        os.fsync(raw.fileno())
