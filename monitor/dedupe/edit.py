"""Edits: whether an entry that a feed brings again says something else, and whether that matters."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from monitor.domain.entry import MAX_VERSIONS, Entry, KnownEntry
from monitor.normalise.text import fingerprint

MATERIAL_BELOW = 0.9
"""Share of words in common, as multisets, below which a text says something else; a number that changed always does."""
OTHER_TITLE_BELOW, OTHER_TEXT_BELOW = 0.3, 0.5
"""Shares of words in common below which the same guid stands for another item."""
_SAME_TIME = timedelta(hours=1)
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ELLIPSIS = re.compile(r"\s*(?:\.\.\.|…|\[…\]|\[\.\.\.\]|\(…\))\s*$")


def edited(entry: Entry, known: KnownEntry) -> bool:
    """Say whether a stored entry has changed.

    A text that is only the beginning of the stored one is its teaser, which tells nothing new; an entry that changed
    `MAX_VERSIONS` times, or was pruned, stays as it is.
    """
    if known.pruned or known.version >= MAX_VERSIONS or known.fingerprint == fingerprint(entry.title, entry.text):
        return False
    return entry.title != known.title or not known.text.startswith(_opening(entry.text))


def material(before: tuple[str, str], after: tuple[str, str]) -> bool:
    """Say whether title and text mean something else than before, so that they are to be judged anew."""
    if words(before[0]) != words(after[0]):
        return True
    if Counter(_NUMBER.findall(" ".join(before))) != Counter(_NUMBER.findall(" ".join(after))):
        return True
    return _shared(words(before[1]), words(after[1])) < MATERIAL_BELOW


def reuses_guid(entries: Sequence[Entry], known: Mapping[str, KnownEntry]) -> bool:
    """Say whether the feed has given another item's guid to one of its entries: another link, date, title and text."""
    return any(_is_other(entry, known[entry.key]) for entry in entries if entry.key in known and entry.guid)


def _is_other(entry: Entry, known: KnownEntry) -> bool:
    if known.pruned or entry.url is None or entry.url == known.url or not entry.key.startswith("g:"):
        return False
    if entry.published and known.published and abs(entry.published - known.published) < _SAME_TIME:
        return False
    titles, texts = (words(entry.title), words(known.title)), (words(entry.text), words(known.text))
    return _shared(*titles) < OTHER_TITLE_BELOW and (_shared(*texts) < OTHER_TEXT_BELOW or not any(texts))


def words(text: str) -> list[str]:
    """The words of a text, whatever their case."""
    return _WORD.findall(text.casefold())


def _shared(before: Collection[str], after: Collection[str]) -> float:
    """The Jaccard share of two multisets of words; 1.0 where both are empty."""
    one, other = Counter(before), Counter(after)
    union = (one | other).total()
    return (one & other).total() / union if union else 1.0


def _opening(text: str) -> str:
    return _ELLIPSIS.sub("", text)
