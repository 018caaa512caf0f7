"""The tracker and the ledger in a terminal, and as plain lines where there is none."""

import sys
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from monitor.app import App
from monitor.cli.common import local
from monitor.cli.console import out, tell
from monitor.digest import fact_words
from monitor.domain.facts import Figure
from monitor.extract.ledger import Count
from monitor.extract.reference import Reference
from monitor.extract.tracker import Step

_DAY = len("2026-11-22")
_NARROW = 17
_WIDE = 100  # columns from which the middle of a table may be wider
_POLICY, _LEDGER = (24, 36), (38, 24)  # how wide it is there


def show_steps(steps: Sequence[Step], app: App) -> None:
    """Print steps; elsewhere than in a terminal a line each, parted by tabs."""
    if not out.is_terminal:
        for step in steps:
            country, what = step.country or fact_words.INTERNATIONAL, fact_words.measure(step.measure)
            _line(_day(step, app), country, what, _stage(step), _sources(step), step.lead.title)
        return
    table = _table(("date", "country", "measure", "told by"), _POLICY)
    for step in steps:
        done = Text(f"{fact_words.measure(step.measure)}: ")
        done.append(_stage(step), style="bold red" if step.negated else "bold")
        table.add_row(_day(step, app), fact_words.actor(step.country), done, _told(step, _against(step)))
    _print(table, steps)


def show_counts(counts: Sequence[Count], app: App) -> None:
    """Print counts, as `show_steps` does steps."""
    if not out.is_terminal:
        for count in counts:
            figure = count.figure
            _line(
                _day(count, app), fact_words.count(figure), fact_words.way(figure), fact_words.counter(figure),
                _sources(count), count.lead.title,
            )  # fmt: skip
        return
    table = _table(("date", "counted", "by whom, as of", "told by"), _LEDGER)
    for count in counts:
        told = _told(count, fact_words.other_numbers((told.fact, told.by.source) for told in count.otherwise))
        table.add_row(_day(count, app), _counted(count.figure), fact_words.counter(count.figure), told)
    _print(table, counts)


def show_references(references: Sequence[Reference]) -> None:
    """Print reference counts under a heading of their own."""
    if not references:
        return
    if not out.is_terminal:
        for reference in references:
            figure = reference.figure
            way = " ".join(filter(None, (fact_words.way(figure), reference.group)))
            _line(
                reference.published,
                fact_words.count(figure),
                way,
                fact_words.counter(figure),
                "reference",
                reference.report,
            )
        return
    out.print()
    tell("Reference counts", style="bold")
    table = _table(("published", "counted", "by whom, as of", "report"), _LEDGER)
    for reference in references:
        counted = _counted(reference.figure, reference.group)
        table.add_row(reference.published, counted, fact_words.counter(reference.figure), Text(reference.report))
    _print(table, references)
    for note in dict.fromkeys(f"{r.report}: {r.note}" for r in references if r.note):
        tell(note, indent=4, style="dim")


def _table(columns: tuple[str, str, str, str], wide: tuple[int, int]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    day, *middle, last = columns
    table.add_column(day, no_wrap=True, min_width=_DAY)
    for name, width in zip(middle, wide if out.width >= _WIDE else (_NARROW, _NARROW), strict=True):
        table.add_column(name, max_width=width)
    table.add_column(last)
    return table


def _print(table: Table, rows: Sequence[object]) -> None:
    if rows:
        out.print(table, soft_wrap=False)


def _line(*cells: str) -> None:
    sys.stdout.write("\t".join(cells) + "\n")  # Rich would make spaces of the tabs


def _day(found: Step | Count, app: App) -> str:
    return local(found.first, app)[:_DAY]


def _stage(step: Step) -> str:
    return fact_words.stage(step.stage, negated=step.negated)


def _against(step: Step) -> str:
    return fact_words.otherwise(step.stage, (told.by.source for told in step.otherwise), negated=step.negated)


def _sources(found: Step | Count) -> str:
    """The lead's source, and how many more; ~ marks what near-misses alone tell."""
    first, more = found.lead.source, len(found.sources) - 1
    return f"{'~' if found.lead.near else ''}{first}{f' +{more}' if more else ''}"


def _told(found: Step | Count, against: str) -> Text:
    text = Text(found.lead.title)
    text.append(f"  {_sources(found)}", style="yellow" if found.lead.near else "dim")
    if against:
        text.append(f"\n{against}", style="yellow")
    return text


def _counted(figure: Figure, group: str = "") -> Text:
    text = Text(fact_words.count(figure), style="bold")
    beside = ", ".join(filter(None, (fact_words.way(figure), group)))
    return text.append(f" {beside}", style="not bold") if beside else text
