"""Words, what they weigh, and what they mean in any language."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dedupe.meaning import concept, numbers
from monitor.dedupe.weights import TABLE, Weights, cosine, default, terms
from monitor.dedupe.words import fold, skeleton, tokens
from tests.dedupe.telling import TEXTS


def folded(text: str) -> list[str]:
    return [fold(token) for token in tokens(text)]


def test_inflections_share_a_stem_and_numbers_stay() -> None:
    assert terms("Repatriating repatriated: 1,250 people") == ["repatr", "repatr", "1250", "people"]
    assert terms("Возвращение возвращены") == ["возвра", "возвра"]


def test_a_number_is_written_in_one_way_whatever_parts_its_thousands() -> None:
    assert {*folded("1.150"), *folded("1,150"), *folded("1\u202f150")} == {"1150"}
    assert folded("4,25 und 4.25") == ["4.25", "und", "4.25"]


def test_arabic_words_lose_article_and_conjunction_but_not_their_root() -> None:
    assert folded("والمحكمة المحكمة للمحكمة محكمة الهول ال") == ["محكمه", "محكمه", "محكمه", "محكمه", "هول", "ال"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Düsseldorf", "دوسلدورف"), ("Aktobe", "Актобе"), ("Makhachkala", "Махачкала"), ("Washington", "واشنطن")],
)
def test_a_name_has_the_same_consonants_in_every_script(one: str, other: str) -> None:
    assert skeleton(fold(one)) == skeleton(fold(other))
    assert len(skeleton(fold(one))) >= 4


def test_different_names_have_different_consonants() -> None:
    assert len({skeleton(fold(name)) for name in ("Rotterdam", "Stockholm", "Birmingham", "Ташкент", "Nuremberg")}) == 5


@pytest.mark.parametrize("word", ["judges", "juge", "Richterin", "rechters", "судья", "قاضي"])
def test_a_concept_is_found_in_every_language(word: str) -> None:
    assert concept(fold(word)) == "judge"


def test_a_compound_is_known_by_its_end_and_other_words_mean_nothing() -> None:
    assert concept(fold("Oberlandesgericht")) == "court"
    assert concept(fold("Zwetschgenkuchen")) == ""


@pytest.mark.parametrize(
    ("text", "lang", "found"),
    [
        ("nine minors and 18,000 euros", "en", ["9", "18000"]),
        ("18 тысяч евро девять детей", "ru", ["18", "9"]),
        ("ثلاث نساء وعشرة", "ar", ["3"]),
        ("two thousand", "en", ["2000"]),
        ("it was once ten", "en", ["10"]),
        ("once personas", "es", ["11"]),
    ],
)
def test_numbers_are_read_in_digits_and_words(text: str, lang: str, found: list[str]) -> None:
    expected = ["18000", "9"] if lang == "ru" else found
    got = numbers(folded(text), lang)
    assert got[: len(expected)] == expected


def test_what_is_common_weighs_less_than_what_is_rare_and_nothing_is_negative() -> None:
    weights = default()
    assert 0 <= weights.idf("the") < weights.idf("court") < weights.idf("zwetsc")
    assert Weights({"a": 50}, 10).idf("a") == 0.0


def test_the_shipped_table_is_small() -> None:
    assert TABLE.stat().st_size < 300_000


@given(TEXTS, TEXTS)
def test_likeness_of_words_is_symmetric_and_between_nothing_and_one(one: str, other: str) -> None:
    weights = default()
    first, second = weights.vector(terms(one)), weights.vector(terms(other))
    assert cosine(first, second) == cosine(second, first)
    assert 0.0 <= cosine(first, second) <= 1.0


@given(TEXTS)
def test_a_text_is_like_itself(text: str) -> None:
    vector = default().vector(terms(text))
    assert cosine(vector, vector) == pytest.approx(1.0 if vector else 0.0)
    assert not vector or math.isclose(sum(weight**2 for weight in vector.values()), 1.0)


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    assert all(terms(text))
    assert all(skeleton(fold(token)).isupper() or not skeleton(fold(token)) for token in tokens(text))
