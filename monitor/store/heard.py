"""What subscriptions have heard of stories: the lines of the ledger, the facts that one keeps, and reading them by
story."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, update

from monitor.domain.digest import Heard, Judgement, Verdict
from monitor.domain.facts import Counted, Facts, Figure, Measure, MeasureFact, Stage
from monitor.store.entries import entry_table, feed_table
from monitor.store.sql import upsert
from monitor.store.tables import LedgerRow, table_of

ledger_table = table_of(LedgerRow)
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
            titles = tuple(row.told.get("titles", ()))
            line = Heard(row.entry_id, Verdict(row.verdict), row.source, _facts_of(row.told), row.at, titles)
            found[row.story_id].append(line)
    return {story: tuple(lines) for story, lines in found.items()}


def add_judgements(
    connection: Connection, name: str, judgements: Sequence[Judgement], digest_id: int | None, now: datetime
) -> None:
    """Write lines of the ledger; the newest judgement of an entry counts."""
    rows = [
        {
            "subscription": name, "entry_id": j.entry_id, "story_id": j.story_id, "verdict": j.verdict.value,
            "label": j.decision.label, "probability": j.decision.probability, "threshold": j.decision.threshold,
            "digest_id": digest_id, "at": now, "told": json_of(j.told, j.titles),
        }
        for j in judgements
    ]  # fmt: skip
    if rows:
        statement = upsert(connection, ledger_table)
        changes = {
            name: statement.excluded[name]
            for name in ("verdict", "label", "probability", "threshold", "digest_id", "at", "told")
        }
        judged = statement.on_conflict_do_update(index_elements=["subscription", "entry_id"], set_=changes)
        connection.execute(judged, rows)


def name_noted(connection: Connection, name: str, entries: Sequence[int], digest_id: int | None, now: datetime) -> None:
    """Note of entries that had brought nothing that a digest names their sources now."""
    mine = and_(ledger_table.c.subscription == name, ledger_table.c.entry_id.in_(entries))
    noted = update(ledger_table).where(mine, ledger_table.c.verdict == Verdict.TOLD.value)
    connection.execute(noted.values(verdict=Verdict.SHOWN.value, digest_id=digest_id, at=now))


def json_of(facts: Facts | None, titles: Sequence[str] = ()) -> dict[str, Any] | None:
    """Write the facts that a line keeps, measures and figures, short; and the titles that were shown."""
    if facts is None:
        return None
    return {
        **({"titles": list(titles)} if titles else {}),
        "measures": [[fact.measure.value, fact.country, fact.stage.value, fact.negated] for fact in facts.measures],
        "figures": [
            [f.low, f.high, f.approximate, f.of.value, list(f.origin), f.to, f.as_of, f.by] for f in facts.figures
        ],
    }


def _facts_of(told: Mapping[str, Any]) -> Facts:
    """Read what `json_of` wrote."""
    measures = (MeasureFact(Measure(m), country, Stage(s), negated) for m, country, s, negated in told["measures"])
    figures = (
        Figure(low, high, approximate, Counted(of), tuple(origin), to, as_of, by)
        for low, high, approximate, of, origin, to, as_of, by in told["figures"]
    )
    return Facts(measures=tuple(measures), figures=tuple(figures))
