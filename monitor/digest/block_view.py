"""The blocks of a digest as words: rows of the policy tracker and of the figures ledger, each with its sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.digest import fact_words
from monitor.digest.names import flag
from monitor.digest.words import NAME, count, day, shown
from monitor.domain.block import CountRow, Ledger, ReferenceRow, StepRow, Tracker
from monitor.domain.digest import Digest
from monitor.domain.telling import Teller
from monitor.normalise.url import canonical

ROWS = 20
_REFERENCES = 6
_TITLE = 120
_SOURCES = 4
_FACT = 2 * NAME


@dataclass(frozen=True, slots=True)
class RowView:
    """One row: a day, the fact with what goes with it, the title of who tells it, the sources, and who says otherwise.

    ``url`` is None where the feed gave no http(s) link; ``flag`` is "" for an international body, and for counts.
    """

    day: str
    flag: str
    fact: str
    beside: str
    title: str
    url: str | None
    sources: tuple[str, ...]
    more_sources: int
    against: str

    @property
    def who(self) -> str:
        """The sources on one line."""
        return ", ".join(self.sources) + (f" and {self.more_sources} more" if self.more_sources else "")


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block: its rows, a sentence instead where there are none, and a sentence on those that did not fit."""

    title: str
    count: int
    rows: tuple[RowView, ...]
    empty: str
    more: str
    reference: tuple[RowView, ...] = ()
    more_reference: str = ""


def block_views(digest: Digest) -> tuple[BlockView, ...]:
    """Put the blocks into words; of a digest without stories only those that have rows."""
    zone, since = digest.subscription.zone, digest.coverage.since
    made = (
        _tracker(block, since, zone) if isinstance(block, Tracker) else _ledger(block, since, zone)
        for block in digest.blocks
    )
    return tuple(view for view in made if view.rows or digest.stories)


def _tracker(block: Tracker, since: datetime, zone: ZoneInfo) -> BlockView:
    rows = tuple(_step(row, zone) for row in block.rows[:ROWS])
    more = _more(len(block.rows) - len(rows), "step", f"monitor facts --since {_date(since, zone)}")
    return BlockView("Policy tracker", len(block.rows), rows, "" if rows else "No new step of a state was told.", more)


def _ledger(block: Ledger, since: datetime, zone: ZoneInfo) -> BlockView:
    rows = tuple(_count(row, zone) for row in block.rows[:ROWS])
    more = _more(len(block.rows) - len(rows), "count", f"monitor facts --figures --since {_date(since, zone)}")
    beside = tuple(_reference(row) for row in block.reference[:_REFERENCES])
    left = _more(len(block.reference) - len(beside), "reference count", "monitor facts --figures --reference")
    empty = "" if rows else "No new count was given."
    return BlockView("Figures ledger", len(block.rows), rows, empty, more, beside, left)


def _more(number: int, what: str, command: str) -> str:
    return f"{count(number, f'more {what}')}: {command}" if number else ""


def _date(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).date().isoformat()


def _step(row: StepRow, zone: ZoneInfo) -> RowView:
    fact = row.fact
    against = fact_words.otherwise(fact.stage, row.against, negated=fact.negated)
    mark = flag(fact.country) if fact.country else ""
    return _row(day(row.first, zone), mark, fact_words.step(fact), "", row.lead, row.sources, against)


def _count(row: CountRow, zone: ZoneInfo) -> RowView:
    figure, against = row.figure, fact_words.other_numbers(row.against)
    fact = " ".join(filter(None, (fact_words.count(figure), fact_words.way(figure))))
    return _row(day(row.first, zone), "", fact, fact_words.said(figure), row.lead, row.sources, against)


def _reference(row: ReferenceRow) -> RowView:
    fact = " ".join(filter(None, (fact_words.count(row.figure), fact_words.way(row.figure), row.group)))
    return RowView(row.published, "", shown(fact, _FACT), fact_words.said(row.figure), row.report, None, (), 0, "")


def _row(at: str, mark: str, fact: str, beside: str, lead: Teller, sources: Sequence[str], against: str) -> RowView:
    url = canonical(shown(lead.url, len(lead.url))) if lead.url else None
    named = tuple(shown(source, NAME) for source in sources[:_SOURCES])
    return RowView(
        day=at,
        flag=mark,
        fact=shown(fact, _FACT),
        beside=shown(beside, NAME),
        title=shown(lead.title, _TITLE),
        url=url,
        sources=named,
        more_sources=len(sources) - len(named),
        against=shown(against, _FACT),
    )
