"""One entry as `monitor items show` shows it: what it says, since when, what it said before, and how it was judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from monitor.app import App
from monitor.cli.common import local
from monitor.cli.console import iso, out, plural, tell
from monitor.cli.judged import decisions_of, said, verdict
from monitor.domain.entry import WATCH, Entry, StoredEntry
from monitor.store.annotations import Annotation
from monitor.store.revisions import PastVersion

_SURE = {"day": "a day without a time", "zoneless": "a time without a zone, taken for UTC"}
"""What to say of a date by its confidence; nothing of an exact one."""
_WHY = {"feed": "its feed edited it", "article": "the text of its page came", "replay": "it was read again"}

_TOLD = 0.2  # finer labels with less are not worth a word


@dataclass(frozen=True, slots=True)
class Background:
    """What is known beside an entry: others of its story, what it said before (the oldest first), the other keys
    under which it came, with the time of each, and what people said of its labels (the oldest first)."""

    story: tuple[StoredEntry, ...]
    past: tuple[PastVersion, ...]
    other_keys: tuple[tuple[str, datetime], ...]
    said: tuple[Annotation, ...] = ()


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
        "annotations": [annotation_json(word) for word in background.said],
    }  # fmt: skip


def annotation_json(word: Annotation) -> dict[str, Any]:
    """What a person said, as scripts get it; ``value`` null is "unsure"."""
    return {
        "id": word.id, "label": word.label, "value": word.value, "who": word.who, "via": word.via, "at": iso(word.at),
        "note": word.note, "withdrawn_at": iso(word.withdrawn_at),
    }  # fmt: skip


def show(stored: StoredEntry, background: Background, app: App) -> None:
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
    _show_scores(stored, background, app)
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


def _show_scores(stored: StoredEntry, background: Background, app: App) -> None:
    if not stored.scores:
        tell("waits for a model")
    words = {word.label: word for word in background.said if word.withdrawn_at is None}
    for decision in decisions_of(stored, app.settings):
        word = words.pop(decision.label, None)
        by_hand = f", by hand ({_who(word, app)})" if word and word.value is not None else ""
        score = f"{decision.label}: {decision.probability:.3f} against {decision.threshold:g}"
        tell(f"{score}: {verdict(decision)}{by_hand}", indent=4)
        _show_word(word, app)
        for term in stored.scores[decision.label].terms if decision.label in stored.scores else ():
            concept = f"  ({term.concept})" if term.concept else ""
            tell(f"    {term.weight:+.2f}  {term.text}{concept}", indent=11)
    for label, word in words.items():
        if word.value is not None:
            tell(f"{label}: {said(word.value)}, by hand ({_who(word, app)})", indent=4)
        _show_word(word, app, label)
    kinds = [(name, score.probability) for name, score in stored.scores.items() if name not in app.settings.labels]
    told = [f"{name} {p:.2f}" for name, p in sorted(kinds, key=lambda kind: -kind[1]) if p >= _TOLD and name != WATCH]
    if told:
        tell(f"of the kinds: {', '.join(told)}", indent=4)
    if WATCH in stored.scores:
        tell(f"on the watch-list: {', '.join(term.text for term in stored.scores[WATCH].terms)}", indent=4)


def _who(word: Annotation, app: App) -> str:
    return f"{word.who}, {word.at.astimezone(app.settings.zone):%Y-%m-%d}"


def _show_word(word: Annotation | None, app: App, label: str = "") -> None:
    """Tell what a person could not say, and their note."""
    if word and word.value is None:
        tell(f"{f'{label}: ' if label else '    '}unsure ({_who(word, app)})", indent=4)
    if word and word.note:
        tell(f'    "{word.note}"', indent=5)
