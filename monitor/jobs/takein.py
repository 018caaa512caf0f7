"""Take in what `monitor.jobs.export` wrote: looked through from end to end first, then written page by page.

A second import of the same changes nothing, so one that was ended by force is simply begun again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.app import App
from monitor.errors import ExportError
from monitor.exchange.files import Exported, find, rows
from monitor.exchange.head import Head
from monitor.exchange.tables import TABLES, WORDS, Row, Table, Values
from monitor.observe import fields, log
from monitor.store.takein.page import cannot_hold, take
from monitor.store.takein.rows import Counts, Taking

PAGE = 2_000
"""Rows of a transaction; those of one entry stay together."""

Progress = Callable[[str, int, int], None]
"""Told what is done ("looking through", "importing"), how many rows of it, of how many (0 while nobody knows)."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the rows of each table."""

    head: Head
    tables: Mapping[str, Counts]

    @property
    def changed(self) -> bool:
        """Whether anything was new."""
        return any(counts.new for counts in self.tables.values())

    @property
    def left_out(self) -> int:
        """Rows of entries, or of words of theirs, that are neither here nor in the export."""
        return sum(counts.left_out for counts in self.tables.values())


def run(
    app: App, path: Path, *, dry_run: bool = False, progress: Progress = lambda what, done, total: None
) -> ImportReport:
    """Import a file or a folder; raises ExportError before anything is written where it is not whole."""
    exported = find(path)
    total = _look_through(app, exported, progress)
    taking, found, done = Taking(frozenset(exported.head.what), dry_run), dict[str, Counts](), 0
    for table, page in _pages(rows(exported)):
        counts = take(app.store, taking, table, page)
        if table is not WORDS:  # of which nothing is written
            found.setdefault(table.name, Counts()).add(counts)
        done += len(page)
        progress("importing", done, total)
    report = ImportReport(exported.head, {name: found[name] for name in TABLES if name in found})
    told = {name: sum(getattr(c, name) for c in found.values()) for name in ("new", "there", "differs", "left_out")}
    log.info(fields("import", dry_run=dry_run, **told))
    return report


def _look_through(app: App, exported: Exported, progress: Progress) -> int:
    """Read all of it, and say how many rows there are; raises ExportError for the first that cannot be taken in."""
    number = 0
    for number, row in enumerate(rows(exported), 1):
        if wrong := cannot_hold(app.store, row):
            raise ExportError(exported.place(row), f"{row.table.name}: {wrong}")
        if number % PAGE == 0:
            progress("looking through", number, 0)
    return number


def _pages(read: Iterable[Row]) -> Iterator[tuple[Table, list[Values]]]:
    """Rows of one table at a time, cut between two entries."""
    table, page = None, list[Values]()
    for row in read:
        full = len(page) >= PAGE and not (row.table.of_entry and row.values[:2] == page[-1][:2])
        if table is not None and (row.table is not table or full):
            yield table, page
            page = []
        table = row.table
        page.append(row.values)
    if table is not None and page:
        yield table, page
