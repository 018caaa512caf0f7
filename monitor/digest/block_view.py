"""The blocks of a digest as words: rows of the policy tracker and of the figures ledger, each with its sources."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.digest import fact_words
from monitor.digest.names import flag
from monitor.digest.words import NAME, sentence, shown
from monitor.domain.block import CountRow, Ledger, ReferenceRow, StepRow, Tracker
from monitor.domain.digest import Digest
from monitor.domain.telling import Teller
from monitor.normalise.url import canonical
from monitor.tongue.tongue import Tongue

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
    comma: str = ""

    def __str__(self) -> str:
        return self.comma.join(part for part in (self.words, self.beside) if part)


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
    more_sources: str = ""  # how many are not named
    who: str = ""  # the sources on one line


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


def block_views(digest: Digest, tongue: Tongue) -> tuple[BlockView, ...]:
    """Put the blocks into words; of a digest without stories only those that have rows."""
    words = _Words(tongue, digest.subscription.zone, digest.coverage.since)
    made = (words.tracker(block) if isinstance(block, Tracker) else words.ledger(block) for block in digest.blocks)
    return tuple(view for view in made if view.rows or digest.stories)


@dataclass(frozen=True, slots=True)
class _Words:
    """How rows are said: in a language, with the days of a zone; ``since`` is where a command for more begins."""

    tongue: Tongue
    zone: ZoneInfo
    since: datetime

    def tracker(self, block: Tracker) -> BlockView:
        rows = _joined(self.step(row) for row in block.rows[:ROWS])
        more = self.more(len(block.rows[ROWS:]), "steps", f"monitor facts --since {self.date}")
        return self.block("tracker", len(block.rows), rows, more)

    def ledger(self, block: Ledger) -> BlockView:
        rows = _joined(self.count(row) for row in block.rows[:ROWS])
        more = self.more(len(block.rows[ROWS:]), "counts", f"monitor facts --figures --since {self.date}")
        beside = _joined(self.reference(row) for row in block.reference[:_REFERENCES])
        left = self.more(len(block.reference[_REFERENCES:]), "reference", "monitor facts --figures --reference")
        return replace(self.block("ledger", len(block.rows), rows, more), reference=beside, more_reference=left)

    def block(self, key: str, number: int, rows: tuple[RowView, ...], more: str) -> BlockView:
        empty = "" if rows else self.tongue.say(f"blocks.{key}_empty")
        return BlockView(self.tongue.say(f"blocks.{key}"), number, rows, empty, more)

    def more(self, number: int, what: str, command: str) -> str:
        return self.tongue.count(f"blocks.more_{what}", number, command=self.tongue.apart(command)) if number else ""

    @property
    def date(self) -> str:
        return self.since.astimezone(self.zone).date().isoformat()

    def step(self, row: StepRow) -> RowView:
        fact, tongue = row.fact, self.tongue
        mark = flag(fact.country) if fact.country else ""
        against = fact_words.otherwise(fact.stage, row.against, negated=fact.negated, of=fact.measure, tongue=tongue)
        said = FactView(sentence(fact_words.step(fact, tongue), _FACT), mark, against=sentence(against, _FACT))
        return self.row(row.first, said, row.lead, row.sources)

    def count(self, row: CountRow) -> RowView:
        figure, tongue = row.figure, self.tongue
        fact = " ".join(filter(None, (fact_words.count(figure, tongue), fact_words.way(figure, tongue))))
        beside = sentence(fact_words.said(figure, tongue), NAME)
        against = sentence(fact_words.other_numbers(row.against, tongue), _FACT)
        said = FactView(sentence(fact, _FACT), beside=beside, against=against, comma=tongue.say("form.comma"))
        return self.row(row.first, said, row.lead, row.sources)

    def reference(self, row: ReferenceRow) -> RowView:
        figure, tongue = row.figure, self.tongue
        parts = (fact_words.count(figure, tongue), fact_words.way(figure, tongue), fact_words.group(row.group, tongue))
        beside = sentence(fact_words.said(figure, tongue), NAME)
        fact = sentence(" ".join(filter(None, parts)), _FACT)
        said = FactView(fact, beside=beside, comma=tongue.say("form.comma"))
        return RowView(row.published, (said,), shown(row.report, _TITLE))

    def row(self, first: datetime, fact: FactView, lead: Teller, sources: Sequence[str]) -> RowView:
        url = canonical(shown(lead.url, len(lead.url))) if lead.url else None
        named = tuple(self.tongue.apart(shown(source, NAME)) for source in sources[:_SOURCES])
        left = len(sources) - len(named)
        more = self.tongue.count("digest.more", left) if left else ""
        who = " ".join(filter(None, (self.tongue.listed(named), more)))
        return RowView(self.tongue.day(first, self.zone), (fact,), shown(lead.title, _TITLE), url, named, more, who)


def _joined(rows: Iterable[RowView]) -> tuple[RowView, ...]:
    """Put facts that the same entry tells beside others, by the same sources, into one row."""
    made: list[RowView] = []
    for row in rows:
        if made and replace(row, facts=()) == replace(made[-1], facts=()):
            made[-1] = replace(row, facts=(*made[-1].facts, *row.facts))
        else:
            made.append(row)
    return tuple(made)
