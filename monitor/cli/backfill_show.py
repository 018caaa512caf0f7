"""How backfills look: the plan, the progress, and the end as a statement."""

from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from monitor.app import App
from monitor.cli.common import local
from monitor.cli.console import err, plural, tell
from monitor.domain.backfill import Job, JobState, RouteName, Span, Statement
from monitor.jobs.backfill.expected import first_request, pages_expected
from monitor.jobs.backfill.run import Planned
from monitor.normalise.duration import show as show_duration

_MONTHS_A_LINE = 6


def days(span: Span, app: App) -> str:
    """The first and the last day of a span, in the configured zone."""
    first, last = span.since.astimezone(app.settings.zone), span.until.astimezone(app.settings.zone)
    return f"{first:%Y-%m-%d} to {last - timedelta(seconds=1):%Y-%m-%d}"


def numbers(job: Job) -> str:
    """What a job has done, in a line."""
    tally = job.tally
    expected = f" of {job.declared} expected" if job.declared is not None else ""
    rate = f", {job.rate:.3g} a second" if job.rate else ""
    left = f", {show_duration(timedelta(seconds=job.left))} left" if job.left and not job.state.over else ""
    return (
        f"{plural(tally.pages, 'page')}, {tally.entries} entries{expected}: {tally.new} new, {tally.known} known, "
        f"{tally.outside} outside of the range; {plural(tally.requests, 'request')}{rate}{left}"
    )


class Bars:
    """A line of progress for each job, on stderr where that is a terminal."""

    def __init__(self, *, silent: bool) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(20), TimeElapsedColumn())
        self._progress = Progress(
            *columns, console=err, disable=silent or not err.is_terminal, transient=True,
            redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip
        self._tasks: dict[int, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()

    def show(self, job: Job) -> None:
        """Bring a job's line up to date."""
        if job.id not in self._tasks:
            self._tasks[job.id] = self._progress.add_task(job.feed, total=None)
        text = f"{job.feed} ({job.route}): {numbers(job)}"
        self._progress.update(self._tasks[job.id], description=text, completed=job.tally.entries, total=job.declared)


def show_plan(app: App, planned: Planned) -> None:
    """Say what a job would ask, and how much is expected of it."""
    for note in planned.notes:
        tell(f"{planned.feed}: {note}", indent=4)
    job = planned.job
    if job is None:
        tell(f"{planned.feed}: there is no route to its past", indent=4, style="yellow")
        return
    expected = f"{job.declared} entries declared" if job.declared is not None else "nobody says how many entries"
    pages = pages_expected(job)
    asks = "reads" if job.route == RouteName.ARCHIVE else "asks"
    tell(f"{planned.feed}: {job.route}, {days(job.span, app)}: {expected}", indent=4)
    tell(f"    {asks} {first_request(app, job)}", indent=8)
    if pages is not None:
        apart = app.settings.options.fetch.domain_interval
        tell(f"    about {plural(pages, 'request')}, {show_duration(pages * apart)} at the least", indent=8)
    if job.route != RouteName.ARCHIVE:
        tell(f"    at most {job.budget} requests, {planned.requests} of them spent to find this out", indent=8)


def show_end(job: Job, said: Statement) -> None:
    """Say how a job ended."""
    style = "" if job.state is JobState.DONE else "yellow"
    tell(
        f"backfill {job.id}, {job.feed} by {job.route}: {job.state.value}: {job.detail}", indent=4, style=style or None
    )
    tell(f"    {numbers(job)}", indent=8)
    show_statement(said)
    if not job.state.over:
        tell(f"    `monitor backfill resume {job.id}` goes on from here", indent=8)


def show_statement(said: Statement) -> None:
    """Say what the store holds of the range, by month, and what is missing."""
    of = f"of {said.declared} declared" if said.declared is not None else "of an unknown number"
    tell(f"    found {said.found} {of}, for {plural(said.requests, 'request')}", indent=8)
    months = [f"{month} {count}" for month, count in said.by_month.items()]
    for start in range(0, len(months), _MONTHS_A_LINE):
        tell(f"    {' · '.join(months[start : start + _MONTHS_A_LINE])}", indent=8)
    for gap in said.gaps:
        tell(f"    gap: {gap}", indent=8, style="yellow")


def show_job(app: App, job: Job, said: Statement, *, running: bool) -> None:
    """Show one job as a whole."""
    tell(f"backfill {job.id}: {job.feed} by {job.route}, {days(job.span, app)}", indent=4)
    tell(f"    {standing(job, running=running)}{f': {job.detail}' if job.detail else ''}", indent=8)
    tell(f"    begun {local(job.created_at, app)}, last page {local(job.updated_at, app)}", indent=8)
    tell(f"    {numbers(job)}; budget {job.budget}", indent=8)
    show_statement(said)


def standing(job: Job, *, running: bool) -> str:
    """A job's state as a word: one that nobody does any more was interrupted."""
    return "interrupted" if job.state is JobState.RUNNING and not running else job.state.value


def rows(app: App, jobs: list[Job]) -> Table:
    """A table of jobs."""
    table = Table(box=None, pad_edge=False)
    for name in ("ID", "FEED", "ROUTE", "RANGE", "STATE", "ENTRIES", "NEW", "REQUESTS", "BEGUN"):
        table.add_column(name, justify="right" if name in {"ENTRIES", "NEW", "REQUESTS"} else "left")
    for job in jobs:
        expected = f"/{job.declared}" if job.declared is not None else ""
        table.add_row(
            str(job.id), job.feed, job.route, days(job.span, app), job.state.value, f"{job.tally.entries}{expected}",
            str(job.tally.new), str(job.tally.requests), local(job.created_at, app),
        )  # fmt: skip
    return table
