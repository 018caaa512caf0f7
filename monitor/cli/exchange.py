"""`monitor export` and `monitor import`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from monitor.cli.chosen import feeds_of, read_range
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, ending, opened, progress
from monitor.cli.console import DONE, WITH_FAILURES, err, out, plain, plural, print_json, tell
from monitor.errors import UsageError
from monitor.exchange.files import Form
from monitor.exchange.tables import WORDS, What
from monitor.jobs import export as export_job
from monitor.jobs import takein as import_job
from monitor.jobs.clock import utc_now
from monitor.jobs.export import Asked, ExportReport
from monitor.jobs.takein import ImportReport


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("export")(export)
    app.command("import")(import_)


def export(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="A file (.gz, .zst: compressed), - for stdout; else a folder.")
    ],
    form: Annotated[
        Form, typer.Option("--format", help="JSON lines in one file, or a folder with a table a kind.")
    ] = Form.JSONL,
    what: Annotated[
        str | None, typer.Option("--what", metavar="KIND,…", help=f"Only these: {', '.join(What)}.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="T", help="Entries first seen since a day, a time, or 7d ago.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", help="And until then, a day with its whole length.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="NAME", help="Of a source or feed; may be repeated.")
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", metavar="L", help="Only entries that pass this label's line.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Write entries, predictions, annotations, facts and stories to a file or folder, for `monitor import` to read."""
    to_stdout = path == "-"
    if to_stdout and (json or form is not Form.JSONL):
        raise UsageError("- is JSON lines on stdout; it goes with neither --json nor another --format")
    with opened(config, with_model=False, migrate=False, channels=False) as app:
        now = utc_now()
        feeds = feeds_of(app.settings, source)
        asked = Asked(_kinds(what), *read_range(since, until, now), feeds, tuple(source or ()), label)
        with ending(), progress("exporting", silent=json) as bar:
            task = bar.task_ids[0]
            target = sys.stdout.buffer if to_stdout else Path(path)
            report = export_job.run(
                app, target, form, asked, now=now,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )  # fmt: skip
    _tell_export(report, asked, path, form, json=json)


def _tell_export(report: ExportReport, asked: Asked, path: str, form: Form, *, json: bool) -> None:
    nothing = "" if any(count for name, count in report.rows.items() if name != WORDS.name) else _nothing(asked)
    if json:
        said = {"path": path, "format": form.value, "what": list(asked.what), "rows": dict(report.rows)}
        print_json({**said, "nothing": nothing})
        return
    where = "stdout" if path == "-" else path
    counted = ", ".join(f"{count:,} {name}" for name, count in report.rows.items() if count and name != WORDS.name)
    tell(f"{counted} written to {where}" if counted else f"{nothing}; {where} has a head alone", indent=4, to=err)


def _nothing(asked: Asked) -> str:
    """Say that there is nothing in an export."""
    chosen = asked.chosen()
    if not chosen:
        return f"nothing to export: the database has none of {', '.join(asked.what)}"
    words = " ".join(f"--{name} {value}" for name, value in chosen.items())
    return f"nothing to export: the database has none of {', '.join(asked.what)} of this choice ({words})"


def _kinds(given: str | None) -> tuple[What, ...]:
    """Read ``--what``; raises UsageError."""
    if given is None:
        return tuple(What)
    names = [name.strip() for name in given.split(",")]
    if unknown := [name for name in names if name not in set(What)]:
        raise UsageError(f'--what {given}: there is no kind "{unknown[0]}"; there are: {", ".join(What)}')
    return tuple(kind for kind in What if kind in names)


def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file or folder that `monitor export` wrote.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; say what would be.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Take in what another monitor exported, beside what is here; nothing of it is announced."""
    with opened(config, with_model=False, migrate=not dry_run, channels=False) as app, _shown(silent=json) as bar:
        report = import_job.run(app, path, dry_run=dry_run, progress=bar)
    if json:
        print_json({**_summary(report), "dry_run": dry_run})
    else:
        _show(report, dry_run=dry_run)
    raise typer.Exit(WITH_FAILURES if report.left_out else DONE)


@contextmanager
def _shown(*, silent: bool) -> Iterator[import_job.Progress]:
    with progress("looking through", silent=silent) as bar:
        task = bar.task_ids[0]
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total or None)


def _summary(report: ImportReport) -> dict[str, Any]:
    return {"of": plain(report.head), "changed": report.changed, "tables": plain(report.tables)}


def _show(report: ImportReport, *, dry_run: bool) -> None:
    if not report.tables:
        return tell("the export holds nothing: nothing to import", to=err)
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("")
    for name in ("new", "already there", "differ", "left out"):
        table.add_column(name, justify="right")
    for name, c in report.tables.items():
        table.add_row(name, *(f"{count:,}" for count in (c.new, c.there, c.differs, c.left_out)))
    out.print(table)
    if not report.changed:
        here = "" if report.left_out else ": all of it is here already"
        tell(f"{'nothing would be new' if dry_run else 'nothing was new'}{here}", to=err)
    elif dry_run:
        tell("nothing was written", to=err)
    if any(c.differs for c in report.tables.values()):
        tell("what differs stays here as it is", to=err)
    if report.left_out:
        rows = plural(report.left_out, "row")
        tell(f"{rows} left out: their entries, or the words they are of, are neither here nor in the export", to=err)
    return None
