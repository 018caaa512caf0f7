"""What a page has no room for is in a text file that goes with it: whole stories and rows, each in one of the two."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.digest import text
from monitor.digest.html import LIMIT
from monitor.digest.render import render
from monitor.domain.delivery import content_hash
from monitor.domain.digest import Section

LONG = "Ein Satz, länger als üblich. " * 20


def numbers(shown: str) -> list[int]:
    return [int(number) for number in re.findall(r"Court hears returnee number (\d+)\b", shown)]


@settings(max_examples=12, deadline=None)
@given(
    counts=st.lists(st.integers(0, 90), min_size=1, max_size=3), sources=st.integers(0, 6), length=st.integers(0, 600)
)
def test_each_story_is_on_the_page_or_in_the_file_once_and_in_its_order(digest, story, counts, sources, length):
    sections, number = [], 0
    for label, count in zip(("returns", "policy", "other"), counts, strict=False):
        stories = tuple(
            story(
                n, title=f"Court hears returnee number {n}", text="x" * length, scores={label: 0.9},
                others=("A paper",) * sources, countries=("FR", "BE")[n % 2 : n % 2 + 1],
            )
            for n in range(number + 1, number + count + 1)
        )  # fmt: skip
        sections.append(Section(label, label.title(), stories))
        number += count
    message = render(digest(*sections))
    page = re.sub(r'(?s)<div style="display:none.*?</div>', "", message.html)
    told = [*dict.fromkeys(numbers(page)), *numbers(message.rest)]
    assert sorted(told) == list(range(1, number + 1))
    assert told == numbers(message.text)
    left = len(numbers(message.rest))
    assert bool(message.rest) is bool(left)
    said = re.search(r"(\d+) more stor(?:y|ies) \((.*?)\) do(?:es)? not fit on this page; .* attached text file", page)
    if not left:
        assert said is None
        return
    assert said
    assert int(said[1]) == left
    counted = [
        (int(number), label)
        for part in said[2].split(", ")
        for number, label in [part.split()]
    ]  # fmt: skip
    assert sum(number for number, _ in counted) == left
    for number, label in counted:
        assert f"{label.upper()} ({number})" in message.rest


def test_the_file_says_what_it_is_of_and_how_much_it_holds(long_digest):
    message = render(long_digest(300, text=LONG))
    left = 300 - message.html.count("<h3")
    head = message.rest.split("\n" + "=" * 78)[0]
    assert head == (
        "RETURNS MONITOR\nSunday 22 November 2026 · times in Europe/Brussels\n"
        f"What did not fit on the page of this digest.\n{left} stories: {left} returns"
    )
    assert f"RETURNS ({left})" in message.rest
    assert message.rest.count("  https://") == left
    said = f"{left} more stories ({left} returns) do not fit on this page; they are in the attached text file."
    before, between, _ = message.html.split(said)
    assert before.count("<h3") == 0, "whoever does not read to the end is told, too"
    assert between.count("<h3") == 300 - left
    assert "LOOKED AT" not in message.rest.upper()


def test_a_digest_that_fits_has_no_file_and_is_frozen_as_ever(sample):
    message = render(sample)
    assert message.rest == ""
    assert "rest" not in message.forms
    assert content_hash(message) != content_hash(replace(message, rest="one more\n"))


def test_rows_that_a_page_lacks_are_in_its_file_though_it_has_every_story(long_digest, long_blocks, wild_row, story):
    near = tuple(story(n, title=f"Near miss {n} " + "&" * 3000, source="&" * 3000) for n in range(1, 21))
    message = render(replace(long_digest(2), blocks=long_blocks(60, wild_row), near=near))
    assert numbers(message.rest) == []
    shown = {int(n) for n in re.findall(r">Near miss (\d+) ", message.html)}
    assert shown | {int(n) for n in re.findall(r"Near miss (\d+)\s", message.rest)} == set(range(1, 21))
    for missing in re.findall(r"(\d+) rows of this did not fit on this page; they are in the attached", message.html):
        assert re.search(rf" \({missing}\)\n-", message.rest), missing
    assert "did not fit on this page" not in message.rest


def test_a_file_that_grows_too_large_is_cut_by_whole_stories_and_says_what_it_lacks(long_digest, monkeypatch):
    monkeypatch.setattr(text, "REST", 60_000)
    message = render(long_digest(400, text=LONG))
    told, told_there = message.html.count("<h3"), message.rest.count("  https://")
    assert 55_000 < len(message.rest.encode()) <= 60_000
    left = 400 - told - told_there
    said = f"{left} more stories ({left} returns) do not fit in this file either; the plain-text part of the message"
    assert f"{said} has them all." in " ".join(message.rest.split())
    assert f"{400 - told} stories: {400 - told} returns" in message.rest


def test_the_largest_digest_that_config_allows_is_whole_on_its_page_and_in_its_file(long_digest):
    message = render(long_digest(500, title="Wort " * 60, text=LONG, others=tuple(f"Zeitung {n}" for n in range(12))))
    assert len(message.html.encode()) <= LIMIT
    assert len(message.rest.encode()) <= text.REST
    assert "in this file either" not in message.rest
    assert message.html.count("<h3") + message.rest.count("  https://") == 500


@pytest.mark.parametrize("code", ["ar", "de", "es", "fr", "nl", "ru"])
def test_page_and_file_say_it_in_the_language_of_the_digest(long_digest, code, monkeypatch):
    monkeypatch.setattr(text, "REST", 60_000)
    made = long_digest(200, text=LONG)
    message = render(replace(made, subscription=replace(made.subscription, headings=code)))
    for english in ("attached", "fit on", "fit in", "stories"):
        assert english not in message.html
        assert english not in message.rest
    assert "{" not in message.rest
