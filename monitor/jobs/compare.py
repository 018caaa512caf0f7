"""What would change in digests if one model stood in the other's place. Both score afresh; nothing is written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.classify.classifier import Classifier
from monitor.domain.entry import StoredEntry
from monitor.domain.reclassify import Changes
from monitor.jobs.changes import Change, add
from monitor.settings.model import Settings
from monitor.store import newest
from monitor.store.database import Store

_PAGE = 1_000

Progress = Callable[[int, int], None]
"""Told how many entries are done, of how many."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What two models decide otherwise about stored entries, by label of the config: from the first to the second."""

    entries: int
    labels: Mapping[str, Changes] = field(default_factory=dict)


def stored(
    settings: Settings,
    store: Store,
    models: tuple[Classifier, Classifier],
    *,
    since: datetime,
    until: datetime,
    limit: int = 0,
    progress: Progress = lambda done, total: None,
) -> Difference:
    """Hold the scores of both models against the lines of config, for entries first seen in a stretch of time.

    At most ``limit`` of them, the newest; 0 for all. What people said of an entry stands, whatever the scores.
    """
    total = newest.count(store, since=since, until=until)
    total = min(total, limit) if limit else total
    found: dict[str, Changes] = {}
    done, below = 0, None
    while done < total:
        page = newest.page(store, since=since, until=until, below=below, limit=min(_PAGE, total - done))
        if not page:  # pruned meanwhile
            break
        found = add(found, list(_changes(settings, page, models)))
        done, below = done + len(page), page[-1].id
        progress(done, total)
    return Difference(done, {label: found.get(label, Changes()) for label in sorted(settings.labels)})


def _changes(
    settings: Settings, page: Sequence[StoredEntry], models: tuple[Classifier, Classifier]
) -> Iterator[Change]:
    texts, languages = [(s.entry.title, s.entry.text) for s in page], [s.entry.lang for s in page]
    both = zip(*(model.classify(texts, languages) for model in models), strict=True)
    for one, (first, second) in zip(page, both, strict=True):
        yield Change(one, first, second, settings.cuts(one.feed, one.entry.lang))
