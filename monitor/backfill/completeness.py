"""What the end of a backfill says about what it found."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from monitor.domain.backfill import Job, Span, Statement

_MOST_GAPS = 20


def by_month(published: Iterable[datetime]) -> dict[str, int]:
    """Count dates by month, ``YYYY-MM``, ascending."""
    counted = Counter(moment.astimezone(UTC).strftime("%Y-%m") for moment in published)
    return dict(sorted(counted.items()))


def months(span: Span) -> list[str]:
    """Every month of a span."""
    found, year, month = [], span.since.year, span.since.month
    while datetime(year, month, 1, tzinfo=UTC) < span.until and year < 9999:
        found.append(f"{year:04}-{month:02}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def empty_months(span: Span, counted: Mapping[str, int]) -> list[str]:
    """The months between the first and the last that hold something, and hold nothing, put together as stretches."""
    if not counted:
        return []
    first, last = min(counted), max(counted)
    empty = [month for month in months(span) if first < month < last and not counted.get(month)]
    return [_stretch(run) for run in _runs(empty, months(span))]


def _runs(chosen: Sequence[str], order: Sequence[str]) -> list[list[str]]:
    """Group what follows on each other."""
    runs: list[list[str]] = []
    at = {month: n for n, month in enumerate(order)}
    for month in chosen:
        if runs and at[month] == at[runs[-1][-1]] + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return runs


def _stretch(run: Sequence[str]) -> str:
    return run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}"


def statement(job: Job, published: Iterable[datetime]) -> Statement:
    """Put together what is known of a job's end. ``published`` are the dates of the feed's entries in its span that the
    store holds, whoever brought them."""
    counted = by_month(published)
    found = sum(counted.values())
    gaps = [*job.gaps, *(f"nothing in {stretch}" for stretch in empty_months(job.span, counted))]
    gaps += [f"{number} pages not had ({kind})" for kind, number in sorted(job.tally.failures.items())]
    if job.tally.undated:
        gaps.append(f"{job.tally.undated} without a date, of which nobody knows whether they belong here")
    if not job.state.over:
        gaps.append(f"not at its end: {job.detail or job.state.value}")
    return Statement(found, job.declared, counted, tuple(gaps[:_MOST_GAPS]), job.tally.requests)
