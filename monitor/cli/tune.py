"""`monitor tune`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from monitor.classify.tune import Goal, Interval, Measured
from monitor.cli.common import opened, progress
from monitor.cli.console import err, out, plain, plural, print_json, tell
from monitor.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption
from monitor.errors import UsageError
from monitor.jobs import tune as job
from monitor.jobs.tune_data import Progress
from monitor.jobs.tune_report import Flips, Row, Tuning

_LINES = 10  # of progress at the most, where stderr is no terminal
_LONG = 2_000  # texts to score, below which it is over before anybody asks


def add_to(app: typer.Typer) -> None:
    """Add this module's verbs."""
    app.command("tune")(tune)


def tune(
    label: Annotated[str, typer.Argument(metavar="LABEL", help="A label of labels.toml.")],
    *,
    per_day: Annotated[
        float | None, typer.Option("--per-day", metavar="N", help="So many stories a day over the line.")
    ] = None,
    precision: Annotated[
        float | None, typer.Option("--precision", metavar="P", help="The lowest line with that precision.")
    ] = None,
    recall: Annotated[
        float | None, typer.Option("--recall", metavar="R", help="The highest line with that recall.")
    ] = None,
    cost_miss: Annotated[
        float | None, typer.Option("--cost-miss", metavar="C", help="A miss costs as much as C false alerts.")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=36_500, metavar="N", help="How far back to look.")] = 30,
    lang: Annotated[str, typer.Option("--lang", metavar="CODE", help="The line for a language.")] = "",
    tier: Annotated[str, typer.Option("--tier", metavar="TIER", help="The line for a tier of sources.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Write the line into labels.toml.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonOption = False,
) -> None:
    """Propose a line for a label by a goal; without one it is that of [labels.LABEL.tune]."""
    goal = _goal({"budget": per_day, "precision": precision, "recall": recall, "cost": cost_miss})
    with opened(config, migrate=False, channels=False) as app:
        with _shown() as bar:
            found = job.run(app, label, goal=goal, days=days, lang=lang, tier=tier, progress=bar)
        files = job.write(app.settings, found) if write and not found.refusal else ()
        if json:
            print_json({**plain(found), "written": files})
        else:
            _show(found, files)
        if write and not files:
            job.write(app.settings, found)  # which says why not


def _goal(given: dict[str, float | None]) -> Goal | None:
    goals = [Goal(mode, value) for mode, value in given.items() if value is not None]
    if len(goals) > 1:
        raise UsageError("give one of --per-day, --precision, --recall and --cost-miss")
    return goals[0] if goals else None


@contextmanager
def _shown() -> Iterator[Progress]:
    """Progress on stderr: a bar in a terminal, elsewhere a plain line for each tenth of what takes long."""
    if not err.is_terminal:
        yield _line
        return
    with progress("scoring") as bar:
        yield lambda done, total: bar.update(bar.task_ids[0], completed=done, total=total)


def _line(done: int, total: int) -> None:
    if total >= _LONG and (done == total or done * _LINES // total > (done - 1_000) * _LINES // total):
        err.print(f"{done} of {total} entries scored")


def _show(found: Tuning, files: tuple[Path, ...]) -> None:
    where = f" in {found.lang}" if found.lang else f" of tier {found.tier}" if found.tier else ""
    tell(
        f"{found.label}{where}, {found.goal}: {_change(found)} (95 %: {_span(found.interval)})", indent=4, style="bold"
    )
    tell(f"review {found.before.review:g} -> {found.after.review:g}", indent=4)
    if found.measured is not None:
        tell(_measured(found, found.measured), indent=4)
    for line in _basis(found):
        tell(line, indent=4)
    if found.refusal:
        tell(found.refusal, indent=4, style="yellow")
    for note in found.notes:
        tell(note, indent=4)
    if found.data.entries:
        _table(found)
    _show_flips("would come in", found.comes_in)
    _show_flips("would go out", found.goes_out)
    if files or not found.refusal:
        tell(f"written to {', '.join(map(str, files))}" if files else "nothing is written; --write does it", indent=4)


def _change(found: Tuning) -> str:
    if found.before.threshold == found.after.threshold:
        return f"{found.after.threshold:g} stays"
    return f"{found.before.threshold:g} -> {found.after.threshold:g}"


def _span(interval: Interval) -> str:
    return f"{interval[0]:.2f} to {interval[1]:.2f}"


def _measured(found: Tuning, at: Measured) -> str:
    precision, recall = _share(at.precision, at.precision_interval), _share(at.recall, at.recall_interval)
    return f"at {found.after.threshold:g}: precision {precision}, recall {recall}"


def _share(value: float | None, interval: Interval | None) -> str:
    return "unknown" if value is None or interval is None else f"{value:.2f} ({_span(interval)})"


def _basis(found: Tuning) -> Iterator[str]:
    data = found.data
    held_out = plural(data.heldout, "held-out item")
    sha256 = f" (sha256 {data.heldout_sha256[:8]})" if data.heldout else ""
    if found.measured is not None:
        yield f"precision and recall: on {plural(data.human, 'label')} of people and {held_out}{sha256}"
    yield f"stream: {data.entries} entries of {data.stories} stories, from {data.days:.1f} of {data.asked_days} days"


def _table(found: Tuning) -> None:
    tell(f"the last {found.data.asked_days} days would have given:")
    out.print(f"  {'line':>5}  {'review':>6}  {'entries':>7}  near-misses  stories a day  precision  recall")
    for row in found.rows:
        style = "bold" if row.what == "proposed" else None
        out.print(_cells(row), style=style)


def _cells(row: Row) -> str:
    a_day = "-" if row.stories_a_day is None else f"{row.stories_a_day:.1f}"
    precision, recall = ("-" if share is None else f"{share:.2f}" for share in (row.precision, row.recall))
    return (
        f"  {row.threshold:5.3g}  {row.review:6.3g}  {row.entries:7}  {row.near_misses:11}  {a_day:>13}  "
        f"{precision:>9}  {recall:>6}  {row.what}"
    ).rstrip()


def _show_flips(what: str, flips: Flips) -> None:
    if flips.entries:
        tell(f"{what}: {flips.entries}")
    for flip in flips.examples:
        tell(f"    {flip.score:.2f}  {flip.entry_id}  {flip.title}", indent=8)
