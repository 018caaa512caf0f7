"""Measure a model: on items whose truth is known from files, or on what people said of stored entries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

import numpy as np

from monitor.app import load_model
from monitor.classify import artefact
from monitor.classify.classifier import Classifier
from monitor.classify.quality.curves import Curve
from monitor.classify.quality.evalset import EvalItem, read
from monitor.classify.quality.evaluate import Scores
from monitor.classify.quality.gate import kept_out
from monitor.classify.quality.measure import Evaluation, curves, measure
from monitor.domain.labels import Lines
from monitor.errors import ModelError, UsageError
from monitor.normalise import language
from monitor.settings.bundled import bundled_models
from monitor.settings.model import Settings
from monitor.store.annotations import Labelled, labelled
from monitor.store.database import Store

Progress = Callable[[int, int], None]
"""Told how many items are scored, of how many."""
_BATCH = 50
_SHOWN = "people label what they are shown: recall is that of the entries that they judged, not of a stream"
_LEARNT = "the model has learnt from what people said: only the stories that were kept out of its training are measured"


@dataclass(frozen=True, slots=True)
class ItemSet:
    """Items, by the name that people know them by; ``notes`` say what to bear in mind about their numbers."""

    name: str
    items: tuple[EvalItem, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvaluateReport:
    """What was measured: by which scorer (model version and lexicon), on what, at which lines."""

    scorer: str
    measured_on: str
    lines: Mapping[str, Lines]
    notes: tuple[str, ...]
    evaluation: Evaluation
    curves: Mapping[str, Curve]


def from_files(settings: Settings, chosen: Sequence[Path]) -> ItemSet:
    """Read the sets that were chosen, else the held-out set beside the models, else that of the program.

    Raises:
        UsageError: there is none, or a line is faulty.
    """
    beside = settings.models / "heldout"
    paths = list(chosen) or [f for f in (beside, bundled_models() / "heldout") if any(f.glob("*.jsonl"))][:1]
    if not paths:
        raise UsageError(f"no held-out set in {beside}; it is part of the source checkout, or give --set FILE")
    return ItemSet(", ".join(map(str, paths)), tuple(map(_with_language, read(paths))))


def from_people(settings: Settings, store: Store, version: str | None = None) -> ItemSet:
    """Take the stored entries that people gave or refused a label; those that the model was trained on are left out.

    Raises:
        UsageError: there are none.
    """
    found = [each for each in labelled(store) if each.entry.entry.title or each.entry.entry.text]
    if not found:
        raise UsageError("nobody has labelled an entry yet; `monitor review` or `monitor label` do")
    learnt = _learnt_from_a_store(settings, version)
    if learnt:
        found = [each for each in found if kept_out(each.entry.story_id)]
    items = tuple(_with_language(_item(each, settings)) for each in found)
    return ItemSet("what people said of stored entries", items, (_SHOWN, *((_LEARNT,) if learnt else ())))


def run(
    settings: Settings,
    measured: ItemSet,
    *,
    version: str | None = None,
    resamples: int = 1_000,
    progress: Progress = lambda done, total: None,
) -> EvaluateReport:
    """Score a set with the configured model, or another version of it, and measure it at the lines of the config.

    Raises:
        ModelError: there is no such model; where none was named, and there are rules, these are measured.
    """
    classifier, problem = _classifier(settings, version)
    scores = _scores(classifier, measured.items, progress)
    lines = {name: label.lines for name, label in settings.labels.items()}
    return EvaluateReport(
        scorer=classifier.scorer,
        measured_on=measured.name,
        lines=lines,
        notes=(*measured.notes, *problem, *_unmeasured(measured.items, lines)),
        evaluation=measure(measured.items, scores, lines, resamples=resamples),
        curves=curves(measured.items, scores, lines),
    )


def _classifier(settings: Settings, version: str | None) -> tuple[Classifier, tuple[str, ...]]:
    options = settings.options
    if version is not None:
        named = options.model.model_copy(update={"version": version})
        settings = replace(settings, options=options.model_copy(update={"model": named}))
    model = load_model(settings)
    if model.classifier is None or (version is not None and model.problem):
        raise ModelError(model.problem)
    return model.classifier, (f"{model.problem}; the rules of labels.toml are measured",) if model.problem else ()


def _learnt_from_a_store(settings: Settings, version: str | None) -> bool:
    try:
        stored = artefact.read(settings.models, version or settings.options.model.version or None)
    except ModelError:
        return False
    return stored.learnt_from_a_store


def _item(given: Labelled, settings: Settings) -> EvalItem:
    stored, feed = given.entry, settings.feeds.get(given.entry.feed)
    return EvalItem(
        id=str(stored.id),
        title=stored.entry.title,
        text=stored.entry.text,
        lang=stored.entry.lang,
        labels=frozenset(label for label, holds in given.labels.items() if holds),
        judged=frozenset(given.labels),
        source=stored.source,
        month=stored.first_seen.astimezone(UTC).strftime("%Y-%m"),
        tier=feed.source.tier.value if feed else "",
    )


def _with_language(item: EvalItem) -> EvalItem:
    return item if item.lang else replace(item, lang=language.detect(f"{item.title}\n{item.text}"))


def _scores(classifier: Classifier, items: Sequence[EvalItem], progress: Progress) -> dict[str, Scores]:
    """Score all items; a label that an item was given no score for counts as 0 there."""
    scores = {label: np.zeros(len(items)) for label in (*classifier.labels, *classifier.aspects)}
    for begin in range(0, len(items), _BATCH):
        batch = items[begin : begin + _BATCH]
        found = classifier.classify([(item.title, item.text) for item in batch], [item.lang for item in batch])
        for at, given in enumerate(found, start=begin):
            for label, score in given.items():
                if label in scores:
                    scores[label][at] = score.probability
        progress(begin + len(batch), len(items))
    return scores


def _unmeasured(items: Sequence[EvalItem], lines: Mapping[str, Lines]) -> tuple[str, ...]:
    """Name the labels of the set that config has no line for; aspects need none."""
    found = sorted({label for item in items for label in item.labels} - set(lines))
    return (f"labels of the set that labels.toml has no line for: {', '.join(found)}",) if found else ()
