"""What a review shows: it fits the window, marks the words that weighed, and says why and what is asked."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from monitor.classify.queue import Pick, Why
from monitor.cli.review import allows
from monitor.cli.review_screen import LOWERS, RAISES, answer_of, help_lines, key_map, prompt, screen, why
from monitor.domain.entry import Entry, Origin, Score, StoredEntry, Term
from monitor.domain.labels import Cut
from monitor.jobs.review import Shown

CUTS = {"returns": Cut(0.5, 0.25), "policy": Cut(0.4, 0.2)}
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ENTRY = Entry(
    "g:1", "1", "https://paper.example/1", "Twelve children flown home from camp",
    "The plane with the children landed at noon. A fair was held.", "en", NOW,
)  # fmt: skip
SCORES = {
    "returns": Score(0.31, (Term("children", 0.9, "family"), Term("flown home", 0.6), Term("fair", -0.4))),
    "policy": Score(0.02, (Term("children", 0.1),)),
}
STORED = StoredEntry(1, "daily", "The Paper", ENTRY, NOW, Origin.LIVE, True, 1, (), SCORES, "m+0")
SHOWN = Shown(Pick(1, Why.UNCERTAIN, "returns", 0.31, 0.5), STORED, 2, 20, "returns", {}, "")
BOTH = ("returns", "policy")


def draw(shown=SHOWN, *, width=80, height=20, whole=False):
    return screen(shown, CUTS, UTC, console=Console(width=width), height=height, whole=whole)


def words(lines):
    return [line.plain for line in lines]


def entry(**fields):
    return replace(SHOWN, stored=replace(STORED, entry=replace(ENTRY, **fields)))


def test_a_screen_has_title_source_date_language_link_text_and_scores_against_their_lines():
    assert words(draw()) == [
        "2 of 20   near a line: returns 0.31 against 0.5",
        "",
        "Twelve children flown home from camp",
        "The Paper, 2026-03-02 09:30, en",
        "https://paper.example/1",
        "",
        "The plane with the children landed at noon. A fair was held.",
        "",
        "> returns  0.31 against 0.5: near-miss, from 0.25 on",
        "           children +0.9, flown home +0.6, fair -0.4",
        "  policy   0.02 against 0.4: out",
        "           children +0.1",
    ]


def test_words_that_weighed_are_marked_in_title_and_text_by_what_they_did():
    marked = {
        (line.plain[span.start : span.end], str(span.style))
        for line in draw()
        for span in line.spans
        if span.style in (RAISES, LOWERS)
    }
    assert marked == {("children", RAISES), ("flown home", RAISES), ("fair", LOWERS)}


def test_a_part_of_a_word_is_not_marked():
    shown = entry(title="Unfair fairs", text="")
    assert not [span for line in draw(shown)[:5] for span in line.spans if span.style == LOWERS]


def test_what_was_said_and_the_note_stand_beside_the_scores():
    shown = replace(SHOWN, asked="policy", answers={"returns": None}, note="which of the two?")
    lines = words(draw(shown))
    assert "  returns  0.31 against 0.5: near-miss, from 0.25 on   you say: unsure" in lines
    assert "> policy   0.02 against 0.4: out" in lines
    assert lines[-1] == "note: which of the two?"


def test_an_undated_entry_says_when_it_was_first_seen():
    assert words(draw(entry(published=None)))[3] == "The Paper, undated, first seen 2026-03-02 09:30, en"


def test_a_label_that_nobody_scored_and_a_watched_name_are_told():
    scores = {"returns": Score(0.01), "watch": Score(1.0, (Term("al-Roj", 1.0),))}
    lines = words(draw(replace(SHOWN, stored=replace(STORED, scores=scores))))
    assert lines[-3:] == [
        "> returns  0.01 against 0.5: near-miss, being on the watch-list", "  policy   not scored",
        "  on the watch-list: al-Roj",
    ]  # fmt: skip


LONG = " ".join(f"word{n}" for n in range(400))


def test_a_long_text_is_cut_to_the_window_and_says_how_much_is_left():
    lines = draw(entry(text=LONG), height=24)
    assert len(lines) == 24
    body = [line for line in words(lines) if line.startswith("word")]
    rest = next(line for line in words(lines) if line.startswith("… "))
    assert rest == f"… {400 - sum(len(line.split()) for line in body)} more words (t: the whole text)"
    whole = words(draw(entry(text=LONG), height=24, whole=True))
    assert " ".join(line for line in whole if line.startswith("word")) == LONG


def test_a_long_link_stays_whole_and_counts_as_the_lines_that_it_takes():
    url = f"https://paper.example/{'x' * 150}"
    lines = draw(entry(text=LONG, url=url), height=24)
    assert url in words(lines)
    assert len(lines) == 22


def test_a_cut_text_still_shows_the_first_marked_words():
    lines = words(draw(entry(text=f"{LONG} at last the children came {LONG}"), height=24))
    assert len(lines) == 24
    assert any("children came" in line for line in lines[5:])
    assert "…" in lines


texts = st.text(st.sampled_from("abc é Суд 学校 مخيم \n-."), max_size=600)


@given(title=texts, text=texts, note=texts, width=st.integers(30, 120), height=st.integers(12, 40))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_no_line_is_wider_than_the_window_whatever_an_entry_says(title, text, note, width, height):
    shown = replace(entry(title=title, text=text), note=note)
    console = Console(width=width)
    lines = screen(shown, CUTS, UTC, console=console, height=height)
    assert max(line.cell_len for line in lines if line.plain != ENTRY.url) <= width


def test_each_label_gets_a_letter_of_its_own():
    keys = key_map(BOTH)
    assert {key: dict(values) for key, (_, values) in keys.sets.items()} == {
        "r": {"returns": True, "policy": False},
        "p": {"returns": False, "policy": True},
        "b": {"returns": True, "policy": True},
        "0": {"returns": False, "policy": False},
    }
    more = key_map(("returns", "policy", "prosecution", "sub", "yet", "zoo"))
    assert list(more.sets) == ["r", "p", "e", "b", "0"]  # of the other names every letter is taken
    assert [words for words, _ in key_map(("a", "c", "d")).sets.values()][-2:] == ["all", "none"]
    assert key_map(("returns",)).sets == {}


@given(
    labels=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12), min_size=2, max_size=6, unique=True)
)
def test_no_key_means_two_things(labels):
    keys = key_map(labels)
    assert not set(keys.sets) - {"b", "0"} & set("ynusozqt?")
    assert all(len(key) == 1 for key in keys.sets)
    assert all(set(values) == set(labels) for _, values in keys.sets.values())


def test_a_key_answers_the_label_in_turn_or_all_at_once_or_nothing():
    keys = key_map(BOTH)
    assert [answer_of(key, "policy", keys) for key in "ynu"] == [{"policy": True}, {"policy": False}, {"policy": None}]
    assert answer_of("r", "policy", keys) == {"returns": True, "policy": False}
    assert [answer_of(key, "policy", keys) for key in "sozqt?x"] == [None] * 7


def test_each_pick_says_why_it_is_there():
    assert why(Pick(1, Why.UNCERTAIN, "policy", 0.386, 0.4)) == "near a line: policy 0.39 against 0.4"
    assert "unlike" in why(Pick(1, Why.DIVERSE, "policy", 0.3, 0.4))
    assert "at random" in why(Pick(1, Why.RANDOM))
    assert "begun" in why(Pick(1, Why.BEGUN))


def test_keys_and_help_fit_80_columns_and_name_the_label_in_turn():
    keys = key_map(BOTH)
    assert prompt(SHOWN, keys) == [
        "returns?  y yes  n no  u unsure",
        "or at once:  r returns only  p policy only  b both  0 neither",
        "s skip  o note  z undo  q quit  ? help",
    ]
    told = help_lines(keys, {"returns": "Returns", "policy": "Policy"})
    assert all(any(line.startswith(f"  {key} ") for line in told) for key in "rpb0sotzq")


@pytest.mark.parametrize(
    ("yes", "no", "words"),
    [
        (0, 0, "100 more to tune its line, 30 more yes and 30 more no to measure its quality"),
        (30, 69, "1 more to tune its line, enough to measure its quality"),
        (29, 71, "enough to tune its line, 1 more yes to measure its quality"),
        (50, 50, "enough to tune its line, enough to measure its quality"),
    ],
)
def test_the_numbers_of_labels_say_what_they_allow(yes, no, words):
    assert allows(yes, no) == words
