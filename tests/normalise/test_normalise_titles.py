"""Titles whose entities were escaped once too often, and words to compare texts by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.normalise.text import begins, plain_title, shared, unlike, words


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Kade &amp;amp; loods", "Kade & loods"),
        ("Profit &amp;lt; 5 %, loss &amp;gt; 2 %", "Profit < 5 %, loss > 2 %"),
        ("How to close a &amp;lt;b&amp;gt;", "How to close a &lt;b&gt;"),
        ("The &amp;lt;/div&amp;gt; that Kade &amp;amp; loods forgot", "The &lt;/div&gt; that Kade & loods forgot"),
        ("How to close a &lt;b&gt;", "How to close a <b>"),
        ("<b>Bold</b> move", "Bold move"),
        ("&amp;lt;b", "<b"),
    ],
)
def test_a_title_is_unescaped_twice_but_what_it_says_of_tags_stays(title: str, text: str) -> None:
    assert plain_title(title) == text


def test_a_title_of_opened_tags_takes_no_longer_for_it() -> None:
    assert plain_title("&amp;lt;a" * 50_000).startswith("<a<a")


def test_words_know_no_case_and_no_marks() -> None:
    assert words("Straße: “12,5 %” – ÉTÉ?") == ["strasse", "12", "5", "été"]


def test_the_shared_words_are_counted_as_often_as_they_stand() -> None:
    assert shared(words("a a b"), words("a b b")) == pytest.approx(2 / 4)
    assert shared([], []) == 1
    assert shared(["a"], []) == 0


@given(st.lists(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd")))
def test_shared_is_a_share_and_the_same_both_ways(one: list[str], other: list[str]) -> None:
    assert 0 <= shared(one, other) == shared(other, one) <= 1
    assert shared(one, reversed(one)) == 1


@pytest.mark.parametrize("end", ["", "…", " …", "...", " [...]", " […]", "(…) "])
def test_a_teaser_begins_its_text(end: str) -> None:
    assert begins(f"Ships wait{end}", "Ships wait in the bay.")
    assert not begins(f"Ships sail{end}", "Ships wait in the bay.")


@pytest.mark.parametrize(
    ("one", "other", "is_so"),
    [
        ("Ships wait in the bay.", "Snow closes the pass.", True),
        ("Ships wait in the bay.", "Ships wait in the port.", False),
        ("Ships wait…", "Ships wait in the bay until the fog lifts, the harbour master says.", False),
        ("Ships wait in the bay.", "", False),
        ("", "", False),
    ],
)
def test_texts_are_unlike_where_most_words_differ_and_neither_begins_the_other(
    one: str, other: str, is_so: bool
) -> None:
    assert unlike(one, other) is unlike(other, one) is is_so
