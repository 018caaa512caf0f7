"""Old entries under new keys: rotated guids, and feeds that bring their past again."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.dedupe.edit import words
from monitor.domain.entry import Entry, KnownEntry

_ENOUGH_TEXT = 60  # characters below which title and text together prove no more than the title
_SAME_DAY = timedelta(days=1)
_AT_ONCE = 0.5


def recognise(
    fresh: Sequence[Entry], alike: Sequence[KnownEntry], *, brought: Collection[str]
) -> dict[str, KnownEntry]:
    """Find the stored entries of the feed that come again under another key; returns them by the new key.

    The same words in the title, and with them the same link, or the same text of the same day. What the document also
    brings under its old key (``brought``) has not been renamed, so its double is another item.
    """
    by_title: dict[tuple[str, ...], list[KnownEntry]] = defaultdict(list)
    by_url: dict[str, list[KnownEntry]] = defaultdict(list)
    for known in alike:
        if known.key in brought:
            continue
        if known.pruned and known.url:
            by_url[known.url].append(known)
        elif not known.pruned:
            by_title[tuple(words(known.title))].append(known)
    found: dict[str, KnownEntry] = {}
    for entry in fresh:
        candidates = by_title.get(tuple(words(entry.title)), []) + by_url.get(entry.url or "", [])
        same = next((known for known in candidates if _same_link(entry, known) or _same_text(entry, known)), None)
        if same is not None:
            found[entry.key] = same
    return found


def _same_link(entry: Entry, known: KnownEntry) -> bool:
    return entry.url is not None and entry.url == known.url


def _same_text(entry: Entry, known: KnownEntry) -> bool:
    if len(entry.text) < _ENOUGH_TEXT or entry.text.casefold() != known.text.casefold():
        return False
    return not (entry.published and known.published) or abs(entry.published - known.published) <= _SAME_DAY


@dataclass(frozen=True, slots=True)
class Past:
    """What a feed has brought lately: canonical URLs, and titles as `words` joined by spaces."""

    urls: frozenset[str]
    titles: frozenset[str]

    @classmethod
    def of(cls, brought: Iterable[tuple[str | None, str]]) -> "Past":
        """Gather pairs of URL and title."""
        pairs = list(brought)
        return cls(frozenset(url for url, _ in pairs if url), frozenset(_folded(title) for _, title in pairs if title))


def mostly_new(fresh: Sequence[Entry], entries: int) -> bool:
    """Say whether over half of a document is new, and more than a single entry."""
    return len(fresh) > max(1, _AT_ONCE * entries)


def brought_again(fresh: Sequence[Entry], entries: int, past: Past) -> frozenset[str]:
    """The keys of new entries whose link or title the feed has brought, where those are over half of a document.

    A series that keeps its title is never over half of one.
    """
    again = [entry for entry in fresh if entry.url in past.urls or _folded(entry.title) in past.titles]
    return frozenset(entry.key for entry in again) if mostly_new(again, entries) else frozenset()


def _folded(title: str) -> str:
    return " ".join(words(title))
