import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classify.text import fold, unify, word_spans, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Al\u00adHol", "AlHol"),
        ("ﬁghter", "fighter"),
        ("ё", "е"),
        ("أجانب", "اجانب"),
        ("سلّمت", "سلمت"),
        ("العائدة", "العايده"),
        ("مخيـــم", "مخيم"),
        ("İdlib", "idlib"),
        ("2014", "1999"),
    ],
)
def test_spellings_that_mean_the_same_fold_to_the_same(one: str, other: str) -> None:
    assert fold(unify(one)) == fold(unify(other))


def test_hyphens_and_quotes_part_words() -> None:
    assert words(unify("al-Hol d’une IS‑Rückkehrerin")) == ["al", "Hol", "d", "une", "IS", "Rückkehrerin"]


def test_a_text_without_spaces_makes_no_huge_word() -> None:
    assert max(map(len, words("字" * 10_000))) <= 40


@given(st.text(max_size=200))
def test_every_word_is_located_or_none_is(text: str) -> None:
    spans = word_spans(text)
    found = words(unify(text))
    if spans is not None:
        assert len(spans) == len(found)
        for (start, end), word in zip(spans, found, strict=True):
            assert word in words(unify(text[start:end]))


def test_words_are_located_in_the_text_as_it_was_given() -> None:
    text = "The al\u00ad-Hol e\u0301tat ﬁn"
    spans = word_spans(text)
    assert spans is not None
    assert [text[start:end] for start, end in spans] == ["The", "al\u00ad", "Hol", "e\u0301tat", "ﬁn"]
