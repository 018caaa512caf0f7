"""What a person says of entries, written; what they say is ours is read for facts, if nobody did."""

from collections.abc import Sequence
from datetime import datetime

from monitor.extract.facts import extract
from monitor.store import annotations
from monitor.store.annotations import NewAnnotation
from monitor.store.database import Store


def annotate(store: Store, new: Sequence[NewAnnotation], *, who: str, via: str, now: datetime) -> list[int]:
    """Write what a person said, all or nothing; returns the ids of the words in their order.

    Facts are taken out of what may be ours by its score (`monitor.pipeline`); an entry that only a person holds for
    ours gets them in the same transaction, so that no digest judges it without. Raises UsageError for entries that are
    not there.
    """
    return annotations.add(store, new, who=who, via=via, now=now, read=extract)
