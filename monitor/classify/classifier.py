"""Score entries with a trained model, and with the rules of labels.toml. The class holds both open, nothing else."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from monitor.classify import artefact, lexicon
from monitor.classify.explain import Part, parts
from monitor.classify.linear import LinearModel, Scored
from monitor.classify.reading import Reading, later_windows, read, surface
from monitor.classify.rules import Rule, RuleScore, judge
from monitor.classify.words import WATCHED
from monitor.domain.entry import BY_RULES, WATCH, Score, Term
from monitor.errors import ModelError

# Below this probability nobody asks why, nor of what kind an item is.
EXPLAINED = 0.05
# An article that is ours beyond doubt may say further down what it is beside; to look at every long text would raise
# false alerts (policy: average precision .78 instead of .81 on real items).
_SECOND_LOOK = 0.9
_BATCH = 1_000
RULES = BY_RULES
"""The version of a classifier that has no model, only rules."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the user adds: (concept, term) pairs for the lexicon, and a rule for each label that has one."""

    own: tuple[tuple[str, str], ...] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one score came about, step by step.

    ``logit`` is the sum of ``intercept`` and the shares of ``parts``; calibrated it is ``slope`` · logit + ``offset``,
    whose sigmoid is ``model``. Without a model these are 0 and empty. ``rule`` is the rule's own score, None where the
    label has no rule; ``counted`` says which of the two made ``probability``: "model" or "rule".
    """

    parts: tuple[Part, ...]
    intercept: float
    logit: float
    slope: float
    offset: float
    model: float
    rule: RuleScore | None
    probability: float
    counted: str


class Classifier:
    """A trained model with its lexicon, ready to score; or rules alone, where no model can be loaded.

    ``scorer`` names all that makes the scores: those of one scorer are comparable. ``labels`` decide digests,
    ``aspects`` are finer. ``recommended`` holds the thresholds that training found; the ones that hold are in the
    configuration. ``warnings`` are for the log.
    """

    def __init__(
        self, stored: artefact.Artefact | None, words: lexicon.Lexicon, rules: Mapping[str, Rule], problem: str = ""
    ) -> None:
        """Put the parts together; `load` is the way to get one.

        Raises:
            ModelError: the model counts on features that this program does not make.
        """
        self.version = stored.version if stored else RULES
        self.scorer = f"{self.version}+{words.sha256[:8] if stored else _digest(words, rules)}"
        self.labels = tuple(stored.labels) if stored else tuple(rules)
        self.aspects = tuple(stored.aspects) if stored else ()
        self.languages = frozenset(stored.languages) if stored else frozenset[str]()
        self.warnings = _warnings(stored) if stored else (problem,)
        known = stored.labels if stored else {}
        self.recommended: Mapping[str, float] = MappingProxyType({k: w.threshold for k, w in known.items()})
        self._model = LinearModel(stored) if stored else None
        self.lexicon = words
        self._rules = rules
        self._watches = any(concept.startswith(WATCHED) for concept in words.concepts)

    @classmethod
    def load(cls, models: Path, version: str | None = None, words: Words | None = None) -> "Classifier":
        """Load a version from the folder of models, or the one that ``ACTIVE`` names.

        Raises:
            ModelError: it is missing, damaged or of an unknown format; the message says what to do.
        """
        own = words or Words()
        return cls(artefact.read(models, version), lexicon.load(own.own), own.rules)

    @classmethod
    def by_rules(cls, words: Words, problem: str) -> "Classifier":
        """Go on without a model; ``problem`` says why there is none.

        Raises:
            ModelError: there is no rule either.
        """
        if not words.rules:
            raise ModelError(problem)
        return cls(None, lexicon.load(words.own), words.rules, f"{problem}; scores come from the rules of labels.toml")

    def classify(self, items: Sequence[tuple[str, str]], langs: Sequence[str] | None = None) -> list[dict[str, Score]]:
        """Score (title, plain text) pairs, in order; any Unicode text will do, also none.

        The title and the first 40 words decide; a long text that is ours beyond doubt gets a second look further down.
        Where ``langs`` says that the model has not learnt an item's language, its rule may lift a score. Aspects are
        scored where a label is not out of the question, `WATCH` where the watch-list is hit.
        """
        scores: list[dict[str, Score]] = []
        for at in range(0, len(items), _BATCH):
            batch = items[at : at + _BATCH]
            scores += self._batch(batch, [self._covers(lang) for lang in langs[at : at + _BATCH]] if langs else None)
        for at, (title, text) in enumerate(items):
            if max((scores[at][label].probability for label in self.labels), default=0.0) >= _SECOND_LOOK:
                scores[at] = self._second_look(title, text, scores[at])
        return scores

    def explain(self, title: str, text: str, lang: str = "") -> dict[str, Explanation]:
        """Say how the first look's score of each label came about, wholly."""
        reading = read(title, text, self.lexicon)
        scored = self._model.score([reading]) if self._model else None
        ruled = self._ruled(reading)
        return {
            label: self._explain(scored, label, (title, text), reading, ruled.get(label), lang) for label in self.labels
        }

    def _explain(
        self, scored: Scored | None, label: str, item: tuple[str, str], reading: Reading, ruled: RuleScore | None,
        lang: str,
    ) -> Explanation:  # fmt: skip
        by_rule = ruled.probability if ruled else 0.0
        if self._model is None or scored is None:
            return Explanation((), 0.0, 0.0, 1.0, 0.0, 0.0, ruled, by_rule, "rule")
        weights = self._model.weights[label]
        logit, probability = float(scored.logits[label][0]), float(scored.probabilities[label][0])
        lifted = not self._covers(lang) and by_rule > probability
        return Explanation(
            parts(item, reading, scored.shares(0, label), self._model.columns),
            weights.intercept, logit, weights.slope, weights.offset, probability, ruled,
            by_rule if lifted else probability, "rule" if lifted else "model",
        )  # fmt: skip

    def _covers(self, lang: str) -> bool:
        """Say whether the model has learnt a language; one that nobody knows is given the benefit."""
        return not lang or lang == "und" or lang in self.languages

    def _second_look(self, title: str, text: str, first: dict[str, Score]) -> dict[str, Score]:
        """Read on in a long text; a label has its best score, with the terms of that place."""
        windows = later_windows(text)
        looks = [first, *self._batch([(title, window) for window in windows])] if windows else [first]
        names = dict.fromkeys(name for look in looks for name in look)
        return {n: max((look[n] for look in looks if n in look), key=lambda s: s.probability) for n in names}

    def _batch(self, items: Sequence[tuple[str, str]], covered: Sequence[bool] | None = None) -> list[dict[str, Score]]:
        readings = [read(title, text, self.lexicon) for title, text in items]
        if self._model is None:
            return [self._by_rule(item, reading) for item, reading in zip(items, readings, strict=True)]
        scored = self._model.score(readings)
        scores: list[dict[str, Score]] = [{} for _ in items]
        for label, probabilities in scored.probabilities.items():
            for at, probability in enumerate(probabilities.tolist()):
                explained = probability >= EXPLAINED
                why = scored.explain(at, label, items[at], readings[at], self.lexicon.stopwords) if explained else ()
                scores[at][label] = Score(probability, why)
        for at, found in enumerate(scores):
            if covered is not None and not covered[at]:
                self._lift(found, items[at], readings[at])
            best = max(score.probability for score in found.values())
            if best >= EXPLAINED:
                found.update({name: Score(best * share) for name, share in scored.aspects(at).items()})
            if self._watches:
                found.update(_watched(items[at], readings[at]))
        return scores

    def _lift(self, found: dict[str, Score], item: tuple[str, str], reading: Reading) -> None:
        """Let the rules speak for a language that the model has not learnt; they lift, and never lower."""
        for label, score in self._by_rule(item, reading).items():
            if label in found and score.probability > found[label].probability:
                found[label] = score

    def _by_rule(self, item: tuple[str, str], reading: Reading) -> dict[str, Score]:
        scores = {
            label: Score(ruled.probability, _rule_terms(item, reading, ruled))
            for label, ruled in self._ruled(reading).items()
        }
        return scores | _watched(item, reading)

    def _ruled(self, reading: Reading) -> dict[str, RuleScore]:
        found = {match.concept for match in reading.matches}
        return {label: judge(rule, found) for label, rule in self._rules.items()}


def _rule_terms(item: tuple[str, str], reading: Reading, ruled: RuleScore) -> tuple[Term, ...]:
    """The words that gave a rule's points, each term's points shared by what it takes."""
    if ruled.probability < EXPLAINED:
        return ()
    terms = []
    for _, needs, points in ruled.hits:
        for concept in sorted(needs):
            match = next(match for match in reading.matches if match.concept == concept)
            words = surface(item, reading, match.start, match.end)
            terms.append(Term(words or concept, points / len(needs), concept.removeprefix("word:")))
    return tuple(terms)


def _watched(item: tuple[str, str], reading: Reading) -> dict[str, Score]:
    """What an item names of the watch-list, as the pseudo-label `WATCH`; nothing where it names none of it."""
    hits = {m.concept: m for m in reversed(reading.matches) if m.concept.startswith(WATCHED)}
    terms = tuple(
        Term(surface(item, reading, match.start, match.end) or concept, 0.0, concept)
        for concept, match in sorted(hits.items())
    )
    return {WATCH: Score(1.0, terms)} if terms else {}


def _digest(words: lexicon.Lexicon, rules: Mapping[str, Rule]) -> str:
    return hashlib.sha256(f"{words.sha256} {sorted(rules.items())}".encode()).hexdigest()[:8]


def _warnings(stored: artefact.Artefact) -> tuple[str, ...]:
    installed = artefact.installed_scikit_learn()
    if installed == stored.scikit_learn:
        return ()
    made = f"model {stored.version} was trained with scikit-learn {stored.scikit_learn}, {installed} is installed"
    return (f"{made}: scores should be the same; run `monitor train` to be sure",)
