"""What a user's own store adds to the corpus: people's labels, and ordinary items of the stream."""

import hashlib
from collections.abc import Callable, Collection, Sequence

from monitor.app import words_of
from monitor.classify.classifier import EXPLAINED
from monitor.classify.corpus import LABELS
from monitor.classify.ordinary import is_ordinary
from monitor.classify.quality.gate import kept_out
from monitor.classify.train import Annotated, Stream
from monitor.domain.entry import WATCH, StoredEntry
from monitor.domain.labels import passing
from monitor.errors import UsageError
from monitor.settings.model import Settings
from monitor.store import sample, views
from monitor.store.annotations import labelled
from monitor.store.database import Store

ENOUGH = 1_000
"""Ordinary entries without which a stream says too little."""
MOST = 6_000
"""Ordinary entries that are taken; with 4,000 to fit the gain is had (docs/performance.md)."""
_RAREST = 1e-4
_RECENT = 5  # one in five, the newest, is kept for calibration


def gather(
    store: Store,
    settings: Settings,
    *,
    annotations: bool,
    stream: bool,
    progress: Callable[[str], None] = lambda step: None,
) -> Stream:
    """Gather what training adds; one story in five is kept out of all of it, for the gate.

    Raises UsageError where there is not enough.
    """
    annotated = _annotated(store) if annotations else []
    if not stream:
        return Stream(annotated=annotated)
    progress("reading the stream")
    low = sample.low(store, {*LABELS, *settings.labels, WATCH}, below=EXPLAINED)
    texts = _ordinary(store, settings, [entry.id for entry in low if not kept_out(entry.story_id)])
    if len(texts) < ENOUGH:
        raise UsageError(
            f"--with-store: not enough ordinary entries ({len(texts)}/{ENOUGH}): entries that score low, name nothing "
            "of the subject and are labelled by nobody; poll for some days"
        )
    split = len(texts) - len(texts) // _RECENT
    return Stream(annotated, texts[:split], texts[split:], _base_rate(store, settings, since=low[0].id))


def _annotated(store: Store) -> list[Annotated]:
    said = [found for found in labelled(store) if not found.labels.keys().isdisjoint(LABELS)]
    mine = [found for found in said if not kept_out(found.entry.story_id)]
    if not said:
        raise UsageError("--with-annotations: nobody has labelled an entry yet; `monitor review` or `monitor label` do")
    if not mine:
        raise UsageError(
            f"--with-annotations: not enough labels: of the entries that people labelled ({len(said)}) none is left to "
            "learn from, since one story in five is kept out, for the gate; label more"
        )
    return [Annotated(found.entry.entry.title, found.entry.entry.text, found.labels) for found in mine]


def _ordinary(store: Store, settings: Settings, ids: Sequence[int]) -> list[tuple[str, str]]:
    """Choose by the hash of the id, so that the same store gives the same items; in the order in which they came."""
    chosen = sorted(ids, key=lambda id_: hashlib.sha256(str(id_).encode()).digest())[: MOST + MOST // 10]
    own = words_of(settings).own
    found = [(title, text) for title, text in sample.texts(store, sorted(chosen)) if is_ordinary(title, text, own)]
    return found[-MOST:]


def _base_rate(store: Store, settings: Settings, *, since: int) -> float:
    """The share of entries that are in by today's lines, or by people's word; at least one in 10,000.

    From an id on: of the time before that only what people spoke of is left.
    """
    labels = [name for name in settings.labels if name in LABELS]
    over = views.items(store, limit=0, over={name: settings.labels[name].lines.lowest.threshold for name in labels})
    inside = sum(entry.id >= since and _is_in(entry, labels, settings) for entry in over)
    return max(inside / sample.count(store, since=since), _RAREST)


def _is_in(stored: StoredEntry, labels: Collection[str], settings: Settings) -> bool:
    cuts = settings.cuts(stored.feed, stored.entry.lang, labels)
    return bool(passing(stored.scores, cuts, human=stored.human))
