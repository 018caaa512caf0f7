"""Write what the store holds to files that `monitor.jobs.takein` reads."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import IO

from monitor.app import App
from monitor.domain.entry import StoredEntry
from monitor.domain.labels import passing
from monitor.errors import UsageError
from monitor.exchange.files import Form
from monitor.exchange.head import Head
from monitor.exchange.tables import ENTRIES, What, tables_of
from monitor.exchange.writing import Writer, to_path, to_stream
from monitor.observe import fields, log
from monitor.store import export as store_export
from monitor.store.export import Chosen

Progress = Callable[[int, int], None]
"""Told how many entries are written, of how many at the most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be exported: kinds, and of which entries; ``sources`` are the names that the feeds were asked by."""

    what: tuple[What, ...] = tuple(What)
    since: datetime | None = None
    until: datetime | None = None
    feeds: frozenset[str] | None = None
    sources: tuple[str, ...] = ()
    label: str | None = None

    def chosen(self) -> dict[str, str]:
        """The choice, as the head tells it; times are the first and the last moment."""
        values = {
            "since": self.since and self.since.isoformat(),
            "until": self.until and self.until.isoformat(),
            "source": ", ".join(self.sources),
            "label": self.label,
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class ExportReport:
    """How many rows of each table were written."""

    rows: Mapping[str, int]


def run(
    app: App,
    target: Path | IO[bytes],
    form: Form,
    asked: Asked,
    *,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> ExportReport:
    """Write to a file or folder, which is there when it is whole, or JSON lines to a stream; raises UsageError."""
    head = Head(metadata.version("returns-monitor"), now, tuple(kind.value for kind in asked.what), asked.chosen())
    chosen = _chosen(app, asked)
    rows = dict.fromkeys((table.name for table in tables_of(asked.what)), 0)
    with to_path(target, form) if isinstance(target, Path) else to_stream(target) as writer:
        writer.begin(head)
        _write(app, writer, chosen, asked.what, rows, progress)
        writer.end(rows)
    log.info(fields("export", form=form.value, entries=rows.get(ENTRIES.name, 0), rows=sum(rows.values())))
    return ExportReport(rows)


def _write(
    app: App, writer: Writer, chosen: Chosen, what: Collection[What], rows: dict[str, int], progress: Progress
) -> None:
    total = store_export.count(app.store)
    for table, page in store_export.exported(app.store, chosen, what):
        writer.write(table, page)
        rows[table.name] += len(page)
        progress(rows.get(ENTRIES.name, 0), total)


def _chosen(app: App, asked: Asked) -> Chosen:
    labels = app.settings.labels
    if asked.label is None:
        return Chosen(asked.since, asked.until, asked.feeds)
    if asked.label not in labels:
        names = ", ".join(sorted(labels)) or "none"
        raise UsageError(f'no label "{asked.label}" in labels.toml; there are: {names}')
    label = labels[asked.label]

    def keep(stored: StoredEntry) -> bool:
        cuts = app.settings.cuts(stored.feed, stored.entry.lang, [label.name])
        return bool(passing(stored.scores, cuts, human=stored.human))

    return Chosen(asked.since, asked.until, asked.feeds, {label.name: label.lines.lowest.threshold}, keep)
