"""What the policy tracker and the figures ledger hold: facts of entries that are in, grouped."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from monitor.app import App
from monitor.domain.facts import Counted, Figure, Measure, Stage
from monitor.domain.labels import Band, Lines, cuts_for, decide
from monitor.domain.telling import Teller, ToldFigure, ToldMeasure
from monitor.extract.ledger import Count, counts
from monitor.extract.tracker import Step, steps
from monitor.store import tracker as store_tracker
from monitor.store.tracker import Judged, Which

_Fact = TypeVar("_Fact")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted. ``country`` "" is an international body; ``since`` counts by when something was told first.

    ``near`` takes near-misses in, too.
    """

    measure: Measure | None = None
    stage: Stage | None = None
    of: Counted | None = None
    country: str | None = None
    since: datetime | None = None
    near: bool = False


def policy(app: App, asked: Asked) -> list[Step]:
    """Return the steps of measures, the newest first."""
    found = store_tracker.measures(
        app.store, _which(app, asked), measure=asked.measure, country=asked.country, stage=asked.stage
    )
    told = (ToldMeasure(teller, fact) for teller, fact in _in(app, found, _lines(app), near=asked.near))
    return [step for step in steps(told) if asked.since is None or step.first >= asked.since]


def ledger(app: App, asked: Asked) -> list[Count]:
    """Return the counts, the newest first."""
    # All of the past is read: a count that is told again is none of today.
    which = replace(_which(app, asked), since=None)
    found = store_tracker.figures(app.store, which, of=asked.of, country=asked.country)
    told = (ToldFigure(teller, fact) for teller, fact in _in(app, found, _lines(app), near=asked.near))
    return [count for count in counts(told) if asked.since is None or count.first >= asked.since]


def cited(app: App, figures: Collection[Figure], lines: Mapping[str, Lines], *, before: datetime) -> list[ToldFigure]:
    """Return the counts by a name, of the same numbers as ``figures`` by a name, of what is in and came ``before``."""
    numbers = {(figure.of, figure.low, figure.high) for figure in figures if figure.by}
    found = store_tracker.cited(app.store, numbers, before=before)
    return [ToldFigure(teller, fact) for teller, fact in _in(app, found, lines, near=False)]


def _lines(app: App) -> dict[str, Lines]:
    return {name: label.lines for name, label in app.settings.labels.items()}


def _which(app: App, asked: Asked) -> Which:
    lowest = {name: lines.lowest for name, lines in _lines(app).items()}
    over = {name: cut.review if asked.near else cut.threshold for name, cut in lowest.items()}
    return Which(over, watched=asked.near, since=asked.since)


def _in(
    app: App, found: Iterable[tuple[Judged, _Fact]], lines: Mapping[str, Lines], *, near: bool
) -> Iterable[tuple[Teller, _Fact]]:
    """Keep what is in by any label; with ``near`` also what is a near-miss by one, marked as that."""
    bands: dict[int, Band] = {}
    for judged, fact in found:
        teller = judged.teller
        if teller.id not in bands:
            bands[teller.id] = _band(app, judged, lines)
        if bands[teller.id] is Band.IN:
            yield teller, fact
        elif near and bands[teller.id] is Band.REVIEW:
            yield replace(teller, near=True), fact


def _band(app: App, judged: Judged, lines: Mapping[str, Lines]) -> Band:
    """The best band of all labels, by the lines that hold for the entry's language and tier."""
    source = app.settings.source_of(judged.teller.feed)
    cuts = cuts_for(lines, judged.teller.lang, source.tier.value if source else "")
    bands = {decision.band for decision in decide(judged.scores, cuts, human=judged.human)}
    return next((band for band in (Band.IN, Band.REVIEW) if band in bands), Band.OUT)
