"""A raw entry to an entry: identity, clean texts, link, date and language."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.domain.entry import Document, DocumentHints, Entry, RawEntry, Trust
from monitor.domain.packed import Packed
from monitor.normalise import date, language
from monitor.normalise.identity import Identifiers, trusted
from monitor.normalise.text import clean, plain, plain_title
from monitor.normalise.url import canonical

MAX_TITLE = 1_000
MAX_TEXT = 20_000
"""Characters kept of a title and of a text: more than any model or reader looks at."""
_MAX_RAW_DATE = 100
_UNTITLED = 120  # characters of the text that stand in for a missing title


@dataclass(frozen=True, slots=True)
class Cleaned(Packed):
    """An entry without its key yet, and what it may be known by."""

    entry: Entry
    identifiers: Identifiers


@dataclass(frozen=True, slots=True)
class CleanDocument:
    """A `Document` whose entries are cleaned, those that nothing identifies among them."""

    title: str
    entries: tuple[Cleaned, ...]
    cut: int
    hints: DocumentHints
    complete: bool
    recovered: str
    older: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Normalised:
    """A document's entries, the first of each key only; how many had to be dropped; and what its guids are worth."""

    entries: tuple[Entry, ...]
    dropped: int
    trust: Trust


def clean_document(document: Document, *, base: str, claimed_language: str, now: datetime) -> CleanDocument:
    """Clean a document's entries: texts, links, dates, languages.

    ``base`` is the address of the document, for relative links; ``claimed_language`` the feed's or source's own.
    """
    language_ = document.language or claimed_language
    said = [(plain_title(raw.title)[:MAX_TITLE], plain(raw.summary)[:MAX_TEXT]) for raw in document.entries]
    languages = language.detect_all(
        [
            (f"{title}\n{text}", raw.language or language_)
            for raw, (title, text) in zip(document.entries, said, strict=True)
        ]
    )
    cleaned = tuple(
        _clean(raw, title, text, lang, base=base, now=now)
        for raw, (title, text), lang in zip(document.entries, said, languages, strict=True)
    )
    return CleanDocument(
        title=document.title,
        entries=cleaned,
        cut=document.cut,
        hints=document.hints,
        complete=document.complete,
        recovered=document.recovered,
        older=document.older,
        whole=document.whole,
    )


def identify(document: CleanDocument, *, trust: Trust = Trust.GUID, taken: Collection[str] = ()) -> Normalised:
    """Give the entries of a document their keys. ``trust`` is what the feed's guids were worth before.

    Keys in ``taken`` are others', and are not given. Of entries that share a key and are two all the same, the first
    has it, and the others the next best of their own, so that none is lost. What has neither guid nor link nor title is
    dropped, since nothing identifies it.
    """
    identified = [cleaned.identifiers for cleaned in document.entries]
    trust = trusted(trust, identified)
    owners: dict[str, Identifiers] = {}
    entries: list[Entry] = []
    for cleaned in document.entries:
        key = _own_key(cleaned.identifiers, trust, owners, taken)
        if key:
            owners[key] = cleaned.identifiers
            entries.append(replace(cleaned.entry, key=key))
    return Normalised(tuple(entries), sum(identifiers.key() is None for identifiers in identified), trust)


def _own_key(
    identifiers: Identifiers, trust: Trust, owners: Mapping[str, Identifiers], taken: Collection[str]
) -> str | None:
    """The entry's first key that is not another's; None where it came before, or has none."""
    for key in identifiers.keys(trust):
        owner = owners.get(key)
        if owner is not None and not identifiers.is_other(owner):
            return None
        if owner is None and key not in taken:
            return key
    return None


def _clean(raw: RawEntry, title: str, text: str, lang: str, *, base: str, now: datetime) -> Cleaned:
    guid = clean(raw.guid or "") or None
    link = canonical(raw.link, base, keep_fragment=True)
    identifiers = Identifiers(
        guid=guid,
        url=link,
        title=title or raw.title.strip(),
        text=text,
        other_url=canonical(raw.other_link, base, keep_fragment=True),
    )
    claim = date.read(raw.published, raw.published_hint, now=now)
    entry = Entry(
        key="",
        guid=guid,
        url=(link if link and "#" not in link else canonical(raw.link, base)) or canonical(raw.other_link, base),
        title=title or text[:_UNTITLED] or "(untitled)",
        text=text,
        lang=lang,
        published=claim.moment,
        published_raw=clean(raw.published or "")[:_MAX_RAW_DATE] or None,
        date_confidence=claim.confidence.value,
        updated=date.claimed(raw.updated, raw.updated_hint, now=now),
    )
    return Cleaned(entry, identifiers)


def is_news(
    published: datetime | None, *, first_poll: bool, look_back: timedelta, first_poll_news: timedelta, now: datetime
) -> bool:
    """Say whether a live entry may be announced.

    Older than its source's look-back never; on a feed's first poll only what is dated within ``first_poll_news``, so
    that a new feed neither floods a digest nor leaves the first one empty; later, what has no date counts as of now.
    """
    if published is None:
        return not first_poll
    age = now - published
    return age <= (min(first_poll_news, look_back) if first_poll else look_back)
