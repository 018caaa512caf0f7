"""Old entries under new keys: rotated guids, and feeds that bring their past again."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from monitor.dedupe.edit import material
from monitor.domain.entry import Entry, KnownEntry
from monitor.normalise.identity import TELLING
from monitor.normalise.text import begins, fingerprint, unlike, words

OPENING = 400
"""Characters of a text that tell whether a feed brings its past again."""
_SAME_MOMENT, _SAME_DAY = timedelta(minutes=1), timedelta(hours=20)  # a daily series comes after some 24 hours
_AT_ONCE = 0.5


def recognise(
    fresh: Sequence[Entry], alike: Sequence[KnownEntry], *, brought: Collection[str]
) -> dict[str, KnownEntry]:
    """Find the stored entries of the feed that come again under another key; returns them by the new key, each once.

    The same words in the title, and with them the same link and moment, or nearly the same text of the same day. What
    the document also brings under its old key (``brought``) has not been renamed, so its double is another item. Link
    and title alone prove nothing: all issues of a series may share them.
    """
    by_title: dict[tuple[str, ...], list[KnownEntry]] = defaultdict(list)
    tombstones: dict[str | None, list[KnownEntry]] = defaultdict(list)
    for known in alike:
        if known.key in brought:
            continue
        if known.pruned:
            tombstones[known.url].append(known)
        else:
            by_title[_folded(known.title)].append(known)
    found: dict[str, KnownEntry] = {}
    for entry in fresh:
        same = _take(by_title[_folded(entry.title)], partial(_is_same, entry))
        if same is None and entry.url:
            same = _take(tombstones[entry.url], partial(_is_tombstone_of, entry))
        if same is not None:
            found[entry.key] = same
    return found


def _take(candidates: list[KnownEntry], fits: Callable[[KnownEntry], bool]) -> KnownEntry | None:
    """Take the first that fits out of the candidates, so that no other entry gets it."""
    found = next((known for known in candidates if fits(known)), None)
    if found is not None:
        candidates.remove(found)
    return found


def _is_same(entry: Entry, known: KnownEntry) -> bool:
    """Say whether an entry whose title has the same words is the stored one."""
    if entry.url is None or known.url is None or entry.url == known.url:
        if _apart(entry.published, known.published, at_most=_SAME_MOMENT) is False:
            # What came from the article's page is not the feed's, and not compared.
            return known.article == "taken" or not unlike(entry.text, known.text)
        # Undated, or dated anew on the same day, only the text can tell.
        return not _apart(entry.published, known.published, at_most=_SAME_DAY) and _tells_same(entry, known)
    if _apart(entry.published, known.published, at_most=_SAME_DAY) or len(entry.text) < TELLING:
        return False
    return _as_given(entry, known) or entry.text.casefold() == known.text.casefold()


def _is_tombstone_of(entry: Entry, known: KnownEntry) -> bool:
    """Say whether an entry is the one that retention emptied, of which link, date and fingerprint are left."""
    apart = _apart(entry.published, known.published, at_most=_SAME_DAY)
    return _as_given(entry, known) if apart is None else not apart


def _apart(one: datetime | None, other: datetime | None, *, at_most: timedelta) -> bool | None:
    """Say whether two dates lie apart; None where one is missing."""
    return None if one is None or other is None else abs(one - other) > at_most


def _as_given(entry: Entry, known: KnownEntry) -> bool:
    """Say whether title and text are to the letter what the feed gave last, whatever has been stored since."""
    return known.fingerprint == fingerprint(entry.title, entry.text)


def _tells_same(entry: Entry, known: KnownEntry) -> bool:
    """Say whether there is enough text to prove that it is the same one."""
    if len(entry.text) < TELLING:
        return False
    return _as_given(entry, known) or not material((known.title, known.text), (entry.title, entry.text))


@dataclass(frozen=True, slots=True)
class Brought:
    """An entry that a feed brought lately: its canonical URL, title, date, and the first `OPENING` of its text."""

    url: str | None
    title: str
    published: datetime | None
    opening: str


def mostly_new(fresh: Sequence[Entry], entries: int) -> bool:
    """Say whether over half of a document is new, and more than a single entry."""
    return len(fresh) > max(1, _AT_ONCE * entries)


def brought_again(fresh: Sequence[Entry], entries: Sequence[Entry], past: Iterable[Brought]) -> frozenset[str]:
    """The keys of new entries whose link or title the feed has brought, where those are over half of its document.

    Links and titles that several of ``entries``, the whole document, share prove nothing, and neither does a title
    under a later date with another text, or none: so are the issues of a series.
    """
    links, titles = Counter(entry.url for entry in entries), Counter(_folded(entry.title) for entry in entries)
    by_link: dict[str | None, list[Brought]] = defaultdict(list)
    by_title: dict[tuple[str, ...], list[Brought]] = defaultdict(list)
    for one in past:
        by_link[one.url].append(one)
        by_title[_folded(one.title)].append(one)
    again = []
    for entry in fresh:
        title = _folded(entry.title)
        same_link = by_link[entry.url] if entry.url and links[entry.url] == 1 else []
        same_title = by_title[title] if title and titles[title] == 1 else []
        if any(_repeats(entry, one) for one in same_link) or any(
            _repeats(entry, one) and not _is_next(entry, one) for one in same_title
        ):
            again.append(entry)
    return frozenset(entry.key for entry in again) if mostly_new(again, len(entries)) else frozenset()


def _repeats(entry: Entry, one: Brought) -> bool:
    """Say whether date or text is as it was, or nothing tells."""
    if _apart(entry.published, one.published, at_most=_SAME_DAY) is False or not (entry.text and one.opening):
        return True
    before, after = one.opening[:OPENING], entry.text[:OPENING]
    return begins(after, before) or begins(before, after) or not material(("", before), ("", after))


def _is_next(entry: Entry, one: Brought) -> bool:
    """Say whether an entry without a text to compare is dated later."""
    later = entry.published is not None and one.published is not None and entry.published - one.published > _SAME_DAY
    return later and not (entry.text and one.opening)


def _folded(title: str) -> tuple[str, ...]:
    return tuple(words(title))
