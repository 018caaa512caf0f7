"""From a fetched document to everything that is stored about its entries. Writes nothing."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.classify.classifier import Classifier
from monitor.dedupe.edit import edited, material, reuses_guid
from monitor.dedupe.rotation import Past, brought_again, mostly_new, recognise
from monitor.dedupe.story import story_keys
from monitor.domain.entry import ClassifiedEntry, Document, Entry, KnownEntry, Revision, Trust
from monitor.domain.feed import Feed
from monitor.extract.places import countries
from monitor.normalise.entry import Normalised, is_news, normalise_all
from monitor.normalise.text import fingerprint

THIN = 400
"""Characters of text below which an entry's article page may be asked for more."""


@dataclass(frozen=True, slots=True)
class Recall:
    """What the store remembers of one feed.

    ``known`` gives the entries that the feed brought under these keys, by key; ``alike`` those that share a story mark
    with them; ``lately`` pairs of URL and title.
    """

    known: Callable[[Collection[str]], Mapping[str, KnownEntry]]
    alike: Callable[[Collection[str]], Sequence[KnownEntry]]
    lately: Callable[[], Iterable[tuple[str | None, str]]]


@dataclass(frozen=True, slots=True)
class Context:
    """What a feed's entries are judged by. Without a classifier they carry no scores, and wait."""

    feed: Feed
    first_poll: bool
    first_poll_news: timedelta
    classifier: Classifier | None
    now: datetime

    def is_news(self, published: datetime | None, *, first_poll: bool) -> bool:
        """Say whether a live entry of that date may be announced."""
        return is_news(
            published, first_poll=first_poll, look_back=self.feed.source.tier.look_back,
            first_poll_news=self.first_poll_news, now=self.now,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ingested:
    """What a document held: its new entries, those it had changed, other keys of known ones (by the new key), and how
    many were repeats, had to be dropped, or are the feed's past under new names."""

    new: tuple[ClassifiedEntry, ...] = ()
    entries: int = 0
    repeats: int = 0
    dropped: int = 0
    revisions: tuple[Revision, ...] = ()
    aliases: Mapping[str, int] = field(default_factory=dict)
    quarantined: int = 0
    trust: Trust = Trust.GUID


def ingest(context: Context, document: Document, *, base: str, trust: Trust, recall: Recall) -> Ingested:
    """Take a document through normalise, repeats, edits, classify, extract and story.

    ``base`` is the address that the document came from, ``trust`` what the feed's guids were worth so far.
    """
    found, known = _identify(context, document, base, trust, recall)
    fresh = [entry for entry in found.entries if entry.key not in known]
    renamed: dict[str, KnownEntry] = {}
    again: frozenset[str] = frozenset()
    if fresh and not context.first_poll:
        marks = {mark for entry in fresh for mark in story_keys(entry)}
        renamed = recognise(fresh, recall.alike(marks), brought={k.key for k in known.values()})
        fresh = [entry for entry in fresh if entry.key not in renamed]
        if mostly_new(fresh, len(found.entries)):
            again = brought_again(fresh, len(found.entries), Past.of(recall.lately()))
    news = [e.key not in again and context.is_news(e.published, first_poll=context.first_poll) for e in fresh]
    changed = [
        (entry, stored)
        for entry in found.entries
        if (stored := known.get(entry.key) or renamed.get(entry.key)) is not None and edited(entry, stored)
    ]
    return Ingested(
        new=describe(fresh, news, context),
        entries=len(found.entries) + found.dropped,
        repeats=len(found.entries) - len(fresh),
        dropped=found.dropped,
        revisions=revise(changed, context, why="feed"),
        aliases={key: stored.id for key, stored in renamed.items()},
        quarantined=len(again),
        trust=found.trust,
    )


def _identify(
    context: Context, document: Document, base: str, trust: Trust, recall: Recall
) -> tuple[Normalised, Mapping[str, KnownEntry]]:
    """Give every entry its key; by its link where the feed proves to use a guid twice."""
    language = context.feed.source.language
    found = normalise_all(document, base=base, claimed_language=language, now=context.now, trust=trust)
    known = recall.known([entry.key for entry in found.entries])
    if found.trust is Trust.GUID and reuses_guid(found.entries, known):
        found = normalise_all(document, base=base, claimed_language=language, now=context.now, trust=Trust.LINK)
        known = recall.known([entry.key for entry in found.entries])
    return found, known


def describe(entries: Sequence[Entry], news: Sequence[bool], context: Context) -> tuple[ClassifiedEntry, ...]:
    """Classify entries and take out their facts."""
    classifier = context.classifier
    scores = (
        classifier.classify([(e.title, e.text) for e in entries]) if classifier and entries else [{} for _ in entries]
    )
    return tuple(
        ClassifiedEntry(
            entry=entry,
            scores=scored,
            scorer=classifier.scorer if classifier else "",
            countries=countries(entry.title, entry.text),
            story_keys=story_keys(entry),
            news=announceable,
            wants_article=announceable and context.feed.full_text and entry.url is not None and len(entry.text) < THIN,
        )
        for entry, scored, announceable in zip(entries, scores, news, strict=True)
    )


def revise(changed: Sequence[tuple[Entry, KnownEntry]], context: Context, *, why: str) -> tuple[Revision, ...]:
    """Make new versions of stored entries; those that mean something else than before are classified anew.

    A feed's short text does not replace the longer one that came from the article's page.
    """
    entries = [
        replace(entry, text=stored.text)
        if stored.article == "taken" and why == "feed" and len(entry.text) < THIN
        else entry
        for entry, stored in changed
    ]
    matters = [
        material((stored.title, stored.text), (entry.title, entry.text))
        for entry, (_, stored) in zip(entries, changed, strict=True)
    ]
    news = [stored.announceable and context.is_news(stored.published, first_poll=False) for _, stored in changed]
    again = [(e, n) for e, n, does in zip(entries, news, matters, strict=True) if does]
    scored = iter(describe([e for e, _ in again], [n for _, n in again], context))
    return tuple(
        Revision(
            entry_id=stored.id,
            replaces=stored.version,
            entry=entry,
            scored=next(scored) if does else None,
            fingerprint=fingerprint(given.title, given.text) if why == "feed" else None,
            news=announceable and does,
            why=why,
        )
        for entry, (given, stored), does, announceable in zip(entries, changed, matters, news, strict=True)
    )
