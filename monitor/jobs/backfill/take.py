"""What a document of the past brings: what of it lies in the span, is new, and is stored without being announced."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.app import App
from monitor.backfill.route import Page, mark
from monitor.dedupe.story import story_keys
from monitor.domain.backfill import Job, Listed, Span, Tally
from monitor.domain.entry import ClassifiedEntry, Document, Origin, RawEntry, Trust
from monitor.domain.feed import Feed
from monitor.jobs.context import context_of
from monitor.jobs.judging.serve import JudgedDocument
from monitor.jobs.neighbours import around
from monitor.normalise.entry import CleanDocument, Cleaned, clean_document
from monitor.parse.article import Article
from monitor.pipeline import Context, Judged, Recall, Words, ingest, words_of
from monitor.store import known
from monitor.store.backfill import Brought


@dataclass(frozen=True, slots=True)
class Taken:
    """What a document comes to: what is stored of it, and the tally with it."""

    brought: Brought
    tally: Tally


def take(app: App, feed: Feed, trust: Trust, job: Job, document: CleanDocument, *, now: datetime) -> Taken:
    """Compare a document with what is known of its feed, and judge what is new in the span; reads the store, writes
    nothing. What is known is not touched, whatever the document says of it."""
    inside = [one for one in document.entries if _in(one, job.span)]
    context = replace(context_of(app, feed, now=now), judged=_judged(document))
    brought, dropped = _ingest(app, context, trust, replace(document, entries=tuple(inside)))
    new = len(brought.new)
    tally = replace(
        job.tally,
        pages=job.tally.pages + 1,
        entries=job.tally.entries + len(document.entries),
        new=job.tally.new + new,
        known=job.tally.known + len(inside) - new - dropped,
        outside=job.tally.outside + len(document.entries) - len(inside),
        undated=job.tally.undated + sum(item.entry.published is None for item in brought.new),
    )
    return Taken(brought, tally)


def page_of(document: CleanDocument, span: Span, total: int | None = None) -> Page:
    """What routes are told of a document."""
    dates = [one.entry.published for one in document.entries]
    names = sorted({one.identifiers.key() or "" for one in document.entries})
    return Page(
        identity=mark("\n".join(names)) if document.entries else "",
        entries=len(document.entries),
        before=sum(date is not None and date < span.since for date in dates),
        outside=tuple(mark(one.identifiers.key() or "") for one in document.entries if not _in(one, span)),
        older=document.older,
        whole=document.whole,
        total=total,
    )


def _in(one: Cleaned, span: Span) -> bool:
    """Say whether an entry may be of the span; nothing speaks against one without a date."""
    return one.entry.published is None or span.holds(one.entry.published)


def _judged(document: CleanDocument) -> Mapping[Words, Judged]:
    """What a document's reader has found of its entries' words."""
    if not isinstance(document, JudgedDocument):
        return {}
    return {words_of(one.entry): found for one, found in zip(document.entries, document.judged, strict=True)}


def _ingest(app: App, context: Context, trust: Trust, document: CleanDocument) -> tuple[Brought, int]:
    store, name = app.store, context.feed.name
    by_link = _by_link(app, name, document)
    fresh = tuple(one for one in document.entries if one.identifiers.guid or one.entry.url not in by_link)
    aliases = {
        key: by_link[one.entry.url]
        for one in document.entries
        if one.entry.url in by_link and not one.identifiers.guid and (key := one.identifiers.key(trust))
    }
    recall = Recall(
        known=lambda keys: known.known(store, name, keys),
        alike=lambda marks: known.alike(store, name, marks),
        lately=lambda: (),
        telling=lambda new: around(app, new),
    )
    found = ingest(context, replace(document, entries=fresh), trust=trust, recall=recall)
    return Brought([silenced(item) for item in found.new], {**aliases, **found.aliases}), found.dropped


def silenced(item: ClassifiedEntry) -> ClassifiedEntry:
    """An entry as backfills store it: not announced, and its page not asked for."""
    return replace(item, origin=Origin.BACKFILL, news=False, wants_article=False)


def _by_link(app: App, feed: str, document: CleanDocument) -> Mapping[str | None, int]:
    """The feed's entries that have the link of one that comes without a guid: a sitemap's page is the feed's item."""
    marks = {
        key
        for one in document.entries
        if not one.identifiers.guid and one.entry.url
        for key in story_keys(one.entry)[:1]
    }
    alike = known.alike(app.store, feed, marks) if marks else []
    own, times = {one.key for one in alike}, Counter(one.url for one in alike)
    # One that has its link for a key is found by it; a link that several have, such as a show's page, tells nothing.
    return {one.url: one.id for one in alike if one.url and times[one.url] == 1 and f"u:{one.url}" not in own}


def article_document(
    feed: Feed, item: Listed, url: str, article: Article, *, now: datetime, dated_by_listing: bool, span: Span
) -> CleanDocument:
    """The entry that the page of an article makes, as a document of one; of none where nobody knows its date.

    A page without a date counts where its listing says that it was changed last within the span.
    """
    raw = RawEntry(
        guid=None,
        link=item.url,
        title=item.title or article.title,
        summary=article.text,
        published=item.published or article.date or None,
    )
    document = Document("article", "", None, (raw,))
    found = clean_document(document, base=url, claimed_language=feed.source.language, now=now)
    undated = any(one.entry.published is None for one in found.entries)
    believed = dated_by_listing and item.at is not None and span.holds(item.at)
    return replace(found, entries=()) if undated and not believed else found
