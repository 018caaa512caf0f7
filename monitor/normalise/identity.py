"""What tells the entries of a feed apart: its guids, its links, or their texts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.domain.entry import Trust
from monitor.domain.packed import Packed
from monitor.normalise.text import begins, digest_of, unlike, words

MAX_INVALID = 0.05
"""The share of entries whose guid (or link) belongs to another one too, above which neither is trusted (FreshRSS)."""
TELLING = 60
"""Characters of text below which title and text together prove no more than the title."""
_MAX_KEY = 500  # characters; PostgreSQL's index refuses keys over about 2,700 bytes
_ORDER = {
    Trust.GUID: ("guid", "url", "titled", "other_url", "text"),
    Trust.LINK: ("url", "guid", "titled", "other_url", "text"),
    Trust.TEXT: ("text", "url", "guid", "other_url"),
}


@dataclass(frozen=True, slots=True)
class Identifiers(Packed):
    """What an entry could be known by: guid, links that keep their fragments, and what it says ("": nothing)."""

    guid: str | None
    url: str | None
    title: str
    text: str = ""
    other_url: str | None = None

    def keys(self, trust: Trust = Trust.GUID) -> Iterator[str]:
        """Yield what to be known by, the best first, as the feed has earned trust; nothing where it cannot be known.

        Another link comes late, since entries may share it (a licence), and an untitled text last, but where nothing
        else is trusted.
        """
        if self.guid or self.url or self.other_url or self.title:
            for kind in _ORDER[trust]:
                if key := self._named(kind):
                    yield key if len(key) <= _MAX_KEY else f"{key[:2]}sha256:{digest_of(key)}"

    def key(self, trust: Trust = Trust.GUID) -> str | None:
        """The best of `keys`, or None."""
        return next(self.keys(trust), None)

    def _named(self, kind: str) -> str:
        if kind == "guid":
            return f"g:{self.guid}" if self.guid else ""
        if kind in {"url", "other_url"}:
            url = self.url if kind == "url" else self.other_url
            return f"u:{url}" if url else ""
        says = self.title if kind == "titled" else self.title or self.text
        return f"h:{digest_of(self.title, self.text)}" if says else ""

    def is_other(self, than: "Identifiers") -> bool:
        """Say whether two entries that share a guid or link are two all the same, and not one that came twice."""
        same_guid = bool(self.guid) and self.guid == than.guid
        same_title = words(self.title) == words(than.title)
        if self.text and self.text == than.text and self.url == than.url:
            return not (same_title or same_guid)
        if self.text == than.text and len(self.text) >= TELLING and same_title and self.title:
            return False
        if self.url != than.url or not same_title:
            return True
        if not (self.text and than.text):
            return False
        if same_guid:
            return unlike(self.text, than.text)
        return not (begins(self.text, than.text) or begins(than.text, self.text))


def trusted(before: Trust, found: Sequence[Identifiers]) -> Trust:
    """Judge a document's identifiers; trust that was lost never comes back, since keys would change with it.

    A guid or a link is invalid where an entry has it that is another one than the first which has it.
    """
    trust, limit = before, MAX_INVALID * len(found)
    if trust is Trust.GUID and _invalid((i.guid, i) for i in found) > limit:
        trust = Trust.LINK
    by_link = [i for i in found if trust is Trust.LINK or not i.guid]
    if trust is not Trust.TEXT and _invalid((i.url, i) for i in by_link) > limit:
        trust = Trust.TEXT
    return trust


def lower(trust: Trust) -> Trust:
    """What is left to trust where this has failed."""
    return Trust.LINK if trust is Trust.GUID else Trust.TEXT


def _invalid(named: Iterable[tuple[str | None, Identifiers]]) -> int:
    """Count the entries that come after another one under the same name and are not it."""
    owners: dict[str, Identifiers] = {}
    return sum(
        first is not entry and entry.is_other(first)
        for name, entry in named
        if name and (first := owners.setdefault(name, entry))
    )
