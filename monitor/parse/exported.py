"""Another monitor's export as an archive: the entries of one feed, as lines of JSON (`monitor.parse.lines`)."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path

from monitor.errors import ExportError, ParseError, Severity
from monitor.exchange import files
from monitor.exchange.tables import ENTRIES, FEEDS
from monitor.exchange.values import iso

_PARTS = ("guid", "url", "title", "text", "lang", "published", "updated")


def is_export(path: Path) -> bool:
    """Say whether a file or folder is what `monitor export` writes."""
    return files.is_export(path)


def entries(path: Path, names: Collection[str]) -> Iterator[bytes]:
    """Read the entries of the feed that has one of these names or addresses there; those that were emptied are none.

    Raises ParseError (``archive``) where the export is not whole.
    """
    feeds: set[str] = set()
    try:
        for row in files.rows(files.find(path)):
            if row.table is FEEDS and not {row.values[0], row.values[1]}.isdisjoint(names):
                feeds.add(row.values[0])
            elif row.table is ENTRIES and row.values[0] in feeds:
                values = dict(zip(ENTRIES.names, row.values, strict=True))
                if not values["pruned"]:
                    yield _line({name: values[name] for name in _PARTS})
    except ExportError as error:
        raise ParseError("archive", str(error), Severity.HARD) from error


def _line(values: dict[str, object]) -> bytes:
    return json.dumps(values, default=iso, ensure_ascii=False).encode() + b"\n"
