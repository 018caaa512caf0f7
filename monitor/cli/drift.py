"""`monitor drift`."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from monitor.app import App
from monitor.classify.drift_alarms import LEAST, Alarm
from monitor.classify.drift_rows import LEAST_PAST, Rate, Row
from monitor.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, local, opened, progress
from monitor.cli.console import DONE, WITH_FAILURES, out, plain, plural, print_json, tell
from monitor.cli.drift_words import COLUMNS, advice, cells, first, opening, sentence, whole
from monitor.jobs import drift as job
from monitor.jobs.clock import utc_now
from monitor.jobs.drift import DriftReport

_ROWS = 20
_STYLES = {"act": "bold red", "watch": "yellow"}


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("drift")(drift)


def drift(
    days: Annotated[
        int, typer.Option("--days", min=1, max=365, metavar="N", help="Hold the last N days against 4 N before them.")
    ] = 7,
    *,
    fail: Annotated[bool, typer.Option("--fail", help="Exit 1 where there are alarms.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Say whether what comes has moved away from what was before, and from what the model was trained on."""
    with opened(config, migrate=False, channels=False) as app:
        with progress("reading", silent=json) as bar:
            task = bar.task_ids[0]
            report = job.run(
                app,
                days=days,
                now=utc_now(),
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        if json:
            print_json(as_json(report))
        else:
            _show(report, app)
    raise typer.Exit(WITH_FAILURES if fail and report.drift.alarms else DONE)


def as_json(report: DriftReport) -> dict[str, Any]:
    """A report as scripts get it."""
    found = report.drift
    head = {
        name: plain(getattr(report, name))
        for name in ("days", "past_since", "since", "until", "scorer", "left_out", "note")
    }
    return {
        **head,
        "entries": found.entries,
        "entries_before": found.entries_before,
        "needed": LEAST,
        "enough": found.enough,
        "training": report.training,
        "scores": plain(found.scores),
        "languages": [_row(row) for row in found.languages],
        "sources": [_row(row) for row in found.sources],
        "unlearnt": plain(found.unlearnt),
        "named_low": found.named_low and _rate(found.named_low),
        "unnamed_high": found.unnamed_high and _rate(found.unnamed_high),
        "alarms": [_alarm(alarm, report) for alarm in found.alarms],
    }


def _row(row: Row) -> dict[str, Any]:
    return {**plain(row), "over": _rate(row.over), "state": row.state.value}


def _rate(rate: Rate) -> dict[str, Any]:
    return {**plain(rate), "per_thousand": rate.per_thousand, "per_thousand_before": rate.per_thousand_before}


def _alarm(alarm: Alarm, report: DriftReport) -> dict[str, Any]:
    examples = [plain(report.examples[id_]) for id_ in alarm.examples]
    return {**plain(alarm), "says": sentence(alarm), "do": advice(alarm), "examples": examples}


def _show(report: DriftReport, app: App) -> None:
    found = report.drift
    for line in opening(report, local(report.since, app)):
        tell(line, indent=4)
    if not found.enough:
        tell(f"not enough entries ({found.entries}/{LEAST})")
        return
    for line in whole(found):
        tell(line, indent=4)
    for name, rows in (("language", found.languages), ("source", found.sources)):
        _table(name, first(rows, _ROWS))
        if len(rows) > _ROWS:
            tell(f"and {plural(len(rows) - _ROWS, name)} more; --json has all")
    if any(row.over.count_before is None for row in (*found.languages, *found.sources)):
        tell(f"-: no past yet, for which {LEAST_PAST} entries are needed", indent=3)
    tell(f"{plural(len(found.alarms), 'alarm')}:" if found.alarms else "no alarms")
    for alarm in found.alarms:
        _show_alarm(alarm, report)


def _show_alarm(alarm: Alarm, report: DriftReport) -> None:
    tell(f"- {sentence(alarm)}", indent=2, style=_STYLES["act"])
    for id_ in alarm.examples:
        example = report.examples[id_]
        tell(f"    {id_}  {example.title} ({example.source})", indent=8)
    tell(f"  {advice(alarm)}", indent=4)


def _table(name: str, rows: Sequence[Row]) -> None:
    """Print a table; where stdout is no terminal, with tabs."""
    if not out.is_terminal:
        for line in ([name, *COLUMNS], *([row.name, *cells(row)] for row in rows)):
            sys.stdout.write("\t".join(line).rstrip() + "\n")
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(name, no_wrap=True, max_width=max(10, out.width // 4))
    for column in COLUMNS:
        table.add_column(column, justify="right" if column else "left")
    for row in rows:
        table.add_row(Text(row.name or "unknown"), *cells(row), style=_STYLES.get(row.state.value))
    out.print()
    out.print(table, soft_wrap=False)
