"""What would change in digests if one model stood in the other's place. Both score afresh; nothing is written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.classify.classifier import Classifier
from monitor.domain.entry import Score, StoredEntry
from monitor.domain.labels import cuts_for, passing
from monitor.settings.model import Settings
from monitor.store import newest
from monitor.store.database import Store

_PAGE = 1_000
_EXAMPLES = 3  # of each way a decision can change, for each label

Progress = Callable[[int, int], None]
"""Told how many entries are done, of how many."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An entry that only one of two models lets in, with both scores; None where a model gives the label none."""

    entry_id: int
    title: str
    a: float | None
    b: float | None

    @property
    def distance(self) -> float:
        """How far the two are apart."""
        return abs((self.a or 0.0) - (self.b or 0.0))


@dataclass(frozen=True, slots=True)
class Moves:
    """How many entries of a label come in with the second model, how many fall out, and the clearest of each."""

    gained: int = 0
    lost: int = 0
    examples: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What two models decide otherwise about stored entries, by label of the config."""

    entries: int
    labels: Mapping[str, Moves] = field(default_factory=dict)


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
    gained: dict[str, list[Moved]] = {label: [] for label in sorted(settings.labels)}
    lost: dict[str, list[Moved]] = {label: [] for label in sorted(settings.labels)}
    done, below = 0, None
    while done < total:
        page = newest.page(store, since=since, until=until, below=below, limit=min(_PAGE, total - done))
        if not page:  # pruned meanwhile
            break
        for label, moved, comes_in in _moved(settings, page, models):
            (gained if comes_in else lost)[label].append(moved)
        done, below = done + len(page), page[-1].id
        progress(done, total)
    return Difference(done, {label: _moves(gained[label], lost[label]) for label in gained})


def _moved(
    settings: Settings, page: Sequence[StoredEntry], models: tuple[Classifier, Classifier]
) -> Iterator[tuple[str, Moved, bool]]:
    """Yield label and entry where the two models decide otherwise, and whether the second lets it in."""
    lines = {name: label.lines for name, label in settings.labels.items()}
    texts, languages = [(s.entry.title, s.entry.text) for s in page], [s.entry.lang for s in page]
    both = zip(*(model.classify(texts, languages) for model in models), strict=True)
    for entry, (first, second) in zip(page, both, strict=True):
        feed = settings.feeds.get(entry.feed)
        cuts = cuts_for(lines, entry.entry.lang, feed.source.tier if feed else "")
        before, after = (set(passing(scores, cuts, human=entry.human)) for scores in (first, second))
        for label in sorted(before ^ after):
            moved = Moved(entry.id, entry.entry.title, _probability(first, label), _probability(second, label))
            yield label, moved, label in after


def _probability(scores: Mapping[str, Score], label: str) -> float | None:
    return scores[label].probability if label in scores else None


def _moves(gained: Sequence[Moved], lost: Sequence[Moved]) -> Moves:
    return Moves(len(gained), len(lost), (*_clearest(gained), *_clearest(lost)))


def _clearest(moved: Sequence[Moved]) -> list[Moved]:
    """Those whose two scores are farthest apart."""
    return sorted(moved, key=lambda found: (-found.distance, found.entry_id))[:_EXAMPLES]
