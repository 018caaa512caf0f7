"""The pages behind a link to unsubscribe."""

import re

import pytest

from monitor.tongue.catalogue import CODES
from monitor.web import page

ALL = [
    make for code in CODES for make in (page.asking("T", code), page.done("T", code), page.lost(code), page.later(code))
]


@pytest.mark.parametrize("made", ALL, ids=lambda made: f"{made.tongue.code}-{made.head}")
def test_a_page_needs_nothing_from_elsewhere_and_runs_nothing(made):
    html = made.html()
    assert len(html.encode()) < 5_000
    assert not re.search(r"<script|<img|<link|https?:|url\(|@import|\son\w+=|style=", html)
    assert f'<html lang="{made.tongue.code}" dir="{"rtl" if made.tongue.code == "ar" else "ltr"}">' in html
    assert "prefers-color-scheme: dark" in html


@pytest.mark.parametrize("made", ALL, ids=lambda made: f"{made.tongue.code}-{made.head}")
def test_only_the_page_that_asks_has_a_button_and_it_has_one(made):
    html = made.html()
    assert html.count("<button") == html.count('<form method="post">') == int(made.asks)


def test_a_title_is_a_text_and_no_markup():
    html = page.asking('<b onclick="x()">Morning</b> & co', "en").html()
    assert "&lt;b onclick=" in html
    assert "&amp; co" in html
    assert "<b " not in html


@pytest.mark.parametrize("code", [code for code in CODES if code != "en"])
def test_each_language_has_a_page_of_its_own(code):
    assert page.asking("T", code).said != page.asking("T", "en").said
    assert "T" in page.done("T", code).sentence


@pytest.mark.parametrize(
    ("wishes", "chosen"),
    [
        ("", ""),
        ("fr", "fr"),
        ("pt-BR, pt;q=0.9", ""),
        ("pt, de-AT;q=0.8, en;q=0.7", "de"),
        ("en;q=0.2, ru;q=0.9", "ru"),
        ("ar;q=x, nl;q=0.1", "nl"),
        ("fr" * 10_000, ""),
    ],
)
def test_a_reader_without_a_subscription_is_answered_in_a_language_of_his_browser(wishes, chosen):
    assert page.spoken_by(wishes) == chosen


def test_no_words_stand_in_the_template():
    from importlib.resources import files

    text = (files("monitor.web") / "page.html.j2").read_text("utf-8")
    bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", "", text)
    assert not re.search("[A-Za-z]", bare), bare
