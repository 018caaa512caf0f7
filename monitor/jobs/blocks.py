"""The blocks of a digest: what a window adds to the policy tracker and the figures ledger of its subscription.

They are made of the entries that the digest judges, by the same lines, so that they never tell of what the digest does
not know; what the subscription was told of a story before is not told again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from monitor.app import App
from monitor.digest.news import again, bare
from monitor.domain.block import Block, CountRow, Ledger, ReferenceRow, StepRow, Tracker
from monitor.domain.digest import Heard, Subscription
from monitor.domain.entry import StoredEntry
from monitor.domain.facts import Facts, Figure, MeasureFact
from monitor.domain.telling import ToldFigure, ToldMeasure, teller
from monitor.extract.ledger import Count, counts
from monitor.extract.reference import chosen
from monitor.extract.tracker import Step, steps
from monitor.jobs.facts import cited

Told = Mapping[int, Sequence[Heard]]


def blocks(
    app: App, subscription: Subscription, over: Sequence[StoredEntry], told: Told, *, since: datetime
) -> tuple[Tracker | Ledger, ...]:
    """Make the blocks that a subscription wants of the entries ``over`` its line, in the order in which it names them.

    ``told`` is what it heard of their stories before the window, which began at ``since``.
    """
    made: list[Tracker | Ledger] = []
    for block in subscription.blocks:
        if block is Block.TRACKER:
            made.append(_tracker(subscription, over, told))
        else:
            made.append(_ledger(app, subscription, over, told, since))
    return tuple(made)


def _tracker(subscription: Subscription, over: Sequence[StoredEntry], told: Told) -> Tracker:
    new = (
        ToldMeasure(teller(stored), fact)
        for stored in over
        for fact in stored.facts.measures
        if subscription.concerns(fact) and bare(fact) not in _heard(told, stored).measures
    )
    return Tracker(tuple(_step(step) for step in steps(new)))


def _heard(told: Told, stored: StoredEntry) -> Facts:
    """All facts that were told of an entry's story."""
    lines = told.get(stored.story_id, ())
    measures = tuple(fact for line in lines for fact in line.facts.measures)
    return Facts(measures=measures, figures=tuple(figure for line in lines for figure in line.facts.figures))


def _ledger(app: App, subscription: Subscription, over: Sequence[StoredEntry], told: Told, since: datetime) -> Ledger:
    new = [
        ToldFigure(teller(stored), figure)
        for stored in over
        for figure in stored.facts.figures
        if subscription.concerns(figure) and not again(figure, _heard(told, stored).figures)
    ]
    mine = {stored.id for stored in over}
    past = cited(app, [one.fact for one in new], subscription.lines, before=since)
    found = counts([*new, *(one for one in past if one.by.id not in mine)])
    # A count that is cited again is none of this window.
    rows = tuple(_count(count) for count in found if all(one.by.id in mine for one in count.told))
    return Ledger(rows, _references(row.figure for row in rows))


def _step(step: Step) -> StepRow:
    fact = MeasureFact(step.measure, step.country, step.stage, step.negated)
    against = tuple(dict.fromkeys(told.by.source for told in step.otherwise))
    return StepRow(fact, step.first, step.lead, step.sources, against)


def _count(count: Count) -> CountRow:
    against = tuple((told.fact, told.by.source) for told in count.otherwise)
    return CountRow(count.figure, count.first, count.lead, count.sources, against)


def _references(figures: Iterable[Figure]) -> tuple[ReferenceRow, ...]:
    """The reports' counts of the same kinds, each once: of the same countries, and of all."""
    found = dict.fromkeys(
        reference
        for figure in figures
        for reference in chosen(figure.of, None)
        if not (there := _countries(reference.figure)) or there & _countries(figure)
    )
    return tuple(ReferenceRow(one.figure, one.report, one.published, one.group) for one in found)


def _countries(figure: Figure) -> set[str]:
    return {code for code in (*figure.origin, figure.to) if code}
