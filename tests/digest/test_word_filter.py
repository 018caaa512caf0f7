"""Free-text filters: whole words, folded, all that are needed and none that is excluded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digest.word_filter import passes, read
from monitor.domain.wish import WordFilter

TITLE, TEXT = "Two mothers flown home from Roj camp", "The Foreign-Fighter unit says it is not recruiting any more."


@pytest.mark.parametrize(
    "wanted",
    ["", "camp", "CAMP mothers", '"roj camp"', '"foreign fighter" camp', "-football", "camp -football", '-"camp roj"'],
)
def test_what_has_the_words_passes(wanted: str) -> None:
    assert passes(read(wanted), TITLE, TEXT)


@pytest.mark.parametrize(
    "wanted", ["football", "camp football", '"camp roj"', "recruit", "-camp", 'mothers -"roj camp"', '"camp the"']
)
def test_what_lacks_one_or_has_what_it_must_not_does_not(wanted: str) -> None:
    assert not passes(read(wanted), TITLE, TEXT)


@pytest.mark.parametrize(("wanted", "text"), [("ruckkehrer", "Rückkehrer"), ("елка", "Ёлка"), ("İstanbul", "istanbul")])
def test_letters_that_vary_are_one(wanted: str, text: str) -> None:
    assert passes(read(wanted), text)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [('camp "foreign', "not closed"), ("camp -", "is no word"), ('""', "is no word"), ("camp -Camp", "nothing would")],
)
def test_what_cannot_be_read_is_refused(wanted: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(wanted)


@given(st.lists(st.text("abcdé", min_size=1, max_size=4), min_size=1, max_size=5))
def test_a_text_has_all_its_own_words_and_the_whole_of_them_as_a_phrase(words: list[str]) -> None:
    text = " ".join(words)
    assert passes(read(text), text)
    assert passes(read(f'"{text}"'), text)
    assert not passes(WordFilter(excluded=read(text).needed), text)
