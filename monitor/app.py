"""The composition root: the only place that knows every concrete part."""

import time
from dataclasses import dataclass, field

from monitor.classify.classifier import Classifier, Words
from monitor.classify.rules import rules_of
from monitor.classify.words import own_words
from monitor.dedupe.remembered import Remembered
from monitor.errors import ModelError
from monitor.fetch.politeness import Politeness
from monitor.observe import log
from monitor.settings.model import Settings
from monitor.store.database import Store, open_store


@dataclass(frozen=True, slots=True)
class Model:
    """The classifier in use, and what is wrong with the model: where it cannot be loaded, the classifier goes by the
    rules of labels.toml, and without rules there is none."""

    classifier: Classifier | None
    problem: str = ""

    @property
    def name(self) -> str:
        """The model's version, or what stands in for it."""
        return self.classifier.version if self.classifier else "none"

    @property
    def consequence(self) -> str:
        """What becomes of entries where the model has a problem, in a sentence with it; "" where it has none."""
        if not self.problem:
            return ""
        if self.classifier is None:
            return f"entries are stored unclassified and wait: {self.problem}"
        return f"entries are scored by the rules of labels.toml, and again once there is a model: {self.problem}"


@dataclass(frozen=True, slots=True)
class App:
    """Everything that jobs need, open until `close`."""

    settings: Settings
    store: Store
    model: Model = field(default_factory=lambda: Model(None, "not loaded"))
    politeness: Politeness | None = None
    remembered: Remembered = field(default_factory=Remembered)

    def close(self) -> None:
        """Close what is held open."""
        self.store.close()

    def __enter__(self) -> "App":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def load_model(settings: Settings) -> Model:
    """Load the configured model; a missing or damaged one is a problem to report, not a failure."""
    words = words_of(settings)
    try:
        classifier = Classifier.load(settings.models, settings.options.model.version or None, words)
    except ModelError as error:
        return Model(Classifier.by_rules(words, str(error)) if words.rules else None, str(error))
    for warning in classifier.warnings:
        log.warning("model: %s", warning)
    return Model(classifier)


def words_of(settings: Settings) -> Words:
    """What labels.toml adds to a model: terms, the watch-list, and rules."""
    options = settings.options
    own = own_words(options.labels, options.terms, options.watch)
    return Words(tuple((word.concept, word.term) for word in own), rules_of(options.labels))


def build(settings: Settings, *, with_model: bool = True, migrate: bool = True) -> App:
    """Open everything that the settings name; raises StoreError. ``with_model`` False leaves the model unloaded."""
    store = open_store(settings.database_url, migrate=migrate)
    for warning in store.warnings:
        log.warning("store: %s", warning)
    model = load_model(settings) if with_model else Model(None, "not loaded")
    return App(settings, store, model, Politeness(settings.options.fetch, time.monotonic))


def rebuild(app: App, settings: Settings) -> App:
    """Put new settings in force over an open store; a database address that changed needs a restart."""
    if settings.database_url != app.settings.database_url:
        log.warning("database.url has changed: it is obeyed from the next start on")
    politeness = Politeness(settings.options.fetch, time.monotonic)
    return App(settings, app.store, load_model(settings), politeness, app.remembered)
