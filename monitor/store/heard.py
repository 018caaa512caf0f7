"""What subscriptions have heard of stories: the facts that a ledger line keeps, and reading them by story."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from monitor.domain.digest import Heard, Verdict
from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Stage
from monitor.store.entries import entry_table, feed_table
from monitor.store.tables import LedgerRow

ledger_table: Any = LedgerRow.__table__  # type: ignore[attr-defined]
_IN = 10_000


def heard(connection: Connection, subscription: str, stories: Sequence[int]) -> dict[int, tuple[Heard, ...]]:
    """Return what a subscription was told of stories, by story; those of which it was told nothing are left out.

    It is read by the ledger's index on subscription and story. Who tells comes from the entry's row, which stays as
    long as the ledger's, without texts.
    """
    ledger, found = ledger_table.c, defaultdict[int, list[Heard]](list)
    chosen = (
        select(ledger.story_id, ledger.entry_id, ledger.verdict, ledger.told, ledger.at, feed_table.c.source)
        .join(entry_table, entry_table.c.id == ledger.entry_id)
        .join(feed_table, feed_table.c.name == entry_table.c.feed)
        .where(ledger.subscription == subscription, ledger.told.is_not(None))
    )
    for start in range(0, len(stories), _IN):
        for row in connection.execute(chosen.where(ledger.story_id.in_(stories[start : start + _IN]))):
            line = Heard(row.entry_id, Verdict(row.verdict), row.source, _facts_of(row.told), row.at)
            found[row.story_id].append(line)
    return {story: tuple(lines) for story, lines in found.items()}


def json_of(facts: Facts | None) -> dict[str, Any] | None:
    """Write the facts that a line keeps: measures and figures, short, and what mends what was told before."""
    if facts is None:
        return None
    return {
        "measures": [[fact.measure.value, fact.country, fact.stage.value, fact.negated] for fact in facts.measures],
        "figures": [
            [f.low, f.high, f.approximate, f.of.value, list(f.origin), f.to, f.as_of, f.by] for f in facts.figures
        ],
        **({"mend": facts.mend} if facts.mend else {}),
    }


def _facts_of(told: Mapping[str, Any]) -> Facts:
    """Read what `json_of` wrote."""
    measures = (MeasureFact(Measure(m), country, Stage(s), negated) for m, country, s, negated in told["measures"])
    figures = (
        Figure(low, high, approximate, Counted(of), tuple(origin), to, as_of, by)
        for low, high, approximate, of, origin, to, as_of, by in told["figures"]
    )
    return Facts(measures=tuple(measures), figures=tuple(figures), mend=told.get("mend", ""))
