"""Stored entries that were made ready for comparing, kept: of a window's candidates most come again."""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock

from monitor.dedupe.told import Told

MOST = 2_000
"""Entries that are kept, of 11 KB each: a fortnight of a stream that brings 140 a day that may be ours."""

Version = tuple[str, str, int, str]
"""What an entry said: its feed, its key in it, the number of the version, and the fingerprint of what the feed gave."""


class Remembered:
    """The entries used last, by version: an edit makes another."""

    def __init__(self, most: int = MOST) -> None:
        """Keep so many at the most."""
        self._most = most
        self._kept: OrderedDict[Version, Told] = OrderedDict()
        self._lock = Lock()

    def recall(self, wanted: Iterable[Version]) -> dict[Version, Told]:
        """Return those of the wanted entries that are kept."""
        with self._lock:
            found = {version: self._kept[version] for version in wanted if version in self._kept}
            for version in found:
                self._kept.move_to_end(version)
        return found

    def keep(self, found: Iterable[tuple[Version, Told]]) -> None:
        """Keep entries, and let those go that were not wanted for longest."""
        with self._lock:
            self._kept.update(found)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
