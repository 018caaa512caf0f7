"""From a fetched document to everything that is stored about its new entries. Writes nothing."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.classify.classifier import Classifier
from monitor.dedupe.exact import split_repeats
from monitor.dedupe.story import story_keys
from monitor.domain.entry import ClassifiedEntry, Document, Entry
from monitor.domain.feed import Feed
from monitor.extract.places import countries
from monitor.normalise.entry import is_news, normalise_all

Known = Callable[[str, Collection[str]], Collection[str]]
"""Given a feed's name and keys, the keys that the feed has brought before."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What a document held: its new entries, and how many were repeats or had to be dropped."""

    new: tuple[ClassifiedEntry, ...]
    entries: int
    repeats: int
    dropped: int


def ingest(
    feed: Feed,
    document: Document,
    *,
    base: str,
    first_poll: bool,
    first_poll_news: timedelta,
    known: Known,
    classifier: Classifier | None,
    now: datetime,
) -> Ingested:
    """Take a document through normalise, repeats, classify, extract and story.

    ``base`` is the address that the document came from. Without a classifier the entries carry no scores, and wait.
    """
    entries, dropped = normalise_all(document, base=base, claimed_language=feed.source.language, now=now)
    new, repeats = split_repeats(entries, known(feed.name, [entry.key for entry in entries]))
    look_back = feed.source.tier.look_back
    news = [
        is_news(e.published, first_poll=first_poll, look_back=look_back, first_poll_news=first_poll_news, now=now)
        for e in new
    ]
    return Ingested(_describe(new, news, classifier), len(entries) + dropped, repeats, dropped)


def _describe(
    entries: Sequence[Entry], news: Sequence[bool], classifier: Classifier | None
) -> tuple[ClassifiedEntry, ...]:
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
        )
        for entry, scored, announceable in zip(entries, scores, news, strict=True)
    )
