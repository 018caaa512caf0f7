"""The stored entries that new ones are held against for their stories."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from monitor.app import App
from monitor.dedupe.place import Candidate
from monitor.dedupe.remembered import Version
from monitor.dedupe.told import Told
from monitor.domain.story import WINDOW
from monitor.normalise.text import fingerprint
from monitor.pipeline import Fresh, made_ready
from monitor.store.neighbours import Neighbour, Reading, nearest, readings


def neighbours(app: App, new: Sequence[Fresh], *, now: datetime) -> list[list[Candidate]]:
    """Return for each new entry those of the window that share most of its keys.

    What is not remembered is read for all of them at once. An entry that is edited meanwhile is compared by what it
    says now, one that is pruned is left out. The new ones are remembered too, since they soon are neighbours of others;
    one that is not stored is never asked for.
    """
    found = nearest(app.store, [one.keys for one in new], since=now - WINDOW)
    versions = {one.id: _version(one) for near in found for one in near}
    remembered = app.remembered.recall(versions.values())
    told = {id_: _numbered(remembered[version], id_) for id_, version in versions.items() if version in remembered}
    if missing := versions.keys() - told.keys():
        read = {one.id: (_version_read(one), _ready(one)) for one in readings(app.store, missing)}
        app.remembered.keep(read.values())
        told |= {id_: ready for id_, (_, ready) in read.items()}
    app.remembered.keep((_first_version(one), one.told) for one in new)
    return [[Candidate(told[one.id], one.story_id) for one in near if one.id in told] for near in found]


def _version(one: Neighbour) -> Version:
    return one.feed, one.key, one.version, one.fingerprint


def _first_version(one: Fresh) -> Version:
    return one.told.feed, one.entry.key, 1, fingerprint(one.entry.title, one.entry.text)


def _version_read(one: Reading) -> Version:
    return one.feed, one.entry.key, one.version, one.fingerprint


def _ready(one: Reading) -> Told:
    return made_ready(one.entry, one.facts, feed=one.feed, seen=one.first_seen, number=one.id)


def _numbered(told: Told, id_: int) -> Told:
    """What was remembered when it was new, with the id that it has got."""
    return told if told.id == id_ else replace(told, id=id_)
