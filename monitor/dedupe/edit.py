"""Edits: whether an entry that a feed brings again says something else, and whether that matters."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from monitor.domain.entry import MAX_VERSIONS, Entry, KnownEntry
from monitor.normalise.text import begins, fingerprint, shared, unlike, words

MATERIAL_BELOW = 0.9
"""Share of words in common, as multisets, below which a text says something else; a number that changed always does."""
OTHER_TITLE_BELOW = 0.3
"""Share of words in common below which one title is not another one's new wording."""
_SAME_TIME = timedelta(hours=1)
_NEXT_DAY = timedelta(hours=20)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def edited(entry: Entry, known: KnownEntry) -> bool:
    """Say whether a stored entry has changed.

    A text that is only the beginning of the stored one is its teaser, which tells nothing new; an entry that changed
    `MAX_VERSIONS` times, or was pruned, stays as it is.
    """
    if known.pruned or known.version > MAX_VERSIONS or known.fingerprint == fingerprint(entry.title, entry.text):
        return False
    return entry.title != known.title or not begins(entry.text, known.text)


def material(before: tuple[str, str], after: tuple[str, str]) -> bool:
    """Say whether title and text mean something else than before, so that they are to be judged anew."""
    if words(before[0]) != words(after[0]):
        return True
    if Counter(_NUMBER.findall(" ".join(before))) != Counter(_NUMBER.findall(" ".join(after))):
        return True
    return shared(words(before[1]), words(after[1])) < MATERIAL_BELOW


def reused(entries: Sequence[Entry], known: Mapping[str, KnownEntry]) -> frozenset[str]:
    """Return the keys that stand for another item than the stored one: the feed gives its guids or links away again.

    Another link, date, title and text prove it. Where over half of a document is replaced, less does: a feed of the
    latest item alone may leave guid and link, and the better part of a title, as they are.
    """
    met = [(entry, known[entry.key]) for entry in entries if entry.key in known and not entry.key.startswith("h:")]
    sure = {entry.key for entry, stored in met if _other_link(entry, stored) and _is_other(entry, stored)}
    likely = {entry.key for entry, stored in met if _is_other(entry, stored) or _is_next(entry, stored)}
    return frozenset(sure | likely if 2 * len(likely) > len(entries) else sure)


def _other_link(entry: Entry, known: KnownEntry) -> bool:
    return entry.url is not None and known.url is not None and entry.url != known.url


def _is_other(entry: Entry, known: KnownEntry) -> bool:
    """Say whether nothing is as it was, the link aside. Of a pruned entry link and date are all that is left."""
    if known.pruned:
        return _other_link(entry, known) and abs(_later(entry, known)) > _NEXT_DAY
    if entry.published and known.published and abs(_later(entry, known)) < _SAME_TIME:
        return False
    if shared(words(entry.title), words(known.title)) >= OTHER_TITLE_BELOW:
        return False
    return _other_text(entry, known) or known.article == "taken" or not (entry.text and known.text)


def _is_next(entry: Entry, known: KnownEntry) -> bool:
    """Say whether an entry could be the next one of a series that is told under one guid."""
    if known.pruned or _later(entry, known) < _NEXT_DAY:
        return False
    changed = words(entry.title) != words(known.title) or _other_text(entry, known)
    return changed or _other_link(entry, known)


def _other_text(entry: Entry, known: KnownEntry) -> bool:
    """Say whether the feed tells another text; what came from the article's page is not the feed's."""
    return known.article != "taken" and unlike(entry.text, known.text)


def _later(entry: Entry, known: KnownEntry) -> timedelta:
    """How much later than the stored one an entry is dated; nothing where one is undated."""
    return entry.published - known.published if entry.published and known.published else timedelta()
