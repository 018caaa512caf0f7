"""[labels], [terms] and [watch] of labels.toml, as the program uses them."""

import difflib
from collections.abc import Iterator, Mapping

from monitor.classify import lexicon
from monitor.classify.options import CutOptions, LabelOptions
from monitor.classify.words import WATCHED, concepts_of, own_words
from monitor.domain.feed import Tier
from monitor.domain.labels import Cut, Label, Lines
from monitor.errors import ModelError
from monitor.settings.model import ConfigModel
from monitor.settings.read import KeyPath, Tree


def labels_of(given: Mapping[str, LabelOptions]) -> dict[str, Label]:
    """The labels with their lines; where no review line is set, near-misses begin at half the threshold."""
    return {
        name: Label(name, label.title or name, _lines(label), label.alert, label.titles)
        for name, label in given.items()
    }


def _lines(label: LabelOptions) -> Lines:
    default = Cut(label.threshold, label.threshold / 2 if label.review is None else label.review)
    languages = {code: _cut(cut, default) for code, cut in label.languages.items()}
    return Lines(default, languages, {tier: _cut(cut, default) for tier, cut in label.tiers.items()})


def _cut(given: CutOptions, default: Cut) -> Cut:
    return Cut(given.threshold, min(default.review, given.threshold) if given.review is None else given.review)


def own_line(label: Label, threshold: float | None) -> Lines:
    """The label's lines, or the one that a subscription sets for itself."""
    if threshold is None:
        return label.lines
    return Lines(Cut(threshold, min(threshold, label.lines.default.review)))


def check_words(options: ConfigModel, tree: Tree) -> None:
    """Note what is wrong with rules, own terms, the watch-list, and the names of languages and tiers."""
    for name, label in options.labels.items():
        _check_places(tree, name, label)
    known = lexicon.load().concepts
    for path, concept in _concepts(options):
        if concept not in known and concept.removeprefix(WATCHED) not in options.watch:
            near = difflib.get_close_matches(concept, known, n=1)
            hint = f"{f'did you mean {near[0]}? ' if near else ''}known: {', '.join(known)}"
            tree.problem(path, f'no concept "{concept}"', hint)
    for word in own_words(options.labels, options.terms, options.watch):
        try:
            lexicon.check(word.term)
        except ModelError as error:
            tree.problem(word.path, str(error).removeprefix("labels.toml: "))


def _check_places(tree: Tree, name: str, label: LabelOptions) -> None:
    for code in label.languages:
        if not (len(code) == 2 and code.isascii() and code.islower()):
            tree.problem(("labels", name, "languages", code), "is no language", 'an ISO 639-1 code such as "ru"')
    for tier in label.tiers:
        if tier not in set(Tier):
            tree.problem(("labels", name, "tiers", tier), "is no tier", f"known: {', '.join(Tier)}")


def _concepts(options: ConfigModel) -> Iterator[tuple[KeyPath, str]]:
    """The concepts that config names, each with where it does so."""
    yield from ((("terms", concept), concept) for concept in options.terms)
    yield from ((("watch", name, "concept"), w.concept) for name, w in options.watch.items() if w.concept)
    for name, label in options.labels.items():
        for term in (*label.rule.terms, *label.rule.required, *label.rule.excluded) if label.rule else ():
            yield from ((("labels", name, "rule"), c) for c in sorted(concepts_of(term)) if not c.startswith("word:"))
