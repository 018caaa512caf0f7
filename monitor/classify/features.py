"""What a reading has: words, pieces of words, and concepts with their conjunctions."""

from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import pairwise

from monitor.classify.reading import Reading

# Raise it when the meaning of a feature changes: artefacts of another number are refused.
FEATURES = 2
GRAM = 4
# Small, so that what the words say still counts beside a concept.
CONCEPT_SCALE = 0.25

# Law, family, courts, terror, citizenship and return are everywhere in the news: alone they are no features, or
# ordinary news about them passes (for policy 15 instead of 2 of 1,000 real items). They count beside other concepts.
_ALONE = ("fighter", "camp", "group", "strip", "off_topic")
_DOMAIN = frozenset({"fighter", "camp", "group"})
# What names the subject of an item of ours, openly. Of ordinary items 2 or 3 in 1,000 do.
_NAMED = ("fighter", "camp", "group", "travel", "conflict return", "citizenship strip", "terror law")
NO_DOMAIN = "no_domain"
UNNAMED = "unnamed"
"""The feature of an item that does not name its subject: ours, if at all, by its story (`monitor.classify.fit`)."""
_PAIRS = (
    "fighter return", "fighter justice", "fighter policy", "fighter citizenship", "fighter family", "fighter travel",
    "fighter rehabilitation", "camp return", "camp family", "camp policy", "group return", "group family",
    "group justice", "group travel", "group policy", "conflict return", "conflict family", "conflict travel",
    "conflict justice", "citizenship strip", "citizenship policy", "citizenship terror", "terror policy",
    "terror justice", "strip off_topic", "domain return", "domain policy", "domain family", "domain travel",
    "domain justice", "domain off_topic", "domain rehabilitation", "domain citizenship", "domain strip",
    "domain refuse",
)  # fmt: skip
_TRIPLES = (
    "domain return policy", "domain return family", "domain return refuse", "domain return justice",
    "domain citizenship strip", "domain travel justice", "domain family justice", "domain justice policy",
    "domain return off_topic", "terror citizenship strip", "terror policy law", "conflict return family",
    "conflict travel justice", "conflict return policy", "citizenship strip justice", "domain refuse policy",
)  # fmt: skip
_TITLE = (
    "fighter", "camp", "group", "strip", "off_topic", "domain return", "domain policy", "domain family",
    "domain justice", "citizenship strip", "conflict return",
)  # fmt: skip


def word_features(reading: Reading) -> list[str]:
    """List the words and the pairs of neighbours."""
    tokens = reading.words
    return [*tokens, *(f"{left} {right}" for left, right in pairwise(tokens))]


def grams(word: str) -> tuple[str, ...]:
    """Cut one word, with its edges, into pieces of `GRAM` characters; single letters have none."""
    if len(word) < 2:
        return ()
    edged = f" {word} "
    return tuple(edged[at : at + GRAM] for at in range(len(edged) - GRAM + 1))


def gram_features(reading: Reading) -> list[str]:
    """List the pieces of all words; none reaches across two words."""
    return [gram for word in reading.words for gram in grams(word)]


def concept_names() -> tuple[str, ...]:
    """Name the concept features in order: conjunctions joined by ``+``, and ``title:`` before what the title must hold.

    ``domain`` is a fighter, camp or group; ``no_domain`` is none of them; for ``unnamed`` see
    `UNNAMED`.
    """
    joined = tuple(names.replace(" ", "+") for names in (*_PAIRS, *_TRIPLES))
    return (*_ALONE, "domain", NO_DOMAIN, UNNAMED, *joined, *(f"title:{names.replace(' ', '+')}" for names in _TITLE))


def _with_domain(concepts: Iterable[str]) -> frozenset[str]:
    found = set(concepts)
    found.add(NO_DOMAIN if _DOMAIN.isdisjoint(found) else "domain")
    if not any(names <= found for names in _named()):
        found.add(UNNAMED)
    return frozenset(found)


@cache
def _named() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(names.split()) for names in _NAMED)


@cache
def _needs() -> tuple[tuple[bool, frozenset[str]], ...]:
    """Say for every concept feature whether the title must hold it, and which concepts it takes."""
    return tuple(
        (name.startswith("title:"), frozenset(name.removeprefix("title:").split("+"))) for name in concept_names()
    )


@lru_cache(maxsize=4096)
def _columns(anywhere: frozenset[str], in_title: frozenset[str]) -> tuple[int, ...]:
    return tuple(column for column, (title, needs) in enumerate(_needs()) if needs <= (in_title if title else anywhere))


def concept_columns(reading: Reading) -> tuple[int, ...]:
    """List the concept features that a reading has, as places in `concept_names`."""
    anywhere = _with_domain(match.concept for match in reading.matches)
    in_title = _with_domain(match.concept for match in reading.matches if match.start < reading.title_length)
    return _columns(anywhere, in_title)
