"""How a reclassification looks: progress, what changed by label, and by whose scores decisions go."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from monitor.app import App
from monitor.cli.common import local, progress
from monitor.cli.console import err, plain, plural, tell
from monitor.domain.backfill import ALL_TIME
from monitor.domain.reclassify import Changes, Flip, Job
from monitor.jobs.reclassify.run import Report
from monitor.normalise.duration import show as show_duration

_LINES = 10  # of progress at the most, where stderr is no terminal


def numbers(job: Job) -> str:
    """How far a job is, in a line."""
    rate = f", {job.rate:,.3g} a second" if job.rate else ""
    left = f", {show_duration(timedelta(seconds=job.left))} left" if job.left and job.ended_at is None else ""
    return f"{job.tally.done:,} of {plural(job.total, 'entry', 'entries')}{rate}{left}"


@contextmanager
def shown() -> Iterator[Callable[[Job], None]]:
    """Progress on stderr: a bar in a terminal, elsewhere a plain line for each tenth."""
    if not err.is_terminal:
        told = 0

        def line(job: Job) -> None:
            nonlocal told
            if (tenth := job.tally.done * _LINES // max(1, job.total)) > told:
                told = tenth
                err.print(numbers(job))

        yield line
        return
    with progress("reclassifying") as bar:

        def update(job: Job) -> None:
            bar.update(bar.task_ids[0], completed=job.tally.done, total=job.total, description=numbers(job))

        yield update


def range_of(job: Job, app: App) -> str:
    """Which entries a job goes through."""
    begin = "" if job.span.since <= ALL_TIME.since else f"from {local(job.span.since, app)} "
    feeds = "" if job.span.feeds is None else f" of {', '.join(sorted(job.span.feeds)) or 'no feed'}"
    return f"entries first seen {begin}until {local(job.span.until, app)}{feeds}"


def show_begin(report: Report, app: App) -> None:
    """Say what a run went on with, or why it did not."""
    job = report.job
    if report.resumed:
        tell(
            f"went on with reclassification {job.id}, which was interrupted: {range_of(job, app)}; "
            "its numbers are in these",
            indent=4,
        )
    if report.anew is not None:
        tell(
            f"begun anew: reclassification {report.anew.id} was asked for in the same words, and was not ended, "
            f"but it was of {range_of(report.anew, app)}, or another model's scores count since",
            indent=4,
        )


def report_json(report: Report) -> dict[str, Any]:
    """What scripts get of a report."""
    job = report.job
    return {
        "id": job.id or None, "model": job.model, "scorer": job.scorer, "in_use": job.counts,
        "dry_run": report.dry_run, "resumed": report.resumed, "anew": report.anew.id if report.anew else None,
        "ended": report.ended, "since": plain(job.span.since), "until": plain(job.span.until), "entries": job.entries,
        "to_score": job.total, "scored": job.tally.scored, "waiting": report.waiting,
        "seconds": round(job.tally.seconds, 3), "rate": job.rate, "labels": plain(job.tally.labels),
    }  # fmt: skip


def show_scores(report: Report, app: App) -> None:
    """Say what was scored, and which decisions that changes."""
    job = report.job
    if not job.total:
        tell(f"{job.scorer} has scored all {job.entries} entries of that time: nothing to do", indent=4)
        return
    tell(f"scored {job.tally.scored} of {job.entries} entries anew by {job.scorer}", indent=4)
    for label, changes in job.tally.labels.items():
        stay = f"{changes.stay_in} stay in, {changes.stay_out} stay out"
        tell(f"{label}: {changes.gained} in, {changes.lost} out; {stay}", indent=4)
        _show_examples(changes, app)


def _show_examples(changes: Changes, app: App) -> None:
    for flip in changes.examples:
        tell(f"    {_told(flip, app)}", indent=8)


def moved(flip: Flip) -> str:
    """The score before and after."""
    return " -> ".join("none" if score is None else f"{score:.2f}" for score in (flip.before, flip.after))


def _told(flip: Flip, app: App) -> str:
    day = flip.at.astimezone(app.settings.zone).strftime("%Y-%m-%d")
    way = "in" if flip.gained else "out"
    scores = f"{moved(flip)} (line {flip.line:g})"
    return f"{way}: {scores}  {flip.entry_id}  {flip.source}, {day}: {flip.title}"
