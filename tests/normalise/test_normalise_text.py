"""Markup to plain text, and the keys of titles."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.normalise.text import clean, digest_of, plain, plain_title, title_key

pieces = st.sampled_from(
    [
        "<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<!", "<![ x", "<?", "?>", "\"", "'", "=", "&",
        "&#", "&#x", ";", "&amp;", "<p>", "<br/>", "<script>", "</script>", "<style", "<svg>", "a", "</svg ",
        "<a href=\"", "'>", "<b a=", "\x00", "\u202e", "\ud800", " ", "\n", "é", "<iframe", "<noscript>",
        "&#99999999999;", "&lt;b&gt;",
    ]
)  # fmt: skip
heaps = st.lists(pieces, max_size=40).map("".join)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("plain words", "plain words"),
        ("  two \n\t lines\r\n and\u00a0more ", "two lines and more"),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("one<br>two<br/>three", "one two three"),
        ("half<b>bold</b>word", "halfboldword"),
        ("<ul><li>a</li><li>b</li></ul><table><tr><td>c</td><td>d</td></tr></table>", "a b c d"),
        ("A &amp; B &lt;C&gt; &eacute; &#233; &#xe9; &nbsp;.", "A & B <C> é é é ."),
        ("AT&T and R&D; Q&A", "AT&T and R&D; Q&A"),
        ("a < b and b > a", "a < b and b > a"),
        ("if a <b then c", "if a <b then c"),
        ("I <3 harbours", "I <3 harbours"),
        ("<script>alert('<p>no</p>')</script>yes<style>p{}</style>!", "yes!"),
        ("<SCRIPT type='x'>no</Script >yes", "yes"),
        ("before<script>never closed", "before"),
        ("before<iframe src='x'>after", "beforeafter"),
        ("<noscript><img src=x></noscript>shown", "shown"),
        ("<svg><text>no</text></svg>yes", "yes"),
        ("<script src='x'/>yes", "yes"),
        ("<!-- no <p> -->yes<!-- never closed", "yes"),
        ("<![CDATA[<p>inside</p>]]> outside", "inside outside"),
        ("<![ x]>yes", "yes"),
        ("<!DOCTYPE html><?php no ?>yes", "yes"),
        ("<a href='x>y' title=\"a > b\">link</a>", "link"),
        ("<a href=x'y>it's</a> here", "it's here"),
        ("<a title='never closed>text</a> more", "text more"),
        ("Read more <a href=", "Read more <a href="),
        ("</p>stray</div>", "stray"),
        ("&#0;&#1;&#99999999999;&#xD800;x", "\ufffd\ufffd\ufffdx"),
        ("&#" + "9" * 5000 + ";x", "\ufffdx"),
        ("a\x00b\x07c\x7fd\x85e\u202ef\ufeffg\ud800h", "abcd efgh"),
        ("soft\u00adhyphen zero\u200dwidth", "soft\u00adhyphen zero\u200dwidth"),
    ],
)
def test_markup_becomes_what_a_reader_would_see(markup: str, text: str) -> None:
    assert plain(markup) == text


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Kade &amp;amp; loods", "Kade & loods"),
        ("&amp;#8220;Quoted&amp;#8221;", "“Quoted”"),
        ("<b>Bold</b> move", "Bold move"),
        ("5 &lt; 6", "5 < 6"),
        ("&amp;#7;bell", "bell"),
        ("\u202eturned", "turned"),
    ],
)
def test_titles_are_unescaped_twice(title: str, text: str) -> None:
    assert plain_title(title) == text


@given(st.text() | heaps)
def test_plain_text_never_fails_and_holds_nothing_that_cannot_be_stored(markup: str) -> None:
    for text in (plain(markup), plain_title(markup), clean(markup)):
        text.encode()
        assert all(unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"} for character in text)
        assert "  " not in text
        assert text == text.strip()
        assert clean(text) == text


@given(st.text(alphabet=st.characters(exclude_characters="<&", exclude_categories=["Cs"])))
def test_text_without_markup_keeps_all_its_words(text: str) -> None:
    assert plain(text) == clean(text)
    assert plain(f"<p>{text}</p>").replace("]]>", "") == clean(text).replace("]]>", "")


@pytest.mark.parametrize(
    "piece",
    [
        "<a ", "<!--", "<![CDATA[", "&#x", "&#1", "<", "<!", "<a b='", "<script>", "</", "<div>", "<svg></svg ",
        "<svg>", "<a b='>\"", "<a b=\"'>", "<p a=b'", "<?", "]]>", "<iframe>", "</script", "<a\n",
    ],
)  # fmt: skip
def test_an_item_of_a_million_characters_holds_nobody_up(piece: str) -> None:
    """Work that grows with the square of the length would not come back from these at all."""
    plain(piece * (1_000_000 // len(piece)))
    plain(piece * (1_000_000 // len(piece)) + ">")


def test_titles_are_the_same_whatever_their_case_marks_and_spacing() -> None:
    key = title_key("Court: “Return” of the four – delayed?")
    assert key is not None
    assert key == title_key("court return OF THE FOUR delayed")
    assert key == title_key("Ｃｏｕｒｔ return of the four, delayed…")
    assert key != title_key("court return of the five delayed")
    assert title_key("Суд вернул дело прокурору") == title_key("СУД ВЕРНУЛ ДЕЛО ПРОКУРОРУ!")


@pytest.mark.parametrize("title", ["", "Podcast", "Live updates: Sunday", "…", "— — — — —"])
def test_short_titles_have_no_key(title: str) -> None:
    assert title_key(title) is None


@given(st.text(), st.text())
def test_digests_are_short_stable_and_take_any_text(one: str, two: str) -> None:
    found = digest_of(one, two)
    assert len(found) == 32
    assert found == digest_of(one, two)
    assert digest_of("ab", "c") != digest_of("a", "bc")
