"""Score stored entries with the classifier of today, beside the scores that stand, and say which decisions change."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.app import App
from monitor.classify.classifier import Classifier
from monitor.domain.entry import Score, StoredEntry
from monitor.domain.labels import Lines, cuts_for, passing
from monitor.jobs.clock import utc_now
from monitor.observe import fields, log
from monitor.store import rescore as store_rescore
from monitor.store.rescore import Span

_PAGE = 1_000  # entries scored and written at once
_EXAMPLES = 3  # of each way a decision can change, for each label

Progress = Callable[[int, int], None]
"""Told how many entries are done, of how many."""


@dataclass(frozen=True, slots=True)
class Flip:
    """An entry whose decision changed; ``before`` is None where the label had no score."""

    entry_id: int
    title: str
    before: float | None
    after: float


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed for one label: how many entries are in now and were not, and the other way round."""

    gained: int = 0
    lost: int = 0
    examples: tuple[Flip, ...] = ()


@dataclass(frozen=True, slots=True)
class RescoreReport:
    """What the scorer of today makes of a span: its entries, those that it had not scored, and what that changed."""

    scorer: str
    entries: int
    scored: int = 0
    labels: Mapping[str, Changes] = field(default_factory=dict)

    @property
    def flipped(self) -> int:
        """How many decisions changed."""
        return sum(changes.gained + changes.lost for changes in self.labels.values())


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What a dry run has not written: when the entries came that would be new, those that would have new scores
    already, and the new texts of others."""

    added: Sequence[datetime] = ()
    scored: Collection[int] = ()
    texts: Mapping[int, tuple[str, str]] = field(default_factory=dict)


def run(
    app: App,
    classifier: Classifier,
    span: Span,
    *,
    now: Callable[[], datetime] = utc_now,
    progress: Progress = lambda done, total: None,
    unwritten: Unwritten | None = None,
) -> RescoreReport:
    """Score what the classifier has not scored yet, a page a transaction; what was interrupted goes on where it was.

    Nothing is announced by it: a subscription has judged what it has judged. With ``unwritten`` nothing is written.
    """
    lines = {name: label.lines for name, label in app.settings.labels.items()}
    entries = store_rescore.count(app.store, span)
    entries += sum(span.since <= at <= span.until for at in (unwritten.added if unwritten else ()))
    total = store_rescore.count(app.store, span, without=classifier.scorer)
    found: dict[str, list[Flip]] = {label: [] for label in sorted(lines)}
    done = 0
    for page in _pages(app, span, classifier.scorer):
        batch = [stored for stored in page if unwritten is None or stored.id not in unwritten.scored]
        scored = list(zip(batch, _classify(classifier, batch, unwritten), strict=True))
        if unwritten is None:
            store_rescore.add_predictions(app.store, scored, classifier.scorer, now=now())
        for stored, scores in scored:
            for label, flip in _flips(stored, scores, lines):
                found[label].append(flip)
        done += len(batch)
        progress(done, max(done, total))
    report = RescoreReport(classifier.scorer, entries, done, {label: _changes(found[label]) for label in found})
    log.info(fields("rescore", scorer=report.scorer, entries=entries, scored=done, flipped=report.flipped))
    return report


def _pages(app: App, span: Span, scorer: str) -> Iterator[Sequence[StoredEntry]]:
    after = 0
    while page := store_rescore.unscored(app.store, span, scorer, after=after, limit=_PAGE):
        yield page
        after = page[-1].id


def _classify(
    classifier: Classifier, batch: Sequence[StoredEntry], unwritten: Unwritten | None
) -> list[dict[str, Score]]:
    texts = unwritten.texts if unwritten else {}
    return classifier.classify(
        [texts.get(s.id, (s.entry.title, s.entry.text)) for s in batch], [s.entry.lang for s in batch]
    )


def _flips(stored: StoredEntry, scores: Mapping[str, Score], lines: Mapping[str, Lines]) -> Iterator[tuple[str, Flip]]:
    cuts = cuts_for(lines, stored.entry.lang)
    before, after = passing(stored.scores, cuts), passing(scores, cuts)
    for label in sorted(set(before) ^ set(after)):
        if label in scores:  # what a model does not know any more is not decided anew
            old = stored.scores.get(label)
            probability = old.probability if old else None
            yield label, Flip(stored.id, stored.entry.title, probability, scores[label].probability)


def _changes(flips: Sequence[Flip]) -> Changes:
    gained = [flip for flip in flips if flip.before is None or flip.after > flip.before]
    lost = [flip for flip in flips if flip.before is not None and flip.after <= flip.before]
    examples = (*_clearest(gained), *_clearest(lost))
    return Changes(len(gained), len(lost), examples)


def _clearest(flips: Sequence[Flip]) -> list[Flip]:
    """Those whose score moved most."""
    return sorted(flips, key=lambda flip: (-abs(flip.after - (flip.before or 0.0)), flip.entry_id))[:_EXAMPLES]
