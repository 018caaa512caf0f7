"""Entries of a stream for measuring stories: titles and sentences of models/corpus, joined anew: no two are one.

Ordinary entries are made of the corpus' ordinary items, others of items with a label: what comes out has the corpus'
words, names, numbers and languages in their shares, and is nobody's text.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.classify import corpus
from monitor.settings.bundled import bundled_models

WORDS = 40
"""Words of an entry's text, at least."""
_SENTENCE = re.compile(r"(?<=[.!?؟])\s+")
_FEWEST = 40  # items of a language below which its joined titles would be known from one another


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as a feed brings it."""

    title: str
    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class _Language:
    titles: Sequence[Sequence[str]]
    sentences: Sequence[str]


def stream(seed: int, *, ours: bool) -> Iterator[Written]:
    """Yield entries without end, the same for the same seed: what may be ours, or ordinary ones."""
    rng = random.Random(seed)
    languages, shares = _languages(ours)
    while True:
        (lang,) = rng.choices(list(languages), shares)
        yield _entry(rng, lang, languages[lang])


def _entry(rng: random.Random, lang: str, said: _Language) -> Written:
    head, tail = rng.choice(said.titles), rng.choice(said.titles)
    title = " ".join([*head[: (len(head) + 1) // 2], *tail[len(tail) // 2 :]])
    text: list[str] = []
    while sum(sentence.count(" ") + 1 for sentence in text) < WORDS:
        text.append(rng.choice(said.sentences))
    return Written(title, " ".join(text), lang)


def _languages(ours: bool) -> tuple[Mapping[str, _Language], Sequence[int]]:
    items: dict[str, list[corpus.Item]] = defaultdict(list)
    for item in corpus.read(bundled_models() / "corpus"):
        if item.labels if ours else item.kind == "easy":
            items[item.lang].append(item)
    wide = {lang: found for lang, found in items.items() if len(found) >= _FEWEST}
    made = {
        lang: _Language(
            [item.title.split() for item in found],
            [sentence for item in found for sentence in _SENTENCE.split(item.text) if sentence],
        )
        for lang, found in wide.items()
    }
    return made, [len(found) for found in wide.values()]
