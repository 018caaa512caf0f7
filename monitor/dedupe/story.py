"""The marks by which two entries are the same story, in the order of what they prove.

``u:`` the same canonical link. ``x:`` the same title and text, for syndicated copies and reposts under a new link.
``t:`` the same title; within one feed that is a series ("The week in review"), so it joins entries of different feeds
only, and for `domain.entry.TITLE_WINDOW`.
"""

from monitor.domain.entry import TITLE_MARK, Entry
from monitor.normalise.text import digest_of, title_key

_ENOUGH_TEXT = 60
"""Characters of text below which title and text together prove no more than the title."""


def story_keys(entry: Entry) -> tuple[str, ...]:
    """Return the story marks of an entry, the strongest first; () for one with neither link nor telling title."""
    title = title_key(entry.title)
    keys = [f"u:{digest_of(entry.url)}"] if entry.url else []
    if title and len(entry.text) >= _ENOUGH_TEXT:
        keys.append(f"x:{digest_of(title, entry.text.casefold())}")
    if title:
        keys.append(f"{TITLE_MARK}{title}")
    return tuple(keys)
