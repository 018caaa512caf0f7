"""The marks of stories."""

from collections.abc import Callable
from typing import Any

from monitor.dedupe.story import story_keys
from monitor.domain.entry import TITLE_MARK, Entry

TITLE = "Court sends the case of four families back"
TEXT = "The judges found that the ministry had not looked at each of the cases by itself, and set a new date in May."
Build = Callable[..., Any]


def kinds(entry: Entry) -> str:
    return "".join(key[0] for key in story_keys(entry))


def test_marks_come_the_strongest_first(entry: Build) -> None:
    assert kinds(entry(title=TITLE, text=TEXT)) == "uxt"
    assert kinds(entry(title=TITLE, text=TEXT, url=None)) == "xt"
    assert kinds(entry(title=TITLE, text="Short.")) == "ut"
    assert kinds(entry(title="Podcast", text=TEXT)) == "u"
    assert kinds(entry(title="Podcast", text=TEXT, url=None)) == ""
    assert story_keys(entry(title=TITLE))[-1].startswith(TITLE_MARK)


def test_marks_are_equal_where_link_or_words_are(entry: Build) -> None:
    one = set(story_keys(entry("1", title=TITLE, text=TEXT)))
    copy = set(story_keys(entry("2", title=TITLE.upper(), text=TEXT.upper())))
    assert {key[0] for key in one & copy} == {"x", "t"}
    other_text = set(story_keys(entry("3", title=TITLE, text=TEXT[::-1])))
    assert {key[0] for key in one & other_text} == {"t"}
    same_link = set(story_keys(entry("1", title="Quite another title of mine", text="")))
    assert {key[0] for key in one & same_link} == {"u"}
