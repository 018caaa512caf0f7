"""WARC files (ISO 28500), gzip'd by the record or not, by warcio: the feeds and pages that a crawler got.

warcio is imported by the first file that is read: a worker that reads feeds does without.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.errors import ParseError
from monitor.parse.tree import MAX_BYTES

_BETWEEN = 8  # bytes behind a record; line ends may be there
_TYPES = ("xml", "rss", "atom", "json", "html")


@dataclass(frozen=True, slots=True)
class Record:
    """An answer with the status 200: its number in the file, from 1 on, its address, type and body, decoded."""

    at: int
    url: str
    content_type: str
    body: bytes


def records(file: Path, at: int = 0) -> Iterator[Record]:
    """Read the answers behind a record's number. A file that is cut off ends with its last whole record.

    Raises ParseError (``warc``) where it is no WARC.
    """
    yield from (record for record in _walk(file) if isinstance(record, Record) and record.at > at)


def count(file: Path) -> tuple[int, str]:
    """Count the answers of a file, and say what is wrong with its end, "" where nothing is."""
    found, note = 0, ""
    for record in _walk(file):
        found += isinstance(record, Record)
        note = record if isinstance(record, str) else note
    return found, note


def _walk(file: Path) -> Iterator[Record | str]:
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 - see the module
    from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415

    number = end = 0
    with file.open("rb") as stream:
        try:
            for record in (iterator := ArchiveIterator(stream)):
                number += 1
                body = _body(record)
                if getattr(record.raw_stream, "limit", 1) > 0:  # without a length nothing of it is sure
                    yield "its last record breaks off"
                    return
                if body is not None:
                    headers = record.http_headers
                    url = record.rec_headers.get_header("WARC-Target-URI") or ""
                    yield Record(number, url, headers.get_header("Content-Type") or "", body)
                end = iterator.get_record_offset() + iterator.get_record_length()
        except (ArchiveLoadFailed, EOFError, OSError, ValueError, zlib.error) as error:
            if not number:
                raise ParseError("warc", f"is no WARC: {error}"[:200]) from error
            yield f"it breaks off: {error}"[:200]
            return
        stream.seek(end)
        if stream.read(_BETWEEN).strip():  # warcio takes a record whose head is cut off for the end
            yield f"it breaks off behind record {number}"


def _body(record: Any) -> bytes | None:
    """What a record answers; None for what is no good answer, or of a type that is not read."""
    headers = record.http_headers
    good = record.rec_type == "response" and headers is not None and headers.get_statuscode() == "200"
    body: bytes = record.content_stream().read(MAX_BYTES + 1)
    while record.raw_stream.read(65_536):  # to the end, which shows whether it is there
        pass
    kind = str(headers.get_header("Content-Type") or "").lower() if good else ""
    return body if good and len(body) <= MAX_BYTES and any(name in kind for name in _TYPES) else None
