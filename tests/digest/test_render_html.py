"""The page: nothing from outside becomes markup, and it stays within what mail programs show."""

import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.digest.html import LIMIT
from monitor.digest.render import render

VOID = {"br", "meta"}
HOSTILE = (
    "</a><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!channel> @here <@U0123>",
    "[x](javascript:alert(1))",
    "\u202egnirts\u202c \u2066x\u2069 \u200f",
    "{{ 7 * 7 }} {% raw %}",
    "two\nlines\r\n\x00\x1b[31m",
    "long " * 2000,
    "&lt;b&gt; &amp;amp; ]]> -->",
)
URLS = (
    "javascript:alert(1)",
    "data:text/html,<script>",
    "https://a.example/?q=\"><script>&x='|<!channel>",
    "https://a.example/?" + "&" * 2000,
    "http://[::1",
    "mailto:a@b.example",
    "//a.example/x",
    "",
)
texts = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE), st.tuples(st.sampled_from(HOSTILE), st.text(max_size=9)).map("".join))  # fmt: skip  # noqa: E501
urls = st.one_of(st.sampled_from(URLS), st.text(max_size=30).map("https://a.example/".__add__), texts)


class Page(HTMLParser):
    """Checks that tags are balanced; keeps them, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


stories = st.fixed_dictionaries(
    {
        "title": texts,
        "text": texts,
        "source": texts,
        "lang": texts,
        "url": urls,
        "others": st.lists(texts, max_size=3).map(tuple),
        "terms": st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
        "countries": st.lists(texts, max_size=2).map(tuple),
    }
)


@settings(max_examples=60, deadline=None)
@given(fields=stories)
def test_no_text_from_outside_becomes_markup(one_story, fields):
    page = Page(render(one_story(**fields)).html)
    tame = Page(render(one_story(title="a", text="b", source="c", others=("d", "e"), terms=(("f", "g"),))).html)
    assert set(page.tags) <= set(tame.tags)
    assert page.names <= tame.names | {"dir"}
    assert page.tags.count("a") == len(page.links) <= 1
    assert all(re.match(r"https?://[^\s<>\"]+$", link) for link in page.links)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\x00\x1b]", page.text)


@pytest.mark.parametrize("title", [HOSTILE[0], HOSTILE[2], HOSTILE[3], HOSTILE[5], HOSTILE[8]])
def test_a_hostile_title_is_shown_as_the_text_it_is(one_story, title):
    message = render(one_story(title=title))
    assert title in Page(message.html).text
    assert title in message.text


def test_a_title_of_ten_kilobytes_is_cut_and_stays_on_one_line(one_story):
    message = render(one_story(title="word\n" * 2000))
    assert re.search(r"(word ){50,}word…", Page(message.html).text)
    assert len(message.html) < 20_000


@pytest.mark.parametrize("url", [*URLS[:2], *URLS[4:], None])
def test_what_is_not_a_web_address_is_not_linked(one_story, url):
    message = render(one_story(url=url))
    assert Page(message.html).links == []
    assert "Court hears returnee" in message.html
    assert message.html.count("no link") == 1


@pytest.mark.parametrize("lang", ["ar", "he", "fa"])
def test_titles_and_texts_of_right_to_left_languages_have_their_own_direction(one_story, lang):
    page = render(one_story(lang=lang)).html
    assert page.count('dir="rtl"') == 2
    assert page.count(f'lang="{lang}"') == 2
    assert 'dir="rtl"' not in render(one_story(lang="fr")).html


def test_a_page_of_forty_stories_is_whole(long_digest):
    assert render(long_digest(40, text="A sentence of the usual length. " * 20)).html.count("<h3") == 40


@pytest.mark.parametrize("stories", [100, 500])
def test_a_page_that_mail_programs_would_clip_is_cut_by_whole_stories_with_their_number(long_digest, stories):
    message = render(long_digest(stories, text="Ein Satz, länger als üblich. " * 20, others=("A", "B")))
    size = len(message.html.encode())
    assert LIMIT - 3_000 < size <= LIMIT
    page = Page(message.html)
    shown = page.tags.count("h3")
    assert f"{stories - shown} more stories ({stories - shown} returns) do not fit on this page" in page.text
    assert f"{stories} stories" in message.subject
    assert all(f"number {n}\n" in message.text for n in range(1, stories + 1))


def test_the_page_stays_within_bounds_whatever_the_texts(long_digest):
    wild = "&\"'<" * 3000
    digest = long_digest(60, title=wild, text=wild, source=wild, others=(wild,) * 12, url=URLS[3], terms=((wild, ""),))
    assert len(render(digest).html.encode()) <= LIMIT


@pytest.mark.parametrize("stories", [0, 400])
def test_a_page_stays_within_bounds_whatever_its_blocks_hold_and_says_what_they_lack(
    long_digest, long_blocks, wild_row, stories
):
    digest = replace(long_digest(stories, text="x" * 300), blocks=long_blocks(60, wild_row))
    message = render(digest)
    assert len(message.html.encode()) <= LIMIT
    if stories:
        assert "of this did not fit on this page; they are in the attached text file." in message.html
        assert message.html.count("<h3") > 20


def test_a_page_stays_within_bounds_whatever_its_near_misses_and_alerts_hold(long_digest, story):
    wild = "&\"'<" * 3000
    fields = {"title": wild, "source": wild, "url": URLS[3], "terms": ((wild, ""),)}
    brief = tuple(story(n, **fields) for n in range(1, 31))
    page = render(replace(long_digest(60), near=brief, alerted=brief)).html
    assert len(page.encode()) <= LIMIT
    assert "rows of this did not fit on this page; they are in the attached text file." in page
    assert page.count("<h3") > 20


@settings(max_examples=40, deadline=None)
@given(fields=stories)
def test_no_text_of_a_near_miss_or_an_alerted_story_becomes_markup(digest, story, fields):
    page = Page(render(digest(near=(story(1, **fields),), alerted=(story(2, **fields),))).html)
    tame = Page(render(digest(near=(story(terms=(("a", "b"),)),), alerted=(story(),))).html)
    assert set(page.tags) <= set(tame.tags)
    assert page.names <= tame.names
    assert all(re.match(r"https?://[^\s<>\"]+$", link) for link in page.links)


def test_the_page_asks_for_nothing_from_the_network(sample):
    page = Page(render(sample).html)
    assert not set(page.tags) & {"img", "link", "script", "iframe", "form", "object", "svg"}
    assert "url(" not in render(sample).html
    assert page.names.isdisjoint({"src", "background", "srcset"})


def test_the_page_knows_dark_mode_and_has_a_preview(sample):
    page = render(sample).html
    assert '<meta name="color-scheme" content="light dark">' in page
    assert "prefers-color-scheme: dark" in page
    body = page[page.index("<body") :]
    assert html.unescape(body).index("7 stories: 5 returns, 2 policy. Eleven women") < body.index("<h1")
