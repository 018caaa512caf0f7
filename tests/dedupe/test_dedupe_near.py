"""Near-duplicates: copies of a text in other feeds, and what only looks like one."""

import pytest
from hypothesis import given

from monitor.dedupe.near import contained, near_duplicate
from monitor.dedupe.told import Told
from tests.dedupe.telling import ENTRIES, told

TITLE = "Ghent court gives returnee from Roj camp five years"
TEXT = (
    "The 34-year-old nurse had joined her husband near Tabqa in 2015, the judges found. She was flown back with four"
    " children two winters ago. Her lawyer called the sentence a blow and said she would appeal."
)


def copied(title: str = TITLE, text: str = TEXT, *, feed: str = "two", hours: float = 2) -> bool:
    return near_duplicate(told(TITLE, TEXT), told(title, text, number=2, feed=feed, hours=hours))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (TITLE, TEXT),
        (TITLE, ""),
        (TITLE, "Flemish magistrates were not persuaded by a plea of duress, writes our legal correspondent."),
        (f"{TITLE} | Scheldt Times", f"GHENT (Agency) - {TEXT}"),
        ("Nurse jailed over years with her husband in the caliphate", TEXT),
        ("Nurse jailed over years in the caliphate", TEXT.split(". ", maxsplit=1)[0] + "."),
        (TITLE, TEXT.replace("four children", "five children")),
        (TITLE.replace("gives", "hands"), TEXT.replace("a blow", "a setback")),
    ],
    ids=["same", "no text", "new text", "marks", "new headline", "cut off", "a number updated", "a word changed"],
)
def test_an_edited_text_in_another_feed_is_a_copy(title: str, text: str) -> None:
    assert copied(title, text)


def test_another_text_on_the_same_event_is_no_copy() -> None:
    assert not copied("Mother loses duress plea", "A Flemish bench jailed a woman who says she was forced to go.")


def test_the_same_sentence_about_another_person_is_no_copy() -> None:
    other = (
        "The 29-year-old cook had joined his brother near Manbij in 2013, the judges found. He was deported by Ankara"
        " last autumn. The defence has a month to appeal."
    )
    assert not copied("Ghent court gives returnee from Idlib nine years", other)


def test_what_comes_a_week_later_in_nearly_the_same_words_is_not_a_copy() -> None:
    assert not copied(TITLE.replace("five", "six"), TEXT, hours=24 * 6)


def test_the_next_issue_of_a_series_is_not_a_copy() -> None:
    title, text = "Rates for 3 March: dollar, euro and pound", "The central bank set the dollar at 41.20 and the euro."
    today = told(title, text)
    tomorrow = told(title.replace("3", "4"), text.replace("41.20", "41.35"), number=2, hours=24)
    assert today.is_issue_beside(tomorrow)
    assert not near_duplicate(today, tomorrow)


def test_a_briefing_of_two_feeds_is_not_one_text() -> None:
    ours = told("Morning briefing", "Bread prices rise in the north, and a convoy leaves for the coast.")
    theirs = told("Morning briefing", "Ministers meet on pensions; a storm closes two ports.", number=2, feed="two")
    assert not near_duplicate(ours, theirs)


def test_within_one_feed_only_a_true_repeat_is_a_copy() -> None:
    assert copied(feed="one")
    assert not copied(TITLE.replace("five", "six"), TEXT, feed="one")
    assert not copied(feed="one", hours=48)


def test_a_text_of_few_words_is_contained_in_nothing() -> None:
    assert contained(told(TITLE, "She will appeal."), told(TITLE, TEXT)) == 0.0
    assert contained(told(TITLE, TEXT.split(". ", maxsplit=1)[0]), told(TITLE, TEXT)) == 1.0


@given(ENTRIES)
def test_an_entry_is_a_copy_of_itself(entry: Told) -> None:
    assert near_duplicate(entry, entry)


@given(ENTRIES, ENTRIES)
def test_being_a_copy_is_mutual(one: Told, other: Told) -> None:
    assert near_duplicate(one, other) == near_duplicate(other, one)
