"""A raw entry to an entry: identity, clean texts, link, date and language."""

from datetime import datetime, timedelta

from monitor.domain.entry import Document, Entry, RawEntry
from monitor.normalise import date, language
from monitor.normalise.text import clean, digest_of, plain, plain_title
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
    guid = clean(raw.guid or "") or None
    title, text = plain_title(raw.title)[:MAX_TITLE], plain(raw.summary)[:MAX_TEXT]
    key = identity(
        guid,
        canonical(raw.link, base, keep_fragment=True),
        (title or raw.title.strip(), text),
        canonical(raw.other_link, base, keep_fragment=True),
    )
    if key is None:
        return None
    return Entry(
        key=key,
        guid=guid,
        url=canonical(raw.link, base) or canonical(raw.other_link, base),
        title=title or text[:_UNTITLED] or "(untitled)",
        text=text,
        lang=language.detect(f"{title}\n{text}", raw.language or claimed_language),
        published=date.claimed(raw.published, raw.published_hint, now=now),
    )


def identity(guid: str | None, url: str | None, said: tuple[str, str], other_url: str | None = None) -> str | None:
    """The key of an entry in its feed: guid, else its link, else a hash of title and text, else any other link.

    ``said`` is title and text; None where there is nothing at all. Another link comes last, since entries may share it
    (a licence).
    """
    if guid:
        key = f"g:{guid}"
    elif url:
        key = f"u:{url}"
    elif said[0]:
        key = f"h:{digest_of(*said)}"
    elif other_url:
        key = f"u:{other_url}"
    else:
        return None
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

    Older than its source's look-back never; on a feed's first poll only what is dated within ``first_poll_news``, so
    that a new feed neither floods a digest nor leaves the first one empty; later, what has no date counts as of now.
    """
    if published is None:
        return not first_poll
    age = now - published
    return age <= (min(first_poll_news, look_back) if first_poll else look_back)
