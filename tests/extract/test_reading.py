"""A title and a text as words with their places, and where sentences end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.extract.reading import read

SENTENCES = [
    ("She left in May. Then she came back.", 2),
    ("Am 14. März entschied der 3. Strafsenat. Er wies ab.", 2),
    ("Dr. A. Smith of the U.S. Department spoke. No one asked.", 2),
    ("“Why?” he asked. Nobody knew!", 2),
    ("Суд в Омске решил. Прокурор не согласен.", 2),
    ("متى؟ لا أحد يعرف.", 2),
    ("One line\nAnother line", 2),
    ("See Art. 3 of the act", 1),
    ("", 0),
]


@pytest.mark.parametrize(("text", "count"), SENTENCES)
def test_sentences_end_where_a_reader_ends_them(text: str, count: int) -> None:
    assert len(read("A title", text).sentences) == 1 + count


def test_the_title_is_the_first_sentence_also_where_there_is_none() -> None:
    assert read("", "She left. He stayed.").sentences[0] == range(0)
    titled = read("Two. Words", "She left.")
    assert titled.surface(0, titled.sentences[0].stop).strip() == "Two. Words"


@given(st.text(max_size=60), st.text(max_size=200))
def test_sentences_cover_all_words_and_places_point_at_them(title: str, text: str) -> None:
    reading = read(title, text)
    assert [at for sentence in reading.sentences for at in sentence] == list(range(len(reading.words)))
    for at, word in enumerate(reading.words):
        assert reading.source[reading.starts[at] : reading.ends[at]] == word
        assert at in reading.sentences[reading.sentence(at)]
