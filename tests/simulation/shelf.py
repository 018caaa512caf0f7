"""What the store holds of one feed's entries in a simulated world, and the pipeline's rules over it.

The rules are the real ones. What the store finds by its marks is found by the title here, since each is one entry's;
and what came as the same value before is not compared again, nor what has left its document for good.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from monitor.dedupe.edit import edited, reused
from monitor.dedupe.rotation import OPENING, Brought, brought_again, mostly_new, recognise
from monitor.domain.entry import Entry, KnownEntry
from monitor.normalise.text import fingerprint


class Taken(NamedTuple):
    """What of a document was new, new but quarantined, an edit; and keys that would be taken for those of others."""

    new: Sequence[Entry] = ()
    quarantined: frozenset[str] = frozenset()
    edits: Sequence[Entry] = ()
    misjudged: frozenset[str] = frozenset()


@dataclass(slots=True)
class Shelf:
    """All keys that a feed has brought, and the entries that are still in its document, as they are stored."""

    keys: set[str] = field(default_factory=set)
    given: dict[str, Entry] = field(default_factory=dict)  # by the key under which it came last
    stored: dict[str, Entry] = field(default_factory=dict)  # by the same key, where that is another value
    by_title: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)  # other keys, with the entry's first one
    versions: dict[str, int] = field(default_factory=dict)  # by the first key

    def take(self, entries: Sequence[Entry], *, first_poll: bool) -> Taken:
        """Take a document as `monitor.pipeline.ingest` does."""
        given = self.given
        others = [entry for entry in entries if given.get(entry.key) is not entry]
        if not others:
            return Taken()
        fresh = [entry for entry in others if entry.key not in self.keys]
        renamed: dict[str, KnownEntry] = {}
        quarantined: frozenset[str] = frozenset()
        if not first_poll and (alike := self._alike(fresh)):
            renamed = recognise(fresh, alike, brought={self.own.get(entry.key, entry.key) for entry in entries})
            fresh = [entry for entry in fresh if entry.key not in renamed]
            if mostly_new(fresh, len(entries)):
                past = [Brought(one.url, one.title, one.published, one.text[:OPENING]) for one in alike]
                quarantined = brought_again(fresh, entries, past)
        known = renamed | {e.key: self._known(e.key) for e in others if e.key in given}
        edits = [entry for entry in others if entry.key in known and edited(entry, known[entry.key])]
        misjudged = reused(entries, known)
        for entry in fresh:
            self._put(entry)
        self._rename(renamed, others)
        self._change(edits, (entry for entry in others if entry.key in known))
        return Taken(fresh, quarantined, edits, misjudged)

    def text_of(self, entry: Entry) -> str:
        """What is stored of an entry of the document."""
        return self.stored.get(entry.key, self.given[entry.key]).text

    def forget(self, entry: Entry) -> None:
        """Let go of what has left its document for good, but for its keys."""
        key = self.by_title.pop(entry.title, "")
        self.given.pop(key, None)
        self.stored.pop(key, None)

    def _alike(self, fresh: Iterable[Entry]) -> list[KnownEntry]:
        return [self._known(self.by_title[entry.title]) for entry in fresh if entry.title in self.by_title]

    def _known(self, key: str) -> KnownEntry:
        own, given = self.own.get(key, key), self.given[key]
        stored = self.stored.get(key, given)
        return KnownEntry(
            id=0, key=own, url=stored.url, title=stored.title, text=stored.text, published=stored.published,
            fingerprint=fingerprint(stored.title, stored.text), version=self.versions.get(own, 1), article="",
            announceable=True, pruned=False,
        )  # fmt: skip

    def _put(self, entry: Entry) -> None:
        self.keys.add(entry.key)
        self.given[entry.key] = entry
        self.by_title[entry.title] = entry.key

    def _rename(self, renamed: dict[str, KnownEntry], others: Iterable[Entry]) -> None:
        for entry in others:
            if (known := renamed.get(entry.key)) is not None:
                before = self.by_title[entry.title]
                self.stored[entry.key] = self.stored.pop(before, self.given.pop(before))
                self.own[entry.key] = known.key
                self._put(entry)

    def _change(self, edits: Sequence[Entry], others: Iterable[Entry]) -> None:
        """Store edits as new versions, and remember of the others that they came as something else than is stored."""
        changed = {entry.key for entry in edits}
        for entry in others:
            if entry.key in changed:
                own = self.own.get(entry.key, entry.key)
                self.versions[own] = self.versions.get(own, 1) + 1
                self.stored.pop(entry.key, None)
            else:
                self.stored.setdefault(entry.key, self.given[entry.key])
            self.given[entry.key] = entry
