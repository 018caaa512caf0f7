"""A raw entry to an entry: identity, clean texts, link, date and language."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.domain.entry import Document, Entry, RawEntry, Trust
from monitor.normalise import date, language
from monitor.normalise.identity import Identifiers, trusted
from monitor.normalise.text import clean, digest_of, plain, plain_title
from monitor.normalise.url import canonical

MAX_TITLE = 1_000
MAX_TEXT = 20_000
"""Characters kept of a title and of a text: more than any model or reader looks at."""
_MAX_RAW_DATE = 100
_UNTITLED = 120  # characters of the text that stand in for a missing title


@dataclass(frozen=True, slots=True)
class Normalised:
    """A document's entries, the first of each key only; how many had to be dropped; and what its guids are worth."""

    entries: tuple[Entry, ...]
    dropped: int
    trust: Trust


def normalise(
    raw: RawEntry, *, base: str, claimed_language: str | None, now: datetime, trust: Trust = Trust.GUID
) -> Entry | None:
    """Clean one raw entry; None where it has neither guid nor link nor title, so that nothing identifies it.

    ``base`` is the address of the document, for relative links; ``claimed_language`` the feed's or source's own.
    """
    identifiers, title, text = _identify(raw, base)
    return _entry(raw, identifiers, title, text, base=base, language_=claimed_language, now=now, trust=trust)


def normalise_all(
    document: Document, *, base: str, claimed_language: str, now: datetime, trust: Trust = Trust.GUID
) -> Normalised:
    """Clean a document's entries. ``trust`` is what the feed's guids were worth before."""
    identified = [(raw, *_identify(raw, base)) for raw in document.entries]
    trust = trusted(trust, [identifiers for _, identifiers, _, _ in identified])
    language_ = document.language or claimed_language
    entries: dict[str, Entry] = {}
    dropped = 0
    for raw, identifiers, title, text in identified:
        entry = _entry(raw, identifiers, title, text, base=base, language_=language_, now=now, trust=trust)
        if entry is None:
            dropped += 1
            continue
        first = entries.setdefault(entry.key, entry)
        if first.url != entry.url and (key := identifiers.key(Trust.LINK)) is not None:
            entries.setdefault(key, replace(entry, key=key))  # a guid that two items share is the first one's
    return Normalised(tuple(entries.values()), dropped, trust)


def _identify(raw: RawEntry, base: str) -> tuple[Identifiers, str, str]:
    title, text = plain_title(raw.title)[:MAX_TITLE], plain(raw.summary)[:MAX_TEXT]
    said = title or raw.title.strip()
    identifiers = Identifiers(
        guid=clean(raw.guid or "") or None,
        url=canonical(raw.link, base, keep_fragment=True),
        said=digest_of(said, text) if said else "",
        other_url=canonical(raw.other_link, base, keep_fragment=True),
    )
    return identifiers, title, text


def _entry(
    raw: RawEntry,
    identifiers: Identifiers,
    title: str,
    text: str,
    *,
    base: str,
    language_: str | None,
    now: datetime,
    trust: Trust,
) -> Entry | None:
    key = identifiers.key(trust)
    if key is None:
        return None
    claim = date.read(raw.published, raw.published_hint, now=now)
    return Entry(
        key=key,
        guid=identifiers.guid,
        url=canonical(raw.link, base) or canonical(raw.other_link, base),
        title=title or text[:_UNTITLED] or "(untitled)",
        text=text,
        lang=language.detect(f"{title}\n{text}", raw.language or language_),
        published=claim.moment,
        published_raw=clean(raw.published or "")[:_MAX_RAW_DATE] or None,
        date_confidence=claim.confidence.value,
        updated=date.claimed(raw.updated, raw.updated_hint, now=now),
    )


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
