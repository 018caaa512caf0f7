"""An archive on this machine, piece by piece: files, folders and tars of feed documents, lines of JSON, WARC, GDELT,
and what another monitor exported.

A piece is what is read at once, and stored in one transaction. Where it ends is known, so that a job which was ended
goes on behind it. Nothing is unpacked to disk, and no more than a piece is held in memory.
"""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import IO

from monitor.errors import ParseError, Severity
from monitor.parse import exported, warc
from monitor.parse.document import Kind
from monitor.parse.tree import MAX_BYTES

LINES = 400
"""Lines of a piece."""
_LONGEST = 16 * 1024 * 1024  # bytes of a line
_HEAD = 65_536
_GZIP, _WARC, _ZIP = b"\x1f\x8b", b"WARC/", b"PK\x03\x04"
_BROKEN = (OSError, EOFError, zlib.error, tarfile.TarError, zipfile.BadZipFile, ValueError)
"""How the readers of these formats say that a file is broken."""


class Form(StrEnum):
    """What one file of an archive is."""

    DOCUMENT = "a feed document"
    TAR = "a tar of feed documents"
    ZIP = "a zip of feed documents"
    LINES = "JSON lines"
    WARC = "a WARC"
    GKG = "a GDELT knowledge graph"
    EXPORT = "an export of a monitor"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an archive. ``part`` is its file, ``at`` where that is read on behind it; ``url`` where a document came
    from, "" where the archive does not say; ``article`` that it is the page of an article."""

    part: str
    at: int
    body: bytes
    kind: Kind = Kind.FEED
    url: str = ""
    content_type: str = ""
    article: bool = False


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive holds: its files, and how many documents or lines; ``notes`` say what is cut off at its end."""

    files: tuple[str, ...]
    form: str
    records: int
    notes: tuple[str, ...] = ()


def contents(path: Path, *, domain: str = "", names: Collection[str] = ()) -> Contents:
    """Look through an archive from end to end, so that a broken one is refused before anything is stored.

    Raises ParseError (``archive``) that names the file, and the line or the member; what merely breaks off at the end
    of a WARC, or in the last line of JSON, is noted, and the rest can be had.
    """
    files = _files(path)
    records, forms, notes = 0, dict[str, None](), list[str]()
    for name in files:
        form = form_of(path, name)
        forms[form.value] = None
        with _named(path, name):
            found, note = _look_through(_file(path, name), form, domain, names)
        records += found
        notes += [f"{name}: {note}"] if note else []
    if not records:
        only = f" of a feed {' or '.join(names)}" if Form.EXPORT.value in forms else ""
        raise ParseError("archive", f"{path}: there is nothing in it{only} that could be read", Severity.HARD)
    return Contents(tuple(files), ", ".join(forms), records, tuple(notes))


def pieces(
    path: Path, *, part: str = "", at: int = 0, domain: str = "", names: Collection[str] = ()
) -> Iterator[Piece]:
    """Read an archive on from a place in it, "" and 0 for its beginning; raises as `contents` does.

    Of GDELT's files only what was published on ``domain`` counts, of an export the feed that is called, or has for its
    address, one of ``names``.
    """
    for name in _files(path):
        if part and name < part:
            continue
        with _named(path, name):
            yield from _of_file(path, name, at if name == part else 0, domain, names)


def form_of(path: Path, name: str) -> Form:
    """Say what a file is, by what it holds and, where that is not enough, by its name."""
    file = _file(path, name)
    with _named(path, name):
        if exported.is_export(file):
            return Form.EXPORT
        if file.stat().st_size == 0:
            raise ValueError("the file is empty")
        if tarfile.is_tarfile(file):
            return Form.TAR
        return _by_beginning(file)


def _by_beginning(file: Path) -> Form:
    lower = file.name.lower()
    if ".gkg.csv" in lower:
        return Form.GKG
    head = _head(file)
    if head.startswith(_ZIP):
        return Form.ZIP
    if head.startswith(_WARC):
        return Form.WARC
    if ".jsonl" in lower or ".ndjson" in lower or _is_lines(head):
        return Form.LINES
    if head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")[:1] not in {b"<", b"{"}:
        raise ValueError(f"neither an archive nor a feed; it begins with {head[:40]!r}")
    return Form.DOCUMENT


def _head(file: Path) -> bytes:
    """What a file begins with, unpacked; one that is cut off has a beginning all the same."""
    with file.open("rb") as raw:
        begin = raw.read(_HEAD)
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(begin, _HEAD) if begin.startswith(_GZIP) else begin


def _is_lines(head: bytes) -> bool:
    """Say whether a text is objects by the line, and not one object, as JSON Feed is."""
    lines = [line.strip() for line in head.splitlines() if line.strip()][:2]
    return len(lines) == 2 and all(line.startswith(b"{") for line in lines) and lines[0].endswith(b"}")


def _files(path: Path) -> list[str]:
    """The names of an archive's files, "" for one that is a file itself; those that begin with a dot are none."""
    if not path.exists():
        raise ParseError("archive", f"{path} is not there", Severity.HARD)
    if path.is_file() or exported.is_export(path):
        return [path.name]
    found = (file.relative_to(path) for file in path.rglob("*") if file.is_file())
    names = sorted(name.as_posix() for name in found if not any(part.startswith(".") for part in name.parts))
    if not names:
        raise ParseError("archive", f"{path} is an empty folder", Severity.HARD)
    return names


def _file(path: Path, name: str) -> Path:
    return path if path.is_file() or exported.is_export(path) else path / name


@contextmanager
def _named(path: Path, name: str) -> Iterator[None]:
    """Let an error say in which file it is."""
    try:
        yield
    except ParseError as error:
        if error.kind == "archive":
            raise
        raise ParseError("archive", f"{_file(path, name)}: {error.detail}", Severity.HARD) from error
    except _BROKEN as error:
        said = str(error) or type(error).__name__
        raise ParseError("archive", f"{_file(path, name)} is broken: {said}"[:300], Severity.HARD) from error


@contextmanager
def _plain(file: Path) -> Iterator[IO[bytes]]:
    """Open a file, gzip'd or not, for its plain bytes."""
    with file.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        if not packed:
            yield raw
            return
        with gzip.open(raw) as stream:
            yield io.BufferedReader(stream)


def _look_through(file: Path, form: Form, domain: str, names: Collection[str]) -> tuple[int, str]:
    """Count what a file holds, to its end; returns what breaks off there, too."""
    if form is Form.LINES:
        return _check_lines(file)
    if form is Form.WARC:
        return warc.count(file)
    return sum(_records(piece) for piece in _read(file, file.name, form, 0, domain, names)), ""


def _records(piece: Piece) -> int:
    return piece.body.count(b"\n") if piece.kind is not Kind.FEED else 1


def _check_lines(file: Path) -> tuple[int, str]:
    count, wrong = 0, 0
    with _plain(file) as stream:
        for number, line in enumerate(stream, 1):
            if wrong:
                raise ValueError(f"line {wrong} is no JSON object")
            if text := line.strip():
                whole = text.startswith(b"{") and text.endswith(b"}")
                count += whole
                wrong = 0 if whole else number
    if wrong and not count:
        raise ValueError(f"line {wrong} is no JSON object")
    return count, f"line {wrong} breaks off" if wrong else ""


def _of_file(path: Path, name: str, at: int, domain: str, names: Collection[str]) -> Iterator[Piece]:
    return _read(_file(path, name), name, form_of(path, name), at, domain, names)


def _read(file: Path, name: str, form: Form, at: int, domain: str, names: Collection[str]) -> Iterator[Piece]:
    match form:
        case Form.EXPORT:
            yield from _export(file, name, at, names)
        case Form.LINES:
            yield from _lines(file, name, at)
        case Form.GKG:
            yield from _graph(file, name, at, domain)
        case Form.WARC:
            for record in warc.records(file, at):
                yield Piece(
                    name, record.at, record.body, url=record.url, content_type=record.content_type,
                    article="html" in record.content_type.lower(),
                )  # fmt: skip
        case Form.TAR:
            yield from _tar(file, name, at)
        case Form.ZIP:
            yield from _zip(file, name, at)
        case Form.DOCUMENT:
            if not at:
                yield Piece(name, 1, _bounded(file.read_bytes(), name))


def _bounded(body: bytes, name: str) -> bytes:
    if len(body) > MAX_BYTES:
        raise ValueError(f"{name} has {len(body):,} bytes, more than the {MAX_BYTES:,} that are read of a document")
    return body


def _lines(file: Path, name: str, at: int) -> Iterator[Piece]:
    """Objects by the line; what breaks off at the end is left out."""
    with _plain(file) as stream:
        stream.seek(at)
        batch: list[bytes] = []
        for line in _whole_lines(stream):
            at += len(line)
            if line.strip().endswith(b"}"):
                batch.append(line)
            if len(batch) == LINES:
                yield Piece(name, at, b"".join(batch), Kind.LINES)
                batch = []
        if batch:
            yield Piece(name, at, b"".join(batch), Kind.LINES)


def _export(file: Path, name: str, at: int, names: Collection[str]) -> Iterator[Piece]:
    entries = islice(exported.entries(file, names), at, None)
    while batch := list(islice(entries, LINES)):
        at += len(batch)
        yield Piece(name, at, b"".join(batch), Kind.LINES)


def _whole_lines(stream: IO[bytes]) -> Iterator[bytes]:
    while line := stream.readline(_LONGEST):
        if len(line) >= _LONGEST:
            raise ValueError(f"a line of more than {_LONGEST:,} bytes")
        yield line


def _graph(file: Path, name: str, at: int, domain: str) -> Iterator[Piece]:
    """The records of one domain; "cnn.com" is not "notactuallycnn.com", which GDELT's own search takes for it."""
    wanted = domain.encode()
    with _graph_stream(file) as stream:
        batch: list[bytes] = []
        for number, line in enumerate(_whole_lines(stream), 1):
            if number <= at:
                continue
            columns = line.split(b"\t", 4)
            if len(columns) < 5:
                raise ValueError(f"line {number} is no record of a knowledge graph")
            host = columns[3].lower()
            if not wanted or host == wanted or host.endswith(b"." + wanted):
                batch.append(line)
            if len(batch) == LINES:
                yield Piece(name, number, b"".join(batch), Kind.GKG)
                batch = []
        if batch:
            yield Piece(name, number, b"".join(batch), Kind.GKG)


@contextmanager
def _graph_stream(file: Path) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(file):
        with _plain(file) as stream:
            yield stream
        return
    with zipfile.ZipFile(file) as packed, packed.open(packed.namelist()[0]) as stream:
        yield stream


def _tar(file: Path, name: str, at: int) -> Iterator[Piece]:
    with tarfile.open(file, "r:*") as packed:
        for number, member in enumerate(packed, 1):
            if not member.isfile() or number <= at or Path(member.name).name.startswith("."):
                continue
            content = packed.extractfile(member)
            body = content.read(MAX_BYTES + 1) if content else b""
            if len(body) < min(member.size, MAX_BYTES):
                raise ValueError(f"it ends in the middle of {member.name}")
            yield Piece(name, number, _bounded(body, member.name))


def _zip(file: Path, name: str, at: int) -> Iterator[Piece]:
    with zipfile.ZipFile(file) as packed:
        for number, member in enumerate(packed.infolist(), 1):
            if member.is_dir() or number <= at:
                continue
            with packed.open(member) as content:
                yield Piece(name, number, _bounded(content.read(MAX_BYTES + 1), member.filename))
