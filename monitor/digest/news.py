"""What is new in a story that was told before. Pure.

New is a measure of a country, or a stage of one, that was not told; a number of people of whom another number was told;
a source's correction or withdrawal of what it told; and so many more sources. Everything that a subscription has judged
over its line counts as told, whichever story it was in by then, so the same news is never news twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from monitor.digest.corrections import mend_of
from monitor.domain.digest import Heard, NewFigure, NewMeasure, News, Subscription, Verdict
from monitor.domain.entry import StoredEntry
from monitor.domain.facts import Counted, Facts, Figure, MeasureFact, Stage
from monitor.domain.figures import both_true, ratio
from monitor.domain.story import told_at

Fact = TypeVar("Fact", MeasureFact, Figure)
_WAY = (Stage.PROPOSED, Stage.DEBATED, Stage.ADOPTED, Stage.IN_FORCE)
"""The way of a law: who was told a later station learns nothing by an earlier one, which stands in most reports."""
_STAGES = tuple(Stage)
_NO_PEOPLE = frozenset({Counted.COUNTRIES, Counted.YEARS})
_SCALE = 10
"""Of two numbers further apart by their ratio, one counts something else: all in the camps, not who came home."""


@dataclass(frozen=True, slots=True)
class Update:
    """A story that comes again: what is new in it, the newest entry that brings that, and the entries whose sources it
    names now, though they came before. ``news`` is None where its source only corrects or withdraws what it told."""

    news: News | None
    lead: StoredEntry
    named: tuple[int, ...]


def whats_new(subscription: Subscription, heard: Sequence[Heard], entries: Sequence[StoredEntry]) -> Update | None:
    """Hold the entries of a window against what was heard of their story; None where nothing is new.

    ``entries`` are those over the line; their order changes nothing. ``heard`` is not empty.
    """
    known = sorted(heard, key=lambda line: (line.at, line.entry_id))
    measures = _new_measures(subscription, known, entries)
    figures = _new_figures(subscription, known, entries)
    named, fresh = _new_sources(known, entries)
    facts = {*(new.fact for new in measures), *(new.figure for new in figures)}
    mending = _new_mends(known, entries)
    bring = mending or [s for s in entries if facts & {*kept(s.facts).measures, *kept(s.facts).figures}]
    enough = bool(fresh) and 0 < subscription.update_sources <= len(fresh | set(named.values()))
    if not bring and not enough:
        return None
    newest = max(bring or [s for s in entries if s.source in fresh], key=lambda stored: (told_at(stored), stored.id))
    first = sorted((s for s in entries if s.source in fresh), key=lambda stored: (told_at(stored), stored.id))
    sources = tuple(dict.fromkeys((*named.values(), *(stored.source for stored in first))))
    told = [line.at for line in known if line.verdict in {Verdict.SHOWN, Verdict.ALERTED}] or [known[-1].at]
    news = News(measures, figures, sources, told[-1]) if facts or enough else None
    return Update(news, newest, tuple(named) if news else ())


def bare(fact: Fact) -> Fact:
    """Leave out the words that say a fact, which make it no other."""
    return replace(fact, words="")


def again(figure: Figure, told: Iterable[Figure]) -> bool:
    """Say whether a figure is one that was told, or goes with it."""
    return any(_same_people(other, figure) and both_true(other, figure) for other in told)


def kept(facts: Facts, before: Facts | None = None, *, title: str = "") -> Facts:
    """Keep of facts what is compared, without the words that say so, after what was kept ``before``; and whether the
    title of their entry announces a correction or a withdrawal."""
    known = before or Facts()
    measures = (*known.measures, *map(bare, facts.measures))
    figures = (*known.figures, *map(bare, facts.figures))
    mend = mend_of(title) or known.mend
    return Facts(measures=tuple(dict.fromkeys(measures)), figures=tuple(dict.fromkeys(figures)), mend=mend)


def _new_mends(known: Sequence[Heard], entries: Sequence[StoredEntry]) -> list[StoredEntry]:
    """Entries that correct or withdraw what their source told, where it was not told that it does."""
    told = {(line.source, line.facts.mend) for line in known}
    return [stored for stored in entries if (mend := mend_of(stored.entry.title)) and (stored.source, mend) not in told]


def _new_measures(
    subscription: Subscription, known: Sequence[Heard], entries: Sequence[StoredEntry]
) -> tuple[NewMeasure, ...]:
    told = [fact for line in known for fact in line.facts.measures]
    brought = {fact for stored in entries for fact in kept(stored.facts).measures}
    new = {fact for fact in brought if fact not in told and subscription.concerns(fact)}
    new = {fact for fact in new if not _overtaken(fact, (*told, *brought))}
    ordered = sorted(new, key=lambda f: (-_STAGES.index(f.stage), f.measure, f.country or "", f.negated))
    return tuple(NewMeasure(fact, _last(fact, told)) for fact in ordered)


def _overtaken(fact: MeasureFact, others: Iterable[MeasureFact]) -> bool:
    if fact.negated or fact.stage not in _WAY:
        return False
    later = _WAY[_WAY.index(fact.stage) + 1 :]
    return any(
        (other.measure, other.country) == (fact.measure, fact.country) and not other.negated and other.stage in later
        for other in others
    )


def _last(fact: MeasureFact, told: Sequence[MeasureFact]) -> MeasureFact | None:
    """What was told last of a country's measure."""
    same = (before for before in reversed(told) if (before.measure, before.country) == (fact.measure, fact.country))
    return next(same, None)


def _new_figures(
    subscription: Subscription, known: Sequence[Heard], entries: Sequence[StoredEntry]
) -> tuple[NewFigure, ...]:
    told = [figure for line in known for figure in line.facts.figures]
    brought = {figure for stored in entries for figure in kept(stored.facts).figures}
    found: list[NewFigure] = []
    for figure in sorted(brought, key=_exactness):
        same = [before for before in told if _same_people(before, figure)]
        known_by_now = again(figure, (*told, *(new.figure for new in found)))
        near = [before for before in same if ratio(before, figure) <= _SCALE]
        if near and not known_by_now and figure.of not in _NO_PEOPLE and subscription.concerns(figure):
            found.append(NewFigure(figure, near[-1]))
    return tuple(sorted(found, key=lambda new: (new.figure.of, _exactness(new.figure))))


def _exactness(figure: Figure) -> tuple[object, ...]:
    """Sort what is exact before what is rounded or has an open end; no two figures are equal in this order."""
    open_end = figure.low is None or figure.high is None
    numbers = (figure.low or 0, figure.high or 0)
    return open_end, figure.approximate, numbers, figure.origin, figure.to or "", figure.as_of, figure.by, figure.of


def _same_people(one: Figure, other: Figure) -> bool:
    """Do two figures count the same people? What one of them does not say goes with everything."""
    return (
        one.of is other.of
        and (not one.origin or not other.origin or set(one.origin) == set(other.origin))
        and (one.to is None or other.to is None or one.to == other.to)
        and (one.as_of in other.as_of or other.as_of in one.as_of)
    )


def _new_sources(known: Sequence[Heard], entries: Sequence[StoredEntry]) -> tuple[dict[int, str], set[str]]:
    """Entries that were noted and never named, with their sources, the earliest first; and sources of the window."""
    told = {line.source for line in known if line.verdict is not Verdict.TOLD}
    noted = {line.entry_id: line.source for line in known if line.verdict is Verdict.TOLD and line.source not in told}
    return noted, {stored.source for stored in entries} - told - set(noted.values())
