"""What was measured, as a table and as values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from .measure import Spent
from .rounds import Pair


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is to stay below a limit, in the words of who asks for it."""

    what: str
    value: float
    limit: float

    @property
    def met(self) -> bool:
        return self.value < self.limit


@dataclass(frozen=True, slots=True)
class Measured:
    """All of a run: what was served, the median of each system, and the monitor's memory by the name of its poll."""

    feeds: int
    entries: int
    rounds: int
    answers_a_second: float
    systems: Mapping[str, Pair]
    versions: Mapping[str, str]
    memory: Mapping[str, Spent]


def goals(measured: Measured) -> list[Goal]:
    """The figures that are asked for, of those that were measured."""
    ours = measured.systems["monitor"]
    found = [
        Goal(f"first poll: wall time, monitor / {name}", ours.first.wall / measured.systems[name].first.wall, limit)
        for name, limit in (("newsboat", 1.0), ("reader", 0.2))
        if name in measured.systems
    ]
    found.append(Goal("monitor: wall time, second poll / first", ours.second.wall / ours.first.wall, 0.25))
    return found + [Goal(f"monitor: MB, {name}", spent.peak, 400.0) for name, spent in measured.memory.items()]


def table(measured: Measured) -> str:
    """All of it for people."""
    head = (
        f"{measured.feeds} feeds × {measured.entries} entries, median of {measured.rounds} rounds; "
        f"the server alone: {measured.answers_a_second:,.0f} answers/s"
    )
    lines = [head, "", f"{'':24}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}"]
    for title, which in (("first poll", "first"), ("second, unchanged", "second")):
        lines.append(title)
        for name, pair in measured.systems.items():
            lines.append(_row(f"  {name} {measured.versions[name]}", getattr(pair, which)))
    if measured.memory:
        lines.append("monitor with its workers, watched")
        lines.extend(_row(f"  {name}", spent) for name, spent in measured.memory.items())
    lines.append("")
    for goal in goals(measured):
        lines.append(f"{goal.what:48}{goal.value:9.2f}  {'met' if goal.met else 'not met'}: below {goal.limit:g}")
    return "\n".join(lines)


def _row(name: str, spent: Spent) -> str:
    return f"{name:24}{spent.wall:9.2f}{spent.cpu:9.2f}{spent.peak:9.0f}"


def values(measured: Measured) -> dict[str, object]:
    """All of it for programs."""
    return {**asdict(measured), "goals": [{**asdict(goal), "met": goal.met} for goal in goals(measured)]}
