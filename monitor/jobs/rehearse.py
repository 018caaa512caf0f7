"""What a replay compares with and writes to: the store, or in a dry run the store and what would have been written."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.dedupe.rotation import OPENING
from monitor.domain.entry import ClassifiedEntry, KnownEntry, Revision
from monitor.normalise.text import fingerprint
from monitor.store import known as store_known
from monitor.store import replay as store_replay
from monitor.store.database import Store
from monitor.store.replay import Late


@dataclass(frozen=True, slots=True)
class Writing:
    """One feed's entries, as they are in the store."""

    store: Store
    feed: str

    def known(self, keys: Collection[str]) -> dict[str, KnownEntry]:
        """The entries that the feed has brought under these keys, by key."""
        return store_known.known(self.store, self.feed, keys)

    def alike(self, marks: Collection[str]) -> list[KnownEntry]:
        """The entries in the stories that these marks lead to."""
        return store_known.alike(self.store, self.feed, marks)

    def lately(self) -> list[tuple[str | None, str, datetime | None, str]]:
        """URL, title, date and opening of the newest entries."""
        return store_known.lately(self.store, self.feed)

    def add(self, late: Late, *, now: datetime) -> frozenset[str]:
        """Write what a document brought; returns the keys of what was new."""
        return store_replay.add_late(self.store, late, now=now)

    def change(self, revisions: Sequence[Revision], *, now: datetime) -> frozenset[int]:
        """Write new versions; returns the ids of the entries that got one."""
        return store_replay.change(self.store, self.feed, revisions, now=now)


@dataclass(frozen=True, slots=True)
class Rehearsing(Writing):
    """One feed's entries as they would be; what is new has ids below 0. Writes nothing."""

    added: dict[str, tuple[KnownEntry, tuple[str, ...]]] = field(default_factory=dict)
    aliases: dict[str, int] = field(default_factory=dict)

    def known(self, keys: Collection[str]) -> dict[str, KnownEntry]:
        """As in `Writing`, with what would have been added."""
        found = Writing.known(self, keys)
        by_id = {entry.id: entry for entry, _ in self.added.values()}
        renamed = {key: by_id[id_] for key, id_ in self.aliases.items() if key in keys and id_ in by_id}
        stored = store_known.by_id(self.store, {id_ for key, id_ in self.aliases.items() if key in keys and id_ > 0})
        renamed |= {key: stored[id_] for key, id_ in self.aliases.items() if key in keys and id_ in stored}
        return renamed | {key: self.added[key][0] for key in keys if key in self.added} | found

    def alike(self, marks: Collection[str]) -> list[KnownEntry]:
        """As in `Writing`, with what would have been added."""
        mine = [entry for entry, own in self.added.values() if not set(own).isdisjoint(marks)]
        return [*Writing.alike(self, marks), *mine]

    def lately(self) -> list[tuple[str | None, str, datetime | None, str]]:
        """As in `Writing`, with what would have been added."""
        mine = [(entry.url, entry.title, entry.published, entry.text[:OPENING]) for entry, _ in self.added.values()]
        return [*mine, *Writing.lately(self)]

    def add(self, late: Late, *, now: datetime) -> frozenset[str]:  # noqa: ARG002 - as in Writing
        """Note what would be written."""
        for item in late.new:
            self.added[item.entry.key] = (_as_known(item, -1 - len(self.added)), item.story_keys)
        self.aliases.update(late.aliases)
        return frozenset(item.entry.key for item in late.new)

    def change(self, revisions: Sequence[Revision], *, now: datetime) -> frozenset[int]:  # noqa: ARG002 - as in Writing
        """Say what would be written."""
        return frozenset(revision.entry_id for revision in revisions)


def _as_known(item: ClassifiedEntry, id_: int) -> KnownEntry:
    entry = item.entry
    return KnownEntry(
        id_, entry.key, entry.url, entry.title, entry.text, entry.published, fingerprint(entry.title, entry.text),
        version=1, article="", announceable=item.news, pruned=False,
    )  # fmt: skip
