"""Score entries with a trained model. The class holds a model open, nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from monitor.classify import artefact, lexicon
from monitor.classify.evaluate import Scores
from monitor.classify.linear import LinearModel
from monitor.classify.reading import Reading, later_windows, read
from monitor.domain.entry import Score, Term

# Below this probability nobody asks why.
EXPLAINED = 0.05
# An article that is ours beyond doubt may say further down what it is beside; to look at every long text would raise
# false alerts (policy: average precision .78 instead of .81 on real items).
_SECOND_LOOK = 0.9
_BATCH = 1_000


class Scored(Protocol):
    """A scored batch that can explain itself (`monitor.classify.linear.Scored`)."""

    @property
    def probabilities(self) -> Mapping[str, Scores]:
        """Every label's calibrated probabilities."""

    def explain(
        self, at: int, label: str, item: tuple[str, str], reading: Reading, stopwords: frozenset[str]
    ) -> tuple[Term, ...]:
        """Name what moved one score of the batch."""


class Model(Protocol):
    """What the classifier needs of a model (`monitor.classify.linear.LinearModel`)."""

    def score(self, readings: Sequence[Reading]) -> Scored:
        """Score a batch."""


class Classifier:
    """A trained model, ready to score.

    ``scorer`` names model and lexicon together: scores of one scorer are comparable. ``recommended`` holds the
    thresholds that training found; the ones that hold are in the configuration. ``warnings`` are for the log.
    """

    def __init__(
        self, stored: artefact.Artefact, model: Model, words: lexicon.Lexicon, warnings: tuple[str, ...]
    ) -> None:
        """Put the parts together; `load` is the way to get one."""
        self.version = stored.version
        self.scorer = f"{stored.version}+{words.sha256[:8]}"
        self.labels = tuple(stored.labels)
        self.warnings = warnings
        self.recommended: Mapping[str, float] = MappingProxyType({k: w.threshold for k, w in stored.labels.items()})
        self._model = model
        self._lexicon = words

    @classmethod
    def load(cls, models: Path, version: str | None = None) -> "Classifier":
        """Load a version from the folder of models, or the one that ``ACTIVE`` names.

        Raises:
            ModelError: it is missing, damaged or of an unknown format; the message says what to do.
        """
        stored = artefact.read(models, version)
        words = lexicon.load()
        return cls(stored, LinearModel(stored), words, _warnings(stored))

    def classify(self, items: Sequence[tuple[str, str]]) -> list[dict[str, Score]]:
        """Score (title, plain text) pairs, in order; any Unicode text will do, also none.

        The title and the first 40 words decide; a long text that is ours beyond doubt gets a second look further down.
        """
        scores = [score for at in range(0, len(items), _BATCH) for score in self._batch(items[at : at + _BATCH])]
        for at, (title, text) in enumerate(items):
            if max(score.probability for score in scores[at].values()) >= _SECOND_LOOK:
                scores[at] = self._second_look(title, text, scores[at])
        return scores

    def _second_look(self, title: str, text: str, first: dict[str, Score]) -> dict[str, Score]:
        """Read on in a long text; a label has its best score, with the terms of that place."""
        windows = later_windows(text)
        looks = [first, *self._batch([(title, window) for window in windows])] if windows else [first]
        return {label: max((look[label] for look in looks), key=lambda s: s.probability) for label in self.labels}

    def _batch(self, items: Sequence[tuple[str, str]]) -> list[dict[str, Score]]:
        readings = [read(title, text, self._lexicon) for title, text in items]
        scored = self._model.score(readings)
        scores: list[dict[str, Score]] = [{} for _ in items]
        for label, probabilities in scored.probabilities.items():
            for at, probability in enumerate(probabilities.tolist()):
                explained = probability >= EXPLAINED
                why = scored.explain(at, label, items[at], readings[at], self._lexicon.stopwords) if explained else ()
                scores[at][label] = Score(probability, why)
        return scores


def _warnings(stored: artefact.Artefact) -> tuple[str, ...]:
    installed = artefact.installed_scikit_learn()
    if installed == stored.scikit_learn:
        return ()
    made = f"model {stored.version} was trained with scikit-learn {stored.scikit_learn}, {installed} is installed"
    return (f"{made}: scores should be the same; run `monitor train` to be sure",)
