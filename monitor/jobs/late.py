"""What the documents of one feed turn out to have brought, the oldest first: new entries at once, new words at the end.

Words wait until all documents are read, since only the newest document that brings an entry has its words: an older
one must not turn back what a newer one said.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from monitor.classify.classifier import Classifier
from monitor.dedupe.story import story_keys
from monitor.domain.entry import ClassifiedEntry, KnownEntry, Revision, Trust
from monitor.domain.feed import Feed
from monitor.fetch.politeness import budget_key
from monitor.jobs.rehearse import Writing
from monitor.normalise.entry import CleanDocument
from monitor.normalise.text import fingerprint
from monitor.observe import mask
from monitor.parse.suspicion import suspicion
from monitor.pipeline import Context, Ingested, Recall, ingest
from monitor.store.documents import KeptDocument
from monitor.store.replay import Background, Late, Standing, standings


@dataclass(frozen=True, slots=True)
class Rules:
    """What entries that are found late are judged by. ``silent`` is a feed that left the config: of that nothing is
    announced any more."""

    feed: Feed
    silent: bool
    first_poll_news: timedelta

    def context(self, now: datetime) -> Context:
        """The feed at a moment, without a classifier: most of what a document brings is known, and needs none."""
        return Context(self.feed, first_poll=False, first_poll_news=self.first_poll_news, classifier=None, now=now)

    def is_news(self, published: datetime | None, heard_at: datetime, *, first: bool, now: datetime) -> bool:
        """Say whether an entry that came at ``heard_at`` may still be announced at ``now``.

        It might have been then, by the rule of a poll, and its date, or without one the time it came, is still within
        the look-back. ``first`` is the document with which the feed began.
        """
        then = self.context(heard_at).is_news(published, first_poll=first)
        return not self.silent and then and self.context(now).is_news(published or heard_at, first_poll=False)


_FALLING = tuple(Trust)
_NOTHING: Mapping[str, KnownEntry] = MappingProxyType({})


class _Words(NamedTuple):
    """New words for an entry, and the document that has them."""

    sha256: str
    last_at: datetime
    known: KnownEntry
    revision: Revision


@dataclass(slots=True)
class FeedReplay:
    """One feed's documents on their way; what `Background` holds goes along from one to the next, as in polls.

    ``unread`` are the documents (SHA-256) that no poll has read well. ``found``, ``new`` (with the time
    that each came), ``changed`` (which may be new as well) and ``announced`` are keys of entries.
    """

    rules: Rules
    hand: Writing
    background: Background
    classifier: Classifier | None
    unread: Collection[str]
    found: set[str] = field(default_factory=set)
    new: dict[str, datetime] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    announced: set[str] = field(default_factory=set)
    newest: dict[str, datetime] = field(default_factory=dict)
    waiting: dict[str, _Words] = field(default_factory=dict)

    def take(self, kept: KeptDocument, document: CleanDocument, *, now: datetime) -> bool:
        """Write what is new in a document, and note the words it has; returns whether it had been put aside.

        Raises ParseError where no poll has read it, and it is not to be believed that it is this feed's.
        """
        heard, ingested = self._ingest(kept, document)
        self._demand_belief(kept, document, known=ingested.repeats, now=now)
        self._go_on(kept, ingested)
        poisoned = self.background.memory.poison == kept.captured.sha256
        late = Late(
            kept.feed,
            kept.first_at,
            new=scored([self._judged(item, kept, now=now) for item in ingested.new], self.classifier),
            aliases=ingested.aliases,
            mended=kept.captured.sha256 if poisoned else None,
        )
        added = self.hand.add(late, now=now)
        self.new.update(dict.fromkeys(added, kept.first_at))
        self.announced |= {item.entry.key for item in late.new if item.news and item.entry.key in added}
        fresh = [item.entry.key for item in ingested.new]
        self.found.update(fresh, (known.key for known in heard.values()))
        self.newest.update(dict.fromkeys(fresh, kept.last_at))
        self._note(kept, heard, ingested.revisions)
        return poisoned

    def witness(self, kept: KeptDocument, document: CleanDocument) -> None:
        """Note only which entries a document brings, so that no older one speaks for them."""
        heard, ingested = self._ingest(kept, document)
        self._go_on(kept, ingested)
        self._note(kept, heard, ())

    def _demand_belief(self, kept: KeptDocument, document: CleanDocument, *, known: int, now: datetime) -> None:
        if kept.captured.sha256 not in self.unread or not document.complete:
            return
        memory, asked = self.background.memory, self.rules.feed.url or kept.captured.url
        doubt = suspicion(
            document,
            title_before=memory.title,
            usual_entries=memory.usual,
            known=known,
            elsewhere=budget_key(asked, "") != budget_key(address(self.rules.feed, kept), ""),
            odd_since=memory.odd_since,
            now=now,
        )
        if doubt is not None:
            raise doubt

    def _go_on(self, kept: KeptDocument, ingested: Ingested) -> None:
        """Take what a document says of the feed along to the next."""
        memory = self.background.memory
        trust = max(memory.trust, ingested.trust, key=_FALLING.index)
        began = min(self.background.began or kept.first_at, kept.first_at)
        self.background = Background(replace(memory, trust=trust), began)

    def _ingest(self, kept: KeptDocument, document: CleanDocument) -> tuple[Mapping[str, KnownEntry], Ingested]:
        """Take a document through the pipeline as of the time it came; returns the known entries that it brings too.

        Where the feed's guids have lost their trust since, it is read by that of its own day if more is known then.
        """
        trust = self.background.memory.trust
        trusts = [trust, *_FALLING[: _FALLING.index(trust)]]
        read = [self._ingest_by(one, kept, document) for one in trusts]
        return min(read, key=lambda one: len(one[1].new) + len(one[1].aliases))

    def _ingest_by(
        self, trust: Trust, kept: KeptDocument, document: CleanDocument, renamed: Mapping[str, KnownEntry] = _NOTHING
    ) -> tuple[Mapping[str, KnownEntry], Ingested]:
        """Take a document through the pipeline; ``renamed`` are known entries that it has other keys for."""
        heard: dict[str, KnownEntry] = {}
        resembling: dict[int, KnownEntry] = {}

        def known(keys: Collection[str]) -> Mapping[str, KnownEntry]:
            heard.clear()  # it is asked again where a document proves that its guids are none
            heard.update({key: stored for key, stored in renamed.items() if key in keys} | self.hand.known(keys))
            return heard.copy()

        def alike(marks: Collection[str]) -> Sequence[KnownEntry]:
            resembling.update((entry.id, entry) for entry in (*self.hand.alike(marks), *self._corrected(marks)))
            return [resembling[id_] for id_ in sorted(resembling)]

        ingested = ingest(
            self.rules.context(kept.first_at),
            document,
            trust=trust,
            recall=Recall(known=known, alike=alike, lately=self.hand.lately),
        )
        waiting = {words.known.id: words.known for words in self.waiting.values()}
        again = {key: waiting[id_] for key, id_ in ingested.aliases.items() if id_ in waiting}
        if again and not renamed:
            # Recognised by words that are not stored yet: they are to be compared with those that are.
            heard_again, ingested_again = self._ingest_by(trust, kept, document, again)
            aliases = {key: stored.id for key, stored in again.items()} | dict(ingested_again.aliases)
            return heard_again, replace(ingested_again, aliases=aliases)
        return heard | {key: resembling[id_] for key, id_ in ingested.aliases.items()}, ingested

    def _corrected(self, marks: Collection[str]) -> list[KnownEntry]:
        """Entries that would be in the stories of these marks by the words that wait for them."""
        corrected = [(words.known, words.revision.entry) for words in self.waiting.values()]
        return [
            replace(known, title=e.title, text=e.text, fingerprint=fingerprint(e.title, e.text))
            for known, e in corrected
            if not set(story_keys(e)).isdisjoint(marks)
        ]

    def _judged(self, item: ClassifiedEntry, kept: KeptDocument, *, now: datetime) -> ClassifiedEntry:
        first = kept.first_at == self.background.began
        news = item.news and self.rules.is_news(item.entry.published, kept.first_at, first=first, now=now)
        return replace(item, news=news, wants_article=item.wants_article and news)

    def _note(self, kept: KeptDocument, heard: Mapping[str, KnownEntry], revisions: Sequence[Revision]) -> None:
        """Remember for each entry of a document what the newest one says, which need not be the one that is read last:
        a document may have come, gone, and come again."""
        said = {revision.entry_id: revision for revision in revisions}
        for known in heard.values():
            if kept.last_at < self.newest.get(known.key, kept.last_at):
                continue
            self.newest[known.key] = kept.last_at
            self.waiting.pop(known.key, None)
            if (revision := said.get(known.id)) is not None:
                self.waiting[known.key] = _Words(kept.captured.sha256, kept.last_at, known, revision)

    def finish(self, *, now: datetime) -> tuple[Revision, ...]:
        """Write the words that waited, a document a transaction, but for those of which the store has newer ones.

        Returns them with their scores, written or not.
        """
        stood = standings(self.hand.store, {words.known.id for words in self.waiting.values()})
        speaking = [words for words in self.waiting.values() if _speaks(words, stood.get(words.known.id))]
        speaking.sort(key=lambda words: (words.last_at, words.sha256))
        made = rescored([self._renewed(w, stood.get(w.known.id), now=now) for w in speaking], self.classifier)
        for _, part in groupby(zip(speaking, made, strict=True), key=lambda pair: pair[0].sha256):
            pairs = list(part)
            written = self.hand.change([revision for _, revision in pairs], now=now)
            self.changed |= {words.known.key for words, _ in pairs if words.known.id in written}
            self.announced |= {w.known.key for w, r in pairs if r.news and w.known.id in written}
        return tuple(made)

    def _renewed(self, words: _Words, stood: Standing | None, *, now: datetime) -> Revision:
        revision, known = words.revision, words.known
        since = stood.first_seen if stood else words.last_at
        news = revision.news and self.rules.is_news(known.published, since, first=False, now=now)
        fresh = revision.scored and replace(
            revision.scored, news=news, wants_article=revision.scored.wants_article and news
        )
        return replace(revision, why="replay", news=news, scored=fresh)


def address(feed: Feed, kept: KeptDocument) -> str:
    """The address that a document came from; a secret in it is not kept, and relative links need the whole of it."""
    return feed.url if mask(feed.url) == kept.captured.url else kept.captured.url


def _speaks(words: _Words, stood: Standing | None) -> bool:
    """Say whether words are to be written: others than those that stand, and not older than what the feed said last."""
    entry, known = words.revision.entry, words.known
    if (entry.title, entry.text) == (known.title, known.text):
        return False
    return stood is None or stood.said_at <= words.last_at


def scored(items: Sequence[ClassifiedEntry], classifier: Classifier | None) -> tuple[ClassifiedEntry, ...]:
    """Give entries their scores; without a classifier they wait."""
    if classifier is None or not items:
        return tuple(items)
    scores = classifier.classify(
        [(item.entry.title, item.entry.text) for item in items], [item.entry.lang for item in items]
    )
    return tuple(
        replace(item, scores=found, scorer=classifier.scorer) for item, found in zip(items, scores, strict=True)
    )


def rescored(revisions: Sequence[Revision], classifier: Classifier | None) -> list[Revision]:
    """Give the revisions that matter their scores."""
    fresh = iter(scored([r.scored for r in revisions if r.scored is not None], classifier))
    return [r if r.scored is None else replace(r, scored=next(fresh)) for r in revisions]
