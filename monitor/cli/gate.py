"""What the promotion gate found, for people and for scripts."""

from typing import Any

from monitor.classify.quality.gate import Change, Verdict, numbers
from monitor.cli.console import err, plural, tell
from monitor.errors import UsageError
from monitor.jobs.models import Outcome


def show_verdict(verdict: Verdict) -> None:
    """Print both models' numbers, label by label."""
    for label, figures in verdict.labels.items():
        if not figures.items:
            continue  # an aspect that got lost
        tell(f"{label}: {plural(figures.items, 'held-out item')}, {plural(figures.positives, 'positive')}", indent=4)
        tell(f"    average precision  {_change(figures.average_precision)}", indent=8)
        tell(f"    F1                 {_change(figures.f1)}", indent=8)
    if verdict.twin:
        tell("both give the same scores")


def _change(change: Change) -> str:
    both = " -> ".join("none" if value is None else f"{value:.3f}" for value in (change.incumbent, change.challenger))
    if change.difference is None:
        return both
    sure = "" if change.low is None else f" (95 %: {change.low:+.3f} to {change.high:+.3f})"
    return f"{both}  {change.difference:+.3f}{sure}"


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict as scripts get it."""
    return {
        "passed": verdict.passed,
        "twin": verdict.twin,
        "reasons": list(verdict.reasons),
        "labels": numbers(verdict.labels),
    }


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """What came of an activation as scripts get it."""
    told = {name: getattr(outcome, name) for name in ("version", "before", "activated", "forced", "remarks")}
    return {**told, **verdict_json(outcome.verdict)}


def show_outcome(outcome: Outcome) -> None:
    """Print the numbers, what speaks against the version, and what is in use now."""
    show_verdict(outcome.verdict)
    for remark in (*outcome.remarks, *outcome.verdict.reasons):
        tell(remark, indent=4, to=err, style="yellow")
    if outcome.activated:
        before = f", before it was {outcome.before}" if outcome.before else ""
        forced = ", by force" if outcome.forced else ""
        tell(f"{outcome.version} is active now{before}{forced}; a running daemon takes it at the next SIGHUP", indent=4)


def demand_activated(outcome: Outcome) -> None:
    """Raise UsageError where the gate has refused a version."""
    if not outcome.activated:
        count = plural(len(outcome.verdict.reasons), "reason")
        stays = f"{outcome.before} stays active" if outcome.before else "no version is active"
        gone = "" if outcome.kept else ", and another --version keeps it beside the old one"
        raise UsageError(
            f"{outcome.version} is refused for {count}, {stays}; --force puts it in use all the same{gone}"
        )
