"""The blocks of a digest as words: rows of the policy tracker and of the figures ledger, each with its sources."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
class FactView:
    """A step or a count with what goes with it, and who tells it otherwise.

    ``flag`` is "" for an international body, and for counts.
    """

    words: str
    flag: str = ""
    beside: str = ""
    against: str = ""

    def __str__(self) -> str:
        return ", ".join(part for part in (self.words, self.beside) if part)


@dataclass(frozen=True, slots=True)
class RowView:
    """One row: a day, facts, the title of who tells them, and the sources.

    ``url`` is None where the feed gave no http(s) link.
    """

    day: str
    facts: tuple[FactView, ...]
    title: str
    url: str | None = None
    sources: tuple[str, ...] = ()
    more_sources: int = 0

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
    rows = _joined(_step(row, zone) for row in block.rows[:ROWS])
    more = _more(len(block.rows[ROWS:]), "step", f"monitor facts --since {_date(since, zone)}")
    return BlockView("Policy tracker", len(block.rows), rows, "" if rows else "No new step of a state was told.", more)


def _ledger(block: Ledger, since: datetime, zone: ZoneInfo) -> BlockView:
    rows = _joined(_count(row, zone) for row in block.rows[:ROWS])
    more = _more(len(block.rows[ROWS:]), "count", f"monitor facts --figures --since {_date(since, zone)}")
    beside = _joined(_reference(row) for row in block.reference[:_REFERENCES])
    left = _more(len(block.reference[_REFERENCES:]), "reference count", "monitor facts --figures --reference")
    empty = "" if rows else "No new count was given."
    return BlockView("Figures ledger", len(block.rows), rows, empty, more, beside, left)


def _more(number: int, what: str, command: str) -> str:
    return f"{count(number, f'more {what}')}: {command}" if number else ""


def _date(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).date().isoformat()


def _step(row: StepRow, zone: ZoneInfo) -> RowView:
    fact = row.fact
    mark = flag(fact.country) if fact.country else ""
    against = fact_words.otherwise(fact.stage, row.against, negated=fact.negated)
    said = FactView(shown(fact_words.step(fact), _FACT), mark, against=shown(against, _FACT))
    return _row(day(row.first, zone), said, row.lead, row.sources)


def _count(row: CountRow, zone: ZoneInfo) -> RowView:
    figure, against = row.figure, fact_words.other_numbers(row.against)
    fact = " ".join(filter(None, (fact_words.count(figure), fact_words.way(figure))))
    beside = shown(fact_words.said(figure), NAME)
    said = FactView(shown(fact, _FACT), beside=beside, against=shown(against, _FACT))
    return _row(day(row.first, zone), said, row.lead, row.sources)


def _reference(row: ReferenceRow) -> RowView:
    fact = " ".join(filter(None, (fact_words.count(row.figure), fact_words.way(row.figure), row.group)))
    said = FactView(shown(fact, _FACT), beside=shown(fact_words.said(row.figure), NAME))
    return RowView(row.published, (said,), shown(row.report, _TITLE))


def _row(at: str, fact: FactView, lead: Teller, sources: Sequence[str]) -> RowView:
    url = canonical(shown(lead.url, len(lead.url))) if lead.url else None
    named = tuple(shown(source, NAME) for source in sources[:_SOURCES])
    return RowView(at, (fact,), shown(lead.title, _TITLE), url, named, len(sources) - len(named))


def _joined(rows: Iterable[RowView]) -> tuple[RowView, ...]:
    """Put facts that the same entry tells beside others, by the same sources, into one row."""
    made: list[RowView] = []
    for row in rows:
        if made and replace(row, facts=()) == replace(made[-1], facts=()):
            made[-1] = replace(row, facts=(*made[-1].facts, *row.facts))
        else:
            made.append(row)
    return tuple(made)
