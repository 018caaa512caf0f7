from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classify.lexicon import Lexicon, load, read_sources
from monitor.classify.reading import read
from monitor.errors import ModelError

LANGUAGES = {"en", "fr", "de", "ru", "ar", "nl", "es", "it", "pl", "tr", "id", "da", "sv", "no"}


def lexicon(**terms: list[str]) -> Lexicon:
    return Lexicon({"xx": {"concepts": {concept: {"terms": listed} for concept, listed in terms.items()}}})


def found(words: Lexicon, text: str) -> set[str]:
    return {match.concept for match in read(text, "", words).matches}


def cases() -> Iterator[Any]:
    for language, source in read_sources().items():
        for concept, body in source["concepts"].items():  # type: ignore[attr-defined]
            for kind, expected in (("examples", True), ("counter_examples", False)):
                assert body[kind], f"{language}.toml [concepts.{concept}] has no {kind}"
                for text in body[kind]:
                    yield pytest.param(concept, text, expected, id=f"{language}-{concept}-{text[:20]}")


@pytest.mark.parametrize(("concept", "text", "expected"), list(cases()))
def test_the_examples_of_a_concept_are_found_and_the_counter_examples_are_not(
    concept: str, text: str, expected: bool
) -> None:
    assert (concept in found(load(), text)) is expected


def test_every_language_names_every_concept() -> None:
    sources = read_sources()
    assert set(sources) >= LANGUAGES
    for language in LANGUAGES:
        assert set(sources[language]["concepts"]) == set(load().concepts), language  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        ("camp", "camps", False),
        ("camp*", "camps", True),
        ("*staat", "Heimatstaat", True),
        ("*staat", "staatlich", False),
        ("*staat*", "Doppelstaatler", True),
        ("al hol", "Al-Hol", True),
        ("al hol", "al big hol", False),
        ("schiebt .. ab", "Land schiebt drei Frauen heute ab", True),
        ("schiebt .. ab", "Land schiebt eins zwei drei vier ab", False),
        ("=IS", "IS fighters", True),
        ("=IS", "what is new", False),
        ("=IS", "WHAT IS NEW", False),
    ],
)
def test_terms_match_as_their_syntax_says(term: str, text: str, expected: bool) -> None:
    assert ("x" in found(lexicon(x=[term]), text)) is expected


def test_a_match_does_not_reach_from_the_title_into_the_text() -> None:
    assert not read("Road to al", "Hol is long", lexicon(x=["al hol"])).matches


def test_the_hash_follows_the_meaning_and_not_the_order() -> None:
    assert lexicon(x=["a1", "b1"]).sha256 == lexicon(x=["b1", "a1"]).sha256
    assert lexicon(x=["a1"]).sha256 != lexicon(x=["b1"]).sha256
    assert lexicon(x=["a1"]).sha256 != lexicon(y=["a1"]).sha256


def test_a_term_that_is_no_word_is_refused_with_its_place() -> None:
    with pytest.raises(ModelError, match=r"xx\.toml: 'fo\+o'"):
        lexicon(x=["fo+o"])


@given(st.text(max_size=300))
def test_matches_lie_within_the_words(text: str) -> None:
    reading = read(text, text, load())
    for match in reading.matches:
        assert 0 <= match.start < match.end <= len(reading.words)
        assert (match.start < reading.title_length) == (match.end <= reading.title_length)
