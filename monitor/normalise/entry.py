"""A raw entry to an entry: identity, clean texts, link, date and language."""

from datetime import datetime, timedelta

from monitor.domain.entry import Document, Entry, RawEntry
from monitor.normalise import date, language
from monitor.normalise.text import digest_of, plain, plain_title
from monitor.normalise.url import canonical

MAX_TITLE = 1_000
MAX_TEXT = 20_000
"""Characters kept of a title and of a text: more than any model or reader looks at."""
_MAX_KEY = 500  # characters; PostgreSQL's index refuses keys over about 2,700 bytes
_UNTITLED = 120  # characters of the text that stand in for a missing title


def normalise(raw: RawEntry, *, base: str, claimed_language: str | None, now: datetime) -> Entry | None:
    """Clean one raw entry; None where it has neither guid nor link nor title, so that nothing identifies it.

    ``base`` is the address of the document, for relative links; ``claimed_language`` the feed's or source's own.
    """
    guid = (raw.guid or "").strip() or None
    url = canonical(raw.link, base)
    title, text = plain_title(raw.title)[:MAX_TITLE], plain(raw.summary)[:MAX_TEXT]
    if guid is None and url is None and not title:
        return None
    return Entry(
        key=identity(guid, url, title, text),
        guid=guid,
        url=url,
        title=title or text[:_UNTITLED] or "(untitled)",
        text=text,
        lang=language.detect(f"{title}\n{text}", raw.language or claimed_language),
        published=date.claimed(raw.published, raw.published_hint, now=now),
    )


def identity(guid: str | None, url: str | None, title: str, text: str) -> str:
    """The key of an entry in its feed: guid, else canonical URL, else a hash of what it says."""
    key = f"g:{guid}" if guid else f"u:{url}" if url else f"h:{digest_of(title, text)}"
    return key if len(key) <= _MAX_KEY else f"{key[:2]}sha256:{digest_of(key)}"


def normalise_all(document: Document, *, base: str, claimed_language: str, now: datetime) -> tuple[list[Entry], int]:
    """Clean a document's entries, the first of each key only; returns them and how many had to be dropped."""
    entries: dict[str, Entry] = {}
    dropped = 0
    for raw in document.entries:
        entry = normalise(raw, base=base, claimed_language=document.language or claimed_language, now=now)
        if entry is None:
            dropped += 1
        else:
            entries.setdefault(entry.key, entry)
    return list(entries.values()), dropped


def is_news(
    published: datetime | None, *, first_poll: bool, look_back: timedelta, first_poll_news: timedelta, now: datetime
) -> bool:
    """Say whether a live entry may be announced.

    Older than its source's look-back never; on a feed's first poll only what is dated within ``first_poll_news``, so that
    a new feed neither floods a digest nor leaves the first one empty; later, an entry without a date counts as of now.
    """
    if published is None:
        return not first_poll
    age = now - published
    return age <= (min(first_poll_news, look_back) if first_poll else look_back)
