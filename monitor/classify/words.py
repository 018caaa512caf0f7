"""The user's own words, of labels.toml: terms for known concepts, the watch-list, and the words of rules.

A word of the watch-list stands for the concept ``watch:NAME``, a word of a rule for ``word:WORD``; the model knows
neither, so they change no score but the rule's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monitor.classify.options import LabelOptions, WatchOptions

WATCHED = "watch:"
_WORD = "word:"
_CONCEPT = "concept:"
_AND = " + "


@dataclass(frozen=True, slots=True)
class OwnWord:
    """A lexicon term for a concept, and where it stands in labels.toml."""

    concept: str
    term: str
    path: tuple[str, ...]


def own_words(
    labels: Mapping[str, LabelOptions], terms: Mapping[str, list[str]], watch: Mapping[str, WatchOptions]
) -> Iterator[OwnWord]:
    """Everything that the lexicon has to find beside what it finds anyway."""
    for concept, listed in terms.items():
        yield from (OwnWord(concept, term, ("terms", concept)) for term in listed)
    for name, watched in watch.items():
        for concept in filter(None, (WATCHED + name, watched.concept)):
            yield from (OwnWord(concept, term, ("watch", name, "terms")) for term in watched.terms)
    for name, label in labels.items():
        if label.rule is not None:
            path = ("labels", name, "rule")
            for kind, listed in (
                ("terms", [*label.rule.terms]),
                ("required", label.rule.required),
                ("excluded", label.rule.excluded),
            ):
                for part in dict.fromkeys(part for term in listed for part in parts(term)):
                    if not part.startswith(_CONCEPT):
                        yield OwnWord(_WORD + part, part, (*path, kind))


def parts(term: str) -> list[str]:
    """Cut a rule's term into what must all be there."""
    return [part.strip() for part in term.split(_AND)]


def concepts_of(term: str) -> frozenset[str]:
    """The concepts that must all be found for a rule's term."""
    return frozenset(
        part.removeprefix(_CONCEPT).strip() if part.startswith(_CONCEPT) else _WORD + part for part in parts(term)
    )


def shown(concept: str) -> str:
    """A concept as the user wrote it."""
    return concept.removeprefix(_WORD) if concept.startswith(_WORD) else f"{_CONCEPT}{concept}"
