"""What a later digest must carry for recipients that an earlier one did not reach in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.digest import Heard, Undelivered
from monitor.domain.entry import StoredEntry


@dataclass(frozen=True, slots=True)
class Owed:
    """Stories that some recipients missed: the entries of them that were told or noted, as they are now, with what the
    subscription heard of each story, and since when and until when entries joined it.

    ``of`` says of each entry that was missed what told it last to others.
    """

    entries: tuple[StoredEntry, ...]
    told: Mapping[int, Sequence[Heard]]
    spans: Mapping[int, tuple[datetime, datetime]]
    of: Mapping[int, Undelivered]
