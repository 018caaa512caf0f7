"""An evaluation in the terminal: each label, its groups, what was taken for what, and the worst examples."""

from collections.abc import Iterable, Mapping

from rich.table import Table
from rich.text import Text

from monitor.classify.quality.measure import Evaluation, Example, LabelEvaluation, Measures
from monitor.classify.quality.wording import NAMES, counts_of, interval, joined, lines_of, matrix, mistaken, value
from monitor.cli.console import out, plural, tell
from monitor.jobs.evaluate import EvaluateReport
from monitor.settings.model import Settings

_ROWS = 20  # of one dimension; the page and --json have them all
_PAIRS = 15
_SHORT = {
    "precision": "prec.",
    "recall": "recall",
    "f1": "F1",
    "average_precision": "avg.p.",
    "calibration_error": "calib.",
}


def show(report: EvaluateReport, settings: Settings) -> None:
    """Print a report."""
    evaluation = report.evaluation
    apart = f", {evaluation.borderline} of them borderline and told apart" if evaluation.borderline else ""
    tell(f"model {report.scorer} on {report.measured_on}: {plural(evaluation.items, 'item')}{apart}", indent=4)
    for note in report.notes:
        tell(f"note: {note}", indent=6, style="yellow")
    for name, found in evaluation.labels.items():
        _headline(settings.labels[name].title, lines_of(report.lines[name]), found)
    for name, found in evaluation.labels.items():
        if found.groups:
            _groups(name, found.groups)
    _confusion(evaluation)
    for name, found in evaluation.labels.items():
        _examples(f"{name}: the worst false alarms", found.false_alarms)
        _examples(f"{name}: the worst misses", found.misses)


def _headline(title: str, lines: str, found: LabelEvaluation) -> None:
    out.print()
    tell(f"{title}, line {lines}: {plural(found.items, 'item')}, {found.positives} positive", style="bold")
    if found.overall is None:
        tell(found.refused, style="yellow")
        return
    tell(counts_of(found.overall))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in NAMES.values():
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_row(*(Text(value(found.overall, name), "bold") for name in NAMES))
    if any(interval(found.overall, name) for name in NAMES):
        table.add_row(*(Text(interval(found.overall, name), "dim") for name in NAMES))
    out.print(table, soft_wrap=False)
    if found.stream:
        tell(
            f"weighed as in a stream, where positives are rare: calibration error {found.stream.calibration_error:.3f}"
        )


def _groups(label: str, groups: Mapping[str, Mapping[str, Measures]]) -> None:
    out.print()
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(
        Text(label, "bold"), min_width=10, max_width=max(12, out.width - 65), overflow="ellipsis", no_wrap=True
    )
    for heading in ("items", "pos.", "false", "missed", *_SHORT.values()):
        table.add_column(heading, justify="right", no_wrap=True)
    for dimension, rows in groups.items():
        table.add_row(Text(f"by {dimension}", "italic"))
        # The newest months, and the largest groups of all others.
        shown = list(rows.items())[-_ROWS:] if dimension == "month" else list(rows.items())[:_ROWS]
        for name, found in shown:
            table.add_row(Text(f"  {name}"), *_row(found))
        if len(rows) > len(shown):
            table.add_row(Text(f"  … {len(rows) - len(shown)} more", "dim"))
    out.print(table, soft_wrap=False)


def _row(found: Measures) -> Iterable[str]:
    numbers = (found.items, found.positives, found.false_positives, found.false_negatives)
    return (*map(str, numbers), *(value(found, name) for name in NAMES))


def _confusion(evaluation: Evaluation) -> None:
    if not mistaken(evaluation.confusion):
        return
    out.print()
    laid_out = matrix(evaluation.confusion)
    if laid_out is None or sum(len(column) + 2 for column in ("true \\ decided", *laid_out.columns)) > out.width:
        tell("What was taken for what, the most frequent mistakes:", style="bold")
        for pair in mistaken(evaluation.confusion)[:_PAIRS]:
            tell(f"{pair.items:5}  {joined(pair.truth)} taken for {joined(pair.decided)}", indent=7)
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(Text("true \\ decided", "bold"), no_wrap=True)
    for column in laid_out.columns:
        table.add_column(column, justify="right", no_wrap=True)
    for name, counts in laid_out.rows:
        cells = zip(laid_out.columns, counts, strict=True)
        table.add_row(
            name, *(Text(str(count or "·"), "bold green" if column == name else "") for column, count in cells)
        )
    out.print(table, soft_wrap=False)


def _examples(heading: str, examples: Iterable[Example]) -> None:
    listed = list(examples)
    if not listed:
        return
    out.print()
    tell(heading, style="bold")
    width = max(len(example.id) for example in listed)
    for example in listed:
        tell(f"{example.score:.2f}  {example.id:{width}}  {example.title}", indent=width + 8)
