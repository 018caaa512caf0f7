"""What tells the entries of a feed apart: its guids, its links, or their texts."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from monitor.domain.entry import Trust
from monitor.normalise.text import digest_of

MAX_INVALID = 0.05
"""The share of entries whose guid (or link) belongs to another one too, above which neither is trusted (FreshRSS)."""
_MAX_KEY = 500  # characters; PostgreSQL's index refuses keys over about 2,700 bytes


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What an entry could be known by: guid, links that keep their fragments, and a hash of what it says ("": none)."""

    guid: str | None
    url: str | None
    said: str
    other_url: str | None = None

    def key(self, trust: Trust = Trust.GUID) -> str | None:
        """Choose by the trust that the feed has earned; None where there is nothing at all.

        Another link comes last, since entries may share it (a licence).
        """
        guid = f"g:{self.guid}" if self.guid else ""
        url = f"u:{self.url}" if self.url else ""
        said = f"h:{self.said}" if self.said else ""
        other = f"u:{self.other_url}" if self.other_url else ""
        order = {
            Trust.GUID: (guid, url, said, other),
            Trust.LINK: (url, guid, said, other),
            Trust.TEXT: (said, url, guid, other),
        }
        key = next(filter(None, order[trust]), "")
        if not key:
            return None
        return key if len(key) <= _MAX_KEY else f"{key[:2]}sha256:{digest_of(key)}"


def trusted(before: Trust, found: Sequence[Identifiers]) -> Trust:
    """Judge a document's identifiers; trust that was lost never comes back, since keys would change with it.

    A guid is invalid where another entry with another link, or of other words, has it as well; a link where another
    entry of other words has it.
    """
    trust = before
    if trust is Trust.GUID and _invalid((i.guid, i.url or i.said) for i in found) > MAX_INVALID * len(found):
        trust = Trust.LINK
    if trust is Trust.LINK and _invalid((i.url, i.said) for i in found) > MAX_INVALID * len(found):
        trust = Trust.TEXT
    return trust


def _invalid(pairs: Iterable[tuple[str | None, Hashable]]) -> int:
    """Count the entries that come after another one under the same identifier and differ from it."""
    owners: dict[str, Hashable] = {}
    return sum(owners.setdefault(name, owner) != owner for name, owner in pairs if name)
