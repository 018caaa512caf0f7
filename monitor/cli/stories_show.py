"""One story as `monitor stories show` shows it: what is told in it, each thing once, and who tells it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from monitor.app import App
from monitor.cli.common import local
from monitor.cli.console import iso, out, tell
from monitor.cli.facts_rows import count_json, step_json
from monitor.cli.items import as_json as entry_json
from monitor.cli.judged import decisions_of
from monitor.digest import fact_words
from monitor.digest.names import country
from monitor.domain.entry import StoredEntry
from monitor.domain.facts import Figure
from monitor.domain.labels import Decision
from monitor.domain.story import StoryView, nested, told_at
from monitor.domain.telling import ToldFigure
from monitor.extract.ledger import Count
from monitor.extract.tracker import Step
from monitor.jobs.stories import Told

_STEP = 4  # columns by which what belongs to a line stands further in


def story_json(story: StoryView, decisions: Sequence[Decision], now: datetime) -> dict[str, Any]:
    """A story as scripts get it in a list; docs/guide.md, "Stories"."""
    return {
        "id": story.id,
        "title": story.lead.entry.title,
        "url": story.lead.entry.url,
        "source": story.lead.source,
        "state": story.state(now).value,
        "first_seen": iso(story.first_seen),
        "last_seen": iso(story.last_seen),
        "labels": {decision.label: round(decision.probability, 6) for decision in decisions},
        "countries": list(dict.fromkeys(code for stored in story.entries for code in stored.countries)),
        "sources": list(story.sources),
        "entries": [stored.id for stored in story.entries],
    }


def as_json(told: Told, app: App, now: datetime) -> dict[str, Any]:
    """A story with all that it tells; entries are as `items list` has them, the lead first."""
    by_hand = {id_: {"who": who, "at": iso(at)} for id_, (who, at) in told.moved.items()}
    return {
        **story_json(told.story, told.decisions, now),
        "places": [{"country": place.country, "roles": sorted(place.roles)} for place in told.places],
        "measures": [step_json(step) for step in told.measures],
        "figures": [count_json(count) for count in told.figures],
        "persons": list(told.persons),
        "actors": list(told.actors),
        "entries": [
            {
                **entry_json(stored, decisions_of(stored, app.settings)),
                "copy_of": stored.copy_of,
                "moved": by_hand.get(stored.id),
            }
            for stored in told.story.entries
        ],
    }


def show(told: Told, app: App, now: datetime) -> None:
    """Tell people about one story."""
    story = told.story
    tell(story.lead.entry.title, style="bold")
    tell(", ".join(story.sources), indent=_STEP)
    seen = f"first seen {local(story.first_seen, app)}, last {local(story.last_seen, app)} {app.settings.zone.key}"
    tell(f"story {story.id}, {story.state(now)}: {seen}", indent=_STEP)
    labels = (f"{d.label} {d.probability:.2f}{', by hand' if d.human else ''}" for d in told.decisions)
    tell(f"labels: {'; '.join(labels) or 'no entry is in'}", indent=_STEP)
    if told.places:
        tell(f"countries: {'; '.join(_places(told))}", indent=_STEP)
    for what, names in (("persons", told.persons), ("institutions", told.actors)):
        if names:
            tell(f"{what}: {'; '.join(names)}", indent=_STEP)
    _show_all("measures", (_step_lines(step) for step in told.measures))
    _show_all("figures", _count_lines(told.figures))
    out.print("\nentries", style="bold")
    lead, *others = story.entries
    for stored, copies in nested([lead, *sorted(others, key=told_at)]):
        _show_entry(stored, told, app)
        for copy in copies:
            _show_entry(copy, told, app, copy=True)


def _show_all(heading: str, found: Iterator[list[str]]) -> None:
    """A heading, and below it each thing: a line, and those that go against it further in."""
    groups = list(found)
    if groups:
        out.print(f"\n{heading}", style="bold")
    for first, *against in groups:
        tell(first, indent=_STEP)
        for line in against:
            tell(f"    {line}", indent=2 * _STEP, style="yellow")


def _places(told: Told) -> Iterator[str]:
    for place in told.places:
        roles = f" ({', '.join(sorted(place.roles))})" if place.roles else ""
        yield f"{country(place.country)}{roles}"


def _step_lines(step: Step) -> list[str]:
    what = f"{fact_words.actor(step.country)}: {fact_words.measure(step.measure)}"
    lines = [f"{what}: {fact_words.stage(step.stage, negated=step.negated)} – {', '.join(step.sources)}"]
    if step.otherwise:
        names = ", ".join(dict.fromkeys(told.by.source for told in step.otherwise))
        lines.append(f"but {fact_words.stage(step.stage, negated=not step.negated)} – {names}")
    return lines


def _count_lines(figures: Sequence[Count]) -> Iterator[list[str]]:
    """Each count with the numbers that go against it, which then have no line of their own."""
    told_beside: set[ToldFigure] = set()
    for count in figures:
        if told_beside.issuperset(count.told):
            continue
        told_beside.update(count.otherwise)
        names = ", ".join(count.sources)
        yield [f"{_figure(count.figure)} – {names}", *_against(count)]


def _against(count: Count) -> Iterator[str]:
    by_words: dict[str, dict[str, None]] = {}
    for told in count.otherwise:
        by_words.setdefault(_figure(told.fact), {})[told.by.source] = None
    for words, names in by_words.items():
        yield f"but {words} – {', '.join(names)}"


def _figure(figure: Figure) -> str:
    counted = " ".join(filter(None, (fact_words.count(figure), fact_words.way(figure))))
    return ", ".join(filter(None, (counted, fact_words.said(figure))))


def _show_entry(stored: StoredEntry, told: Told, app: App, *, copy: bool = False) -> None:
    entry, step = stored.entry, _STEP if copy else 0
    margin, mark = " " * step, "copy: " if copy else ""
    line = f"{margin}{local(told_at(stored), app)}  {mark}{stored.source}: {entry.title}  [{stored.id}]"
    tell(line, indent=step + len("2026-11-22 07:30  "))
    if entry.url:
        out.print(f"{margin}    {entry.url}", style="dim")  # whole, so that it can be clicked
    if stored.id in told.moved:
        who, at = told.moved[stored.id]
        tell(f"{margin}    put here by {who}, {local(at, app)}", indent=step + _STEP)
