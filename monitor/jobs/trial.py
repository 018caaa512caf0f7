"""Two models on the held-out set: the items that were written for it, and the stories that people labelled."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from monitor.classify import corpus
from monitor.classify.artefact import active
from monitor.classify.classifier import Classifier
from monitor.classify.ordinary import is_ordinary
from monitor.classify.quality.evaluate import Scores
from monitor.classify.quality.gate import Contest, Side, Verdict, judge, kept_out
from monitor.errors import ModelError
from monitor.settings.bundled import bundled_models
from monitor.settings.model import Settings
from monitor.store import newest
from monitor.store.annotations import labelled
from monitor.store.database import Store, open_store

ORDINARY = 2_000
"""Ordinary entries of the user's own that join the set, at most."""
_LOOKED_AT = 15_000
FOLDER = "heldout"
"""Where the set stands in the folder of models; a folder without one is measured by the set of the program."""


@dataclass(frozen=True, slots=True)
class Example:
    """An item of the held-out set, with the labels that it is known to have, or to lack."""

    title: str
    text: str
    lang: str
    labels: Mapping[str, bool]


def in_use(settings: Settings) -> str | None:
    """Name the version that the program runs on: that of config, else the active one; None where there is none."""
    if settings.options.model.version:
        return settings.options.model.version
    try:
        return active(settings.models)
    except ModelError:
        return None


@contextmanager
def opened_if_there(settings: Settings) -> Iterator[Store | None]:
    """Open the store; None where no poll has made an SQLite file yet. Raises StoreError as `open_store` does."""
    file = settings.database_url.removeprefix("sqlite:///")
    if file != settings.database_url and not Path(file).exists():
        yield None
        return
    with open_store(settings.database_url, migrate=False) as store:
        yield store


def held_out_folder(models: Path) -> Path | None:
    """Find the held-out set for a folder of models; None where neither it nor the program has one."""
    return next((f for f in (models / FOLDER, bundled_models() / FOLDER) if any(f.glob("*.jsonl"))), None)


def held_out(models: Path, store: Store | None) -> list[Example]:
    """Gather what no model was trained on; borderline items are left out, since reasonable readers differ on them.

    What is written holds few ordinary items, and a stream little else: with ordinary entries of the user's own
    (negatives by presumption, of stories that training leaves out) the gate sees the false alerts that a desk sees.
    """
    folder = held_out_folder(models)
    written = [
        Example(item.title, item.text, item.lang, {label: label in item.labels for label in corpus.LABELS})
        for item in (corpus.read(folder) if folder else ())
        if item.kind != "borderline"
    ]
    said = [
        Example(found.entry.entry.title, found.entry.entry.text, found.entry.entry.lang, found.labels)
        for found in (labelled(store) if store else ())
        if kept_out(found.entry.story_id)
    ]
    return written + said + (_ordinary(store) if store else [])


def _ordinary(store: Store) -> list[Example]:
    """The newest entries that name nothing of the subject, whatever any model makes of them."""
    nothing = dict.fromkeys(corpus.LABELS, False)
    entries = (e for e in newest.unlabelled(store, limit=_LOOKED_AT) if kept_out(e.story_id))
    ordinary = (Example(e.title, e.text, e.lang, nothing) for e in entries if is_ordinary(e.title, e.text))
    return list(islice(ordinary, ORDINARY))


def compete(incumbent: Classifier | None, challenger: Classifier, examples: Sequence[Example]) -> Verdict:
    """Score the examples by both models and judge them, by every label that either knows.

    An aspect is not measured: it is a share of its label's score, and most have few items. None must get lost, though.
    """
    sides = [incumbent, challenger]
    scores = [_scored(model, examples) for model in sides]
    labels = dict.fromkeys((*(incumbent.labels if incumbent else ()), *challenger.labels))
    contests = {label: _contest(label, examples, sides, scores) for label in labels}
    lost = [name for name in (incumbent.aspects if incumbent else ()) if name not in challenger.aspects]
    return judge(contests | {name: _contest(name, (), sides, scores) for name in lost})


def _scored(model: Classifier | None, examples: Sequence[Example]) -> dict[str, Scores]:
    if model is None:
        return {}
    found = model.classify([(e.title, e.text) for e in examples], [e.lang for e in examples])
    return {label: np.array([scores[label].probability for scores in found]) for label in model.labels}


def _contest(
    label: str,
    examples: Sequence[Example],
    sides: Sequence[Classifier | None],
    scores: Sequence[Mapping[str, Scores]],
) -> Contest:
    known = [at for at, example in enumerate(examples) if label in example.labels]
    before, after = (
        Side(found[label][known], model.recommended[label]) if model and label in found else None
        for model, found in zip(sides, scores, strict=True)
    )
    return Contest(
        truths=np.array([examples[at].labels[label] for at in known], dtype=np.bool_),
        languages=np.array([examples[at].lang for at in known], dtype=np.str_),
        incumbent=before,
        challenger=after,
    )
