"""Stories for people: which are in, what one tells, and entries put where people want them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.app import App
from monitor.dedupe.story import story_keys
from monitor.domain.entry import StoredEntry
from monitor.domain.facts import Place
from monitor.domain.labels import Decision, decide
from monitor.domain.story import StoryView, lead_order
from monitor.domain.telling import ToldFigure, ToldMeasure, teller
from monitor.errors import UsageError
from monitor.extract.ledger import Count, counts
from monitor.extract.tracker import Step, steps
from monitor.store import stories, views
from monitor.store.revisions import versions

_PAGE = 200  # stories read at once


@dataclass(frozen=True, slots=True)
class Listed:
    """A story that is in, with the best decision of each label by which it is, the best first."""

    story: StoryView
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What the entries of a story tell together, each thing once, the earliest first.

    ``moved`` says who put entries there by hand, and when, by id.
    """

    story: StoryView
    decisions: tuple[Decision, ...]
    places: tuple[Place, ...]
    measures: tuple[Step, ...]
    figures: tuple[Count, ...]
    persons: tuple[str, ...]
    actors: tuple[str, ...]
    moved: Mapping[int, tuple[str, datetime]]


@dataclass(frozen=True, slots=True)
class Moved:
    """What was done by hand: the entries that were put into ``story``, and by old id the new ones of what stays."""

    story: StoryView
    entries: tuple[int, ...]
    renamed: Mapping[int, int]


def listed(app: App, *, since: datetime | None, label: str | None) -> Iterator[Listed]:
    """Walk back over the stories with an entry that is in, by one label or any, the last seen first."""
    labels = app.settings.labels
    over = {name: labels[name].lines.lowest.threshold for name in labels if label in (None, name)}
    at = 0
    while True:
        page = stories.latest(app.store, over, since=since, skip=at, limit=_PAGE)
        entries = stories.of_stories(app.store, page)
        for id_ in page:
            decisions = _passed(app, entries.get(id_, []))
            if any(label in (None, decision.label) for decision in decisions):
                yield Listed(_view(app, id_, entries[id_]), decisions)
        if len(page) < _PAGE:
            return
        at += _PAGE


def told(app: App, id_: int) -> Told:
    """Say what a story tells, by its id or that of one of its entries; raises UsageError."""
    entries = stories.of_story(app.store, id_)
    story_id = id_
    if not entries and (found := stories.story_of(app.store, id_)) is not None:
        story_id, entries = found, stories.of_story(app.store, found)
    if not entries:
        raise UsageError(f"no story {id_}, and no entry; `monitor stories list` shows ids")
    tellers = {stored.id: teller(stored) for stored in entries}
    measures = steps(ToldMeasure(tellers[s.id], fact) for s in entries for fact in s.facts.measures)
    figures = counts(ToldFigure(tellers[s.id], fact) for s in entries for fact in s.facts.figures)
    return Told(
        _view(app, story_id, entries),
        _passed(app, entries),
        _places(entries),
        tuple(sorted(measures, key=lambda step: step.first)),
        tuple(sorted(figures, key=lambda count: count.first)),
        tuple(dict.fromkeys(name for stored in entries for name in stored.facts.persons)),
        tuple(dict.fromkeys(name for stored in entries for name in stored.facts.actors)),
        stories.moved(app.store, sorted(tellers)),
    )


def merge(app: App, story_id: int, into: int, *, who: str, now: datetime) -> Moved:
    """Put all entries of a story into another; raises UsageError, and has then done nothing."""
    if story_id == into:
        raise UsageError(f"story {into} cannot be merged with itself")
    entries = _whole(app, story_id, also="monitor stories split ENTRY --into STORY")
    _whole(app, into)
    ids = [stored.id for stored in entries]
    # Nobody stays, so every mark of the story goes along.
    stories.move(app.store, ids, into, marks=(), who=who, now=now)
    return Moved(_view(app, into, stories.of_story(app.store, into)), tuple(ids), {})


def split(app: App, ids: Sequence[int], *, into: int | None, who: str, now: datetime) -> Moved:
    """Take entries out of their story, into another or one of their own; raises UsageError, and has then done nothing.

    Later entries follow them by those of their marks, also of what they said before an edit, that none has which stays.
    """
    entries = [stored for id_ in dict.fromkeys(ids) if (stored := views.item(app.store, id_)) is not None]
    there = {stored.id for stored in entries}
    if missing := [str(id_) for id_ in dict.fromkeys(ids) if id_ not in there]:
        what = "entry" if len(missing) == 1 else "entries"
        raise UsageError(f"no {what} {', '.join(missing)}; `monitor stories show ID` shows the entries of a story")
    if into is not None:
        _whole(app, into)
    before = stories.of_stories(app.store, sorted({stored.story_id for stored in entries}))
    stay = {story: [stored for stored in all_ if stored.id not in there] for story, all_ in before.items()}
    _check_split(entries, stay, into)
    staying = _marks(app, [stored for rest in stay.values() for stored in rest])
    target = min(there) if into is None else into
    stories.move(app.store, sorted(there), target, marks=_marks(app, entries) - staying, who=who, now=now)
    renamed = {story: min(stored.id for stored in rest) for story, rest in stay.items() if story in there}
    return Moved(_view(app, target, stories.of_story(app.store, target)), tuple(sorted(there)), renamed)


def _check_split(entries: Sequence[StoredEntry], stay: Mapping[int, Collection[StoredEntry]], into: int | None) -> None:
    if into is None and len(stay) > 1:
        named = ", ".join(f"{stored.id} of story {stored.story_id}" for stored in entries)
        raise UsageError(f"these are entries of several stories ({named}); split one story at a time, or give --into")
    for stored in entries:
        if stored.story_id == into:
            raise UsageError(f"entry {stored.id} is in story {into} already")
    for story, rest in stay.items():
        if not rest:
            hint = "; `monitor stories merge ID INTO` moves a whole story" if into is not None else ""
            raise UsageError(f"nothing would stay of story {story}: name some of its entries, not all{hint}")


def _whole(app: App, story_id: int, *, also: str = "") -> list[StoredEntry]:
    """Read a story that has to be there; raises UsageError."""
    entries = stories.of_story(app.store, story_id)
    if not entries:
        other = stories.story_of(app.store, story_id)
        if other is None or other == story_id:
            raise UsageError(f"no story {story_id}; `monitor stories list` shows ids")
        hint = f"; `{also}` moves a single entry" if also else ""
        raise UsageError(f"{story_id} is no story: it is an entry of story {other}{hint}")
    return entries


def _marks(app: App, entries: Sequence[StoredEntry]) -> set[str]:
    """The story marks of entries, and of what they said before."""
    found: set[str] = set()
    for stored in entries:
        found.update(story_keys(stored.entry))
        past = versions(app.store, stored.id) if stored.version > 1 else []
        for was in past:
            found.update(story_keys(replace(stored.entry, title=was.title, text=was.text, url=was.url)))
    return found


def _view(app: App, story_id: int, entries: Sequence[StoredEntry]) -> StoryView:
    """Put the lead first, and the others after it by the same rule."""
    return StoryView(story_id, tuple(sorted(entries, key=lambda s: lead_order(s, app.settings.source_of(s.feed)))))


def _passed(app: App, entries: Sequence[StoredEntry]) -> tuple[Decision, ...]:
    """The best decision of each label by which some entry is in, the best margin first."""
    best: dict[str, Decision] = {}
    for stored in entries:
        cuts = app.settings.cuts(stored.feed, stored.entry.lang)
        for decision in decide(stored.scores, cuts, human=stored.human):
            if decision.passes and (decision.label not in best or decision.margin > best[decision.label].margin):
                best[decision.label] = decision
    return tuple(sorted(best.values(), key=lambda decision: (-decision.margin, decision.label)))


def _places(entries: Sequence[StoredEntry]) -> tuple[Place, ...]:
    """Each country once, with all the roles that entries give it."""
    found: dict[str, Place] = {}
    for place in (place for stored in entries for place in stored.facts.places):
        before = found.get(place.country, Place(place.country))
        found[place.country] = Place(place.country, before.roles | place.roles)
    return tuple(found.values())
