"""One entry as `monitor items show` shows it: what it says, since when, what it said before, and how it was judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from monitor.app import App
from monitor.cli.common import local
from monitor.cli.console import iso, out, plural, tell
from monitor.domain.entry import Entry, StoredEntry
from monitor.domain.labels import decide
from monitor.store.revisions import PastVersion

_SURE = {"day": "a day without a time", "zoneless": "a time without a zone, taken for UTC"}
"""What to say of a date by its confidence; nothing of an exact one."""
_WHY = {"feed": "its feed edited it", "article": "the text of its page came", "replay": "it was read again"}


@dataclass(frozen=True, slots=True)
class Background:
    """What is known beside an entry: others of its story, what it said before (the oldest first), and the other keys
    under which it came, with the time of each."""

    story: tuple[StoredEntry, ...]
    past: tuple[PastVersion, ...]
    other_keys: tuple[tuple[str, datetime], ...]


def background_json(stored: StoredEntry, background: Background) -> dict[str, Any]:
    """What scripts get beside the entry itself."""
    return {
        "key": stored.entry.key,
        "other_keys": [{"key": key, "since": iso(since)} for key, since in background.other_keys],
        "versions": [
            {
                "version": past.version, "title": past.title, "text": past.text, "url": past.url,
                "replaced_at": iso(past.replaced_at), "why": past.why,
            }
            for past in background.past
        ],
        "story": [other.id for other in background.story],
    }  # fmt: skip


def show(stored: StoredEntry, background: Background, app: App, lines: Mapping[str, float]) -> None:
    """Tell people about one entry."""
    entry = stored.entry
    tell(entry.title, style="bold")
    tell(f"{stored.source} ({stored.feed}), {entry.lang}")
    for line in _dates(stored, app):
        tell(line, indent=4)
    if entry.url:
        tell(entry.url)
    if stored.countries:
        tell(f"countries: {', '.join(stored.countries)}")
    tell(f"origin {stored.origin.value}, {'may' if stored.announceable else 'not to'} be announced")
    _show_history(entry, background, app)
    _show_scores(stored, lines)
    for other in background.story:
        tell(f"same story: {other.id} {other.source}: {other.entry.title}", indent=4)
    if entry.text:
        out.print()
        tell(entry.text)


def _dates(stored: StoredEntry, app: App) -> Iterator[str]:
    """The three clocks: published as its feed claims, updated as it claims, and first seen."""
    entry = stored.entry
    claim = f'"{entry.published_raw}"' if entry.published_raw else ""
    if entry.published:
        sure = _SURE.get(entry.date_confidence, "")
        said = ", ".join(filter(None, [f"its feed says {claim}" if claim else "", sure]))
        yield f"published {local(entry.published, app)}{f' ({said})' if said else ''}"
    else:
        yield f"undated: its feed says {claim}, which is no date that can be read and be true" if claim else "undated"
    if entry.updated:
        yield f"updated {local(entry.updated, app)}, as its feed says"
    yield f"first seen {local(stored.first_seen, app)} {app.settings.zone.key}"


def _show_history(entry: Entry, background: Background, app: App) -> None:
    """What the entry said before, each change with its time and its reason, the newest first; and its other keys."""
    if background.past:
        tell(f"version {background.past[-1].version + 1}, after {plural(len(background.past), 'change')}:")
    says = [*((past.title, past.text, past.url) for past in background.past), (entry.title, entry.text, entry.url)]
    changes = list(zip(background.past, pairwise(says), strict=True))
    for past, (before, after) in reversed(changes):
        tell(f"    {local(past.replaced_at, app)}  {_WHY.get(past.why, past.why)}", indent=22)
        for line in _changes(before, after):
            tell(f"        {line}", indent=19)
    if background.other_keys:
        keys = ", ".join(f"{key} since {local(since, app)}" for key, since in background.other_keys)
        tell(f"known as {entry.key}, and as {keys}", indent=4)


def _changes(before: tuple[str, str, str | None], after: tuple[str, str, str | None]) -> Iterator[str]:
    if before[0] != after[0]:
        yield f"title was: {before[0]}"
        yield f"   became: {after[0]}"
    if before[1] != after[1]:
        yield f"text changed: {plural(len(before[1].split()), 'word')} before, {len(after[1].split())} after"
    if before[2] != after[2]:
        yield f"link was {before[2] or 'missing'}"


def _show_scores(stored: StoredEntry, lines: Mapping[str, float]) -> None:
    if not stored.scores:
        tell("waits for a model")
    for decision in decide(stored.scores, lines):
        verdict = "in" if decision.passes else "out"
        tell(f"{decision.label}: {decision.probability:.3f} against {decision.threshold:g}: {verdict}")
        for term in stored.scores[decision.label].terms:
            concept = f"  ({term.concept})" if term.concept else ""
            tell(f"    {term.weight:+.2f}  {term.text}{concept}", indent=11)
